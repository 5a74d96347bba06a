-- What a change of mode would touch. $1 site.
SELECT
  (SELECT count(*) FROM pairing WHERE site_id = $1) AS pairings,
  (SELECT count(*) FROM link WHERE site_id = $1) AS links,
  (SELECT count(*) FROM link
   JOIN camera AS one ON one.id = link.primary_camera_id
   JOIN camera AS other ON other.id = link.secondary_camera_id
   JOIN pairing_member AS here ON here.server_id = one.server_id
   JOIN pairing_member AS there ON there.server_id = other.server_id AND there.pairing_id = here.pairing_id
   WHERE link.site_id = $1) AS links_in_pairings
