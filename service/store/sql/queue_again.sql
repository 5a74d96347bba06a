-- Gives actions that waited, or are tried again, their turn: each is made anew from what is confirmed to what is
-- wanted now; one that has nothing left to do ends. $1 actions.
UPDATE mirrored_action SET
  status = CASE WHEN due.action IS NULL THEN 'SUPERSEDED' ELSE 'QUEUED' END,
  action = coalesce(due.action, mirrored_action.action),
  target_server_id = due.target_server_id,
  target_from_server_id = due.target_from_server_id,
  device = due.device,
  previous_hardware = due.previous_hardware,
  attempts = attempts + CASE WHEN due.action IS NULL THEN 0 ELSE 1 END,
  blocked = NULL, error = NULL, outcome = NULL,
  note = CASE WHEN due.action IS NULL THEN 'The recorder is already as wanted: nothing is left to do.' END
FROM camera_due AS due
WHERE mirrored_action.id = ANY ($1::uuid[]) AND due.camera_id = mirrored_action.target_camera_id
RETURNING id, status, mirrored_action.action, target_camera_id
