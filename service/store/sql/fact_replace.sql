-- A camera has this hardware: wanted and confirmed, where it was confirmed or else where it is wanted.
-- $1 camera, $2 MAC address, $3 address, $4 manufacturer, $5 model.
UPDATE camera SET mac_address = $2, address = $3, manufacturer = $4, model = $5,
  confirmed_server_id = coalesce(confirmed_server_id, server_id),
  confirmed_mac_address = $2, confirmed_address = $3, confirmed_manufacturer = $4, confirmed_model = $5
WHERE id = $1
