-- Where the logs of sites end: revision, epoch, and the smallest position that can still be gone on from.
SELECT site.id, site.revision, site.epoch,
  coalesce((SELECT event.revision - 1 FROM event WHERE event.site_id = site.id ORDER BY event.revision LIMIT 1),
           site.revision) AS oldest
FROM site
WHERE site.id = ANY ($1::uuid[])
