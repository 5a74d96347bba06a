-- Which of these cameras their servers hold already, by MAC address or else by an address that only one candidate
-- has; and whose externalId another camera of the server has. Per camera: $1 server, $2 MAC address, $3 address,
-- $4 channel, $5 external id.
WITH given AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[]) WITH ORDINALITY
    AS given (server_id, mac_address, address, channel, external_id, n)
), by_key AS (
  SELECT n FROM given
  JOIN camera AS held ON held.server_id = given.server_id AND held.channel = given.channel
    AND held.hardware_key = coalesce(given.mac_address, given.address)
), near AS (
  -- Many with a MAC address may share an address; of those without, it is the key.
  SELECT n, held.id FROM given
  JOIN camera AS held ON held.server_id = given.server_id AND held.channel = given.channel
    AND held.address = given.address
  WHERE given.mac_address IS NULL
  UNION
  SELECT n, held.id FROM given
  JOIN camera AS held ON held.server_id = given.server_id AND held.channel = given.channel
    AND held.hardware_key = given.address AND held.mac_address IS NULL
), by_address AS (
  SELECT n FROM near GROUP BY n HAVING count(*) = 1
), named AS (
  SELECT n FROM given
  JOIN camera AS held ON held.external_server_id = given.server_id AND held.external_id = given.external_id
)
SELECT n, n IN (SELECT n FROM by_key UNION ALL SELECT n FROM by_address) AS held,
  n IN (SELECT n FROM named) AS external_id_taken
FROM given ORDER BY n
