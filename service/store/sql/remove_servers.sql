-- Removes servers that hold no cameras any more. $1 servers.
DELETE FROM server WHERE id = ANY ($1::uuid[]) RETURNING id, to_jsonb(server) AS server
