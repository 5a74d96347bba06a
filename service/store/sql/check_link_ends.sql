-- A link joins a camera on a primary with one on a secondary of the same site, and neither is on its way out.
SELECT link.primary_camera_id, link.secondary_camera_id, one.side, other.side AS other_side,
  one.removing, other.removing AS other_removing
FROM link
LEFT JOIN camera AS one ON one.id = link.primary_camera_id
LEFT JOIN camera AS other ON other.id = link.secondary_camera_id
WHERE one.side IS DISTINCT FROM 'PRIMARY' OR other.side IS DISTINCT FROM 'SECONDARY'
  OR one.site_id <> other.site_id OR one.removing OR other.removing
