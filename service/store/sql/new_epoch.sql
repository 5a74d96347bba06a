-- A new epoch for the site of this name, or for all where it is null. $1 name, $2 how long to wait for a site.
WITH chosen AS MATERIALIZED (
  SELECT id, name
  FROM site
  WHERE (SELECT set_config('lock_timeout', $2, true)) IS NOT NULL AND ($1::text IS NULL OR name = $1)
  ORDER BY id
  FOR NO KEY UPDATE
), renewed AS (
  UPDATE site SET epoch = gen_random_uuid() FROM chosen WHERE site.id = chosen.id
  RETURNING site.id, site.name
)
SELECT id, name FROM renewed ORDER BY name
