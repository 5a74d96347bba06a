-- An unresolved action has a target camera that is there; a SUPPRESSED one has none.
SELECT action.id, action.site_id, action.action, action.status, action.target_camera_id
FROM mirrored_action AS action
LEFT JOIN camera ON camera.id = action.target_camera_id
WHERE action.status IN ('QUEUED', 'BLOCKED', 'FAILED') AND camera.id IS NULL
  OR action.status = 'SUPPRESSED' AND action.target_camera_id IS NOT NULL
