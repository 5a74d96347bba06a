-- Records that there is nothing to do, and why. $1 site, $2 change, $3 actor; per record: $4 action, $5 direction,
-- $6 cause, $7 reason, $8 because, $9 source server, $10 source camera, $11 target server.
INSERT INTO mirrored_action (id, site_id, change_id, actor, action, direction, cause, status, reason, because,
  source_server_id, source_camera_id, target_server_id, device)
SELECT uuid_v7(), $1, $2, $3, asked.action, asked.direction, asked.cause, 'SUPPRESSED', asked.reason, asked.because,
  asked.source_server_id, camera.id, asked.target_server_id,
  jsonb_build_object('name', camera.name, 'channel', camera.channel, 'mac_address', camera.mac_address,
    'address', camera.address, 'manufacturer', camera.manufacturer, 'model', camera.model,
    'external_id', CASE WHEN asked.target_server_id IS NULL AND external_server_id = server_id THEN external_id END,
    'storage_profile', NULL)
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[], $11::uuid[])
  WITH ORDINALITY AS asked (action, direction, cause, reason, because, source_server_id, source_camera_id,
    target_server_id, n)
JOIN camera ON camera.id = asked.source_camera_id
ORDER BY asked.n
RETURNING id, status, action
