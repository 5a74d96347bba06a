-- The first actions that a change made, in the order of their events. $1 change, $2 how many.
SELECT to_jsonb(made) AS action
FROM (
  SELECT * FROM mirrored_action WHERE change_id = $1 AND status <> 'SUPERSEDED' ORDER BY created_position LIMIT $2
) AS made
ORDER BY made.created_position
