-- What was sent is confirmed. The recorder's own id is the one it gave now, or else the one it has had.
-- $1 applied actions (no DELETE), $2 external ids.
WITH sent AS MATERIALIZED (
  SELECT action.target_camera_id, action.target_server_id, action.device,
    coalesce(said.external_id, CASE camera.external_server_id WHEN action.target_server_id
      THEN CASE WHEN action.action <> 'MOVE' THEN camera.external_id END END) AS external_id,
    camera.external_id AS before
  FROM unnest($1::uuid[], $2::text[]) AS said (action_id, external_id)
  JOIN mirrored_action AS action ON action.id = said.action_id
  JOIN camera ON camera.id = action.target_camera_id
), confirmed AS (
  UPDATE camera SET confirmed_server_id = sent.target_server_id, external_id = sent.external_id,
    confirmed_mac_address = device ->> 'mac_address', confirmed_address = device ->> 'address',
    confirmed_manufacturer = device ->> 'manufacturer', confirmed_model = device ->> 'model'
  FROM sent WHERE camera.id = sent.target_camera_id
)
SELECT target_camera_id AS id FROM sent WHERE external_id IS DISTINCT FROM before
