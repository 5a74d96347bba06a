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
    "camera_hardware_unique": (
        Code.CAMERA_ALREADY_EXISTS,
        "The server already holds this hardware on this channel.",
    ),
    "camera_external_id_unique": (
        Code.CAMERA_ALREADY_EXISTS,
        "Another camera of the server has this externalId.",
    ),
}


def refusal_of(error: asyncpg.PostgresError) -> Refused | None:
    """Return what a violated constraint means to a client; None: a fault."""
    meaning = MEANING.get(getattr(error, "constraint_name", None) or "")
    return Refused(Refusal(*meaning)) if meaning else None
