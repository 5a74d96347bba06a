-- Where nothing waits behind it, a QUEUED or FAILED action leads to what is wanted of its target camera.
SELECT action.id, action.site_id, action.action, action.status, action.target_camera_id, camera.name
FROM mirrored_action AS action
JOIN camera ON camera.id = action.target_camera_id
WHERE action.status IN ('QUEUED', 'FAILED')
  AND NOT EXISTS (SELECT FROM mirrored_action AS waiting
                  WHERE waiting.target_camera_id = action.target_camera_id AND waiting.status = 'BLOCKED')
  AND (camera.removing <> (action.action = 'DELETE') OR camera.server_id <> action.target_server_id
    OR camera.channel <> (action.device ->> 'channel')::integer
    OR NOT same_hardware(camera.mac_address, camera.address,
                         action.device ->> 'mac_address', action.device ->> 'address'))
