-- $1 servers, $2 labels. Their cameras' sides follow by the foreign key.
UPDATE server SET label = asked.label
FROM unnest($1::uuid[], $2::text[]) AS asked (server_id, label)
WHERE server.id = asked.server_id
