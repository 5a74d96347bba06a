-- An applied move leaves the old device on the server that it came from: it goes into the inventory as a camera on
-- its way out, unless that hardware is wanted there. $1 applied actions.
WITH left_behind AS MATERIALIZED (
  SELECT DISTINCT ON (camera.confirmed_server_id, coalesce(camera.confirmed_mac_address, camera.confirmed_address),
      camera.channel)
    uuid_v7() AS id, moved.site_id, moved.direction, moved.cause, moved.source_server_id,
    moved.source_camera_id, camera.side, camera.name, camera.channel, camera.external_id,
    camera.confirmed_server_id AS server_id, camera.confirmed_mac_address AS mac_address,
    camera.confirmed_address AS address, camera.confirmed_manufacturer AS manufacturer,
    camera.confirmed_model AS model
  FROM mirrored_action AS moved JOIN camera ON camera.id = moved.target_camera_id
  WHERE moved.id = ANY ($1::uuid[]) AND moved.action = 'MOVE'
    AND camera.confirmed_server_id = moved.target_from_server_id
    AND NOT EXISTS (SELECT FROM camera AS held WHERE held.server_id = camera.confirmed_server_id
      AND held.channel = camera.channel
      AND same_hardware(held.mac_address, held.address, camera.confirmed_mac_address, camera.confirmed_address))
), inserted AS (
  INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model,
    external_id, removing, confirmed_server_id, confirmed_mac_address, confirmed_address, confirmed_manufacturer,
    confirmed_model)
  SELECT id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model,
    external_id, true, server_id, mac_address, address, manufacturer, model
  FROM left_behind
)
SELECT id, direction, cause, source_server_id, source_camera_id FROM left_behind
