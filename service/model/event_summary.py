"""One sentence for a person per event, made of nothing but what the event itself tells. Pure.

Logs outlive versions: whatever an older version did not write is passed over.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from service.model.vocabulary import EventKind, MirrorStatus, ServerLabel

Payload: TypeAlias = Mapping[str, Any]

# Columns as a person calls them.
WORDS = {
    "name": "name",
    "mac_address": "MAC address",
    "address": "address",
    "manufacturer": "manufacturer",
    "model": "model",
    "external_id": "externalId",
    "max_cameras": "maxCameras",
}
SWITCHES = ("backup", "restore", "add", "move", "delete", "replace")
COUNTS = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")


def summary(kind: EventKind, payload: Payload) -> str:
    """Return what happened in one sentence."""
    return SENTENCES[kind](payload)


def _row(payload: Payload, key: str) -> Payload:
    row: Payload = payload.get(key) or {}
    return row


def _the(payload: Payload, noun: str) -> str:
    name = _row(payload, noun).get("name")
    return f"A {noun}" if name is None else f"The {noun} {name!r}"


def _changed(payload: Payload, noun: str) -> list[str]:
    after, before = _row(payload, noun), _row(payload, "before")
    return [
        word
        for column, word in WORDS.items()
        if column in before and before[column] != after.get(column, before[column])
    ]


def _updated(payload: Payload, noun: str) -> str:
    changed = _changed(payload, noun)
    return f"{_the(payload, noun)} was updated{': ' if changed else ''}{', '.join(changed)}."


def _plural(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number} {word[:-1]}ies" if word.endswith("y") else f"{number} {word}s"


def _shape(pairing: Payload) -> str:
    labels = [one.get("label") for one in pairing.get("members") or ()]
    primaries = _plural(labels.count(ServerLabel.PRIMARY), "primary")
    secondaries = _plural(labels.count(ServerLabel.SECONDARY), "secondary")
    return f"{pairing.get('style')}, {primaries} and {secondaries}"


def _hardware(row: Payload) -> str:
    said = [
        f"{word} {row[column]}"
        for column, word in (("mac_address", "MAC address"), ("address", "address"))
        if row.get(column)
    ]
    return f": {', '.join(said)}" if said else ""


def _site_updated(payload: Payload) -> str:
    before, after = _row(payload, "before").get("name"), _row(payload, "site").get("name")
    return f"The site {before!r} is named {after!r} now."


def _mode_set(payload: Payload) -> str:
    before, after = _row(payload, "before").get("mode"), _row(payload, "site").get("mode")
    return (
        f"The mode {after} was chosen." if before == after else f"The mode was set from {before} to {after}."
    )


def _sync_policy_set(payload: Payload) -> str:
    before, after = _row(payload, "before"), _row(payload, "site")
    changed = [
        f"{switch} {'on' if after.get(f'sync_{switch}') else 'off'}"
        for switch in SWITCHES
        if before.get(f"sync_{switch}") != after.get(f"sync_{switch}")
    ]
    return f"The sync policy was set: {', '.join(changed)}."


def _server_registered(payload: Payload) -> str:
    return f"{_the(payload, 'server')} was registered as {_row(payload, 'server').get('label')}."


def _server_labeled(payload: Payload) -> str:
    before, after = _row(payload, "before").get("label"), _row(payload, "server").get("label")
    return f"{_the(payload, 'server')} was labelled {after}; it was {before}."


def _pairing_updated(payload: Payload) -> str:
    before, after = _shape(_row(payload, "before")), _shape(_row(payload, "pairing"))
    if before == after:
        return f"A pairing has other members or homes now: {after}."
    return f"A pairing was changed: {after}; it was {before}."


def _camera_added(payload: Payload) -> str:
    removing = _row(payload, "camera").get("removing")
    return f"{_the(payload, 'camera')} was added{', and is to be removed' if removing else ''}."


def _camera_updated(payload: Payload) -> str:
    before, after = _row(payload, "before").get("removing"), _row(payload, "camera").get("removing")
    if after and before is False:
        return f"{_the(payload, 'camera')} is to be removed."
    if before and after is False:
        return f"{_the(payload, 'camera')} is wanted again."
    return _updated(payload, "camera")


def _camera_replaced(payload: Payload) -> str:
    return f"{_the(payload, 'camera')} has other hardware now{_hardware(_row(payload, 'camera'))}."


def _inventory_reported(payload: Payload) -> str:
    report = _row(payload, "report")
    counts = [f"{report[word]} {word}" for word in COUNTS if report.get(word)]
    of = _plural(len(report.get("servers") or ()), "server")
    return f"The inventory of {of} was reported{': ' if counts else ''}{', '.join(counts)}."


def _mirrored_action(payload: Payload) -> str:
    action = _row(payload, "mirrored_action")
    what = f"{action.get('action')} of {_row(action, 'device').get('name')!r}"
    if action.get("status") == MirrorStatus.SUPPRESSED:
        return f"The {what} is not mirrored: {action.get('reason')}."
    return f"The mirrored {what} is {action.get('status')}."


SENTENCES: Mapping[EventKind, Callable[[Payload], str]] = {
    EventKind.SITE_CREATED: lambda payload: f"{_the(payload, 'site')} was made.",
    EventKind.SITE_UPDATED: _site_updated,
    EventKind.MODE_SET: _mode_set,
    EventKind.SYNC_POLICY_SET: _sync_policy_set,
    EventKind.SERVER_REGISTERED: _server_registered,
    EventKind.SERVER_UPDATED: lambda payload: _updated(payload, "server"),
    EventKind.SERVER_LABELED: _server_labeled,
    EventKind.SERVER_REMOVED: lambda payload: f"{_the(payload, 'server')} was removed.",
    EventKind.PAIRING_CREATED: lambda payload: f"Servers were paired: {_shape(_row(payload, 'pairing'))}.",
    EventKind.PAIRING_UPDATED: _pairing_updated,
    EventKind.PAIRING_DISSOLVED: lambda payload: (
        f"Servers were unpaired: {_shape(_row(payload, 'pairing'))}."
    ),
    EventKind.CAMERA_ADDED: _camera_added,
    EventKind.CAMERA_UPDATED: _camera_updated,
    EventKind.CAMERA_MOVED: lambda payload: f"{_the(payload, 'camera')} was moved to another server.",
    EventKind.CAMERA_REPLACED: _camera_replaced,
    EventKind.CAMERA_REMOVED: lambda payload: f"{_the(payload, 'camera')} left the inventory.",
    EventKind.CAMERA_LINKED: lambda payload: f"{_the(payload, 'camera')} was linked with its twin.",
    EventKind.CAMERA_UNLINKED: lambda payload: (
        f"{_the(payload, 'camera')} and its twin are linked no longer."
    ),
    EventKind.INVENTORY_REPORTED: _inventory_reported,
    EventKind.MIRRORED_ACTION: _mirrored_action,
}
