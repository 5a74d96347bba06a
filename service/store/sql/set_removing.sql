-- $1 cameras, $2 whether a DELETE for them is on its way. Returns what was shown of them before.
UPDATE camera SET removing = $2 WHERE id = ANY ($1::uuid[]) AND removing <> $2
RETURNING id, name, mac_address, address, manufacturer, model, external_id, external_server_id, NOT removing AS removing
