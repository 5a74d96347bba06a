-- The rule matrix has its 24 rows: each mode and style with each direction and action.
SELECT count(*) AS rows, count(DISTINCT (mode, style, direction, action)) AS cells
FROM mirror_rule
HAVING count(*) <> 24 OR count(DISTINCT (mode, style, direction, action)) <> 24
