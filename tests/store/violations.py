"""What no transaction may commit, what COPY may not bring, and what is allowed: raw SQL over the scene.

A violation is written as the names that may speak up (any of them, for a statement can break several rules), then
the statements.
"""

from typing import TypeAlias

from tests.store.scene import ACTION, CAMERA, LINK, MEMBER, PAIRING, ident

Tried: TypeAlias = dict[str, tuple[str, ...]]

SYMMETRIC, ASYMMETRIC = "pairing_symmetric_shape", "pairing_asymmetric_shape"
EITHER_SHAPE = f"{SYMMETRIC} {ASYMMETRIC}"
HOME = "pairing_member_home_in_pairing"
GENERATED = "GENERATED"

DELETE_MEMBER = "DELETE FROM pairing_member WHERE server_id"
SET_MEMBER = "UPDATE pairing_member SET"
SET_LABEL = "UPDATE server SET label"
SET_CAMERA = "UPDATE camera SET"
SEVENTH = "(:p7, :site, :pool, 'PRIMARY', :s3)"

SHAPE: Tried = {
    "a second primary joins a symmetric pairing": (
        SYMMETRIC,
        f"{MEMBER} (:p7, :site, :pair, 'PRIMARY', :s1)",
    ),
    "a second secondary joins a symmetric pairing": (
        SYMMETRIC,
        f"{MEMBER} (:s7, :site, :pair, 'SECONDARY', NULL)",
    ),
    "a symmetric pairing loses its primary": (SYMMETRIC, f"{DELETE_MEMBER} = :p1"),
    "a symmetric pairing loses its secondary": (f"{SYMMETRIC} {HOME}", f"{DELETE_MEMBER} = :s1"),
    "a symmetric pairing loses everybody": (SYMMETRIC, "DELETE FROM pairing_member WHERE pairing_id = :pair"),
    "a pairing begins without members": (SYMMETRIC, f"{PAIRING} (:new, :site, 'SYMMETRIC')"),
    "a pool begins without members": (ASYMMETRIC, f"{PAIRING} (:new, :site, 'ASYMMETRIC')"),
    "a pool of 1 and 1": (
        ASYMMETRIC,
        (
            f"WITH made AS ({PAIRING} (:new, :site, 'ASYMMETRIC') RETURNING id) {MEMBER}"
            " (:s7, :site, :new, 'SECONDARY', NULL), (:p7, :site, :new, 'PRIMARY', :s7)"
        ),
    ),
    "a pool of 3 and 2 loses a primary": (ASYMMETRIC, f"{DELETE_MEMBER} = :p4"),
    "a pool of 3 and 2 gains a secondary": (ASYMMETRIC, f"{MEMBER} (:s7, :site, :pool, 'SECONDARY', NULL)"),
    "a pool loses its secondaries": (
        f"{ASYMMETRIC} {HOME}",
        "DELETE FROM pairing_member WHERE pairing_id = :pool AND label = 'SECONDARY'",
    ),
    "a pool loses its primaries": (
        ASYMMETRIC,
        "DELETE FROM pairing_member WHERE pairing_id = :pool AND label = 'PRIMARY'",
    ),
    "all members go at once": (EITHER_SHAPE, "DELETE FROM pairing_member"),
    "a pool is called symmetric": (SYMMETRIC, "UPDATE pairing SET style = 'SYMMETRIC' WHERE id = :pool"),
    "a pairing is called asymmetric": (
        ASYMMETRIC,
        "UPDATE pairing SET style = 'ASYMMETRIC' WHERE id = :pair",
    ),
    "both are called the other": (
        EITHER_SHAPE,
        "UPDATE pairing SET style = CASE style WHEN 'SYMMETRIC' THEN 'ASYMMETRIC' ELSE 'SYMMETRIC' END",
    ),
    "a primary changes to another pairing": (
        f"{EITHER_SHAPE} {HOME}",
        f"{SET_MEMBER} pairing_id = :pair, home_id = :s1 WHERE server_id = :p4",
    ),
    "a member takes another's place": (SYMMETRIC, f"{DELETE_MEMBER} = :p1", f"{DELETE_MEMBER} = :p2"),
    "by INSERT ... ON CONFLICT": (
        EITHER_SHAPE,
        (
            f"{MEMBER} (:p4, :site, :pair, 'PRIMARY', :s1) ON CONFLICT (server_id)"
            " DO UPDATE SET pairing_id = excluded.pairing_id, home_id = excluded.home_id"
        ),
    ),
    "by MERGE": (
        ASYMMETRIC,
        (
            "MERGE INTO pairing_member AS member USING (VALUES (:p4::uuid), (:p3::uuid)) AS gone (id)"
            " ON member.server_id = gone.id WHEN MATCHED THEN DELETE"
        ),
    ),
    "by a writable CTE": (
        ASYMMETRIC,
        f"WITH gone AS ({DELETE_MEMBER} IN (:p3, :p4) RETURNING server_id) TABLE gone",
    ),
    "by DO": (ASYMMETRIC, f"DO $$ BEGIN {DELETE_MEMBER} = '{ident('p4')}'; END $$"),
    "what touches the pairing is undone": (
        ASYMMETRIC,
        f"{DELETE_MEMBER} = :p4",
        "SAVEPOINT here",
        "UPDATE pairing SET touched = 0",
        "ROLLBACK TO here",
    ),
    "while the members' pairing is deleted and made again": (
        SYMMETRIC,
        "DELETE FROM pairing WHERE id = :pair",
        f"{PAIRING} (:pair, :site, 'SYMMETRIC')",
    ),
}
MEMBERSHIP: Tried = {
    "a server joins a second pairing": (
        "pairing_member_once",
        f"{MEMBER} (:p1, :site, :pool, 'PRIMARY', :s2)",
    ),
    "a member takes another's server": (
        "pairing_member_once",
        f"{SET_MEMBER} server_id = :p1 WHERE server_id = :p4",
    ),
    "an unlabelled server is paired": (
        "pairing_member_labelled",
        f"{MEMBER} (:u1, :site, :pool, 'PRIMARY', :s2)",
    ),
    "a secondary is paired as a primary": (
        "pairing_member_labelled",
        f"{MEMBER} (:s7, :site, :pool, 'PRIMARY', :s2)",
    ),
    "a primary is paired as a secondary": (
        "pairing_member_labelled",
        f"{MEMBER} (:p7, :site, :pool, 'SECONDARY', NULL)",
    ),
    "a member that is neither": (
        "pairing_member_label_known pairing_member_primary_has_home",
        f"{MEMBER} (:u1, :site, :pool, 'UNLABELED', NULL)",
    ),
    "a member is called the other": (
        "pairing_member_labelled",
        f"{SET_MEMBER} label = 'SECONDARY', home_id = NULL WHERE server_id = :p4",
    ),
    "a server of another site is paired": (
        "pairing_member_labelled",
        f"{MEMBER} (:x1, :site, :pool, 'PRIMARY', :s2)",
    ),
    "a server is paired at another site": (
        "pairing_member_of_pairing",
        f"{MEMBER} (:x1, :else, :pool, 'PRIMARY', :s2)",
    ),
    "a pairing changes its site": (
        "pairing_member_of_pairing",
        "UPDATE pairing SET site_id = :else WHERE id = :pool",
    ),
    "a paired server changes its site": (
        "pairing_member_labelled",
        "UPDATE server SET site_id = :else WHERE id = :p1",
    ),
    "a paired server goes": ("pairing_member_labelled", "DELETE FROM server WHERE id = :p1"),
    "a home in another pairing": (HOME, f"{MEMBER} (:p7, :site, :pool, 'PRIMARY', :s1)"),
    "a home in no pairing": (HOME, f"{SET_MEMBER} home_id = :s7 WHERE server_id = :p4"),
    "a home that is a primary": (HOME, f"{SET_MEMBER} home_id = :p2 WHERE server_id = :p4"),
    "a primary that is its own home": (HOME, f"{SET_MEMBER} home_id = server_id WHERE server_id = :p4"),
    "a primary without a home": (
        "pairing_member_primary_has_home",
        f"{SET_MEMBER} home_id = NULL WHERE server_id = :p4",
    ),
    "a secondary with a home": (
        "pairing_member_primary_has_home",
        f"{SET_MEMBER} home_id = :s2 WHERE server_id = :s3",
    ),
    "a home goes": (HOME, f"{DELETE_MEMBER} = :s3"),
    "a home leaves for another pairing": (
        f"{HOME} {EITHER_SHAPE}",
        f"{SET_MEMBER} pairing_id = :pair WHERE server_id = :s3",
    ),
}
MODE: Tried = {
    "a site with pairings leaves Auto": (
        "pairing_in_auto_mode",
        "UPDATE site SET mode = 'MANUAL' WHERE id = :site",
    ),
    "all sites leave Auto": ("pairing_in_auto_mode", "UPDATE site SET mode = 'MANUAL'"),
    "servers are paired in Manual": (
        "pairing_in_auto_mode",
        (
            f"WITH made AS ({PAIRING} (:new, :manual, 'SYMMETRIC') RETURNING id) {MEMBER}"
            " (:n1, :manual, :new, 'SECONDARY', NULL), (:m1, :manual, :new, 'PRIMARY', :n1)"
        ),
    ),
    "Auto for a moment": (
        "pairing_in_auto_mode",
        "UPDATE site SET mode = 'AUTO' WHERE id = :manual",
        (
            f"WITH made AS ({PAIRING} (:new, :manual, 'SYMMETRIC') RETURNING id) {MEMBER}"
            " (:n1, :manual, :new, 'SECONDARY', NULL), (:m1, :manual, :new, 'PRIMARY', :n1)"
        ),
        "UPDATE site SET mode = 'MANUAL' WHERE id = :manual",
    ),
    "a mode that nobody knows": ("site_mode_known", "UPDATE site SET mode = 'OTHER' WHERE id = :else"),
    "a pairing that says Manual": (
        GENERATED,
        "INSERT INTO pairing (id, site_id, style, mode) VALUES (:new, :manual, 'SYMMETRIC', 'MANUAL')",
    ),
    "a pairing that comes to say Manual": (GENERATED, "UPDATE pairing SET mode = 'MANUAL'"),
}
LINKS: Tried = {
    "a primary's camera is linked twice": ("link_primary_once", f"{LINK} (:c5, :t6, :site)"),
    "a twin is linked twice": ("link_secondary_once", f"{LINK} (:c6, :t5, :site)"),
    "a link takes another's camera": (
        "link_secondary_once",
        f"{LINK} (:c6, :t6, :site)",
        "UPDATE link SET secondary_camera_id = :t5 WHERE primary_camera_id = :c6",
    ),
    "both ends on primaries": ("link_secondary_on_secondary", f"{LINK} (:c6, :d6, :site)"),
    "both ends on secondaries": ("link_primary_on_primary", f"{LINK} (:t8, :t6, :site)"),
    "the wrong way round": (
        "link_primary_on_primary link_secondary_on_secondary",
        f"{LINK} (:t6, :c6, :site)",
    ),
    "a camera with itself": ("link_secondary_on_secondary", f"{LINK} (:c6, :c6, :site)"),
    "an unlabelled server's camera": ("link_primary_on_primary", f"{LINK} (:cu, :t6, :site)"),
    "a twin of another site": ("link_secondary_on_secondary", f"{LINK} (:c6, :ty, :site)"),
    "a primary's camera of another site": ("link_primary_on_primary", f"{LINK} (:cx, :t6, :site)"),
    "both of another site": ("link_primary_on_primary", f"{LINK} (:cx, :ty, :site)"),
    "a link changes its site": ("link_primary_on_primary", "UPDATE link SET site_id = :else"),
    "an end moves to the other side": (
        "link_primary_on_primary",
        f"{SET_CAMERA} server_id = :s6, side = 'SECONDARY' WHERE id = :c5",
    ),
    "a twin moves to the other side": (
        "link_secondary_on_secondary",
        f"{SET_CAMERA} server_id = :p7, side = 'PRIMARY' WHERE id = :t5",
    ),
    "an end moves to an unlabelled server": (
        "link_primary_on_primary",
        f"{SET_CAMERA} server_id = :u1, side = 'UNLABELED' WHERE id = :c5",
    ),
    "an end moves and keeps its side": ("camera_on_server", f"{SET_CAMERA} server_id = :s7 WHERE id = :c5"),
    "an end changes its side and stays": (
        "camera_on_server",
        f"{SET_CAMERA} side = 'SECONDARY' WHERE id = :c6",
    ),
    "an end moves to another site": (
        "link_primary_on_primary",
        f"{SET_CAMERA} server_id = :x1, site_id = :else WHERE id = :c5",
    ),
    "a server takes its linked cameras to another site": (
        "link_primary_on_primary",
        "UPDATE server SET site_id = :else WHERE id = :p5",
    ),
    "the sides swap": (
        "link_primary_on_primary link_secondary_on_secondary",
        (
            f"{SET_CAMERA} server_id = CASE id WHEN :c5 THEN :s5::uuid ELSE :p5::uuid END,"
            " side = CASE id WHEN :c5 THEN 'SECONDARY' ELSE 'PRIMARY' END WHERE id IN (:c5, :t5)"
        ),
    ),
    "a side that is made up": (
        GENERATED,
        (
            "INSERT INTO link (primary_camera_id, secondary_camera_id, site_id, primary_side)"
            " VALUES (:t8, :t6, :site, 'SECONDARY')"
        ),
    ),
}
LABELS: Tried = {
    "a paired primary": ("pairing_member_labelled", f"{SET_LABEL} = 'SECONDARY' WHERE id = :p1"),
    "a paired secondary": ("pairing_member_labelled", f"{SET_LABEL} = 'PRIMARY' WHERE id = :s1"),
    "a paired server loses its label": (
        "pairing_member_labelled",
        f"{SET_LABEL} = 'UNLABELED' WHERE id = :p2",
    ),
    "a primary with a linked camera": (
        "link_primary_on_primary",
        f"{SET_LABEL} = 'UNLABELED' WHERE id = :p5",
    ),
    "a secondary with a linked camera": (
        "link_secondary_on_secondary",
        f"{SET_LABEL} = 'PRIMARY' WHERE id = :s5",
    ),
    "both ends of a link change sides at once": (
        "link_primary_on_primary link_secondary_on_secondary",
        f"{SET_LABEL} = CASE label WHEN 'PRIMARY' THEN 'SECONDARY' ELSE 'PRIMARY' END WHERE id IN (:p5, :s5)",
    ),
    "the target of a QUEUED action": (
        "mirrored_action_target_held",
        f"{SET_LABEL} = 'PRIMARY' WHERE id = :s8",
    ),
    "the target of a FAILED action": (
        "mirrored_action_target_held",
        "UPDATE mirrored_action SET status = 'FAILED' WHERE id = :move",
        f"{SET_LABEL} = 'PRIMARY' WHERE id = :s8",
    ),
    "the target of a BLOCKED action": (
        "mirrored_action_target_held",
        "UPDATE mirrored_action SET status = 'BLOCKED', blocked = 'PREDECESSOR' WHERE id = :move",
        f"{SET_LABEL} = 'UNLABELED' WHERE id = :s8",
    ),
    "a server that an action leaves": (
        "mirrored_action_from_held",
        f"{SET_LABEL} = 'UNLABELED' WHERE id = :s9",
    ),
    "an action is tried again after the label changed": (
        "mirrored_action_target_held",
        f"{SET_LABEL} = 'PRIMARY' WHERE id = :s7",
        "UPDATE mirrored_action SET status = 'QUEUED', target_camera_id = :t6 WHERE id = :done",
    ),
    "an action for a server of the wrong side": (
        "mirrored_action_target_held",
        f"{ACTION} (:new, :site, :new, 'ADD', 'BACKUP', 'MAPPING', 'QUEUED', NULL, 'So.', :p7, NULL, :t6, '{{}}', 'x')",
    ),
    "an action comes to name another server": (
        "mirrored_action_target_held",
        "UPDATE mirrored_action SET target_server_id = :p7 WHERE id = :move",
    ),
    "an action turns its direction": (
        "mirrored_action_target_held",
        "UPDATE mirrored_action SET direction = 'RESTORE' WHERE id = :move",
    ),
    "an action changes its site": (
        "mirrored_action_target_held",
        "UPDATE mirrored_action SET site_id = :else WHERE id = :move",
    ),
    "a server that actions name changes its site": (
        "mirrored_action_from_held",
        "UPDATE server SET site_id = :else WHERE id = :s9",
    ),
    "a server that actions name goes": ("mirrored_action_from_held", "DELETE FROM server WHERE id = :s9"),
    "an unresolved action without a target": (
        "mirrored_action_target_unless_suppressed",
        "UPDATE mirrored_action SET target_server_id = NULL WHERE id = :move",
    ),
    "an action that says it is resolved": (
        GENERATED,
        "UPDATE mirrored_action SET unresolved_target_id = NULL",
    ),
    "a label that nobody knows": ("server_label_known", f"{SET_LABEL} = 'OTHER' WHERE id = :p7"),
    "a camera that contradicts its server": (
        "camera_on_server",
        f"{CAMERA} (:new, :site, :p7, 'SECONDARY', 'new', 0, '02:00:00:00:00:09', NULL)",
    ),
}
UNIQUE = "camera_hardware_unique"
HARDWARE: Tried = {
    "the same MAC again": (
        UNIQUE,
        f"{CAMERA} (:new, :site, :p6, 'PRIMARY', 'new', 0, '02:00:00:00:00:06', 'other')",
    ),
    "the same address again, without a MAC": (
        UNIQUE,
        f"{CAMERA} (:new, :site, :p6, 'PRIMARY', 'new', 0, NULL, 'a7')",
    ),
    "twice in one statement": (
        UNIQUE,
        (
            f"{CAMERA} (:new, :site, :p7, 'PRIMARY', 'one', 0, '02:00:00:00:00:09', NULL),"
            " (:newer, :site, :p7, 'PRIMARY', 'two', 0, '02:00:00:00:00:09', NULL)"
        ),
    ),
    "a camera takes another's MAC": (
        UNIQUE,
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:06' WHERE id = :d6",
    ),
    "a camera takes another's address": (
        UNIQUE,
        f"{SET_CAMERA} mac_address = NULL, address = 'a7' WHERE id = :c6",
    ),
    "a camera takes another's channel": (
        UNIQUE,
        f"{CAMERA} (:new, :site, :p6, 'PRIMARY', 'new', 1, '02:00:00:00:00:06', NULL)",
        f"{SET_CAMERA} channel = 0 WHERE id = :new",
    ),
    "a camera moves to where its hardware is": (
        UNIQUE,
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:06' WHERE id = :c5",
        f"{SET_CAMERA} server_id = :p6 WHERE id = :c5",
    ),
    "half of a swap": (
        UNIQUE,
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:09' WHERE id = :d6",
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:09' WHERE id = :c6",
    ),
    "a MAC address in another notation": (
        "camera_mac_address_normal",
        f"{SET_CAMERA} mac_address = '02-00-00-00-00-06' WHERE id = :d6",
    ),
    "a key of one's own": (GENERATED, f"{SET_CAMERA} hardware_key = 'other' WHERE id = :c6"),
    "no hardware at all": ("", f"{SET_CAMERA} mac_address = NULL, address = NULL WHERE id = :c6"),
}
RULES = "mirror_rule_immutable"
COMES = (
    "INSERT INTO mirror_rule VALUES ('AUTO', 'SYMMETRIC', 'BACKUP', 'ADD', false, 'MANUAL_MODE', 'Because.')"
)
MATRIX: Tried = {
    "a cell is turned": (RULES, "UPDATE mirror_rule SET mirrored = NOT mirrored"),
    "a sentence is changed": (RULES, "UPDATE mirror_rule SET because = 'Other.' WHERE mode = 'MANUAL'"),
    "even where nothing is hit": (RULES, "DELETE FROM mirror_rule WHERE false"),
    "a cell goes": (RULES, "DELETE FROM mirror_rule WHERE mode = 'MANUAL'"),
    "a cell comes": (RULES, COMES),
    "by INSERT ... ON CONFLICT": (
        RULES,
        f"{COMES} ON CONFLICT ON CONSTRAINT mirror_rule_once DO UPDATE SET because = ''",
    ),
    "by MERGE": (
        RULES,
        "MERGE INTO mirror_rule USING (SELECT 1) AS one ON true WHEN MATCHED THEN UPDATE SET because = ''",
    ),
}
INVARIANTS: dict[str, Tried] = {
    "shape": SHAPE,
    "membership": MEMBERSHIP,
    "mode": MODE,
    "links": LINKS,
    "labels": LABELS,
    "hardware": HARDWARE,
    "matrix": MATRIX,
}
VIOLATIONS = {f"{rule}: {name}": tried for rule, table in INVARIANTS.items() for name, tried in table.items()}

