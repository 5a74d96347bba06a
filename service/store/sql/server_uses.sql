-- What needs the labels of servers as they are, besides their pairings. $1 servers.
SELECT server.id,
  EXISTS (SELECT FROM camera JOIN link ON link.primary_camera_id = camera.id WHERE camera.server_id = server.id)
    OR EXISTS (SELECT FROM camera JOIN link ON link.secondary_camera_id = camera.id
      WHERE camera.server_id = server.id) AS holds_links,
  EXISTS (SELECT FROM mirrored_action WHERE unresolved_target_id = server.id)
    OR EXISTS (SELECT FROM mirrored_action WHERE unresolved_from_id = server.id) AS held_by_actions
FROM unnest($1::uuid[]) AS server (id)
