-- Links cameras with cameras of the other side; both stay as they are until it is committed, and none is on its way
-- out. $1 site, $2 and $3 the two ends, in any order.
INSERT INTO link (primary_camera_id, secondary_camera_id, site_id)
SELECT CASE one.side WHEN 'PRIMARY' THEN one.id ELSE other.id END,
  CASE one.side WHEN 'PRIMARY' THEN other.id ELSE one.id END, $1
FROM unnest($2::uuid[], $3::uuid[]) AS pair (one_id, other_id)
JOIN camera AS one ON one.id = pair.one_id AND NOT one.removing
JOIN camera AS other ON other.id = pair.other_id AND NOT other.removing
FOR NO KEY UPDATE OF one, other
RETURNING primary_camera_id, secondary_camera_id
