-- The next events of a site's log after position $2: at most $3, and no more once they hold $4 bytes.
WITH page AS (
  SELECT revision, kind, payload, pg_column_size(payload) AS size
  FROM event
  WHERE site_id = $1 AND revision > $2
  ORDER BY revision
  LIMIT $3
), measured AS (
  SELECT page.*, sum(size) OVER (ORDER BY revision) - size AS before FROM page
)
SELECT revision, size, CASE kind WHEN 'MIRRORED_ACTION' THEN payload -> 'mirrored_action' END AS action
FROM measured
WHERE before < $4
ORDER BY revision
