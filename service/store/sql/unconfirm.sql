-- Recorders hold these cameras no longer. $1 cameras.
UPDATE camera SET confirmed_server_id = NULL, confirmed_mac_address = NULL, confirmed_address = NULL,
  confirmed_manufacturer = NULL, confirmed_model = NULL, external_id = NULL
WHERE id = ANY ($1::uuid[])
