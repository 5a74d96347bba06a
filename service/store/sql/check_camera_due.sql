-- What is wanted of a camera and not confirmed has an unresolved action that brings it about.
SELECT camera.id, camera.site_id, camera.name, due.action
FROM camera_due AS due
JOIN camera ON camera.id = due.camera_id
WHERE due.action IS NOT NULL
  AND NOT EXISTS (SELECT FROM mirrored_action AS action
                  WHERE action.target_camera_id = due.camera_id
                    AND action.status IN ('QUEUED', 'BLOCKED', 'FAILED')
                    AND (due.action <> 'DELETE' OR action.action = 'DELETE'))
