-- Cameras are as recorders report them: wanted and confirmed. Per camera: $1 id, $2 server, $3 name, $4 MAC address,
-- $5 address, $6 manufacturer, $7 model, $8 the recorder's own id, $9 whether it is other hardware; of the same
-- hardware what is not reported stays as it was. Returns what was shown of them before.
WITH before AS MATERIALIZED (
  SELECT given.n, camera.id, camera.server_id, camera.name, camera.mac_address, camera.address, camera.manufacturer,
    camera.model, camera.external_id, camera.external_server_id, camera.removing,
    given.other, given.server_id AS new_server_id, given.name AS new_name,
    CASE WHEN other THEN given.mac ELSE coalesce(given.mac, camera.mac_address) END AS new_mac,
    CASE WHEN other THEN given.at ELSE coalesce(given.at, camera.address) END AS new_address,
    CASE WHEN other THEN given.maker ELSE coalesce(given.maker, camera.manufacturer) END AS new_manufacturer,
    CASE WHEN other THEN given.kind ELSE coalesce(given.kind, camera.model) END AS new_model,
    coalesce(given.external_id, CASE camera.external_server_id WHEN given.server_id THEN camera.external_id END)
      AS new_external_id
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::boolean[]) WITH ORDINALITY AS given (id, server_id, name, mac, at, maker, kind, external_id, other, n)
  JOIN camera ON camera.id = given.id
), recorded AS (
  UPDATE camera SET name = new_name, external_id = new_external_id,
    server_id = new_server_id, mac_address = new_mac, address = new_address, manufacturer = new_manufacturer,
    model = new_model, confirmed_server_id = new_server_id, confirmed_mac_address = new_mac,
    confirmed_address = new_address, confirmed_manufacturer = new_manufacturer, confirmed_model = new_model
  FROM before WHERE camera.id = before.id
)
SELECT id, server_id, name, mac_address, address, manufacturer, model, external_id, external_server_id, removing,
  name <> new_name OR server_id = new_server_id AND external_id IS DISTINCT FROM new_external_id
    OR NOT other AND ROW (mac_address, address, manufacturer, model)
      IS DISTINCT FROM ROW (new_mac, new_address, new_manufacturer, new_model) AS updated
FROM before ORDER BY n
