-- A server holds a hardware identity and channel once.
SELECT server_id, coalesce(mac_address, address) AS hardware, channel, count(*) AS cameras
FROM camera
GROUP BY server_id, coalesce(mac_address, address), channel
HAVING count(*) > 1
