-- What can be said of servers anew. $1 site, $2 servers.
SELECT id, name, address, external_id, max_cameras FROM server WHERE site_id = $1 AND id = ANY ($2::uuid[])
