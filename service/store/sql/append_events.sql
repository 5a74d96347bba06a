-- Numbers the events of one change from the site's row, writes them and moves the row on, all in one statement.
-- $1 site, $2 change, $3 actor, $4 whether the design revision moves too, $5 kinds, $6 subjects, $7 what of each
-- payload the rows themselves cannot tell (what was before; rows that are gone). `untold`: how many of the rows that
-- events are about are not there, nor told in $7.
WITH noted AS MATERIALIZED (
  SELECT * FROM unnest($5::text[], $6::uuid[], $7::jsonb[]) WITH ORDINALITY AS noted (kind, subject_id, body, n)
), clock AS MATERIALIZED (
  SELECT clock_timestamp() AS at
), head AS (
  UPDATE site SET revision = revision + cardinality($5::text[]),
    design_revision = CASE WHEN $4 THEN revision + cardinality($5::text[]) ELSE design_revision END
  WHERE id = $1
  RETURNING revision, revision - cardinality($5::text[]) AS base
), positioned AS (
  UPDATE mirrored_action SET position = head.base + noted.n, updated_at = clock.at,
    created_position = CASE created_position WHEN 0 THEN head.base + noted.n ELSE created_position END,
    created_at = CASE created_position WHEN 0 THEN clock.at ELSE created_at END
  FROM noted, head, clock
  WHERE noted.kind = 'MIRRORED_ACTION' AND mirrored_action.id = noted.subject_id
  RETURNING mirrored_action.*
), written AS (
  INSERT INTO event (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
  SELECT $1, head.base + noted.n, $2, noted.kind, noted.n = cardinality($5::text[]), clock.at, $3, 1,
    noted.subject_id,
    CASE
      WHEN noted.kind = 'MIRRORED_ACTION' THEN jsonb_build_object('mirrored_action', to_jsonb(positioned)
        - 'unresolved_target_id' - 'unresolved_from_id' - 'target_label')
      WHEN camera.id IS NOT NULL THEN jsonb_build_object('camera', to_jsonb(camera))
      WHEN server.id IS NOT NULL THEN jsonb_build_object('server', to_jsonb(server))
      WHEN site.id IS NOT NULL THEN
        jsonb_build_object('site', to_jsonb(site) - 'revision' - 'design_revision')
      ELSE '{}'
    END || coalesce(noted.body, '{}')
  FROM head, clock, noted
  LEFT JOIN positioned ON positioned.id = noted.subject_id
  LEFT JOIN camera ON noted.kind LIKE 'CAMERA%' AND camera.id = noted.subject_id
  LEFT JOIN server ON noted.kind LIKE 'SERVER%' AND server.id = noted.subject_id
  LEFT JOIN site ON noted.subject_id = $1 AND site.id = $1
  RETURNING jsonb_typeof(payload -> CASE WHEN kind = 'MIRRORED_ACTION' THEN 'mirrored_action'
    WHEN kind LIKE 'CAMERA%' THEN 'camera' WHEN kind LIKE 'SERVER%' THEN 'server'
    WHEN kind LIKE 'PAIRING%' THEN 'pairing' ELSE 'site' END) IS DISTINCT FROM 'object' AS untold
)
SELECT revision, (SELECT count(*) FROM written WHERE untold) AS untold FROM head
