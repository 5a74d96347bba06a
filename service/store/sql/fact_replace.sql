-- Cameras have this hardware: wanted and confirmed, where it was confirmed or else where it is wanted.
-- Per camera: $1 id, $2 MAC address, $3 address, $4 manufacturer, $5 model. Returns what was shown of them before.
WITH before AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.name, camera.mac_address, camera.address, camera.manufacturer, camera.model,
    camera.external_id, camera.external_server_id, camera.removing, asked.mac_address AS new_mac_address,
    asked.address AS new_address, asked.manufacturer AS new_manufacturer, asked.model AS new_model
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
    AS asked (camera_id, mac_address, address, manufacturer, model, n)
  JOIN camera ON camera.id = asked.camera_id
), replaced AS (
  UPDATE camera SET mac_address = new_mac_address, address = new_address, manufacturer = new_manufacturer,
    model = new_model, confirmed_server_id = coalesce(confirmed_server_id, server_id),
    confirmed_mac_address = new_mac_address, confirmed_address = new_address,
    confirmed_manufacturer = new_manufacturer, confirmed_model = new_model
  FROM before WHERE camera.id = before.id
)
SELECT id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing
FROM before ORDER BY n
