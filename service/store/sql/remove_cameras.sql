-- Takes cameras out of the inventory. $1 cameras.
DELETE FROM camera WHERE id = ANY ($1::uuid[]) RETURNING id, to_jsonb(camera) AS camera
