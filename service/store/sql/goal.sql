-- Where target cameras stand once nobody wishes anything more of them: as the action under way leaves them, or else
-- as they are confirmed. `leaving`: a DELETE is under way. `gone`: nothing is confirmed and nothing is under way.
-- `occupied`: another camera is wanted with that hardware in that place, and not about to leave it. $1 cameras,
-- $2 actions that are about to end and do not count as under way.
WITH goal AS MATERIALIZED (
  SELECT camera.id, camera.channel, coalesce(queued.action = 'DELETE', false) AS leaving,
    camera.server_id AS wanted_server_id, camera.mac_address AS wanted_mac, camera.address AS wanted_address,
    ROW (camera.mac_address, camera.address, camera.manufacturer, camera.model) AS wanted,
    place.*, coalesce(place.mac, place.at) AS key,
    ROW (place.mac, place.at, place.manufacturer, place.model) AS hardware
  FROM camera
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
  WHERE camera.id = ANY ($1::uuid[])
), standing AS (
  SELECT *, NOT leaving AND server_id IS NOT NULL AS stays,
    NOT same_hardware(mac, at, wanted_mac, wanted_address) AS other_hardware
  FROM goal
)
SELECT id, leaving, NOT leaving AND server_id IS NULL AS gone, stays AND server_id <> wanted_server_id AS moves,
  stays AND other_hardware AS replaces, stays AND NOT other_hardware AND hardware IS DISTINCT FROM wanted AS updates,
  stays AND (
    EXISTS (SELECT FROM camera AS other WHERE other.server_id = standing.server_id AND other.hardware_key = standing.key
      AND other.channel = standing.channel AND other.id <> standing.id
      AND NOT EXISTS (SELECT FROM goal AS moving WHERE moving.id = other.id AND NOT moving.leaving))
    OR EXISTS (SELECT FROM goal AS other WHERE other.server_id = standing.server_id AND other.key = standing.key
      AND other.channel = standing.channel AND NOT other.leaving AND other.id < standing.id)) AS occupied
FROM standing
