-- Where target cameras stand once nobody wishes anything more of them: as the action under way leaves them, or takes
-- them away, or else as they are confirmed. `leaving`: a DELETE is under way. `gone`: nothing is confirmed and nothing
-- is under way. `occupied`: another camera is wanted with that hardware in that place. $1 cameras, $2 actions that are
-- about to end and do not count as under way.
WITH goal AS MATERIALIZED (
  SELECT asked.n, camera.id, camera.channel, coalesce(queued.action = 'DELETE', false) AS leaving, place.*,
    coalesce(place.mac, place.at) AS key, camera.server_id AS wanted_server_id,
    NOT same_hardware(place.mac, place.at, camera.mac_address, camera.address) AS other_hardware,
    ROW (place.mac, place.at, place.manufacturer, place.model)
      IS DISTINCT FROM ROW (camera.mac_address, camera.address, camera.manufacturer, camera.model) AS differs
  FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, n)
  JOIN camera USING (id)
  LEFT JOIN mirrored_action AS queued ON queued.target_camera_id = camera.id AND queued.status = 'QUEUED'
    AND queued.id <> ALL ($2::uuid[])
  CROSS JOIN LATERAL (
    SELECT confirmed_server_id AS server_id, confirmed_mac_address AS mac, confirmed_address AS at,
      confirmed_manufacturer AS manufacturer, confirmed_model AS model
    WHERE queued.id IS NULL
    UNION ALL
    SELECT queued.target_server_id, queued.device ->> 'mac_address', queued.device ->> 'address',
      queued.device ->> 'manufacturer', queued.device ->> 'model'
    WHERE queued.id IS NOT NULL
  ) AS place
), taken AS MATERIALIZED (
  SELECT DISTINCT goal.id FROM goal
  JOIN camera AS other ON other.server_id = goal.server_id AND other.hardware_key = goal.key
    AND other.channel = goal.channel AND other.id <> ALL ($1::uuid[])
), ranked AS (
  -- Of several that come to stand in one place the first has it, and one that stays before one that leaves.
  SELECT *, row_number() OVER (PARTITION BY server_id, key, channel ORDER BY leaving, id) AS place_in_line FROM goal
)
SELECT id, leaving, server_id IS NULL AS gone, coalesce(server_id <> wanted_server_id, false) AS moves,
  server_id IS NOT NULL AND other_hardware AS replaces,
  server_id IS NOT NULL AND NOT other_hardware AND differs AS updates,
  server_id IS NOT NULL AND (taken.id IS NOT NULL OR place_in_line > 1) AS occupied
FROM ranked LEFT JOIN taken USING (id)
ORDER BY n
