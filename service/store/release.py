"""What becomes of target cameras of which nobody wishes anything more: they stay as they are confirmed, or leave."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from service.model.vocabulary import DeviceActionKind, EventKind, MirrorStatus
from service.store import camera
from service.store.statements import statement
from service.store.transaction import SiteTransaction

LINK_ENDED = "The link ended and the camera was kept as it is."
TAKEN_OVER = "Another camera is wanted in the place of this one."
# The columns of sql/goal.sql that say what changes.
CHANGES = {
    EventKind.CAMERA_MOVED: "moves",
    EventKind.CAMERA_REPLACED: "replaces",
    EventKind.CAMERA_UPDATED: "updates",
}


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


async def settle_down(tx: SiteTransaction, goals_of: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """Bring cameras to their goals, and return the actions that ended by it.

    One whose place another has taken is the same device twice: it leaves the inventory, and nothing is sent, for a
    DELETE would take the other's device away.
    """
    gone = [goal["id"] for goal in goals_of if goal["gone"] or goal["occupied"]]
    staying = [goal for goal in goals_of if not (goal["gone"] or goal["occupied"])]
    for removing in (True, False):
        chosen = [goal["id"] for goal in staying if goal["leaving"] == removing]
        await camera.set_removing(tx, chosen, removing=removing)
    changing = [goal for goal in staying if goal["moves"] or goal["replaces"] or goal["updates"]]
    before = await tx.connection.fetch(statement("settle_down"), [goal["id"] for goal in changing])
    for kind, change in CHANGES.items():
        changed = {goal["id"] for goal in changing if goal[change]}
        tx.log.note_changed(kind, (row for row in before if row["id"] in changed))
    ended = await end_actions(tx, gone, (MirrorStatus.QUEUED,), MirrorStatus.SUPERSEDED, TAKEN_OVER)
    await camera.remove(tx, gone)
    return ended


async def depart(tx: SiteTransaction, begun: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """Bring cameras to the places where they are to be deleted, where a new wish for the device finds them; return
    the actions that ended by it. `begun`: actions that became QUEUED, or did not (columns: sql/wish.sql).
    """
    leaving = [
        row["target_camera_id"]
        for row in begun
        if (row["status"], row["action"]) == (MirrorStatus.QUEUED, DeviceActionKind.DELETE)
    ]
    ended = await settle_down(tx, await goals(tx, leaving)) if leaving else []
    if ended:
        # They were never sent.
        unsent = "UPDATE mirrored_action SET attempts = attempts - 1 WHERE id = ANY ($1::uuid[])"
        await tx.connection.execute(unsent, [row["id"] for row in ended])
    return ended
