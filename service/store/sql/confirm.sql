-- What was sent is confirmed. The recorder's own id is the one it gave now, or else the one it has had.
-- $1 applied actions (no DELETE), $2 external ids. Returns what was shown before of those whose id is another now.
WITH sent AS MATERIALIZED (
  SELECT said.n, action.target_server_id, action.device, camera.id, camera.name, camera.mac_address, camera.address,
    camera.manufacturer, camera.model, camera.external_id, camera.external_server_id, camera.removing,
    coalesce(said.external_id, CASE camera.external_server_id WHEN action.target_server_id
      THEN CASE WHEN action.action <> 'MOVE' THEN camera.external_id END END) AS new_external_id
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS said (action_id, external_id, n)
  JOIN mirrored_action AS action ON action.id = said.action_id
  JOIN camera ON camera.id = action.target_camera_id
), confirmed AS (
  UPDATE camera SET confirmed_server_id = sent.target_server_id, external_id = new_external_id,
    confirmed_mac_address = device ->> 'mac_address', confirmed_address = device ->> 'address',
    confirmed_manufacturer = device ->> 'manufacturer', confirmed_model = device ->> 'model'
  FROM sent WHERE camera.id = sent.id
)
SELECT id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing
FROM sent
-- The same id may be given by another server: then it was not shown before.
WHERE new_external_id IS DISTINCT FROM external_id
  OR new_external_id IS NOT NULL AND external_server_id <> target_server_id
ORDER BY n
