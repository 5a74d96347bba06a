-- Cameras stand on other servers: wanted and confirmed. Their hardware is confirmed as it was, or as it is wanted
-- if nothing was. The recorder's own id stays behind with the server it belonged to; if that is this one, it
-- never left. $1 cameras, $2 servers. Returns where they were wanted before.
WITH before AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.server_id, asked.server_id AS to_server_id
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (camera_id, server_id, n)
  JOIN camera ON camera.id = asked.camera_id
), moved AS (
  UPDATE camera SET server_id = to_server_id, confirmed_server_id = to_server_id,
    external_id = CASE confirmed_server_id WHEN to_server_id THEN external_id END,
    confirmed_mac_address = CASE WHEN confirmed_server_id IS NULL THEN mac_address ELSE confirmed_mac_address END,
    confirmed_address = CASE WHEN confirmed_server_id IS NULL THEN address ELSE confirmed_address END,
    confirmed_manufacturer =
      CASE WHEN confirmed_server_id IS NULL THEN manufacturer ELSE confirmed_manufacturer END,
    confirmed_model = CASE WHEN confirmed_server_id IS NULL THEN model ELSE confirmed_model END
  FROM before WHERE camera.id = before.id
)
SELECT id, server_id FROM before ORDER BY n
