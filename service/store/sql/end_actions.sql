-- Ends what is unresolved of these target cameras. $1 cameras, $2 the statuses that end, $3 what they become,
-- $4 note.
UPDATE mirrored_action SET status = $3, blocked = NULL, note = $4
WHERE target_camera_id = ANY ($1::uuid[]) AND status = ANY ($2::text[])
RETURNING id, status, action, target_camera_id, direction, cause, source_server_id, source_camera_id
