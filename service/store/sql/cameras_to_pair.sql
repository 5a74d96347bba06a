-- The cameras of primaries that need their twin at the home, in the order of the primaries, by name. Per primary:
-- $1 server, $2 whether every camera does, or only those whose twin stands on a secondary that leaves; $3 the
-- secondaries that leave.
SELECT camera.id, camera.server_id
FROM unnest($1::uuid[], $2::boolean[]) WITH ORDINALITY AS primaries (server_id, every, n)
JOIN camera ON camera.server_id = primaries.server_id AND NOT camera.removing
LEFT JOIN link ON link.primary_camera_id = camera.id
LEFT JOIN camera AS twin ON twin.id = link.secondary_camera_id
WHERE primaries.every OR twin.server_id = ANY ($3::uuid[])
ORDER BY primaries.n, camera.name, camera.id
