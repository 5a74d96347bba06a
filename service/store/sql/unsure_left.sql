-- Those of these cameras that nothing is on its way to yet, with their counterparts. $1 cameras.
SELECT camera.id, counterpart.id AS counterpart_id, counterpart.server_id AS counterpart_server_id
FROM unnest($1::uuid[]) WITH ORDINALITY AS unsure (id, n)
JOIN camera USING (id)
LEFT JOIN link AS forward ON forward.primary_camera_id = camera.id
LEFT JOIN link AS backward ON backward.secondary_camera_id = camera.id
LEFT JOIN camera AS counterpart
  ON counterpart.id = coalesce(forward.secondary_camera_id, backward.primary_camera_id)
WHERE NOT EXISTS (SELECT FROM mirrored_action
                  WHERE target_camera_id = camera.id AND status IN ('QUEUED', 'FAILED'))
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = camera.id AND status = 'BLOCKED')
ORDER BY n
