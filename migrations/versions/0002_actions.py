"""The rule matrix, mirrored actions, the event log and the idempotency keys."""

from alembic import op

revision = "0002"
down_revision = "0001"

MIRROR_RULE = """
CREATE TABLE mirror_rule (
  mode       text    NOT NULL CONSTRAINT mirror_rule_mode_known CHECK (mode IN ('AUTO', 'MANUAL')),
  style      text    CONSTRAINT mirror_rule_style_known CHECK (style IN ('SYMMETRIC', 'ASYMMETRIC')),
  direction  text    NOT NULL CONSTRAINT mirror_rule_direction_known CHECK (direction IN ('BACKUP', 'RESTORE')),
  action     text    NOT NULL CONSTRAINT mirror_rule_action_known
                     CHECK (action IN ('ADD', 'MOVE', 'DELETE', 'REPLACE')),
  mirrored   boolean NOT NULL,
  reason     text,
  because    text    NOT NULL,
  CONSTRAINT mirror_rule_once UNIQUE NULLS NOT DISTINCT (mode, style, direction, action),
  CONSTRAINT mirror_rule_style_in_auto CHECK ((mode = 'AUTO') = (style IS NOT NULL)),
  CONSTRAINT mirror_rule_reason_if_not CHECK (mirrored = (reason IS NULL))
)
"""

RULES = """
INSERT INTO mirror_rule (mode, style, direction, action, mirrored, reason, because)
SELECT mode, style, direction, action, reason IS NULL, reason,
  CASE
    WHEN reason = 'ASYMMETRIC_RESTORE' THEN format(
      'Not mirrored: a camera %s on a pooled secondary has no one primary to go back to, for several share it.', done)
    WHEN reason = 'MANUAL_MODE' THEN format(
      'Not mirrored: in Manual mode a camera %s on its recorder is not synced; map it instead.', done)
    ELSE format('Mirrored: a camera %1$s on a %2$s is %1$s on %3$s too (%4$s).', done,
      CASE direction WHEN 'BACKUP' THEN 'primary' ELSE 'secondary' END,
      CASE WHEN action IN ('DELETE', 'REPLACE') THEN 'its counterpart''s server'
           WHEN direction = 'BACKUP' THEN 'the home secondary' ELSE 'the primary' END,
      CASE style WHEN 'SYMMETRIC' THEN 'Auto mode, symmetric pairing'
                 WHEN 'ASYMMETRIC' THEN 'Auto mode, asymmetric pairing' ELSE 'Manual mode, mapped camera' END)
  END
FROM (VALUES ('AUTO', 'SYMMETRIC'), ('AUTO', 'ASYMMETRIC'), ('MANUAL', NULL)) AS modes (mode, style)
CROSS JOIN (VALUES ('BACKUP'), ('RESTORE')) AS directions (direction)
CROSS JOIN (VALUES ('ADD', 'added'), ('MOVE', 'moved'), ('DELETE', 'deleted'), ('REPLACE', 'replaced'))
  AS actions (action, done)
CROSS JOIN LATERAL (SELECT CASE
    WHEN action IN ('DELETE', 'REPLACE') THEN NULL
    WHEN mode = 'MANUAL' THEN 'MANUAL_MODE'
    WHEN style = 'ASYMMETRIC' AND direction = 'RESTORE' THEN 'ASYMMETRIC_RESTORE'
  END AS reason) AS verdict
"""

IMMUTABLE = (
    """
CREATE FUNCTION mirror_rule_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The rule matrix changes only by a migration.'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'mirror_rule_immutable', TABLE = 'mirror_rule';
END $$
""",
    """
CREATE TRIGGER mirror_rule_immutable BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON mirror_rule
  FOR EACH STATEMENT EXECUTE FUNCTION mirror_rule_immutable()
""",
)

