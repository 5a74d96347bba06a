-- The rule engine: decides what the other side has to do, for 1 or 100,000 cameras in one statement.
--
-- Invariant: whether an action is mirrored is read from the site's policy, the pairings and the table mirror_rule,
-- never from code. The first gate that applies gives the reason, in the order of the CASE below. What is to be done
-- then depends on what the target server holds: the same hardware unlinked is adopted, linked to another camera it
-- stands in the way.
--
-- Why one statement: one path for a single camera and for an import, judged against one state. Rejected: a function
-- called per camera (100,000 calls), and rules in Python (two truths, and the psql user sees neither).
-- What joins to cameras is MATERIALIZED: how many things want a place is guessed as one, and a nested loop over it
-- would look up each of a hundred cameras a hundred times.
--
-- $1 site; then one entry per thing to decide, in input order: $2 device action, $3 cause, $4 camera (as it stands
-- after the action; a deleted one while it is still there), $5 server that a moved camera left, $6 target server
-- where the cause gives it (PAIRING, MAPPING, RECONCILE: the gates are passed over).
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[])
    WITH ORDINALITY AS asked (action, cause, camera_id, left_server_id, given_target_id, n)
), fact AS MATERIALIZED (
  SELECT asked.*, site.mode, camera.server_id, camera.mac_address, camera.address, camera.channel, camera.removing,
    CASE camera.side WHEN 'PRIMARY' THEN 'BACKUP' ELSE 'RESTORE' END AS direction,
    here.pairing_id, here_pairing.style, here.home_id,
    gone.pairing_id AS left_pairing_id, gone_pairing.style AS left_style,
    counterpart.id AS counterpart_id, counterpart.server_id AS counterpart_server_id,
    counterpart.mac_address AS counterpart_mac, counterpart.address AS counterpart_address,
    counterpart.id IS NOT NULL AND (site.mode = 'MANUAL' OR coalesce(here.pairing_id = there.pairing_id, false))
      AS counts,
    CASE asked.action WHEN 'ADD' THEN sync_add WHEN 'MOVE' THEN sync_move
      WHEN 'DELETE' THEN sync_delete ELSE sync_replace END AS action_on,
    CASE camera.side WHEN 'PRIMARY' THEN sync_backup ELSE sync_restore END AS direction_on
  FROM asked
  JOIN site ON site.id = $1
  JOIN camera ON camera.id = asked.camera_id
  LEFT JOIN pairing_member AS here ON here.server_id = camera.server_id
  LEFT JOIN pairing AS here_pairing ON here_pairing.id = here.pairing_id
  LEFT JOIN pairing_member AS gone ON gone.server_id = asked.left_server_id
  LEFT JOIN pairing AS gone_pairing ON gone_pairing.id = gone.pairing_id
  LEFT JOIN link AS forward ON forward.primary_camera_id = camera.id
  LEFT JOIN link AS backward ON backward.secondary_camera_id = camera.id
  LEFT JOIN camera AS counterpart
    ON counterpart.id = coalesce(forward.secondary_camera_id, backward.primary_camera_id)
  LEFT JOIN pairing_member AS there ON there.server_id = counterpart.server_id
), gated AS MATERIALIZED (
  SELECT fact.*, here_rule.because AS rule,
    CASE
      WHEN cause <> 'DEVICE_ACTION' THEN NULL
      WHEN NOT action_on THEN 'ACTION_DISABLED'
      WHEN NOT direction_on THEN 'DIRECTION_DISABLED'
      WHEN fact.mode = 'AUTO' AND pairing_id IS NULL AND left_pairing_id IS NULL THEN 'SERVER_UNPAIRED'
      WHEN fact.mode = 'AUTO' AND pairing_id IS NULL THEN 'DESTINATION_UNPAIRED'
      WHEN NOT left_rule.mirrored THEN left_rule.reason
      WHEN NOT here_rule.mirrored THEN here_rule.reason
      WHEN removing OR (fact.action IN ('DELETE', 'REPLACE') AND NOT counts) THEN 'NO_COUNTERPART'
    END AS gate,
    CASE
      WHEN cause <> 'DEVICE_ACTION' THEN given_target_id
      WHEN fact.action IN ('DELETE', 'REPLACE') THEN counterpart_server_id
      WHEN fact.direction = 'BACKUP' THEN home_id
      ELSE (SELECT server_id FROM pairing_member
            WHERE pairing_member.pairing_id = fact.pairing_id AND label = 'PRIMARY' LIMIT 1)
    END AS target_server_id
  FROM fact
  LEFT JOIN mirror_rule AS here_rule ON here_rule.mode = fact.mode
    AND here_rule.style IS NOT DISTINCT FROM fact.style
    AND here_rule.direction = fact.direction AND here_rule.action = fact.action
  LEFT JOIN mirror_rule AS left_rule ON fact.action = 'MOVE' AND left_rule.mode = fact.mode
    AND left_rule.style = fact.left_style
    AND left_rule.direction = fact.direction AND left_rule.action = fact.action
), placed AS MATERIALIZED (
  -- The hardware that the target server is to hold: of a counterpart that moves its own, else the camera's.
  SELECT gated.*,
    CASE WHEN gate IS NULL AND counterpart_id IS NOT NULL AND (
      action = 'REPLACE' AND same_hardware(mac_address, address, counterpart_mac, counterpart_address)
      OR action IN ('ADD', 'MOVE') AND counterpart_server_id = target_server_id) THEN 'ALREADY_SO' ELSE gate
    END AS settled,
    CASE WHEN action <> 'REPLACE' AND counterpart_id IS NOT NULL THEN counterpart_mac ELSE mac_address END AS mac,
    CASE WHEN action <> 'REPLACE' AND counterpart_id IS NOT NULL THEN counterpart_address ELSE address END AS at
  FROM gated
), wanting AS MATERIALIZED (
  SELECT * FROM placed WHERE settled IS NULL AND action <> 'DELETE'
), by_key AS MATERIALIZED (
  SELECT n, held.id FROM wanting
  JOIN camera AS held ON held.server_id = target_server_id AND held.channel = wanting.channel
    AND held.hardware_key = coalesce(mac, at) AND held.id IS DISTINCT FROM counterpart_id
), near AS (
  -- Many with a MAC address may share an address; of those without, it is the key.
  SELECT n, held.id FROM wanting
  JOIN camera AS held ON held.server_id = target_server_id AND held.channel = wanting.channel
    AND held.address = at AND held.id IS DISTINCT FROM counterpart_id
  WHERE mac IS NULL
  UNION
  SELECT n, held.id FROM wanting
  JOIN camera AS held ON held.server_id = target_server_id AND held.channel = wanting.channel
    AND held.hardware_key = at AND held.mac_address IS NULL AND held.id IS DISTINCT FROM counterpart_id
), by_address AS MATERIALIZED (
  SELECT n, (array_agg(id))[1] AS id FROM near GROUP BY n HAVING count(*) = 1
), matched AS MATERIALIZED (
  SELECT wanting.n, coalesce(by_key.id, by_address.id) AS held_id,
    -- Two of one set that want the same device on the same server: the first gets it.
    min(wanting.n) OVER (PARTITION BY target_server_id, channel, mac) AS first_by_mac,
    min(wanting.n) OVER (PARTITION BY target_server_id, channel, at) AS first_by_address,
    min(wanting.n) FILTER (WHERE mac IS NULL) OVER (PARTITION BY target_server_id, channel, at) AS first_without_mac,
    min(wanting.n) OVER (PARTITION BY coalesce(by_key.id, by_address.id)) AS first_by_held
  FROM wanting LEFT JOIN by_key USING (n) LEFT JOIN by_address USING (n)
)
SELECT placed.n, placed.camera_id, placed.cause, placed.direction, placed.server_id AS source_server_id,
  placed.counterpart_id, placed.rule, placed.action AS asked_action,
  CASE WHEN placed.action IN ('ADD', 'MOVE') THEN CASE WHEN placed.counterpart_id IS NULL THEN 'ADD' ELSE 'MOVE' END
    ELSE placed.action END AS action,
  CASE WHEN placed.settled IS NOT NULL THEN placed.settled WHEN verdict.occupied THEN 'TARGET_OCCUPIED' END AS reason,
  CASE WHEN coalesce(placed.settled, 'ALREADY_SO') = 'ALREADY_SO' THEN placed.target_server_id END
    AS target_server_id,
  CASE WHEN NOT verdict.occupied THEN held.id END AS adopted_id,
  CASE WHEN verdict.occupied THEN held.id END AS occupier_id,
  coalesce(held.removing, false) AS adopted_removing
FROM placed
LEFT JOIN matched USING (n)
LEFT JOIN camera AS held ON held.id = matched.held_id
LEFT JOIN link AS held_forward ON held_forward.primary_camera_id = held.id
LEFT JOIN link AS held_backward ON held_backward.secondary_camera_id = held.id
CROSS JOIN LATERAL (SELECT coalesce(
    held_forward.site_id IS NOT NULL OR held_backward.site_id IS NOT NULL
    OR held.id IS NOT NULL AND first_by_held < n
    OR placed.mac IS NOT NULL AND first_by_mac < n
    OR placed.at IS NOT NULL AND CASE WHEN placed.mac IS NULL THEN first_by_address ELSE first_without_mac END < n,
  false) AS occupied) AS verdict
ORDER BY placed.n
