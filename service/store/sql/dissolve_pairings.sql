-- $1 site, $2 pairings (null: all). The members go with them.
WITH whole AS MATERIALIZED (
  SELECT pairing.id, to_jsonb(pairing) - 'touched' || jsonb_build_object('members', (
    SELECT jsonb_agg(to_jsonb(member) - 'home_label') FROM pairing_member AS member
    WHERE member.pairing_id = pairing.id)) AS pairing
  FROM pairing WHERE site_id = $1 AND ($2::uuid[] IS NULL OR id = ANY ($2::uuid[]))
), dissolved AS (
  DELETE FROM pairing USING whole WHERE pairing.id = whole.id
)
SELECT id, pairing FROM whole ORDER BY id
