-- A camera has at most one link.
SELECT camera_id, count(*) AS links
FROM (SELECT primary_camera_id AS camera_id FROM link UNION ALL SELECT secondary_camera_id FROM link) AS ends
GROUP BY camera_id
HAVING count(*) > 1
