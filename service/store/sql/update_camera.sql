-- What is said of a camera anew. $1 camera, $2 name, $3 address, $4 the recorder's own id; what is confirmed by it:
-- $5 server, $6 MAC address, $7 address, $8 manufacturer, $9 model. Returns what was shown of it before.
WITH before AS MATERIALIZED (
  SELECT id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing
  FROM camera WHERE id = $1
)
UPDATE camera SET name = $2, address = $3, external_id = $4, confirmed_server_id = $5, confirmed_mac_address = $6,
  confirmed_address = $7, confirmed_manufacturer = $8, confirmed_model = $9
FROM before WHERE camera.id = before.id
RETURNING before.*
