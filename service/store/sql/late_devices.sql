-- Devices that recorders say they added although nobody wants them any more, and that the inventory lacks there.
-- They go into the inventory as cameras on their way out. $1 late actions, $2 the recorders' own ids of the devices.
WITH late AS MATERIALIZED (
  SELECT DISTINCT ON (server.id, coalesce(device ->> 'mac_address', device ->> 'address'), device ->> 'channel')
    uuid_v7() AS id, action.site_id, action.direction, action.cause, action.source_server_id,
    action.source_camera_id, server.id AS server_id, server.label AS side,
    -- One server's id that was given to several devices belongs to the last of them.
    CASE said.n WHEN max(said.n) OVER (PARTITION BY server.id, said.external_id) THEN said.external_id END
      AS external_id,
    device ->> 'name' AS name, (device ->> 'channel')::integer AS channel, device ->> 'mac_address' AS mac_address,
    device ->> 'address' AS address, device ->> 'manufacturer' AS manufacturer, device ->> 'model' AS model
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS said (action_id, external_id, n)
  JOIN mirrored_action AS action ON action.id = said.action_id
  JOIN server ON server.id = action.target_server_id AND server.label = action.target_label
  WHERE NOT EXISTS (SELECT FROM camera AS held WHERE held.server_id = server.id
    AND held.channel = (device ->> 'channel')::integer
    AND same_hardware(held.mac_address, held.address, device ->> 'mac_address', device ->> 'address'))
  ORDER BY server.id, coalesce(device ->> 'mac_address', device ->> 'address'), device ->> 'channel', said.n DESC
), inserted AS (
  INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model,
    external_id, removing, confirmed_server_id, confirmed_mac_address, confirmed_address, confirmed_manufacturer,
    confirmed_model)
  SELECT id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model,
    external_id, true, server_id, mac_address, address, manufacturer, model
  FROM late
)
SELECT id, direction, cause, source_server_id, source_camera_id FROM late
