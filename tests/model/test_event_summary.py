"""An event in one sentence: what the events of a real site do not show in test_event_kinds."""

from typing import Any

import pytest

from service.model.event_summary import summary
from service.model.vocabulary import EventKind

MEMBERS = [{"label": "PRIMARY"}, {"label": "SECONDARY"}]
PAIRING = {"style": "SYMMETRIC", "members": MEMBERS}
DOOR = {"name": "Door's", "removing": False}
SENTENCES: tuple[tuple[EventKind, dict[str, Any], str], ...] = (
    (EventKind.MODE_SET, {"before": {"mode": "AUTO"}, "site": {"mode": "AUTO"}}, "The mode AUTO was chosen."),
    (
        EventKind.PAIRING_UPDATED,
        {"before": PAIRING, "pairing": PAIRING},
        "A pairing has other members or homes now: SYMMETRIC, 1 primary and 1 secondary.",
    ),
    (
        EventKind.CAMERA_UPDATED,
        {"before": DOOR, "camera": {**DOOR, "removing": True}},
        'The camera "Door\'s" is to be removed.',
    ),
    (
        EventKind.CAMERA_UPDATED,
        {"before": {**DOOR, "removing": True}, "camera": DOOR},
        'The camera "Door\'s" is wanted again.',
    ),
    (EventKind.CAMERA_UPDATED, {"before": DOOR, "camera": DOOR}, 'The camera "Door\'s" was updated.'),
    (
        EventKind.CAMERA_UPDATED,
        {"before": {"mac_address": None, "address": "a"}, "camera": {"mac_address": "m", "address": "b"}},
        "A camera was updated: MAC address, address.",
    ),
    (
        EventKind.CAMERA_REPLACED,
        {"camera": {"name": "Door", "mac_address": None, "address": "192.0.2.1"}},
        "The camera 'Door' has other hardware now: address 192.0.2.1.",
    ),
    (
        EventKind.CAMERA_ADDED,
        {"camera": {"name": "Door", "removing": True}},
        "The camera 'Door' was added, and is to be removed.",
    ),
    (
        EventKind.INVENTORY_REPORTED,
        {"report": {"servers": ["a", "b"], "added": 0, "unchanged": 7, "skipped": 2}},
        "The inventory of 2 servers was reported: 7 unchanged, 2 skipped.",
    ),
)


@pytest.mark.parametrize(("kind", "payload", "sentence"), SENTENCES)
def test_what_happened_is_said_in_one_sentence(
    kind: EventKind, payload: dict[str, Any], sentence: str
) -> None:
    assert summary(kind, payload) == sentence


# An older version wrote events without what was before, and without the row of a camera that was gone by then.
@pytest.mark.parametrize("kind", EventKind)
def test_what_an_event_does_not_tell_is_passed_over(kind: EventKind) -> None:
    assert summary(kind, {}).endswith(".")
