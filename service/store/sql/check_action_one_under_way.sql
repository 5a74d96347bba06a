-- A target camera has at most one action QUEUED or FAILED, and at most one BLOCKED, behind a QUEUED one.
SELECT target_camera_id, count(*) FILTER (WHERE status = 'QUEUED') AS queued,
  count(*) FILTER (WHERE status = 'FAILED') AS failed, count(*) FILTER (WHERE status = 'BLOCKED') AS blocked
FROM mirrored_action
WHERE status IN ('QUEUED', 'FAILED', 'BLOCKED')
GROUP BY target_camera_id
HAVING count(*) FILTER (WHERE status IN ('QUEUED', 'FAILED')) > 1
  OR count(*) FILTER (WHERE status = 'BLOCKED') > count(*) FILTER (WHERE status = 'QUEUED')
