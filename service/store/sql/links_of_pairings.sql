-- The links within pairings, by the twin's name. $1 site, $2 pairings, $3 of which primaries (null: all).
SELECT one.id AS primary_camera_id, one.server_id AS primary_server_id, other.id AS twin_id
FROM pairing_member AS here
JOIN camera AS one ON one.server_id = here.server_id
JOIN link ON link.primary_camera_id = one.id
JOIN camera AS other ON other.id = link.secondary_camera_id
JOIN pairing_member AS there ON there.server_id = other.server_id AND there.pairing_id = here.pairing_id
WHERE here.site_id = $1 AND here.pairing_id = ANY ($2::uuid[])
  AND ($3::uuid[] IS NULL OR here.server_id = ANY ($3::uuid[]))
ORDER BY other.name, other.id
