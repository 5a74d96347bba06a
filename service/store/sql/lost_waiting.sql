-- The actions of these cameras that have nothing to wait for any more. $1 cameras.
SELECT id FROM mirrored_action AS waiting
WHERE target_camera_id = ANY ($1::uuid[]) AND status = 'BLOCKED' AND NOT EXISTS (
  SELECT FROM mirrored_action AS queued
  WHERE queued.target_camera_id = waiting.target_camera_id AND queued.status = 'QUEUED')
ORDER BY created_position
