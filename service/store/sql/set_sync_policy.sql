-- $1 site; each switch where it is not null: $2 backup, $3 restore, $4 add, $5 move, $6 delete, $7 replace.
WITH before AS (
  SELECT sync_backup, sync_restore, sync_add, sync_move, sync_delete, sync_replace FROM site WHERE id = $1
), updated AS (
  UPDATE site SET sync_backup = coalesce($2, sync_backup), sync_restore = coalesce($3, sync_restore),
    sync_add = coalesce($4, sync_add), sync_move = coalesce($5, sync_move),
    sync_delete = coalesce($6, sync_delete), sync_replace = coalesce($7, sync_replace)
  WHERE id = $1
  RETURNING sync_backup, sync_restore, sync_add, sync_move, sync_delete, sync_replace
)
SELECT to_jsonb(before) AS before, to_jsonb(before) <> to_jsonb(updated) AS changed FROM before, updated
