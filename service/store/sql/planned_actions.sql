-- The first actions that a change made or set going again, in the order of their events. $1 change, $2 how many,
-- $3 those of earlier changes.
SELECT to_jsonb(made) AS action
FROM (
  SELECT * FROM mirrored_action
  WHERE (change_id = $1 OR id = ANY ($3::uuid[])) AND status <> 'SUPERSEDED' ORDER BY position LIMIT $2
) AS made
ORDER BY made.position
