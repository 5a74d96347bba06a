"""Sites, servers, cameras, links and pairings, with the invariants that PostgreSQL holds by itself.

How each invariant is held:

- Sides and labels travel in composite foreign keys. A camera carries its server's label (`camera_on_server`,
  cascading), a link pins one camera to PRIMARY and one to SECONDARY, a pairing's member pins its server's
  label: so a label that something depends on cannot change.
- Pairings carry the constant mode AUTO and reference (site, mode): they exist only while the site is in Auto.
- M > N is judged at commit. Triggers on the members touch the pairing's row, so that two writers of one pairing
  meet there: the second waits, then counts what is true (READ COMMITTED) or fails with 40001 (REPEATABLE READ).
  The deferred constraint trigger on the pairing counts its members. Counting under row locks of the members was
  rejected: two writers that each remove another member never meet.
- The triggers' functions find their tables in the schema where they were made, whatever search_path a session
  chose and whatever temporary table of the same name it keeps: else they would count the wrong members.
"""

from alembic import op

revision = "0001"
down_revision = None

SITE = """
CREATE TABLE site (
  id               uuid        NOT NULL CONSTRAINT site_pk PRIMARY KEY,
  name             text        COLLATE "C" NOT NULL CONSTRAINT site_name_unique UNIQUE,
  mode             text        NOT NULL DEFAULT 'AUTO' CONSTRAINT site_mode_known CHECK (mode IN ('AUTO', 'MANUAL')),
  mode_chosen_at   timestamptz,
  revision         bigint      NOT NULL DEFAULT 0,
  design_revision  bigint      NOT NULL DEFAULT 0,
  epoch            uuid        NOT NULL,
  sync_backup      boolean     NOT NULL DEFAULT true,
  sync_restore     boolean     NOT NULL DEFAULT true,
  sync_add         boolean     NOT NULL DEFAULT true,
  sync_move        boolean     NOT NULL DEFAULT true,
  sync_delete      boolean     NOT NULL DEFAULT true,
  sync_replace     boolean     NOT NULL DEFAULT true,
  CONSTRAINT site_mode_key UNIQUE (id, mode)
)
"""

SERVER = """
CREATE TABLE server (
  id           uuid    NOT NULL CONSTRAINT server_pk PRIMARY KEY,
  site_id      uuid    NOT NULL CONSTRAINT server_of_site REFERENCES site ON DELETE CASCADE,
  name         text    COLLATE "C" NOT NULL,
  label        text    NOT NULL DEFAULT 'UNLABELED'
               CONSTRAINT server_label_known CHECK (label IN ('UNLABELED', 'PRIMARY', 'SECONDARY')),
  address      text,
  external_id  text,
  max_cameras  integer CONSTRAINT server_max_cameras_positive CHECK (max_cameras > 0),
  CONSTRAINT server_name_unique UNIQUE (site_id, name),
  CONSTRAINT server_label_key UNIQUE (id, site_id, label)
)
"""

SAME_HARDWARE = """
CREATE FUNCTION same_hardware(mac text, address text, other_mac text, other_address text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN mac IS NOT NULL AND other_mac IS NOT NULL THEN mac = other_mac
            ELSE coalesce(address = other_address, false) END
"""

UUID_V7 = """
CREATE FUNCTION uuid_v7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
  placing substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
  52, 1), 53, 1), 'hex')::uuid
"""

