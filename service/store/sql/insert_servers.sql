-- $1 site; per server: $2 name, $3 address, $4 external id, $5 most cameras, $6 label.
INSERT INTO server (id, site_id, name, address, external_id, max_cameras, label)
SELECT uuid_v7(), $1, name, address, external_id, max_cameras, label
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY
  AS asked (name, address, external_id, max_cameras, label, n)
ORDER BY n
RETURNING id
