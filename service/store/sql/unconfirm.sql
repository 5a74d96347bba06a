-- Recorders hold these cameras no longer. $1 cameras. Returns what was shown of those that lose an external id before.
WITH before AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.name, camera.mac_address, camera.address, camera.manufacturer, camera.model,
    camera.external_id, camera.external_server_id, camera.removing
  FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (camera_id, n) JOIN camera ON camera.id = asked.camera_id
), unconfirmed AS (
  UPDATE camera SET confirmed_server_id = NULL, confirmed_mac_address = NULL, confirmed_address = NULL,
    confirmed_manufacturer = NULL, confirmed_model = NULL, external_id = NULL
  FROM before WHERE camera.id = before.id
)
SELECT id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing
FROM before WHERE external_id IS NOT NULL ORDER BY n
