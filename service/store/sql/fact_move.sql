-- A camera stands on another server: wanted and confirmed. Its hardware is confirmed as it was, or as it is wanted
-- if nothing was. The recorder's own id stays behind with the server it belonged to; if that is this one, it
-- never left. $1 camera, $2 server.
UPDATE camera SET server_id = $2, confirmed_server_id = $2,
  external_id = CASE confirmed_server_id WHEN $2 THEN external_id END,
  confirmed_mac_address = CASE WHEN confirmed_server_id IS NULL THEN mac_address ELSE confirmed_mac_address END,
  confirmed_address = CASE WHEN confirmed_server_id IS NULL THEN address ELSE confirmed_address END,
  confirmed_manufacturer = CASE WHEN confirmed_server_id IS NULL THEN manufacturer ELSE confirmed_manufacturer END,
  confirmed_model = CASE WHEN confirmed_server_id IS NULL THEN model ELSE confirmed_model END
WHERE id = $1
