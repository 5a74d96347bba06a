-- Wants in cameras the hardware that others have. $1 cameras, $2 those they take it from. Returns what they had.
WITH before AS MATERIALIZED (
  SELECT asked.n, asked.other_id, camera.id, camera.mac_address, camera.address, camera.manufacturer, camera.model
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (camera_id, other_id, n)
  JOIN camera ON camera.id = asked.camera_id
), replaced AS (
  UPDATE camera SET mac_address = other.mac_address, address = other.address,
    manufacturer = other.manufacturer, model = other.model
  FROM before JOIN camera AS other ON other.id = before.other_id
  WHERE camera.id = before.id
)
SELECT id, mac_address, address, manufacturer, model FROM before ORDER BY n
