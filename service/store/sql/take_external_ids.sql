-- Recorders gave these ids to devices: other cameras of the same servers that held them lose them.
-- $1 applied actions, $2 external ids. Returns what was shown of them before.
UPDATE camera SET external_id = NULL
FROM unnest($1::uuid[], $2::text[]) AS said (action_id, external_id)
JOIN mirrored_action AS action ON action.id = said.action_id
WHERE said.external_id IS NOT NULL AND camera.external_server_id = action.target_server_id
  AND camera.external_id = said.external_id AND camera.id <> action.target_camera_id
RETURNING camera.id, name, mac_address, address, manufacturer, model, said.external_id, external_server_id, removing
