-- A pairing is of a site in Auto mode, its members are servers of that site with their labels, homes among them.
SELECT pairing.id, site.name AS site, site.mode, member.server_id, member.label, server.label AS server_label,
  member.home_id
FROM pairing
LEFT JOIN site ON site.id = pairing.site_id
LEFT JOIN pairing_member AS member ON member.pairing_id = pairing.id
LEFT JOIN server ON server.id = member.server_id
LEFT JOIN pairing_member AS home ON home.server_id = member.home_id
WHERE site.mode IS DISTINCT FROM 'AUTO'
  OR server.site_id IS DISTINCT FROM pairing.site_id
  OR server.label IS DISTINCT FROM member.label
  OR member.label = 'PRIMARY' AND (home.pairing_id IS DISTINCT FROM pairing.id OR home.label <> 'SECONDARY')
