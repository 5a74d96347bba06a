-- Removes the oldest events of a site's log, at most $3: only such as are older than $2 days, and none that follows one
-- that is not (`at` may step back with the server's clock). So what is left has no gap, whoever else removes a beginning
-- of it. $1 site, $4 how long to wait for a row that somebody else removes. Answers how many were removed; null when
-- another process prunes at this moment.
WITH turn AS MATERIALIZED (
  SELECT set_config('lock_timeout', $4, true),
    pg_try_advisory_xact_lock(hashtextextended('camera-redundancy prune', 0)) AS ours
), oldest AS MATERIALIZED (
  SELECT revision, at
  FROM event
  WHERE site_id = $1 AND (SELECT ours FROM turn)
  ORDER BY revision
  LIMIT $3
), kept AS MATERIALIZED (
  SELECT coalesce(min(revision) FILTER (WHERE at >= now() - make_interval(days => $2)), max(revision) + 1) AS start
  FROM oldest
), removed AS (
  DELETE FROM event WHERE site_id = $1 AND revision < (SELECT start FROM kept)
  RETURNING revision
)
SELECT CASE WHEN ours THEN (SELECT count(*) FROM removed) END FROM turn
