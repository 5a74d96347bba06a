-- The cameras of primaries, in their order, by name. $1 primaries.
SELECT camera.id, camera.server_id
FROM unnest($1::uuid[]) WITH ORDINALITY AS primaries (server_id, n)
JOIN camera ON camera.server_id = primaries.server_id AND NOT camera.removing
ORDER BY primaries.n, camera.name, camera.id
