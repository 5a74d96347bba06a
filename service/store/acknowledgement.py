"""What acknowledged outcomes, retries and abandonments do to actions and their target cameras, in sets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from service.model.acknowledgement import ActionState
from service.model.decision import Wish
from service.model.inputs import ResultInput
from service.model.vocabulary import (
    DeviceActionKind,
    Direction,
    EventKind,
    MirrorCause,
    MirrorOutcome,
    MirrorStatus,
)
from service.store import camera, link, mirrored_action
from service.store.release import LINK_ENDED, end_actions, goals, settle_down
from service.store.statements import statement
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction

FAILED_OVERTAKEN = "It failed, and a newer wish for the same camera was waiting behind it."
PREDECESSOR_ABANDONED = "The action that it waited for was abandoned."
LEFT_BEHIND = "Mirrored: the camera was moved, and its old device leaves the server it came from."
CAME_LATE = "Mirrored: the device was added after nobody wanted it any more, and is taken away again."


@dataclass(frozen=True, slots=True)
class Settled:
    """An action's new status; `outcome` null: nobody acknowledged anything."""

    action_id: UUID
    status: MirrorStatus
    outcome: MirrorOutcome | None = None
    error: str | None = None
    note: str | None = None


async def states(tx: SiteTransaction, action_ids: Sequence[UUID]) -> dict[UUID, ActionState]:
    """Return the actions of the site among these, as verdicts see them."""
    rows = await tx.connection.fetch(statement("actions_to_judge"), tx.site_id, action_ids)
    return {row["id"]: _state(row) for row in rows}


def _state(row: asyncpg.Record) -> ActionState:
    return ActionState(
        id=row["id"],
        status=MirrorStatus(row["status"]),
        outcome=MirrorOutcome(row["outcome"]) if row["outcome"] else None,
        action=DeviceActionKind(row["action"]),
        target_camera_id=row["target_camera_id"],
        removing=row["removing"],
        linked=row["linked"],
        waiting_id=row["waiting_id"],
        waiting_action=DeviceActionKind(row["waiting_action"]) if row["waiting_action"] else None,
    )


async def settle(tx: SiteTransaction, settled: Sequence[Settled]) -> None:
    """Write the new statuses."""
    if not settled:
        return
    rows = await tx.connection.fetch(
        statement("set_outcomes"),
        [one.action_id for one in settled],
        [one.status.value for one in settled],
        [one.outcome for one in settled],
        [one.error for one in settled],
        [one.note for one in settled],
    )
    tx.log.note_actions((row["id"], row["status"], row["action"]) for row in all_of(rows, settled))


async def apply(tx: SiteTransaction, applied: Sequence[tuple[ActionState, ResultInput]]) -> None:
    """Confirm what was sent; the old device of a move has to go; what waits has its turn."""
    if not applied:
        return
    await settle(tx, [Settled(one.id, MirrorStatus.APPLIED, MirrorOutcome.APPLIED) for one, _ in applied])
    delete = DeviceActionKind.DELETE
    await _confirm(tx, [(one.id, said.external_id) for one, said in applied if one.action != delete])
    await _deleted(tx, [one for one, _ in applied if one.action == delete])
    await mirrored_action.queue_again(tx, _waiting(one for one, _ in applied))


async def _confirm(tx: SiteTransaction, sent: Sequence[tuple[UUID, str | None]]) -> None:
    action_ids, external_ids = [one for one, _ in sent], await _last_said(tx, sent)
    left = await tx.write("leave_behind", action_ids)
    lost = await tx.connection.fetch(statement("take_external_ids"), action_ids, external_ids)
    given = await tx.write("confirm", action_ids, external_ids)
    tx.log.note_all(EventKind.CAMERA_ADDED, (row["id"] for row in left))
    tx.log.note_changed(EventKind.CAMERA_UPDATED, [*lost, *given])
    await mirrored_action.wish(tx, [_removal(row, LEFT_BEHIND) for row in left])


async def _last_said(tx: SiteTransaction, sent: Sequence[tuple[UUID, str | None]]) -> list[str | None]:
    """Where one server's id was given to several devices, the last one said holds it."""
    rows = await tx.connection.fetch(
        "SELECT id, target_server_id FROM mirrored_action WHERE id = ANY ($1::uuid[])",
        [one for one, _ in sent],
    )
    servers = {row["id"]: row["target_server_id"] for row in rows}
    holder = {(servers[one], external_id): one for one, external_id in sent}
    return [external_id if holder[servers[one], external_id] == one else None for one, external_id in sent]


