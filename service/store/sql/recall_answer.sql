SELECT input_hash, answer
FROM idempotency_key
WHERE site_id IS NOT DISTINCT FROM $1 AND actor = $2 AND mutation = $3 AND key = $4
  AND created_at > now() - make_interval(hours => $5)
