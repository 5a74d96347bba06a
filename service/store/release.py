"""What becomes of target cameras of which nobody wishes anything more: they stay as they are confirmed."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from service.model.vocabulary import EventKind, MirrorStatus
from service.store import camera
from service.store.statements import statement
from service.store.transaction import SiteTransaction

LINK_ENDED = "The link ended and the camera was kept as it is."
NOT_KEPT = "The link ended, and another camera is wanted in this one's place."


async def release(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> None:
    """Keep cameras whose link ended: what is under way is let finish, what waits or failed ends."""
    ended = (MirrorStatus.BLOCKED, MirrorStatus.FAILED)
    await end_actions(tx, camera_ids, ended, MirrorStatus.ABANDONED, LINK_ENDED)
    await settle_down(tx, await goals(tx, camera_ids))


async def end_actions(
    tx: SiteTransaction,
    camera_ids: Sequence[UUID],
    statuses: Sequence[MirrorStatus],
    become: MirrorStatus,
    note: str,
) -> list[asyncpg.Record]:
    """End the unresolved actions on these target cameras that have one of the statuses, and return them in the
    order of the cameras.
    """
    rows = await tx.connection.fetch(
        statement("end_actions"), camera_ids, [status.value for status in statuses], become.value, note
    )
    place = {camera_id: index for index, camera_id in enumerate(camera_ids)}
    rows.sort(key=lambda row: place[row["target_camera_id"]])
    tx.log.note_actions((row["id"], row["status"], row["action"]) for row in rows)
    return rows


async def goals(
    tx: SiteTransaction, camera_ids: Sequence[UUID], ending: Sequence[UUID] = ()
) -> list[asyncpg.Record]:
    """Return where the cameras stand once nothing more is wished of them (columns: sql/goal.sql); `ending`: actions
    that are about to end.
    """
    return await tx.connection.fetch(statement("goal"), camera_ids, ending)


async def settle_down(tx: SiteTransaction, goals_of: Sequence[asyncpg.Record]) -> None:
    """Bring cameras to their goals. One whose place another has taken is the same device twice: it leaves."""
    leaving = [goal["id"] for goal in goals_of if goal["leaving"]]
    gone = [goal["id"] for goal in goals_of if goal["gone"] or goal["occupied"]]
    staying = [goal for goal in goals_of if not (goal["leaving"] or goal["gone"] or goal["occupied"])]
    await camera.set_removing(tx, leaving, removing=True)
    await camera.set_removing(tx, [goal["id"] for goal in staying], removing=False)
    await tx.connection.execute(statement("settle_down"), [goal["id"] for goal in staying])
    tx.log.note_all(EventKind.CAMERA_MOVED, (goal["id"] for goal in staying if goal["moves"]))
    tx.log.note_all(EventKind.CAMERA_REPLACED, (goal["id"] for goal in staying if goal["replaces"]))
    tx.log.note_all(EventKind.CAMERA_UPDATED, (goal["id"] for goal in staying if goal["updates"]))
    await end_actions(tx, gone, (MirrorStatus.QUEUED,), MirrorStatus.SUPERSEDED, NOT_KEPT)
    await camera.remove(tx, gone)
