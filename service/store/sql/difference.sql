-- What recorders hold, compared with the inventory: for 1 or 50,000 cameras in one statement.
--
-- Invariant: nothing is told of a camera or a device that somebody is just bringing, taking or changing, or that
-- changed after the recorders were read; so a report never echoes what it came too early, or too late, to see.
--
-- What is left is matched by hardware, first exactly, then by an address that only one candidate on each side has.
-- What has no match is the same camera with other hardware (the recorder's own id, or a name and channel that are
-- unique on both sides), or the same device on another primary, or else new or gone. Every join is an equality of
-- columns, so that each is done by hashing; a join on the function same_hardware would compare all with all. A join by
-- address starts from the one camera at an address that has no MAC address: many that have one may share it (NAT).
--
-- $1 site, $2 the revision at which the recorders were read (null: now); per report: $3 server, $4 whether it is
-- complete; per reported camera: $5 number of its report, $6 name, $7 channel, $8 MAC address, $9 address,
-- $10 manufacturer, $11 model, $12 the recorder's own id.
-- Answers: verdict, report (of a move and of what is gone: the one of the server that the camera leaves), n of the
-- reported camera, camera; and per report the verdicts OF, KNOWN, UNCHANGED and SKIPPED, with how many in n.
WITH report AS MATERIALIZED (
  SELECT asked.*, server.label
  FROM unnest($3::uuid[], $4::boolean[]) WITH ORDINALITY AS asked (server_id, complete, report)
  JOIN server ON server.id = asked.server_id
), item AS MATERIALIZED (
  SELECT given.*, report.server_id, report.complete, report.label, coalesce(mac, at) AS key,
    count(*) OVER (PARTITION BY report, name, channel) AS namesakes
  FROM unnest($5::bigint[], $6::text[], $7::integer[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    WITH ORDINALITY AS given (report, name, channel, mac, at, manufacturer, model, external_id, n)
  JOIN report USING (report)
), held AS MATERIALIZED (
  SELECT report.report, report.complete, report.label, camera.*, camera.mac_address AS mac, camera.address AS at,
    counterpart.id IS NOT NULL AS linked,
    counterpart.id IS NOT NULL AND (site.mode = 'MANUAL' OR coalesce(here.pairing_id = there.pairing_id, false))
      AS counts,
    count(*) OVER (PARTITION BY report.report, camera.name, camera.channel) AS namesakes
  FROM report
  JOIN camera ON camera.server_id = report.server_id
  JOIN site ON site.id = $1
  LEFT JOIN link AS forward ON forward.primary_camera_id = camera.id
  LEFT JOIN link AS backward ON backward.secondary_camera_id = camera.id
  LEFT JOIN camera AS counterpart
    ON counterpart.id = coalesce(forward.secondary_camera_id, backward.primary_camera_id)
  LEFT JOIN pairing_member AS here ON here.server_id = camera.server_id
  LEFT JOIN pairing_member AS there ON there.server_id = counterpart.server_id
), standing AS (
  SELECT camera.* FROM report JOIN camera USING (server_id)
  UNION
  SELECT camera.* FROM report JOIN camera ON camera.confirmed_server_id = report.server_id
), unresolved AS MATERIALIZED (
  SELECT action.target_camera_id, action.target_server_id, action.target_from_server_id, action.device,
    action.previous_hardware
  FROM mirrored_action AS action
  LEFT JOIN report AS target ON target.server_id = action.target_server_id
  LEFT JOIN report AS left_one ON left_one.server_id = action.target_from_server_id
  LEFT JOIN standing ON standing.id = action.target_camera_id
  WHERE action.site_id = $1 AND action.status IN ('QUEUED', 'BLOCKED', 'FAILED')
    AND (target.server_id IS NOT NULL OR left_one.server_id IS NOT NULL OR standing.id IS NOT NULL)
), news AS MATERIALIZED (
  SELECT kind, subject_id, payload, payload -> 'mirrored_action' AS action
  FROM event WHERE site_id = $1 AND revision > $2
), acting (camera_id, other_id, servers, device, previous) AS MATERIALIZED (
  SELECT target_camera_id, NULL, ARRAY[target_server_id, target_from_server_id], device, previous_hardware
  FROM unresolved
  UNION ALL
  SELECT (action ->> 'target_camera_id')::uuid, (action ->> 'source_camera_id')::uuid,
    ARRAY[action ->> 'target_server_id', action ->> 'target_from_server_id', action ->> 'source_server_id']::uuid[],
    action -> 'device', action -> 'previous_hardware'
  FROM news WHERE kind = 'MIRRORED_ACTION'
), told AS MATERIALIZED (
  SELECT payload -> 'camera' AS now, payload -> 'camera' || coalesce(payload -> 'before', '{}') AS before
  FROM news WHERE payload ? 'camera'
), restless AS MATERIALIZED (
  SELECT camera.*, ARRAY[camera.server_id, confirmed_server_id, target_server_id, target_from_server_id] AS servers
  FROM unresolved JOIN camera ON camera.id = unresolved.target_camera_id
  UNION ALL
  SELECT standing.*, ARRAY[server_id, confirmed_server_id] FROM standing WHERE removing
), named AS (
  SELECT id FROM restless
  UNION SELECT subject_id FROM news WHERE kind LIKE 'CAMERA%'
  UNION SELECT (payload ->> 'counterpart_id')::uuid FROM news WHERE payload ? 'counterpart_id'
  UNION SELECT camera_id FROM acting
  UNION SELECT other_id FROM acting
), moving (server_id, mac, at, channel) AS MATERIALIZED (
  SELECT server_id, hardware ->> 'mac_address', hardware ->> 'address', (device ->> 'channel')::integer
  FROM acting CROSS JOIN unnest(servers) AS server_id CROSS JOIN unnest(ARRAY[device, previous]) AS hardware
  UNION
  SELECT (stood ->> 'server_id')::uuid, hardware ->> 'mac_address', hardware ->> 'address', (now ->> 'channel')::integer
  FROM told CROSS JOIN unnest(ARRAY[now, before]) AS stood CROSS JOIN unnest(ARRAY[now, before]) AS hardware
  UNION
  SELECT server.id, hardware.mac, hardware.at, channel
  FROM restless CROSS JOIN unnest(servers) AS server (id)
  CROSS JOIN LATERAL (VALUES (mac_address, address), (confirmed_mac_address, confirmed_address)) AS hardware (mac, at)
), passed_over AS MATERIALIZED (
  SELECT held.id FROM held JOIN named USING (id)
  UNION SELECT held.id FROM held JOIN moving USING (server_id, channel, mac)
  UNION SELECT held.id FROM held JOIN moving USING (server_id, channel, at) WHERE held.mac IS NULL
  UNION SELECT held.id FROM held JOIN moving USING (server_id, channel, at) WHERE moving.mac IS NULL
), not_compared AS MATERIALIZED (
  SELECT server_id, mac, at, channel FROM moving
  UNION SELECT server_id, mac, at, channel FROM held JOIN passed_over USING (id)
), unread AS MATERIALIZED (
  SELECT n FROM item JOIN not_compared USING (server_id, channel, mac)
  UNION SELECT n FROM item JOIN not_compared USING (server_id, channel, at) WHERE item.mac IS NULL
  UNION SELECT n FROM item JOIN not_compared USING (server_id, channel, at) WHERE not_compared.mac IS NULL
  UNION SELECT n FROM item JOIN held USING (server_id) JOIN passed_over USING (id)
    WHERE item.external_id = held.external_id AND held.external_server_id = held.server_id
), item_1 AS MATERIALIZED (
  SELECT item.* FROM item LEFT JOIN unread USING (n) WHERE unread.n IS NULL
), held_1 AS MATERIALIZED (
  SELECT held.* FROM held LEFT JOIN passed_over USING (id) WHERE passed_over.id IS NULL
), exact AS MATERIALIZED (
  SELECT item_1.n, held_1.id FROM item_1
  JOIN held_1 ON held_1.server_id = item_1.server_id AND held_1.channel = item_1.channel
    AND held_1.hardware_key = item_1.key
), near AS (
  SELECT n, id FROM item_1 JOIN held_1 USING (server_id, channel, at) WHERE item_1.mac IS NULL
  UNION SELECT n, id FROM item_1 JOIN held_1 USING (server_id, channel, at) WHERE held_1.mac IS NULL
), by_address AS MATERIALIZED (
  SELECT n, id FROM (
    SELECT near.n, near.id, count(*) OVER (PARTITION BY near.n) AS candidates,
      count(*) OVER (PARTITION BY near.id) AS suitors
    FROM near
    LEFT JOIN exact AS taken ON taken.n = near.n
    LEFT JOIN exact AS given ON given.id = near.id
    WHERE taken.n IS NULL AND given.id IS NULL
  ) AS pair WHERE candidates = 1 AND suitors = 1
), matched AS MATERIALIZED (
  SELECT n, id FROM exact UNION ALL SELECT n, id FROM by_address
), item_2 AS MATERIALIZED (
  SELECT item_1.* FROM item_1 LEFT JOIN matched USING (n) WHERE matched.n IS NULL
), held_2 AS MATERIALIZED (
  SELECT held_1.* FROM held_1 LEFT JOIN matched USING (id) WHERE matched.id IS NULL
), by_external_id AS MATERIALIZED (
  SELECT item_2.n, held_2.id FROM item_2
  JOIN held_2 ON held_2.external_server_id = item_2.server_id AND held_2.external_id = item_2.external_id
    AND held_2.server_id = item_2.server_id AND held_2.channel = item_2.channel
), by_name AS (
  SELECT item_2.n, held_2.id FROM item_2
  JOIN held_2 ON held_2.server_id = item_2.server_id AND held_2.channel = item_2.channel AND held_2.name = item_2.name
  LEFT JOIN by_external_id AS taken ON taken.n = item_2.n
  LEFT JOIN by_external_id AS given ON given.id = held_2.id
  WHERE item_2.complete AND item_2.namesakes = 1 AND held_2.namesakes = 1 AND taken.n IS NULL AND given.id IS NULL
), replaced AS MATERIALIZED (
  SELECT n, id FROM by_external_id UNION ALL SELECT n, id FROM by_name
), item_3 AS MATERIALIZED (
  SELECT item_2.* FROM item_2 LEFT JOIN replaced USING (n) WHERE replaced.n IS NULL
), gone AS MATERIALIZED (
  SELECT held_2.* FROM held_2 LEFT JOIN replaced USING (id) WHERE replaced.id IS NULL AND held_2.complete
), moved_exactly AS MATERIALIZED (
  SELECT n, id FROM (
    SELECT item_3.n, gone.id, count(*) OVER (PARTITION BY item_3.n) AS candidates,
      count(*) OVER (PARTITION BY gone.id) AS suitors
    FROM item_3 JOIN gone ON gone.hardware_key = item_3.key AND gone.channel = item_3.channel
    WHERE gone.label = 'PRIMARY' AND item_3.label = 'PRIMARY' AND item_3.complete
  ) AS pair WHERE candidates = 1 AND suitors = 1
), known_mac AS MATERIALIZED (
  SELECT server_id, channel, mac FROM item UNION SELECT server_id, channel, mac FROM held
), near_gone AS (
  SELECT n, id FROM item_3 JOIN gone USING (channel, at) WHERE item_3.mac IS NULL
  UNION SELECT n, id FROM item_3 JOIN gone USING (channel, at) WHERE gone.mac IS NULL
), moved_by_address AS (
  -- The camera keeps a MAC address that is not reported: it cannot be one that the other server has elsewhere.
  SELECT n, id FROM (
    SELECT item_3.n, gone.id, count(*) OVER (PARTITION BY item_3.n) AS candidates,
      count(*) OVER (PARTITION BY gone.id) AS suitors,
      count(gone.mac) OVER (PARTITION BY item_3.server_id, gone.channel, gone.mac) AS bearers
    FROM near_gone JOIN item_3 USING (n) JOIN gone USING (id)
    LEFT JOIN moved_exactly AS taken ON taken.n = item_3.n
    LEFT JOIN moved_exactly AS given ON given.id = gone.id
    LEFT JOIN known_mac AS other
      ON other.server_id = item_3.server_id AND other.channel = gone.channel AND other.mac = gone.mac
    WHERE gone.label = 'PRIMARY' AND item_3.label = 'PRIMARY' AND item_3.complete
      AND gone.server_id <> item_3.server_id AND taken.n IS NULL AND given.id IS NULL AND other.mac IS NULL
  ) AS pair WHERE candidates = 1 AND suitors = 1 AND bearers <= 1
), moved AS MATERIALIZED (
  SELECT n, id FROM moved_exactly UNION ALL SELECT n, id FROM moved_by_address
), verdict (verdict, report, n, camera_id) AS MATERIALIZED (
  SELECT CASE WHEN item.name <> held.name OR item.external_id IS DISTINCT FROM coalesce(held.external_id, '')
      AND item.external_id IS NOT NULL OR item.mac IS DISTINCT FROM held.mac AND item.mac IS NOT NULL
      OR item.at IS DISTINCT FROM held.at AND item.at IS NOT NULL
      OR item.manufacturer IS DISTINCT FROM held.manufacturer AND item.manufacturer IS NOT NULL
      OR item.model IS DISTINCT FROM held.model AND item.model IS NOT NULL
    THEN 'UPDATED' ELSE 'UNCHANGED' END, held.report, item.n, held.id
  FROM matched JOIN item USING (n) JOIN held USING (id)
  UNION ALL
  SELECT 'REPLACED', held.report, replaced.n, held.id FROM replaced JOIN held USING (id)
  UNION ALL
  SELECT 'MOVED', gone.report, moved.n, gone.id FROM moved JOIN gone USING (id)
  UNION ALL
  SELECT 'ADDED', item_3.report, item_3.n, NULL FROM item_3 LEFT JOIN moved USING (n) WHERE moved.n IS NULL
  UNION ALL
  SELECT CASE WHEN gone.label <> 'SECONDARY' OR NOT gone.linked THEN 'DELETED'
    WHEN gone.counts THEN 'REQUEUED' ELSE 'SKIPPED' END, gone.report, NULL, gone.id
  FROM gone LEFT JOIN moved USING (id) WHERE moved.id IS NULL
  UNION ALL
  SELECT 'SKIPPED', item.report, item.n, NULL FROM item JOIN unread USING (n)
  UNION ALL
  SELECT 'SKIPPED', held.report, NULL, held.id FROM held JOIN passed_over USING (id)
  WHERE held.complete AND held.id NOT IN (
    SELECT held.id FROM held JOIN item USING (server_id, channel, mac)
    UNION ALL
    SELECT held.id FROM held JOIN item USING (server_id, channel, at) WHERE held.mac IS NULL
    UNION ALL
    SELECT held.id FROM held JOIN item USING (server_id, channel, at) WHERE item.mac IS NULL)
)
SELECT verdict, report, n, camera_id FROM verdict WHERE verdict NOT IN ('UNCHANGED', 'SKIPPED')
UNION ALL
SELECT verdict, report, count(*), NULL FROM verdict WHERE verdict IN ('UNCHANGED', 'SKIPPED') GROUP BY verdict, report
UNION ALL
SELECT 'OF', report, count(*), NULL FROM held GROUP BY report
UNION ALL
SELECT 'KNOWN', report, count(*), NULL
FROM item JOIN (SELECT n FROM matched UNION ALL SELECT n FROM unread) AS known USING (n) GROUP BY report
ORDER BY report, n, camera_id
