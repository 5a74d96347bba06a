-- What a verdict on an acknowledgement, a retry or an abandonment depends on. $1 site, $2 actions.
-- An action that was made without a source never had a link that could end under way.
SELECT action.id, action.status, action.outcome, action.action, action.target_camera_id,
  camera.removing, linked.found AS linked, waiting.id AS waiting_id, waiting.action AS waiting_action
FROM mirrored_action AS action
LEFT JOIN camera ON camera.id = action.target_camera_id
LEFT JOIN mirrored_action AS waiting ON waiting.target_camera_id = action.target_camera_id
  AND waiting.status = 'BLOCKED' AND waiting.id <> action.id
CROSS JOIN LATERAL (SELECT action.source_camera_id IS NULL OR EXISTS (SELECT FROM link WHERE primary_camera_id = action.target_camera_id)
  OR EXISTS (SELECT FROM link WHERE secondary_camera_id = action.target_camera_id) AS found) AS linked
WHERE action.site_id = $1 AND action.id = ANY ($2::uuid[])
