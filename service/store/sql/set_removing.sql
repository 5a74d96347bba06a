-- $1 cameras, $2 whether a DELETE for them is on its way.
UPDATE camera SET removing = $2 WHERE id = ANY ($1::uuid[]) AND removing <> $2 RETURNING id
