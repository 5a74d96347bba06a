-- $1 site, $2 style, $3 primaries, $4 their home secondaries, $5 secondaries.
WITH made AS (
  INSERT INTO pairing (id, site_id, style) VALUES (uuid_v7(), $1, $2) RETURNING id
), members AS (
  INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id)
  SELECT server_id, $1, made.id, 'PRIMARY', home_id
  FROM made, unnest($3::uuid[], $4::uuid[]) AS member (server_id, home_id)
  UNION ALL
  SELECT server_id, $1, made.id, 'SECONDARY', NULL FROM made, unnest($5::uuid[]) AS member (server_id)
  RETURNING server_id, label, home_id
)
SELECT made.id, jsonb_build_object('id', made.id, 'site_id', $1::uuid, 'style', $2::text, 'members',
  (SELECT jsonb_agg(to_jsonb(members) ORDER BY label, server_id) FROM members)) AS pairing
FROM made
