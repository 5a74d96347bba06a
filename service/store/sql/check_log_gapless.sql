-- The events of a site are numbered without a gap up to the site's revision.
SELECT site.name AS site, site.revision, events.oldest, events.newest, events.count
FROM site
CROSS JOIN LATERAL (SELECT min(revision) AS oldest, max(revision) AS newest, count(*) AS count
                    FROM event WHERE site_id = site.id) AS events
WHERE events.newest IS DISTINCT FROM nullif(site.revision, 0)
  OR events.count <> coalesce(events.newest - events.oldest + 1, 0)
  OR site.design_revision > site.revision
