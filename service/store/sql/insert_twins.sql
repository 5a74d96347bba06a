-- Makes the counterparts that are missing, and their links; the cameras stay as they are until it is committed, and
-- none is on its way out. $1 site, $2 cameras, $3 the servers to hold the twins.
WITH twin AS MATERIALIZED (
  SELECT asked.n, uuid_v7() AS id, asked.server_id, server.label AS side, camera.id AS of_id, camera.name,
    camera.channel, camera.mac_address, camera.address, camera.manufacturer, camera.model
  FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS asked (camera_id, server_id, n)
  JOIN camera ON camera.id = asked.camera_id AND NOT camera.removing
  JOIN server ON server.id = asked.server_id
  FOR NO KEY UPDATE OF camera
), inserted AS (
  INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model)
  SELECT id, $1, server_id, side, name, channel, mac_address, address, manufacturer, model FROM twin ORDER BY n
), linked AS (
  INSERT INTO link (primary_camera_id, secondary_camera_id, site_id)
  SELECT CASE side WHEN 'SECONDARY' THEN of_id ELSE id END, CASE side WHEN 'SECONDARY' THEN id ELSE of_id END, $1
  FROM twin ORDER BY n
)
SELECT id FROM twin ORDER BY n
