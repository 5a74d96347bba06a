-- The cameras that are wanted on servers, and confirmed there, with nothing on its way to them: of servers that are
-- taken to hold nothing for sure they are to be confirmed anew. $1 servers.
SELECT camera.id
FROM camera
WHERE server_id = ANY ($1::uuid[]) AND confirmed_server_id = server_id AND NOT removing
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = camera.id AND status = 'QUEUED')
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = camera.id AND status = 'BLOCKED')
ORDER BY camera.name, camera.id
