"""Compares what recorders hold with the inventory, and takes the difference over into it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from service.model.decision import DeviceAction
from service.model.inputs import ServerInventoryInput
from service.model.inventory_report import ReportedCamera, Tally
from service.model.vocabulary import DeviceActionKind as Kind
from service.model.vocabulary import Direction, EventKind, ServerLabel
from service.store import camera, link
from service.store.mirroring import mirror
from service.store.reconciliation import add_again
from service.store.server import ServerState
from service.store.statements import statement
from service.store.transaction import SiteTransaction

DRIFT = "Mirrored: the twin is no longer on its recorder, and is to be added again."

Servers = Mapping[UUID, ServerState]


class Verdict(StrEnum):
    """What a report says of one camera, or the inventory's."""

    ADDED = "ADDED"
    DELETED = "DELETED"
    REPLACED = "REPLACED"
    MOVED = "MOVED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    REQUEUED = "REQUEUED"


KINDS = {
    Verdict.ADDED: Kind.ADD,
    Verdict.DELETED: Kind.DELETE,
    Verdict.REPLACED: Kind.REPLACE,
    Verdict.MOVED: Kind.MOVE,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A difference: of a device that a recorder holds, of a camera of the inventory, or of both; `server_id` is where
    the camera was, or else is.
    """

    verdict: Verdict
    device: ReportedCamera | None
    camera_id: UUID | None
    server_id: UUID

    @property
    def kind(self) -> Kind:
        """The device action that it is."""
        return KINDS[self.verdict]


@dataclass
class Difference:
    """What reports and inventory differ by; `tallies`: per report."""

    found: Mapping[Verdict, list[Found]]
    counts: Counter[Verdict] = field(default_factory=Counter)
    tallies: list[Tally] = field(default_factory=list)


async def is_kept(tx: SiteTransaction, revision: int) -> bool:
    """Tell whether the log still holds everything that happened after this revision."""
    row = await tx.connection.fetchrow(statement("event_heads"), [tx.site_id])
    return row is not None and row["oldest"] <= revision


async def compare(
    tx: SiteTransaction,
    reports: Sequence[ServerInventoryInput],
    devices: Sequence[ReportedCamera],
    as_of: int | None,
) -> Difference:
    """Compare in one statement; the devices are those of the reports."""
    # All its joins are equalities of sets whose sizes the planner can only guess: hashing is never far off.
    await tx.connection.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
    rows = await tx.connection.fetch(
        statement("difference"),
        tx.site_id,
        as_of,
        [one.server_id for one in reports],
        [one.complete for one in reports],
        [one.report + 1 for one in devices],
        [one.name for one in devices],
        [one.channel for one in devices],
        [one.hardware.mac_address for one in devices],
        [one.hardware.address for one in devices],
        [one.hardware.manufacturer for one in devices],
        [one.hardware.model for one in devices],
        [one.external_id for one in devices],
    )
    await tx.connection.execute("SET LOCAL enable_nestloop = on")
    return _difference(rows, reports, devices)


def _difference(
    rows: Iterable[asyncpg.Record],
    reports: Sequence[ServerInventoryInput],
    devices: Sequence[ReportedCamera],
) -> Difference:
    found: dict[Verdict, list[Found]] = {verdict: [] for verdict in Verdict}
    numbers: Counter[tuple[int, str]] = Counter()
    for row in rows:
        report, verdict, n = row["report"] - 1, row["verdict"], row["n"]
        if verdict in ("OF", "KNOWN", Verdict.UNCHANGED, Verdict.SKIPPED):
            numbers[report, verdict] += n
            continue
        numbers[report, verdict] += 1
        device = None if n is None else devices[n - 1]
        server_id = reports[report].server_id
        found[Verdict(verdict)].append(Found(Verdict(verdict), device, row["camera_id"], server_id))
    totals: Counter[str] = Counter()
    for (_, name), number in numbers.items():
        totals[name] += number
    counts = Counter({verdict: totals[verdict] for verdict in Verdict})
    tallies = [_tally(numbers, index, len(report.cameras)) for index, report in enumerate(reports)]
    return Difference(found, counts, tallies)


def _tally(numbers: Mapping[tuple[int, str], int], report: int, reported: int) -> Tally:
    def number(name: str) -> int:
        return numbers.get((report, name), 0)

    return Tally(
        of=number("OF"),
        reported=reported,
        known=number("KNOWN"),
        adds=number(Verdict.ADDED),
        deletes=number(Verdict.DELETED),
        replaces=number(Verdict.REPLACED),
        moves=number(Verdict.MOVED),
        requeues=number(Verdict.REQUEUED),
    )


async def take_over(tx: SiteTransaction, difference: Difference, servers: Servers) -> None:
    """Change the inventory by the difference and have it mirrored.

    All facts are recorded before any of them is decided, so that none of them undoes what another wished for. Each
    kind is one set, that of the primaries before that of the secondaries: what goes makes room for what comes, and
    what both sides report at once is decided once.
    """
    found = difference.found
    named = [*found[Verdict.UPDATED], *found[Verdict.REPLACED], *found[Verdict.MOVED], *found[Verdict.ADDED]]
    missing = [_camera(one) for one in found[Verdict.REQUEUED]]
    await _free_external_ids(tx, named)
    await _record(tx, found[Verdict.UPDATED], EventKind.CAMERA_UPDATED)
    await _record(tx, found[Verdict.MOVED], EventKind.CAMERA_MOVED)
    await _record(tx, found[Verdict.REPLACED], EventKind.CAMERA_REPLACED)
    await camera.unconfirm(tx, missing)
    await _delete(tx, found[Verdict.DELETED], servers)
    added = await _insert(tx, found[Verdict.ADDED])
    for one in found[Verdict.MOVED], found[Verdict.REPLACED], added:
        await _mirror(tx, one, servers)
    await add_again(tx, missing, Direction.BACKUP, DRIFT)


async def _free_external_ids(tx: SiteTransaction, named: Sequence[Found]) -> None:
    said = [(_device(one), one.camera_id) for one in named if _device(one).external_id is not None]
    rows = await tx.connection.fetch(
        statement("yield_external_ids"),
        [device.server_id for device, _ in said],
        [device.external_id for device, _ in said],
        [camera_id for _, camera_id in said],
    )
    tx.log.note_changed(EventKind.CAMERA_UPDATED, rows)


async def _record(tx: SiteTransaction, found: Sequence[Found], kind: EventKind) -> None:
    """Write what is reported of cameras of the inventory."""
    if not found:
        return
    devices = [_device(one) for one in found]
    rows = await tx.write(
        "record_reported",
        [one.camera_id for one in found],
        [one.server_id for one in devices],
        [one.name for one in devices],
        [one.hardware.mac_address for one in devices],
        [one.hardware.address for one in devices],
        [one.hardware.manufacturer for one in devices],
        [one.hardware.model for one in devices],
        [one.external_id for one in devices],
        [kind == EventKind.CAMERA_REPLACED] * len(found),
    )
    tx.log.note_changed(kind, rows)
    tx.log.note_changed(EventKind.CAMERA_UPDATED, (row for row in rows if row["updated"]))


async def _delete(tx: SiteTransaction, found: Sequence[Found], servers: Servers) -> None:
    await _mirror(tx, found, servers)
    camera_ids = [_camera(one) for one in found]
    await link.end(tx, camera_ids)
    await camera.remove(tx, camera_ids)


async def _insert(tx: SiteTransaction, found: Sequence[Found]) -> list[Found]:
    """Add what is new, and return it with its cameras."""
    devices = [_device(one) for one in found]
    new = [
        camera.NewCamera(one.server_id, one.name, one.channel, one.hardware, one.external_id)
        for one in devices
    ]
    made = await camera.insert(tx, new) if new else []
    return [replace(one, camera_id=camera_id) for one, camera_id in zip(found, made, strict=True)]


async def _mirror(tx: SiteTransaction, found: Sequence[Found], servers: Servers) -> None:
    for label in ServerLabel.PRIMARY, ServerLabel.SECONDARY:
        await mirror(tx, [_asked(one) for one in found if servers[one.server_id].label == label])


def _asked(found: Found) -> DeviceAction:
    left = found.server_id if found.kind == Kind.MOVE else None
    return DeviceAction(found.kind, _camera(found), left_server_id=left)


def _camera(found: Found) -> UUID:
    if found.camera_id is None:
        message = f"a difference without a camera of the inventory: {found}"
        raise ValueError(message)
    return found.camera_id


def _device(found: Found) -> ReportedCamera:
    if found.device is None:
        message = f"a difference that no recorder reported: {found}"
        raise ValueError(message)
    return found.device


def told(
    difference: Difference, reports: Sequence[ServerInventoryInput], as_of: int | None
) -> dict[str, Any]:
    """Return what the event INVENTORY_REPORTED tells beside its site."""
    return {
        "servers": [str(one.server_id) for one in reports],
        "complete": [str(one.server_id) for one in reports if one.complete],
        "asOf": as_of,
        **counts(difference),
    }


def counts(difference: Difference) -> dict[str, int]:
    """Return how many cameras had each verdict."""
    return {verdict.value.lower(): difference.counts[verdict] for verdict in Verdict}
