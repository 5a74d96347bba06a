-- Cameras that were added on servers: wanted and confirmed. $1 site; per camera: $2 server, $3 name, $4 channel,
-- $5 MAC address, $6 address, $7 manufacturer, $8 model, $9 the recorder's own id.
WITH given AS MATERIALIZED (
  SELECT asked.*, uuid_v7() AS id, server.label
  FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY
    AS asked (server_id, name, channel, mac_address, address, manufacturer, model, external_id, n)
  JOIN server ON server.id = asked.server_id
), inserted AS (
  INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, address, manufacturer, model,
    external_id, confirmed_server_id, confirmed_mac_address, confirmed_address, confirmed_manufacturer,
    confirmed_model)
  SELECT id, $1, server_id, label, name, channel, mac_address, address, manufacturer, model,
    external_id, server_id, mac_address, address, manufacturer, model
  FROM given ORDER BY n
)
SELECT id FROM given ORDER BY n
