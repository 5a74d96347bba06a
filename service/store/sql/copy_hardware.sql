-- Wants in cameras the hardware that others have. $1 cameras, $2 those they take it from.
UPDATE camera SET mac_address = other.mac_address, address = other.address,
  manufacturer = other.manufacturer, model = other.model
FROM unnest($1::uuid[], $2::uuid[]) AS asked (camera_id, other_id)
JOIN camera AS other ON other.id = asked.other_id
WHERE camera.id = asked.camera_id
