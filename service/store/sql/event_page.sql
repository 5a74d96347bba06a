-- The next events of a site's log after position $2: at most $3, and no more once they hold $4 bytes. $5: whether
-- whole, or for those who want mirrored actions only. The columns are the fields of LoggedEvent, in their order;
-- payloads go as text, for not all are decoded.
WITH page AS (
  SELECT event.*, pg_column_size(payload) AS size
  FROM event
  WHERE site_id = $1 AND revision > $2
  ORDER BY revision
  LIMIT $3
), measured AS (
  SELECT page.*, sum(size) OVER (ORDER BY revision) - size AS before FROM page
)
SELECT revision, kind, change_id, end_of_change, at, actor, subject_id,
  CASE WHEN $5 OR kind = 'MIRRORED_ACTION' THEN payload::text ELSE '' END AS stored
FROM measured
WHERE before < $4
ORDER BY revision
