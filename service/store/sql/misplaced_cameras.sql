-- The cameras of paired primaries whose twin is missing, or stands elsewhere than at the home, with nothing on its way
-- to it; by server, by name. $1 site, $2 the homes to look at (null: all).
SELECT camera.id, member.home_id AS target_server_id
FROM pairing_member AS member
JOIN server ON server.id = member.server_id
JOIN camera ON camera.server_id = member.server_id AND NOT camera.removing
LEFT JOIN link ON link.primary_camera_id = camera.id
LEFT JOIN camera AS twin ON twin.id = link.secondary_camera_id
WHERE member.site_id = $1 AND member.label = 'PRIMARY' AND ($2::uuid[] IS NULL OR member.home_id = ANY ($2::uuid[]))
  AND twin.server_id IS DISTINCT FROM member.home_id
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = twin.id AND status = 'QUEUED')
  AND NOT EXISTS (SELECT FROM mirrored_action WHERE target_camera_id = twin.id AND status = 'BLOCKED')
ORDER BY server.name, camera.name, camera.id
