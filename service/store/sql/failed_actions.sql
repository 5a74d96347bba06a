-- What FAILED, by creation. $1 site, $2 direction, $3 target servers (null: all).
SELECT id FROM mirrored_action
WHERE site_id = $1 AND status = 'FAILED' AND direction = $2
  AND ($3::uuid[] IS NULL OR target_server_id = ANY ($3::uuid[]))
ORDER BY created_position
