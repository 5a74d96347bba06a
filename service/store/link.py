"""Links: made, and ended with their twins kept or removed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from service.model.decision import Decision, Wish
from service.model.vocabulary import DeviceActionKind, Direction, EventKind, MirrorCause, TwinDisposal
from service.store import camera
from service.store.release import release
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction


def note_linked(tx: SiteTransaction, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Note that cameras were linked: (on a primary, on a secondary)."""
    for primary_id, secondary_id in pairs:
        tx.log.note(EventKind.CAMERA_LINKED, primary_id, counterpart_id=str(secondary_id))


async def make(tx: SiteTransaction, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Link cameras: (on a primary, on a secondary)."""
    rows = await tx.write("link_pairs", tx.site_id, [one for one, _ in pairs], [other for _, other in pairs])
    all_of(rows, pairs)
    note_linked(tx, pairs)


async def end(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> list[UUID]:
    """End the links that these cameras are an end of, and return the cameras on the secondaries."""
    if not camera_ids:
        return []
    rows = await tx.write("unlink", camera_ids)
    for row in rows:
        tx.log.note(
            EventKind.CAMERA_UNLINKED,
            row["primary_camera_id"],
            counterpart_id=str(row["secondary_camera_id"]),
        )
    return [row["secondary_camera_id"] for row in rows]


async def end_keeping(tx: SiteTransaction, camera_ids: Sequence[UUID], kept_ids: Sequence[UUID]) -> None:
    """End links and leave the cameras at their other ends where they are."""
    if kept_ids:
        await end(tx, camera_ids)
        await release(tx, kept_ids)


async def dispose(
    tx: SiteTransaction,
    ended: Sequence[tuple[UUID, UUID, UUID]],
    cause: MirrorCause,
    because: str,
    twins: TwinDisposal,
) -> list[Wish]:
    """End links of (primary's camera, primary, twin); the twins are kept as confirmed, or a DELETE is wished for.

    The primaries' cameras are kept in any case: in RESTORE it is they that actions are done to.
    """
    twin_ids = [twin_id for _, _, twin_id in ended]
    camera_ids = [camera_id for camera_id, _, _ in ended]
    await end(tx, twin_ids)
    if twins == TwinDisposal.KEEP:
        await release(tx, camera_ids + twin_ids)
        return []
    await release(tx, camera_ids)
    await camera.set_removing(tx, twin_ids, removing=True)
    return [
        Wish(twin_id, DeviceActionKind.DELETE, Direction.BACKUP, cause, because, server_id, camera_id)
        for camera_id, server_id, twin_id in ended
    ]


async def end_removing(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    """End the links of decided cameras and mark their counterparts as on their way out."""
    removed = [one.counterpart_id for one in decisions if one.counterpart_id is not None]
    await end(tx, removed)
    await camera.set_removing(tx, removed, removing=True)
    return [
        Wish(
            camera_id=one.counterpart_id,
            action=DeviceActionKind.DELETE,
            direction=one.direction,
            cause=one.cause,
            because=one.because,
            source_server_id=one.source_server_id,
            source_camera_id=one.camera_id,
        )
        for one in decisions
        if one.counterpart_id is not None
    ]