MIRRORED_ACTION = """
CREATE TABLE mirrored_action (
  id                     uuid        NOT NULL CONSTRAINT mirrored_action_pk PRIMARY KEY,
  site_id                uuid        NOT NULL,
  position               bigint      NOT NULL DEFAULT 0,
  created_position       bigint      NOT NULL DEFAULT 0,
  change_id              uuid        NOT NULL,
  action                 text        NOT NULL CONSTRAINT mirrored_action_action_known
                                     CHECK (action IN ('ADD', 'MOVE', 'DELETE', 'REPLACE')),
  direction              text        NOT NULL CONSTRAINT mirrored_action_direction_known
                                     CHECK (direction IN ('BACKUP', 'RESTORE')),
  cause                  text        NOT NULL CONSTRAINT mirrored_action_cause_known
                                     CHECK (cause IN ('DEVICE_ACTION', 'PAIRING', 'MAPPING', 'RECONCILE')),
  status                 text        NOT NULL CONSTRAINT mirrored_action_status_known
                                     CHECK (status IN ('QUEUED', 'BLOCKED', 'APPLIED', 'FAILED', 'ABANDONED',
                                                       'SUPERSEDED', 'SUPPRESSED')),
  reason                 text,
  blocked                text,
  outcome                text,
  because                text        NOT NULL,
  source_server_id       uuid,
  source_camera_id       uuid,
  target_server_id       uuid,
  target_from_server_id  uuid,
  target_camera_id       uuid,
  device                 jsonb       NOT NULL,
  previous_hardware      jsonb,
  attempts               integer     NOT NULL DEFAULT 0,
  error                  text,
  note                   text,
  actor                  text        NOT NULL,
  created_at             timestamptz NOT NULL DEFAULT now(),
  updated_at             timestamptz NOT NULL DEFAULT now(),
  unresolved_target_id   uuid GENERATED ALWAYS AS (
    CASE WHEN status IN ('QUEUED', 'BLOCKED', 'FAILED') THEN target_server_id END) STORED,
  unresolved_from_id     uuid GENERATED ALWAYS AS (
    CASE WHEN status IN ('QUEUED', 'BLOCKED', 'FAILED') THEN target_from_server_id END) STORED,
  target_label           text NOT NULL GENERATED ALWAYS AS (
    CASE direction WHEN 'BACKUP' THEN 'SECONDARY' ELSE 'PRIMARY' END) STORED,
  CONSTRAINT mirrored_action_reason_if_suppressed CHECK ((status = 'SUPPRESSED') = (reason IS NOT NULL)),
  CONSTRAINT mirrored_action_blocked_if_blocked CHECK ((status = 'BLOCKED') = (blocked IS NOT NULL)),
  CONSTRAINT mirrored_action_target_unless_suppressed CHECK (status = 'SUPPRESSED'
    OR (target_server_id IS NOT NULL AND target_camera_id IS NOT NULL)),
  CONSTRAINT mirrored_action_target_held FOREIGN KEY (unresolved_target_id, site_id, target_label)
    REFERENCES server (id, site_id, label),
  CONSTRAINT mirrored_action_from_held FOREIGN KEY (unresolved_from_id, site_id, target_label)
    REFERENCES server (id, site_id, label)
)
"""

EVENT = """
CREATE TABLE event (
  site_id        uuid        NOT NULL,
  revision       bigint      NOT NULL,
  change_id      uuid        NOT NULL,
  kind           text        NOT NULL,
  end_of_change  boolean     NOT NULL,
  at             timestamptz NOT NULL,
  actor          text        NOT NULL,
  version        smallint    NOT NULL,
  subject_id     uuid        NOT NULL,
  payload        jsonb       NOT NULL,
  CONSTRAINT event_pk PRIMARY KEY (site_id, revision)
)
"""

IDEMPOTENCY_KEY = """
CREATE TABLE idempotency_key (
  site_id          uuid        CONSTRAINT idempotency_key_of_site REFERENCES site ON DELETE CASCADE,
  created_site_id  uuid        CONSTRAINT idempotency_key_made_site REFERENCES site ON DELETE CASCADE,
  actor            text        NOT NULL,
  mutation         text        NOT NULL,
  key              text        NOT NULL,
  input_hash       bytea       NOT NULL,
  answer           jsonb       NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_key_once UNIQUE NULLS NOT DISTINCT (site_id, actor, mutation, key)
)
"""

