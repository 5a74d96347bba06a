-- The camera that a server holds of this hardware and channel: by MAC address, or else by an address that only one
-- candidate has. $1 server, $2 MAC address, $3 address, $4 channel, $5 a camera to pass over, $6 site: what another
-- site holds is nobody's business here.
SELECT id, name FROM (
  SELECT id, name, hardware_key = coalesce($2, $3) AS exact, count(*) OVER () AS candidates
  FROM camera
  WHERE server_id = $1 AND site_id = $6 AND channel = $4 AND id IS DISTINCT FROM $5
    AND (hardware_key = coalesce($2, $3) OR address = $3 AND (mac_address IS NULL OR $2 IS NULL))
) AS held
WHERE exact OR candidates = 1
ORDER BY exact DESC LIMIT 1
