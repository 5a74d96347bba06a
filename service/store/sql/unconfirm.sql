-- Recorders hold these cameras no longer. $1 cameras.
WITH before AS MATERIALIZED (
  SELECT id, external_id FROM camera WHERE id = ANY ($1::uuid[])
)
UPDATE camera SET confirmed_server_id = NULL, confirmed_mac_address = NULL, confirmed_address = NULL,
  confirmed_manufacturer = NULL, confirmed_model = NULL, external_id = NULL
FROM before WHERE camera.id = before.id
RETURNING camera.id, before.external_id IS NOT NULL AS lost_id
