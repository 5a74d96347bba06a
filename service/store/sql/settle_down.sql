-- Wants cameras as the action under way leaves them, or takes them away, or else as they are confirmed. $1 cameras.
-- Returns what was shown of them before.
WITH before AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.server_id, camera.name, camera.mac_address, camera.address, camera.manufacturer,
    camera.model, camera.external_id, camera.external_server_id, camera.removing,
    queued.target_server_id, queued.device
  FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (camera_id, n)
  JOIN camera ON camera.id = asked.camera_id
  LEFT JOIN mirrored_action AS queued ON queued.target_camera_id = asked.camera_id AND queued.status = 'QUEUED'
), settled AS (
  UPDATE camera SET server_id = coalesce(before.target_server_id, confirmed_server_id),
    mac_address = CASE WHEN device IS NULL THEN confirmed_mac_address ELSE device ->> 'mac_address' END,
    address = CASE WHEN device IS NULL THEN confirmed_address ELSE device ->> 'address' END,
    manufacturer = CASE WHEN device IS NULL THEN confirmed_manufacturer ELSE device ->> 'manufacturer' END,
    model = CASE WHEN device IS NULL THEN confirmed_model ELSE device ->> 'model' END
  FROM before WHERE camera.id = before.id
)
SELECT id, server_id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing
FROM before ORDER BY n
