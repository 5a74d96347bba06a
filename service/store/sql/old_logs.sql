-- The sites whose log begins with an event older than $1 days: one look into the primary key for each.
SELECT site.id
FROM site
CROSS JOIN LATERAL (SELECT at FROM event WHERE site_id = site.id ORDER BY revision LIMIT 1) AS oldest
WHERE oldest.at < now() - make_interval(days => $1)
ORDER BY site.id
