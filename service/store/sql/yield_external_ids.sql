-- Recorders report these ids for devices: other cameras of the same servers that held them lose them.
-- $1 servers, $2 external ids, $3 the cameras that hold them now (null: new ones). Returns what was shown before.
UPDATE camera SET external_id = NULL
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS said (server_id, external_id, camera_id)
WHERE camera.external_server_id = said.server_id AND camera.external_id = said.external_id
  AND camera.id IS DISTINCT FROM said.camera_id
RETURNING camera.id, name, mac_address, address, manufacturer, model, said.external_id, external_server_id, removing
