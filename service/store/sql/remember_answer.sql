-- A key that has outlived its hours may be taken again: its old answer gives way.
INSERT INTO idempotency_key (site_id, created_site_id, actor, mutation, key, input_hash, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT idempotency_key_once
DO UPDATE SET input_hash = excluded.input_hash, answer = excluded.answer, created_at = now()
