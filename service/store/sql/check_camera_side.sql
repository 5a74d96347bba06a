-- A camera's side is the label of its server, which is of the camera's site.
SELECT camera.id, camera.name, camera.side, server.label, camera.site_id, server.site_id AS server_site_id
FROM camera
LEFT JOIN server ON server.id = camera.server_id
WHERE server.label IS DISTINCT FROM camera.side OR server.site_id IS DISTINCT FROM camera.site_id
