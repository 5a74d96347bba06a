-- Ends what is to be done at recorders that are lost, under way or not. A DELETE that waits behind an action under
-- way elsewhere stays: that device has to go. $1 servers, $2 note.
UPDATE mirrored_action AS action SET status = 'SUPERSEDED', blocked = NULL, note = $2
WHERE unresolved_target_id = ANY ($1::uuid[]) AND NOT (status = 'BLOCKED' AND action.action = 'DELETE' AND EXISTS (
  SELECT FROM mirrored_action AS queued
  WHERE queued.target_camera_id = action.target_camera_id AND queued.status = 'QUEUED'
    AND queued.target_server_id <> ALL ($1::uuid[])))
RETURNING id, status, action.action, target_camera_id, created_position
