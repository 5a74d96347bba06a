-- What rules ask of cameras, which stay so until the change is committed. $1 site, $2 cameras.
SELECT camera.id, camera.name, camera.server_id, camera.side, camera.channel, camera.removing, camera.external_id,
  camera.mac_address, camera.address, camera.manufacturer, camera.model,
  camera.confirmed_server_id, camera.confirmed_mac_address, camera.confirmed_address,
  camera.confirmed_manufacturer, camera.confirmed_model,
  here.pairing_id, counterpart.id AS counterpart_id, counterpart.server_id AS counterpart_server_id,
  coalesce(here.pairing_id = there.pairing_id, false) AS linked_within_pairing
FROM camera
LEFT JOIN pairing_member AS here ON here.server_id = camera.server_id
LEFT JOIN link AS forward ON forward.primary_camera_id = camera.id
LEFT JOIN link AS backward ON backward.secondary_camera_id = camera.id
LEFT JOIN camera AS counterpart
  ON counterpart.id = coalesce(forward.secondary_camera_id, backward.primary_camera_id)
LEFT JOIN pairing_member AS there ON there.server_id = counterpart.server_id
WHERE camera.site_id = $1 AND camera.id = ANY ($2::uuid[])
FOR NO KEY UPDATE OF camera
