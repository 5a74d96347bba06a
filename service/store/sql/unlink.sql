-- Ends the links of these cameras, whichever end each is. $1 cameras.
DELETE FROM link
WHERE primary_camera_id = ANY ($1::uuid[]) OR secondary_camera_id = ANY ($1::uuid[])
RETURNING primary_camera_id, secondary_camera_id
