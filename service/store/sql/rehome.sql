-- Wants cameras on other servers of their side. The recorder's own id stays with the server that knows it.
-- $1 cameras, $2 servers.
UPDATE camera SET server_id = asked.server_id,
  external_id = CASE WHEN camera.confirmed_server_id IS NOT NULL THEN camera.external_id END
FROM unnest($1::uuid[], $2::uuid[]) AS asked (camera_id, server_id)
WHERE camera.id = asked.camera_id
