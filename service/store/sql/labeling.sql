-- $1 site.
SELECT count(*) FILTER (WHERE label = 'PRIMARY') AS primaries, count(*) FILTER (WHERE label = 'SECONDARY') AS secondaries
FROM server WHERE site_id = $1
