-- Wants cameras on other servers of their side. The recorder's own id stays with the server that knows it.
-- $1 cameras, $2 servers. Returns where they were wanted before.
WITH before AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.server_id, asked.server_id AS to_server_id
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (camera_id, server_id, n)
  JOIN camera ON camera.id = asked.camera_id
), moved AS (
  UPDATE camera SET server_id = before.to_server_id,
    external_id = CASE WHEN camera.confirmed_server_id IS NOT NULL THEN camera.external_id END
  FROM before WHERE camera.id = before.id
)
SELECT id, server_id FROM before ORDER BY n
