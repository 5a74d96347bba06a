-- Wants cameras as the action under way leaves them, or takes them away, or else as they are confirmed. $1 cameras.
UPDATE camera SET server_id = coalesce(queued.target_server_id, confirmed_server_id),
  mac_address = CASE WHEN queued.id IS NULL THEN confirmed_mac_address ELSE queued.device ->> 'mac_address' END,
  address = CASE WHEN queued.id IS NULL THEN confirmed_address ELSE queued.device ->> 'address' END,
  manufacturer = CASE WHEN queued.id IS NULL THEN confirmed_manufacturer ELSE queued.device ->> 'manufacturer' END,
  model = CASE WHEN queued.id IS NULL THEN confirmed_model ELSE queued.device ->> 'model' END
FROM unnest($1::uuid[]) AS asked (camera_id)
LEFT JOIN mirrored_action AS queued ON queued.target_camera_id = asked.camera_id AND queued.status = 'QUEUED'
WHERE camera.id = asked.camera_id
