-- The site's row, locked: whoever holds it may number the site's next events. FOR UPDATE would collide with the
-- foreign-key checks of other transactions.
SELECT id, name, mode, mode_chosen_at, revision, design_revision, epoch
FROM site WHERE id = $1
FOR NO KEY UPDATE
