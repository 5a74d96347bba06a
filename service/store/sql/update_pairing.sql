-- Changes a pairing's style, members and homes; its shape is judged at the end of the change. $1 site, $2 pairing,
-- $3 style, $4 servers that leave, $5 primaries, $6 their home secondaries, $7 secondaries.
WITH styled AS (
  UPDATE pairing SET style = $3 WHERE id = $2 AND style <> $3
), gone AS (
  DELETE FROM pairing_member WHERE pairing_id = $2 AND server_id = ANY ($4::uuid[])
), wanted AS MATERIALIZED (
  SELECT server_id, 'PRIMARY' AS label, home_id FROM unnest($5::uuid[], $6::uuid[]) AS member (server_id, home_id)
  UNION ALL
  SELECT server_id, 'SECONDARY', NULL FROM unnest($7::uuid[]) AS member (server_id)
), rehomed AS (
  UPDATE pairing_member SET home_id = wanted.home_id FROM wanted
  WHERE pairing_id = $2 AND pairing_member.server_id = wanted.server_id
    AND pairing_member.home_id IS DISTINCT FROM wanted.home_id
)
INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id)
SELECT server_id, $1, $2, label, home_id FROM wanted
WHERE NOT EXISTS (SELECT FROM pairing_member AS member
                  WHERE member.pairing_id = $2 AND member.server_id = wanted.server_id)