COPIED: dict[str, tuple[str, tuple[object, ...]]] = {
    SYMMETRIC: ("pairing_member", (ident("p7"), ident("site"), ident("pair"), "PRIMARY", ident("s1"))),
    ASYMMETRIC: ("pairing_member", (ident("s7"), ident("site"), ident("pool"), "SECONDARY", None)),
    "pairing_member_once": (
        "pairing_member",
        (ident("p1"), ident("site"), ident("pool"), "PRIMARY", ident("s2")),
    ),
    "pairing_member_labelled": (
        "pairing_member",
        (ident("s7"), ident("site"), ident("pool"), "PRIMARY", ident("s2")),
    ),
    HOME: ("pairing_member", (ident("p7"), ident("site"), ident("pool"), "PRIMARY", ident("s1"))),
    "pairing_in_auto_mode": ("pairing", (ident("new"), ident("manual"), "ASYMMETRIC")),
    "link_secondary_once": ("link", (ident("c6"), ident("t5"), ident("site"))),
    "link_secondary_on_secondary": ("link", (ident("c6"), ident("ty"), ident("site"))),
    UNIQUE: ("camera", (ident("new"), ident("site"), ident("p6"), "PRIMARY", "new", 0, "02:00:00:00:00:06")),
    "camera_on_server": (
        "camera",
        (ident("new"), ident("site"), ident("p6"), "SECONDARY", "new", 0, "02:00:00:00:00:09"),
    ),
    RULES: ("mirror_rule", ("AUTO", None, "BACKUP", "ADD", True, "Because.")),
}
COPIED_COLUMNS = {
    "pairing_member": ("server_id", "site_id", "pairing_id", "label", "home_id"),
    "pairing": ("id", "site_id", "style"),
    "link": ("primary_camera_id", "secondary_camera_id", "site_id"),
    "camera": ("id", "site_id", "server_id", "side", "name", "channel", "mac_address"),
    "mirror_rule": ("mode", "style", "direction", "action", "mirrored", "because"),
}

