"""The life of mirrored actions: wished for, overtaken, given their turn. What each does is derived from the target
camera, by the view camera_due, at the moment it becomes QUEUED.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from service.model.decision import Decision, Wish
from service.model.vocabulary import DeviceActionKind, Direction, MirrorCause, MirrorStatus
from service.store import camera
from service.store.release import depart, end_actions
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction

OVERTAKEN = "A newer wish for the same camera took its place."
WANTED_AGAIN = "The camera is wanted again."
FACT = "The camera was changed on its own recorder."
STILL_DIFFERS = (
    "Mirrored: the camera was changed on its own recorder, and something still differs from what is wanted."
)


async def wish(tx: SiteTransaction, wishes: Sequence[Wish]) -> list[UUID]:
    """Make the actions for new wishes, in input order; what was FAILED or BLOCKED of the cameras gives way."""
    if not wishes:
        return []
    overtaken = (MirrorStatus.FAILED, MirrorStatus.BLOCKED)
    cameras = [one.camera_id for one in wishes]
    await end_actions(tx, cameras, overtaken, MirrorStatus.SUPERSEDED, OVERTAKEN)
    rows = await tx.write(
        "wish",
        tx.site_id,
        tx.change_id,
        tx.request.actor,
        cameras,
        [one.action.value for one in wishes],
        [one.direction.value for one in wishes],
        [one.cause.value for one in wishes],
        [one.because for one in wishes],
        [one.source_server_id for one in wishes],
        [one.source_camera_id for one in wishes],
    )
    _note_made(tx, all_of(rows, wishes))
    ended = len(await depart(tx, rows))
    tx.made.update({MirrorStatus.QUEUED: -ended, MirrorStatus.SUPERSEDED: ended})
    return [row["id"] for row in rows]


async def record_suppressed(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[UUID]:
    """Record that the other side has nothing to do, and why."""
    rows = await tx.write(
        "record_suppressed",
        tx.site_id,
        tx.change_id,
        tx.request.actor,
        [
            one.asked.value if one.cause == MirrorCause.DEVICE_ACTION else one.action.value
            for one in decisions
        ],
        [one.direction.value for one in decisions],
        [one.cause.value for one in decisions],
        [one.reason for one in decisions],
        [one.because for one in decisions],
        [one.source_server_id for one in decisions],
        [one.camera_id for one in decisions],
        [one.target_server_id for one in decisions],
    )
    _note_made(tx, all_of(rows, decisions))
    return [row["id"] for row in rows]


async def want_again(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> None:
    """Want cameras again that were on their way out: a DELETE that was not sent yet never is."""
    unsent = (MirrorStatus.FAILED, MirrorStatus.BLOCKED)
    await end_actions(tx, camera_ids, unsent, MirrorStatus.SUPERSEDED, WANTED_AGAIN)
    await camera.set_removing(tx, camera_ids, removing=False)


async def queue_again(tx: SiteTransaction, action_ids: Sequence[UUID]) -> list[UUID]:
    """Give actions that waited, or that are tried again, their turn; return those that are QUEUED by it."""
    if not action_ids:
        return []
    rows = await tx.write("queue_again", action_ids)
    tx.log.note_actions((row["id"], row["status"], row["action"]) for row in rows)
    ended = {row["id"] for row in await depart(tx, rows)}
    return [row["id"] for row in rows if row["status"] == MirrorStatus.QUEUED and row["id"] not in ended]


async def set_going(tx: SiteTransaction, action_ids: Sequence[UUID]) -> None:
    """The same, where the change answers with what it set in motion."""
    queued = await queue_again(tx, action_ids)
    tx.queued_again += queued
    tx.made[MirrorStatus.QUEUED] += len(queued)


async def overtake_by_fact(tx: SiteTransaction, camera_id: UUID) -> None:
    """A fact on a target camera itself ends what is unresolved of it, under way or not; what still differs, or a
    removal that is still wanted, is queued anew.
    """
    unresolved = (MirrorStatus.QUEUED, MirrorStatus.BLOCKED, MirrorStatus.FAILED)
    rows = await end_actions(tx, [camera_id], unresolved, MirrorStatus.SUPERSEDED, FACT)
    due = await tx.connection.fetchval("SELECT action FROM camera_due WHERE camera_id = $1", camera_id)
    if rows and due is not None:
        await wish(tx, [_anew(rows[-1], DeviceActionKind(due))])


def _anew(ended: asyncpg.Record, action: DeviceActionKind) -> Wish:
    return Wish(
        camera_id=ended["target_camera_id"],
        action=action,
        direction=Direction(ended["direction"]),
        cause=MirrorCause(ended["cause"]),
        because=STILL_DIFFERS,
        source_server_id=ended["source_server_id"],
        source_camera_id=ended["source_camera_id"],
    )


def _note_made(tx: SiteTransaction, rows: Sequence[asyncpg.Record]) -> None:
    tx.log.note_actions((row["id"], row["status"], row["action"]) for row in rows)
    tx.made.update(row["status"] for row in rows)
