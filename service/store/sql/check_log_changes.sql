-- The events of one change follow each other, and the last of them, and no other, ends the change.
SELECT site_id, change_id, min(revision) AS oldest, max(revision) AS newest, count(*) AS events,
  count(*) FILTER (WHERE end_of_change) AS ends
FROM event
GROUP BY site_id, change_id
HAVING max(revision) - min(revision) + 1 <> count(*)
  OR max(revision) IS DISTINCT FROM max(revision) FILTER (WHERE end_of_change)
  OR count(*) FILTER (WHERE end_of_change) <> 1
