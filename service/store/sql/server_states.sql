-- What every rule asks of servers. $1 site, $2 servers.
SELECT server.id, server.name, server.label, member.pairing_id
FROM server
LEFT JOIN pairing_member AS member ON member.server_id = server.id
WHERE server.site_id = $1 AND server.id = ANY ($2::uuid[])
