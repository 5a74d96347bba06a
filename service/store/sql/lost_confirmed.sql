-- The cameras that were confirmed on recorders that are lost, and of which something is still wanted or under way.
-- $1 servers.
SELECT id FROM camera
WHERE confirmed_server_id = ANY ($1::uuid[]) AND (
  EXISTS (SELECT FROM link WHERE link.secondary_camera_id = camera.id)
  OR EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = camera.id AND status = 'QUEUED'))