CAMERA = """
CREATE TABLE camera (
  id                      uuid    NOT NULL CONSTRAINT camera_pk PRIMARY KEY,
  site_id                 uuid    NOT NULL,
  server_id               uuid    NOT NULL,
  side                    text    NOT NULL,
  name                    text    COLLATE "C" NOT NULL,
  channel                 integer NOT NULL CONSTRAINT camera_channel_not_negative CHECK (channel >= 0),
  mac_address             text,
  address                 text,
  manufacturer            text,
  model                   text,
  external_id             text,
  removing                boolean NOT NULL DEFAULT false,
  confirmed_server_id     uuid    CONSTRAINT camera_confirmed_on_server REFERENCES server,
  confirmed_mac_address   text,
  confirmed_address       text,
  confirmed_manufacturer  text,
  confirmed_model         text,
  hardware_key            text    NOT NULL GENERATED ALWAYS AS (coalesce(mac_address, address)) STORED,
  external_server_id      uuid    NOT NULL
                          GENERATED ALWAYS AS (coalesce(confirmed_server_id, server_id)) STORED,
  CONSTRAINT camera_mac_address_normal CHECK (mac_address ~ '^([0-9a-f]{2}:){5}[0-9a-f]{2}$'),
  CONSTRAINT camera_side_key UNIQUE (id, site_id, side),
  CONSTRAINT camera_hardware_unique UNIQUE (server_id, hardware_key, channel) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT camera_external_id_unique UNIQUE (external_server_id, external_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT camera_on_server FOREIGN KEY (server_id, site_id, side)
    REFERENCES server (id, site_id, label) ON UPDATE CASCADE,
  CONSTRAINT camera_confirmed_whole CHECK ((confirmed_server_id IS NULL)
    = (confirmed_mac_address IS NULL AND confirmed_address IS NULL))
)
"""

LINK = """
CREATE TABLE link (
  primary_camera_id    uuid NOT NULL CONSTRAINT link_primary_once PRIMARY KEY,
  secondary_camera_id  uuid NOT NULL CONSTRAINT link_secondary_once UNIQUE,
  site_id              uuid NOT NULL,
  primary_side         text NOT NULL GENERATED ALWAYS AS ('PRIMARY') STORED,
  secondary_side       text NOT NULL GENERATED ALWAYS AS ('SECONDARY') STORED,
  CONSTRAINT link_primary_on_primary FOREIGN KEY (primary_camera_id, site_id, primary_side)
    REFERENCES camera (id, site_id, side) ON DELETE CASCADE,
  CONSTRAINT link_secondary_on_secondary FOREIGN KEY (secondary_camera_id, site_id, secondary_side)
    REFERENCES camera (id, site_id, side) ON DELETE CASCADE
)
"""

PAIRING = """
CREATE TABLE pairing (
  id       uuid   NOT NULL CONSTRAINT pairing_pk PRIMARY KEY,
  site_id  uuid   NOT NULL,
  mode     text   NOT NULL GENERATED ALWAYS AS ('AUTO') STORED,
  style    text   NOT NULL CONSTRAINT pairing_style_known CHECK (style IN ('SYMMETRIC', 'ASYMMETRIC')),
  touched  bigint NOT NULL DEFAULT 0,
  CONSTRAINT pairing_site_key UNIQUE (id, site_id),
  CONSTRAINT pairing_of_site FOREIGN KEY (site_id) REFERENCES site ON DELETE CASCADE,
  CONSTRAINT pairing_in_auto_mode FOREIGN KEY (site_id, mode) REFERENCES site (id, mode)
    DEFERRABLE INITIALLY DEFERRED
)
"""

PAIRING_MEMBER = """
CREATE TABLE pairing_member (
  server_id   uuid NOT NULL CONSTRAINT pairing_member_once PRIMARY KEY,
  site_id     uuid NOT NULL,
  pairing_id  uuid NOT NULL,
  label       text NOT NULL CONSTRAINT pairing_member_label_known CHECK (label IN ('PRIMARY', 'SECONDARY')),
  home_id     uuid,
  home_label  text NOT NULL GENERATED ALWAYS AS ('SECONDARY') STORED,
  CONSTRAINT pairing_member_key UNIQUE (server_id, pairing_id, label),
  CONSTRAINT pairing_member_of_pairing FOREIGN KEY (pairing_id, site_id)
    REFERENCES pairing (id, site_id) ON DELETE CASCADE,
  CONSTRAINT pairing_member_labelled FOREIGN KEY (server_id, site_id, label)
    REFERENCES server (id, site_id, label),
  CONSTRAINT pairing_member_home_in_pairing FOREIGN KEY (home_id, pairing_id, home_label)
    REFERENCES pairing_member (server_id, pairing_id, label) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT pairing_member_primary_has_home CHECK ((label = 'PRIMARY') = (home_id IS NOT NULL))
)
"""

