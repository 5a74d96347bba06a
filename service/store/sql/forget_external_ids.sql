-- Recorders gave their ids to these cameras: others of the same servers that held them lose them.
-- $1 cameras. Returns what was shown of those that lose them before.
UPDATE camera SET external_id = NULL
FROM camera AS given
WHERE given.id = ANY ($1::uuid[]) AND camera.external_server_id = given.external_server_id
  AND camera.external_id = given.external_id AND camera.id <> given.id
RETURNING camera.id, camera.name, camera.mac_address, camera.address, camera.manufacturer, camera.model,
  given.external_id, camera.external_server_id, camera.removing
