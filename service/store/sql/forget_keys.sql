-- Forgets at most $2 idempotency keys that are older than $1 hours; one that a change just takes anew stays.
WITH expired AS MATERIALIZED (
  SELECT ctid
  FROM idempotency_key
  WHERE created_at < now() - make_interval(hours => $1)
  ORDER BY created_at
  LIMIT $2
  FOR UPDATE SKIP LOCKED
), forgotten AS (
  DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(SELECT ctid FROM expired))
  RETURNING 1
)
SELECT count(*) FROM forgotten
