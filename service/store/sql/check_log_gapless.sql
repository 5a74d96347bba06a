-- What is kept of a site's events is numbered without a gap up to the site's revision.
SELECT site.name AS site, site.revision, events.oldest, events.newest, events.count
FROM site
CROSS JOIN LATERAL (SELECT min(revision) AS oldest, max(revision) AS newest, count(*) AS count
                    FROM event WHERE site_id = site.id) AS events
WHERE events.newest <> site.revision
  OR events.count <> events.newest - events.oldest + 1
  OR site.design_revision > site.revision