SEARCH_PATH = "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)"

SHAPE = (
    """
CREATE FUNCTION pairing_shape_check() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  primaries integer;
  secondaries integer;
  current_style text;
BEGIN
  SELECT style INTO current_style FROM pairing WHERE id = NEW.id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT count(*) FILTER (WHERE label = 'PRIMARY'), count(*) FILTER (WHERE label = 'SECONDARY')
    INTO primaries, secondaries FROM pairing_member WHERE pairing_id = NEW.id;
  IF current_style = 'SYMMETRIC' AND (primaries <> 1 OR secondaries <> 1) THEN
    RAISE EXCEPTION 'A symmetric pairing has 1 primary and 1 secondary, not % and %.', primaries, secondaries
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pairing_symmetric_shape', TABLE = 'pairing';
  END IF;
  IF current_style = 'ASYMMETRIC' AND NOT (primaries > secondaries AND secondaries >= 1) THEN
    RAISE EXCEPTION 'An asymmetric pairing has more primaries than secondaries and at least 1 secondary, not % and %.',
      primaries, secondaries
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pairing_asymmetric_shape', TABLE = 'pairing';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER pairing_shape AFTER INSERT OR UPDATE ON pairing
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pairing_shape_check()
""",
    """
CREATE FUNCTION pairing_touch_new() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pairing SET touched = touched + 1 WHERE id IN (SELECT pairing_id FROM new_members);
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION pairing_touch_old() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pairing SET touched = touched + 1 WHERE id IN (SELECT pairing_id FROM old_members);
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION pairing_touch_both() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pairing SET touched = touched + 1
    WHERE id IN (SELECT pairing_id FROM old_members UNION SELECT pairing_id FROM new_members);
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER pairing_member_inserted AFTER INSERT ON pairing_member
  REFERENCING NEW TABLE AS new_members FOR EACH STATEMENT EXECUTE FUNCTION pairing_touch_new()
""",
    """
CREATE TRIGGER pairing_member_deleted AFTER DELETE ON pairing_member
  REFERENCING OLD TABLE AS old_members FOR EACH STATEMENT EXECUTE FUNCTION pairing_touch_old()
""",
    """
CREATE TRIGGER pairing_member_updated AFTER UPDATE ON pairing_member
  REFERENCING OLD TABLE AS old_members NEW TABLE AS new_members
  FOR EACH STATEMENT EXECUTE FUNCTION pairing_touch_both()
""",
)

INDEXES = (
    "CREATE INDEX server_search ON server (site_id, lower(name) text_pattern_ops)",
    "CREATE INDEX camera_by_name ON camera (site_id, name, id)",
    "CREATE INDEX camera_by_server ON camera (server_id, name, id)",
    "CREATE INDEX camera_search ON camera (site_id, lower(name) text_pattern_ops)",
    "CREATE INDEX camera_by_mac ON camera (site_id, mac_address) WHERE mac_address IS NOT NULL",
    "CREATE INDEX camera_by_address ON camera (site_id, address) WHERE address IS NOT NULL",
    "CREATE INDEX camera_by_external_id ON camera (site_id, external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX camera_server_address ON camera (server_id, address) WHERE address IS NOT NULL",
    "CREATE INDEX camera_confirmed_server ON camera (confirmed_server_id)",
    "CREATE INDEX pairing_by_site ON pairing (site_id, id)",
    "CREATE INDEX pairing_member_by_pairing ON pairing_member (pairing_id)",
    "CREATE INDEX pairing_member_home ON pairing_member (home_id)",
)


def upgrade() -> None:
    tables = (UUID_V7, SAME_HARDWARE, SITE, SERVER, CAMERA, LINK, PAIRING, PAIRING_MEMBER)
    for statement in (*tables, SEARCH_PATH, *SHAPE, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE pairing_member, pairing, link, camera, server, site")
    for function in ("pairing_shape_check", "pairing_touch_new", "pairing_touch_old", "pairing_touch_both"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute("DROP FUNCTION same_hardware(text, text, text, text)")
    op.execute("DROP FUNCTION uuid_v7()")
