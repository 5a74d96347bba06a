-- Makes the mirrored actions that bring target cameras from what is confirmed to what is wanted. Behind one that is
-- QUEUED (and may be under way; it stays so until this is committed) the new one waits; where nothing differs, or the
-- DELETE that is wished for is under way already, it ends at once.
-- $1 site, $2 change, $3 actor; per wish: $4 target camera, $5 action, $6 direction, $7 cause, $8 because,
-- $9 source server, $10 source camera.
INSERT INTO mirrored_action (id, site_id, change_id, actor, action, direction, cause, status, blocked, because, note,
  source_server_id, source_camera_id, target_server_id, target_from_server_id, target_camera_id, device,
  previous_hardware, attempts)
SELECT uuid_v7(), $1, $2, $3, made.action, wish.direction, wish.cause, made.status,
  CASE made.status WHEN 'BLOCKED' THEN 'PREDECESSOR' END, wish.because,
  CASE WHEN made.status <> 'SUPERSEDED' THEN NULL WHEN queued.id IS NULL
    THEN 'The recorder is already as wanted: nothing is left to do.' ELSE 'Its removal is under way already.' END,
  wish.source_server_id, wish.source_camera_id, due.target_server_id,
  CASE WHEN made.action <> 'MOVE' THEN NULL WHEN queued.id IS NULL THEN due.target_from_server_id
    ELSE queued.target_server_id END,
  due.camera_id, due.device,
  CASE WHEN made.action <> 'REPLACE' THEN NULL WHEN queued.id IS NULL THEN due.previous_hardware
    ELSE jsonb_build_object('mac_address', queued.device -> 'mac_address', 'address', queued.device -> 'address',
      'manufacturer', queued.device -> 'manufacturer', 'model', queued.device -> 'model') END,
  CASE made.status WHEN 'QUEUED' THEN 1 ELSE 0 END
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::uuid[])
  WITH ORDINALITY AS wish (target_camera_id, action, direction, cause, because, source_server_id, source_camera_id, n)
JOIN camera_due AS due ON due.camera_id = wish.target_camera_id
LEFT JOIN LATERAL (SELECT id, action, target_server_id, device FROM mirrored_action
  WHERE target_camera_id = wish.target_camera_id AND status = 'QUEUED' FOR NO KEY UPDATE) AS queued ON true
CROSS JOIN LATERAL (SELECT
    CASE WHEN queued.id IS NULL THEN coalesce(due.action, wish.action) ELSE wish.action END AS action,
    CASE WHEN queued.action = 'DELETE' AND due.action = 'DELETE' THEN 'SUPERSEDED'
      WHEN queued.id IS NOT NULL THEN 'BLOCKED' WHEN due.action IS NULL THEN 'SUPERSEDED' ELSE 'QUEUED' END
      AS status) AS made
ORDER BY wish.n
RETURNING id, status, action, target_camera_id
