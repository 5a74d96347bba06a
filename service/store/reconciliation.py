"""What makes recorders equal to the design: twins that are missing or elsewhere, other hardware, what FAILED, and on
recorders that are taken to hold nothing for sure, every camera that is wanted there.
"""

from collections.abc import Sequence
from uuid import UUID

from service.model.decision import DeviceAction, Wish
from service.model.vocabulary import DeviceActionKind, Direction, MirrorCause, Side
from service.store import camera, mirrored_action
from service.store.mirroring import mirror
from service.store.statements import statement
from service.store.transaction import SiteTransaction

UNSURE = "Mirrored: the recorder is taken to hold nothing for sure; one that has the camera as asked answers APPLIED."

Scope = Sequence[UUID] | None


async def reconcile(tx: SiteTransaction, scope: Scope, direction: Direction) -> None:
    """Queue what the target recorders lack. `scope`: those that were named; null: all, and what is confirmed counts."""
    unsure = await _doubt(tx, scope) if scope is not None else []
    if direction == Direction.BACKUP:
        await _act(tx, DeviceActionKind.ADD, "misplaced_cameras", tx.site_id, scope)
    source = Side.PRIMARY if direction == Direction.BACKUP else Side.SECONDARY
    await _act(tx, DeviceActionKind.REPLACE, "unlike_cameras", tx.site_id, source.value, scope, tx.change_id)
    failed = await tx.connection.fetch(statement("failed_actions"), tx.site_id, direction.value, scope)
    await mirrored_action.set_going(tx, [row["id"] for row in failed])
    await add_again(tx, unsure, direction, UNSURE)


async def _doubt(tx: SiteTransaction, server_ids: Sequence[UUID]) -> list[UUID]:
    rows = await tx.connection.fetch(statement("unsure_cameras"), server_ids)
    unsure = [row["id"] for row in rows]
    await camera.unconfirm(tx, unsure)
    return unsure


async def _act(tx: SiteTransaction, kind: DeviceActionKind, name: str, *arguments: object) -> None:
    rows = await tx.connection.fetch(statement(name), *arguments)
    asked = [
        DeviceAction(kind, row["id"], MirrorCause.RECONCILE, target_server_id=row["target_server_id"])
        for row in rows
    ]
    await mirror(tx, asked)


async def add_again(
    tx: SiteTransaction, camera_ids: Sequence[UUID], direction: Direction, because: str
) -> None:
    """Queue the ADDs of unconfirmed cameras, where nothing else is on its way to them."""
    rows = await tx.connection.fetch(statement("unsure_left"), camera_ids)
    await mirrored_action.wish(
        tx,
        [
            Wish(
                camera_id=row["id"],
                action=DeviceActionKind.ADD,
                direction=direction,
                cause=MirrorCause.RECONCILE,
                because=because,
                source_server_id=row["counterpart_server_id"],
                source_camera_id=row["counterpart_id"],
            )
            for row in rows
        ],
    )
