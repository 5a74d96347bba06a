-- The first actions that a change made, in the order of their events.
SELECT to_jsonb(mirrored_action) AS action
FROM mirrored_action
WHERE change_id = $1 AND status <> 'SUPERSEDED'
ORDER BY created_position
LIMIT $2
