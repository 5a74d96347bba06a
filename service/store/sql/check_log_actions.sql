-- The newest event of a mirrored action stands at the action's position and tells the state that the action is in.
SELECT action.id, action.site_id, action.position, action.status, latest.revision AS newest_event,
  event.payload #>> '{mirrored_action,status}' AS told_status
FROM mirrored_action AS action
JOIN site ON site.id = action.site_id
LEFT JOIN (SELECT subject_id, max(revision) AS revision FROM event
           WHERE kind = 'MIRRORED_ACTION' GROUP BY subject_id) AS latest ON latest.subject_id = action.id
LEFT JOIN event ON event.site_id = action.site_id AND event.revision = latest.revision
CROSS JOIN LATERAL (SELECT min(revision) AS revision FROM event WHERE site_id = action.site_id) AS oldest
-- What is older than the log has no event any more.
WHERE (latest.revision IS NOT NULL OR action.position >= coalesce(oldest.revision, site.revision + 1))
  AND (latest.revision IS DISTINCT FROM action.position
    OR event.payload #>> '{mirrored_action,status}' IS DISTINCT FROM action.status
    OR event.payload #> '{mirrored_action,device}' IS DISTINCT FROM action.device
    OR (event.payload #>> '{mirrored_action,attempts}')::integer IS DISTINCT FROM action.attempts)
