-- The cameras wanted on recorders that are lost that cannot come about there any more, with the other ends of their
-- links. `nothing_held`: no other recorder holds the device either, or is about to. $1 servers.
SELECT camera.id, one.id AS primary_camera_id, one.server_id AS primary_server_id,
  camera.confirmed_server_id IS NULL AND NOT EXISTS (
    SELECT FROM mirrored_action WHERE target_camera_id = camera.id AND status = 'QUEUED') AS nothing_held
FROM camera
JOIN camera_due AS due ON due.camera_id = camera.id AND due.action IS NOT NULL
LEFT JOIN link ON link.secondary_camera_id = camera.id
LEFT JOIN camera AS one ON one.id = link.primary_camera_id
WHERE camera.server_id = ANY ($1::uuid[]) AND NOT camera.removing
ORDER BY camera.name, camera.id