# What brings a recorder from what is confirmed of a camera to what is wanted of it: one row per camera, `action`
# null where nothing differs. Every action that becomes QUEUED is made from this view, and from nothing else. `sent`:
# of a camera that has to go and of which nothing is confirmed, what its recorder was last asked for.
CAMERA_DUE = """
CREATE VIEW camera_due AS
SELECT camera.id AS camera_id, due.action,
  CASE due.action WHEN 'DELETE' THEN coalesce(confirmed_server_id, sent.target_server_id, server_id) ELSE server_id END
    AS target_server_id,
  CASE due.action WHEN 'MOVE' THEN confirmed_server_id END AS target_from_server_id,
  CASE WHEN due.action IS DISTINCT FROM 'DELETE' THEN hardware.wanted
    WHEN confirmed_server_id IS NOT NULL THEN hardware.confirmed
    ELSE coalesce(sent.hardware, hardware.wanted) END
  || jsonb_build_object('name', name, 'channel', channel, 'storage_profile', NULL,
    'external_id', CASE WHEN due.action IS DISTINCT FROM 'MOVE' THEN external_id END) AS device,
  CASE due.action WHEN 'REPLACE' THEN hardware.confirmed END AS previous_hardware
FROM camera
CROSS JOIN LATERAL (SELECT CASE
    WHEN removing THEN 'DELETE'
    WHEN confirmed_server_id IS NULL THEN 'ADD'
    WHEN confirmed_server_id <> server_id THEN 'MOVE'
    WHEN NOT same_hardware(mac_address, address, confirmed_mac_address, confirmed_address) THEN 'REPLACE'
  END AS action) AS due
CROSS JOIN LATERAL (SELECT
  jsonb_build_object('mac_address', mac_address, 'address', address,
    'manufacturer', manufacturer, 'model', model) AS wanted,
  jsonb_build_object('mac_address', confirmed_mac_address, 'address', confirmed_address,
    'manufacturer', confirmed_manufacturer, 'model', confirmed_model) AS confirmed) AS hardware
LEFT JOIN LATERAL (
  SELECT target_server_id, jsonb_build_object('mac_address', device -> 'mac_address', 'address', device -> 'address',
    'manufacturer', device -> 'manufacturer', 'model', device -> 'model') AS hardware
  FROM mirrored_action
  WHERE removing AND confirmed_server_id IS NULL AND target_camera_id = camera.id AND attempts > 0
  ORDER BY position DESC LIMIT 1
) AS sent ON true
"""

INDEXES = (
    """CREATE UNIQUE INDEX mirrored_action_one_under_way ON mirrored_action (target_camera_id)
       WHERE status IN ('QUEUED', 'FAILED')""",
    """CREATE UNIQUE INDEX mirrored_action_one_waiting ON mirrored_action (target_camera_id)
       WHERE status = 'BLOCKED'""",
    "CREATE INDEX mirrored_action_by_creation ON mirrored_action (site_id, created_position)",
    """CREATE INDEX mirrored_action_unresolved ON mirrored_action (site_id, created_position)
       WHERE status IN ('QUEUED', 'BLOCKED', 'FAILED')""",
    """CREATE INDEX mirrored_action_by_target ON mirrored_action (target_camera_id, position)
       WHERE target_camera_id IS NOT NULL""",
    "CREATE INDEX mirrored_action_by_change ON mirrored_action (change_id)",
    """CREATE INDEX mirrored_action_target_server ON mirrored_action (unresolved_target_id)
       WHERE unresolved_target_id IS NOT NULL""",
    """CREATE INDEX mirrored_action_from_server ON mirrored_action (unresolved_from_id)
       WHERE unresolved_from_id IS NOT NULL""",
    "CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at)",
)


def upgrade() -> None:
    tables = (MIRROR_RULE, RULES, *IMMUTABLE, MIRRORED_ACTION, EVENT, IDEMPOTENCY_KEY, CAMERA_DUE)
    for statement in (*tables, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW camera_due")
    op.execute("DROP TABLE idempotency_key, event, mirrored_action, mirror_rule")
    op.execute("DROP FUNCTION mirror_rule_immutable()")
