-- Those of these cameras that were on their way out of recorders that are lost: nothing is left to be done of them.
-- $1 cameras, $2 servers.
SELECT camera_id AS id FROM camera_due
WHERE camera_id = ANY ($1::uuid[]) AND action = 'DELETE' AND target_server_id = ANY ($2::uuid[])
  AND NOT EXISTS (SELECT FROM mirrored_action
                  WHERE target_camera_id = camera_id AND status IN ('QUEUED', 'FAILED'))
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = camera_id AND status = 'BLOCKED')
ORDER BY camera_id
