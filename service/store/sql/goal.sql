-- Where target cameras stand once nobody wishes anything more of them: as the action under way leaves them, or else
-- as they are confirmed. `leaving`: a DELETE is under way. `gone`: nothing is confirmed and nothing is under way.
-- `occupied`: another camera is wanted with that hardware in that place. $1 cameras, $2 actions that are about to end
-- and do not count as under way.
WITH goal AS MATERIALIZED (
  SELECT camera.id, camera.channel, coalesce(queued.action = 'DELETE', false) AS leaving,
    camera.server_id AS wanted_server_id, camera.hardware_key AS wanted_key,
    CASE WHEN queued.id IS NULL THEN confirmed_server_id ELSE queued.target_server_id END AS server_id,
    CASE WHEN queued.id IS NULL THEN coalesce(confirmed_mac_address, confirmed_address)
      ELSE coalesce(queued.device ->> 'mac_address', queued.device ->> 'address') END AS key
  FROM camera
  LEFT JOIN mirrored_action AS queued ON queued.target_camera_id = camera.id AND queued.status = 'QUEUED'
    AND queued.id <> ALL ($2::uuid[])
  WHERE camera.id = ANY ($1::uuid[])
)
SELECT id, leaving, NOT leaving AND server_id IS NULL AS gone,
  NOT leaving AND server_id <> wanted_server_id AS moves, NOT leaving AND key <> wanted_key AS replaces,
  NOT leaving AND (
    EXISTS (SELECT FROM camera AS other WHERE other.server_id = goal.server_id AND other.hardware_key = goal.key
      AND other.channel = goal.channel AND other.id <> ALL ($1::uuid[]))
    OR EXISTS (SELECT FROM goal AS other WHERE other.server_id = goal.server_id AND other.key = goal.key
      AND other.channel = goal.channel AND NOT other.leaving AND other.id < goal.id)) AS occupied
FROM goal
