-- Takes everything out of a site that its row does not take with it. Each table at once, for the row's cascades, and
-- those of cameras, would go row by row; what a camera's cascade then looks for is gone already. $1 site.
WITH events AS (
  DELETE FROM event WHERE site_id = $1
), actions AS (
  DELETE FROM mirrored_action WHERE site_id = $1
), links AS (
  DELETE FROM link USING camera WHERE camera.site_id = $1 AND link.primary_camera_id = camera.id
), pairings AS (
  DELETE FROM pairing WHERE site_id = $1
)
DELETE FROM camera WHERE site_id = $1
