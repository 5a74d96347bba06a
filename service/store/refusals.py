"""What the database's own refusals mean: constraint name -> refusal. One that is not here is a fault."""

import asyncpg

from service.model.refusals import Refusal, Refused
from service.model.vocabulary import RefusalCode as Code

MEANING: dict[str, tuple[Code, str]] = {
    "site_name_unique": (Code.NAME_TAKEN, "Another site has this name; choose a different one."),
    "server_name_unique": (
        Code.NAME_TAKEN,
        "Another server of the site has this name; choose a different one.",
    ),
    "pairing_member_once": (Code.SERVER_ALREADY_PAIRED, "A server is in another pairing; unpair it first."),
    "pairing_member_labelled": (Code.LABEL_IN_USE, "A paired server keeps its label; unpair it first."),
    "pairing_in_auto_mode": (Code.MODE_MISMATCH, "Servers are paired only in Auto mode; set the mode first."),
    "pairing_symmetric_shape": (
        Code.SYMMETRIC_NEEDS_ONE_TO_ONE,
        "A symmetric pairing has exactly one primary and one secondary.",
    ),
    "pairing_asymmetric_shape": (
        Code.ASYMMETRIC_NEEDS_MORE_PRIMARIES,
        "An asymmetric pairing has more primaries than secondaries, and at least one secondary.",
    ),
    "pairing_member_of_pairing": (
        Code.INVALID_INPUT,
        "A pairing and all of its servers are of one site; name servers of that site.",
    ),
    "pairing_member_home_in_pairing": (
        Code.INVALID_INPUT,
        "A home secondary is a secondary of the same pairing; assign one of those.",
    ),
    "pairing_member_primary_has_home": (
        Code.INVALID_INPUT,
        "Every primary of a pairing has a home secondary, and no secondary has one.",
    ),
    "link_primary_once": (Code.CAMERA_ALREADY_EXISTS, "The camera is linked already; a camera has one link."),
    "link_secondary_once": (Code.CAMERA_ALREADY_EXISTS, "The twin is linked already; a camera has one link."),
    "link_primary_on_primary": (
        Code.LABEL_IN_USE,
        "A link's first end is a camera on a primary; unlink the cameras before the label changes.",
    ),
    "link_secondary_on_secondary": (
        Code.LABEL_IN_USE,
        "A link's second end is a camera on a secondary; unlink the cameras before the label changes.",
    ),
    "mirrored_action_target_held": (
        Code.LABEL_IN_USE,
        "Unresolved actions name the server; let them be applied, or abandon them first.",
    ),
    "mirrored_action_from_held": (
        Code.LABEL_IN_USE,
        "Unresolved moves leave the server; let them be applied, or abandon them first.",
    ),
    "camera_on_server": (
        Code.WRONG_LABEL,
        "A camera stands on the side that its server is labelled for; read the server's label again.",
    ),
    "camera_confirmed_on_server": (
        Code.SERVER_IN_USE,
        "The server holds a camera that is wanted on another one; let its move be applied first.",
    ),
    "camera_hardware_unique": (
        Code.CAMERA_ALREADY_EXISTS,
        "The server already holds this hardware on this channel.",
    ),
    "camera_external_id_unique": (
        Code.CAMERA_ALREADY_EXISTS,
        "Another camera of the server has this externalId.",
    ),
}

# What only a bug of ours can break, for nothing that a client sends reaches them: an id or a word made twice or made
# up, a row that is half there, what a generated key refers to. A test holds that every constraint is here or above.
FAULTS = frozenset(
    {
        "alembic_version_pkc",
        "camera_channel_not_negative",
        "camera_mac_address_normal",
        "camera_confirmed_whole",
        "camera_pk",
        "camera_side_key",
        "event_pk",
        "idempotency_key_made_site",
        "idempotency_key_of_site",
        "idempotency_key_once",
        "mirror_rule_action_known",
        "mirror_rule_direction_known",
        "mirror_rule_immutable",
        "mirror_rule_mode_known",
        "mirror_rule_once",
        "mirror_rule_reason_if_not",
        "mirror_rule_style_in_auto",
        "mirror_rule_style_known",
        "mirrored_action_action_known",
        "mirrored_action_blocked_if_blocked",
        "mirrored_action_cause_known",
        "mirrored_action_direction_known",
        "mirrored_action_one_under_way",
        "mirrored_action_one_waiting",
        "mirrored_action_pk",
        "mirrored_action_reason_if_suppressed",
        "mirrored_action_status_known",
        "mirrored_action_target_unless_suppressed",
        "pairing_member_key",
        "pairing_member_label_known",
        "pairing_of_site",
        "pairing_pk",
        "pairing_shape",
        "pairing_site_key",
        "pairing_style_known",
        "server_label_key",
        "server_label_known",
        "server_max_cameras_positive",
        "server_of_site",
        "server_pk",
        "site_mode_key",
        "site_mode_known",
        "site_pk",
    }
)


def refusal_of(error: asyncpg.PostgresError) -> Refused | None:
    """Return what a violated constraint means to a client; None: a fault."""
    meaning = MEANING.get(getattr(error, "constraint_name", None) or "")
    return Refused(Refusal(*meaning)) if meaning else None