async def _deleted(tx: SiteTransaction, deleted: Sequence[ActionState]) -> None:
    """A deleted camera leaves the inventory, unless it is wanted again: then nothing of it is confirmed."""
    cameras = {one.target_camera_id: one.removing for one in deleted if one.target_camera_id}
    wanted = [camera_id for camera_id, removing in cameras.items() if removing is False]
    await camera.unconfirm(tx, wanted)
    await camera.remove(tx, [camera_id for camera_id, removing in cameras.items() if removing])


async def fail(
    tx: SiteTransaction,
    failed: Sequence[tuple[ActionState, ResultInput]],
    overtaken: Sequence[tuple[ActionState, ResultInput]],
    kept: Sequence[tuple[ActionState, ResultInput]],
) -> None:
    """Failed ones stay; one with another behind it gives way; one whose link ended in the meantime is let go."""
    said = MirrorOutcome.FAILED
    await settle(
        tx,
        [Settled(one.id, MirrorStatus.FAILED, said, result.error) for one, result in failed]
        + [
            Settled(one.id, MirrorStatus.SUPERSEDED, said, result.error, FAILED_OVERTAKEN)
            for one, result in overtaken
        ]
        + [Settled(one.id, MirrorStatus.ABANDONED, said, result.error, LINK_ENDED) for one, result in kept],
    )
    if kept:
        await settle_down(tx, await goals(tx, _targets(one for one, _ in kept)))
    await mirrored_action.queue_again(tx, _waiting(one for one, _ in overtaken))


async def clear_late(tx: SiteTransaction, late: Sequence[tuple[ActionState, ResultInput]]) -> None:
    """Devices that were added after their action had ended are taken away again: nothing is left on a recorder."""
    if not late:
        return
    rows = await tx.connection.fetch(
        statement("late_devices"), [one.id for one, _ in late], [result.external_id for _, result in late]
    )
    ids = [row["id"] for row in rows]
    tx.log.note_all(EventKind.CAMERA_ADDED, ids)
    lost = await tx.connection.fetch(statement("forget_external_ids"), ids)
    tx.log.note_changed(EventKind.CAMERA_UPDATED, lost)
    await mirrored_action.wish(tx, [_removal(row, CAME_LATE) for row in rows])


def _removal(row: asyncpg.Record, because: str) -> Wish:
    return Wish(
        camera_id=row["id"],
        action=DeviceActionKind.DELETE,
        direction=Direction(row["direction"]),
        cause=MirrorCause(row["cause"]),
        because=because,
        source_server_id=row["source_server_id"],
        source_camera_id=row["source_camera_id"],
    )


async def abandon(tx: SiteTransaction, chosen: Sequence[ActionState], note: str) -> list[ActionState]:
    """Give actions up: what is wanted of their cameras becomes what is confirmed. Returns those that cannot be given
    up, because the place or the hardware to go back to is taken by now; nothing of them changed.
    """
    reverting = [one for one in chosen if one.waiting_action != DeviceActionKind.DELETE]
    ahead, stuck = await _free_goals(tx, reverting)
    unmoved = {one.id for one in stuck}
    given_up = [one for one in chosen if one.id not in unmoved]
    await settle(tx, [Settled(one.id, MirrorStatus.ABANDONED, note=note) for one in given_up])
    await _revert(tx, ahead)
    removals = [one for one in given_up if one.waiting_action == DeviceActionKind.DELETE]
    await mirrored_action.queue_again(tx, _waiting(removals))
    return stuck


async def _free_goals(
    tx: SiteTransaction, chosen: Sequence[ActionState]
) -> tuple[list[asyncpg.Record], list[ActionState]]:
    """Return the goals of those whose place is free, and the others. One that cannot go back holds its own place."""
    moving, stuck = list(chosen), list[ActionState]()
    while True:
        ahead = await goals(tx, _targets(moving), [one.id for one in moving])
        occupied = {goal["id"] for goal in ahead if goal["occupied"]}
        if not occupied:
            return ahead, stuck
        stuck += [one for one in moving if one.target_camera_id in occupied]
        moving = [one for one in moving if one.target_camera_id not in occupied]


async def _revert(tx: SiteTransaction, goals_of: Sequence[asyncpg.Record]) -> None:
    cameras = [goal["id"] for goal in goals_of]
    blocked = (MirrorStatus.BLOCKED,)
    await end_actions(tx, cameras, blocked, MirrorStatus.SUPERSEDED, PREDECESSOR_ABANDONED)
    await link.end(tx, [goal["id"] for goal in goals_of if goal["leaving"] or goal["gone"]])
    await settle_down(tx, goals_of)


def _targets(actions: Iterable[ActionState]) -> list[UUID]:
    return [one.target_camera_id for one in actions if one.target_camera_id is not None]


def _waiting(actions: Iterable[ActionState]) -> list[UUID]:
    return [one.waiting_id for one in actions if one.waiting_id is not None]
