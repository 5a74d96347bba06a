-- $1 actions; per action: $2 status, $3 outcome (null stays), $4 error, $5 note.
UPDATE mirrored_action SET status = said.status, outcome = coalesce(said.outcome, mirrored_action.outcome),
  error = CASE WHEN said.outcome IS NULL THEN mirrored_action.error ELSE said.error END, note = said.note, blocked = NULL
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
  AS said (id, status, outcome, error, note)
WHERE mirrored_action.id = said.id
RETURNING mirrored_action.id, mirrored_action.status, action
