-- The cameras that are to pass their hardware on: the other end of the link, which counts, is wanted with other
-- hardware, and nothing is on its way to it from before this change; by name. $1 site, $2 the side that they are of,
-- $3 the servers of the others to look at (null: all), $4 change.
SELECT camera.id, other.server_id AS target_server_id
FROM link
JOIN site ON site.id = link.site_id
JOIN camera ON camera.id = CASE $2 WHEN 'PRIMARY' THEN primary_camera_id ELSE secondary_camera_id END
JOIN camera AS other ON other.id = CASE $2 WHEN 'PRIMARY' THEN secondary_camera_id ELSE primary_camera_id END
LEFT JOIN pairing_member AS here ON here.server_id = camera.server_id
LEFT JOIN pairing_member AS there ON there.server_id = other.server_id
WHERE link.site_id = $1 AND (site.mode = 'MANUAL' OR here.pairing_id = there.pairing_id)
  AND ($3::uuid[] IS NULL OR other.server_id = ANY ($3::uuid[]))
  AND NOT same_hardware(camera.mac_address, camera.address, other.mac_address, other.address)
  AND NOT EXISTS (SELECT FROM mirrored_action
                  WHERE target_camera_id = other.id AND status = 'QUEUED' AND change_id <> $4)
  AND NOT EXISTS (SELECT FROM mirrored_action
                  WHERE target_camera_id = other.id AND status = 'BLOCKED' AND change_id <> $4)
ORDER BY camera.name, camera.id
