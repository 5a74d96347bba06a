INSERT INTO site (id, name, epoch)
VALUES (uuid_v7(), $1, uuid_v7())
RETURNING id, name, mode, mode_chosen_at, revision, design_revision, epoch
