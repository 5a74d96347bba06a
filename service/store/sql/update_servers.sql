-- What is said of servers, in one statement: they may swap their names. $1 servers; per server: $2 name, $3 address,
-- $4 external id, $5 most cameras.
UPDATE server SET name = said.name, address = said.address, external_id = said.external_id,
  max_cameras = said.max_cameras
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::integer[])
  AS said (id, name, address, external_id, max_cameras)
WHERE server.id = said.id
RETURNING server.id