ALLOWED = {
    "a pool passes through 2 and 2 on its way to 2 and 1": (
        f"{SET_MEMBER} home_id = :s2 WHERE server_id = :p4",
        f"{DELETE_MEMBER} = :p3",
        f"{DELETE_MEMBER} = :s3",
    ),
    "a secondary joins before the primaries it needs": (
        f"{MEMBER} (:s7, :site, :pool, 'SECONDARY', NULL)",
        f"{MEMBER} (:p7, :site, :pool, 'PRIMARY', :s7)",
    ),
    "a pairing becomes a pool": (
        "UPDATE pairing SET style = 'ASYMMETRIC' WHERE id = :pair",
        f"{MEMBER} (:p7, :site, :pair, 'PRIMARY', :s1)",
    ),
    "a primary's home comes after it": (
        f"{PAIRING} (:new, :site, 'SYMMETRIC')",
        f"{MEMBER} (:p7, :site, :new, 'PRIMARY', :s7)",
        f"{MEMBER} (:s7, :site, :new, 'SECONDARY', NULL)",
    ),
    "the mode changes before the pairings go": (
        "UPDATE site SET mode = 'MANUAL' WHERE id = :site",
        "DELETE FROM pairing WHERE site_id = :site",
    ),
    "servers are paired before the mode changes": (
        (
            f"WITH made AS ({PAIRING} (:new, :manual, 'SYMMETRIC') RETURNING id) {MEMBER}"
            " (:n1, :manual, :new, 'SECONDARY', NULL), (:m1, :manual, :new, 'PRIMARY', :n1)"
        ),
        "UPDATE site SET mode = 'AUTO' WHERE id = :manual",
    ),
    "two cameras swap their hardware": (
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:06' WHERE id = :d6",
        f"{SET_CAMERA} mac_address = '02:00:00:00:00:07' WHERE id = :c6",
    ),
    "a camera goes after another has taken its hardware": (
        f"{CAMERA} (:new, :site, :p6, 'PRIMARY', 'new', 0, '02:00:00:00:00:06', NULL)",
        "DELETE FROM camera WHERE id = :c6",
    ),
    "a linked camera moves to another server of its side": (f"{SET_CAMERA} server_id = :p7 WHERE id = :c5",),
    "the same hardware on another channel, and on other servers": (
        (
            f"{CAMERA} (:new, :site, :p6, 'PRIMARY', 'new', 1, '02:00:00:00:00:06', NULL),"
            " (:newer, :site, :p7, 'PRIMARY', 'newer', 0, '02:00:00:00:00:06', NULL)"
        ),
    ),
    "a label changes, and with it the sides of cameras that no link holds": (
        f"{SET_LABEL} = 'SECONDARY' WHERE id = :p6",
    ),
    "a label changes once its actions are resolved": (
        "UPDATE mirrored_action SET status = 'ABANDONED' WHERE id = :move",
        f"{SET_LABEL} = 'PRIMARY' WHERE id IN (:s8, :s9)",
    ),
    "a label that resolved actions name changes": (f"{SET_LABEL} = 'PRIMARY' WHERE id = :s7",),
}
