-- A symmetric pairing has 1 primary and 1 secondary; an asymmetric one has more primaries than secondaries.
SELECT pairing.id, pairing.site_id, pairing.style, members.primaries, members.secondaries
FROM pairing
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE label = 'PRIMARY') AS primaries,
                           count(*) FILTER (WHERE label = 'SECONDARY') AS secondaries
                    FROM pairing_member WHERE pairing_id = pairing.id) AS members
WHERE CASE style WHEN 'SYMMETRIC' THEN primaries <> 1 OR secondaries <> 1
                 ELSE secondaries < 1 OR primaries <= secondaries END
