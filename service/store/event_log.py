"""The append side of the event log.

Invariant: a site's events are numbered 1, 2, 3 and so on without a gap, and in the order in which their changes
commit. It holds because the numbers come from the site's own row, which every change has locked before it reads
anything, and because this is the only code that writes events. A reader that has seen revision r has therefore seen
everything up to r, for good, and may ask for what is above r.

Rejected: a sequence (a number that is taken first may commit last, and is then skipped by every reader that polls
"above the last one seen"), also with a horizon of running transactions (it still loses rows, and one open
transaction anywhere in the cluster stops it); one counter for all sites (sites would wait for each other).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from service.model.vocabulary import UNRESOLVED, DeviceActionKind, EventKind, MirrorStatus
from service.store.database import Connection
from service.store.statements import statement
from service.store.taken_away import TakenAwayError

ACTION_ORDER = {
    kind.value: rank
    for rank, kind in enumerate(
        (DeviceActionKind.DELETE, DeviceActionKind.MOVE, DeviceActionKind.REPLACE, DeviceActionKind.ADD)
    )
}
# What an event of such a change of a camera tells of how it was before.
BEFORE = {
    EventKind.CAMERA_MOVED: ("server_id",),
    EventKind.CAMERA_REPLACED: ("mac_address", "address", "manufacturer", "model"),
    EventKind.CAMERA_UPDATED: (
        "name",
        "mac_address",
        "address",
        "manufacturer",
        "model",
        "external_id",
        "external_server_id",
        "removing",
    ),
}
ENDED_RANK = 3
BEGUN_RANK = 4


def _rank(kind: EventKind) -> int:
    if kind.startswith("CAMERA"):
        return 2
    return 1 if kind.startswith(("SERVER", "PAIRING")) else 0


@dataclass
class ChangeLog:
    """What one change did so far, in the order in which its events will stand: the site, servers and pairings,
    cameras, actions that end, actions that begin or wait (DELETE, MOVE, REPLACE, ADD). An action has one event, and
    so has a kind of change (BEFORE) of a camera: from what it was before the whole change, to what it is after it.
    """

    facts: list[tuple[int, EventKind, UUID, dict[str, Any] | None]] = field(default_factory=list)
    actions: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    told: set[tuple[EventKind, UUID]] = field(default_factory=set)
    removed: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def note(self, kind: EventKind, subject_id: UUID, **body: Any) -> None:
        """Note that something happened to a thing; `body` is what its row will not tell."""
        if kind in BEFORE and self._is_told(kind, subject_id):
            return
        if kind == EventKind.CAMERA_REMOVED:
            self.removed[subject_id] = body
        self.told.add((kind, subject_id))
        self.facts.append((_rank(kind), kind, subject_id, body or None))

    def _is_told(self, kind: EventKind, camera_id: UUID) -> bool:
        """An event tells its camera as it is after the change, so a second one, or one beside its ADDED, is no news."""
        return (kind, camera_id) in self.told or (EventKind.CAMERA_ADDED, camera_id) in self.told

    def note_all(self, kind: EventKind, subject_ids: Iterable[UUID]) -> None:
        """Note that the same happened to several things."""
        for subject_id in subject_ids:
            self.note(kind, subject_id)

    def note_changed(self, kind: EventKind, rows: Iterable[asyncpg.Record]) -> None:
        """Note how cameras changed; `rows`: their ids, and the columns of BEFORE as they were."""
        for row in rows:
            self.note(kind, row["id"], before={name: row[name] for name in BEFORE[kind]})

    def note_actions(self, actions: Iterable[tuple[UUID, str, str]]) -> None:
        """Note the new states of actions: (id, status, action)."""
        for action_id, status, action in actions:
            self.actions[action_id] = (status, action)

    def arrange(self, action_ids: Iterable[UUID]) -> None:
        """Let the events of these actions stand in this order among those of their rank, before any others."""
        first = {one: self.actions.pop(one) for one in action_ids if one in self.actions}
        self.actions = first | self.actions

    def is_empty(self) -> bool:
        """Tell whether nothing happened."""
        return not (self.facts or self.actions)

    def _placed(self) -> Iterator[tuple[int, EventKind, UUID, dict[str, Any] | None]]:
        """What was said of a camera that moved also tells where that was, for its external id belongs to a server."""
        left = {
            subject: body["before"]
            for _, kind, subject, body in self.facts
            if kind == EventKind.CAMERA_MOVED and body
        }
        for rank, kind, subject, body in self.facts:
            if kind == EventKind.CAMERA_UPDATED and body and subject in left:
                yield rank, kind, subject, {**body, "before": left[subject] | body["before"]}
            else:
                yield rank, kind, subject, body

    def in_order(self) -> list[tuple[EventKind, UUID, dict[str, Any] | None]]:
        """Return (kind, subject, body) of every event of the change."""
        unresolved = {status.value for status in UNRESOLVED if status != MirrorStatus.FAILED}
        rows: list[tuple[tuple[int, int], EventKind, UUID, dict[str, Any] | None]] = [
            # Of a camera that is gone by then all events tell its row as it was last.
            ((rank, 0), kind, subject, self.removed.get(subject, {}) | (body or {}) or None)
            for rank, kind, subject, body in self._placed()
        ]
        for action_id, (status, action) in self.actions.items():
            rank = (BEGUN_RANK, ACTION_ORDER[action]) if status in unresolved else (ENDED_RANK, 0)
            rows.append((rank, EventKind.MIRRORED_ACTION, action_id, None))
        rows.sort(key=lambda row: row[0])
        return [(kind, subject, body) for _, kind, subject, body in rows]


async def append(
    connection: Connection, site_id: UUID, change_id: UUID, actor: str, log: ChangeLog, *, moves_design: bool
) -> int:
    """Write the change's events and return the site's new revision; the caller holds the site's row."""
    rows = log.in_order()
    row = await connection.fetchrow(
        statement("append_events"),
        site_id,
        change_id,
        actor,
        moves_design,
        [kind.value for kind, _, _ in rows],
        [subject for _, subject, _ in rows],
        [body for _, _, body in rows],
    )
    # An event that does not tell what it is about would break whoever reads the log, for good.
    if row is None or row["untold"]:
        raise TakenAwayError
    revision: int = row["revision"]
    return revision
