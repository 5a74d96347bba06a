-- A pairing with its members, as events tell it; locked, so that nobody else changes its members meanwhile.
-- $1 site, $2 pairing.
SELECT jsonb_build_object('id', pairing.id, 'site_id', site_id, 'style', style, 'members', (
  SELECT jsonb_agg(jsonb_build_object('server_id', server_id, 'label', label, 'home_id', home_id)
    ORDER BY label, server_id)
  FROM pairing_member AS member WHERE member.pairing_id = pairing.id)) AS pairing
FROM pairing
WHERE site_id = $1 AND id = $2
FOR NO KEY UPDATE
