"""Recorders that are lost: what was to be done there never will be, and nothing there counts as confirmed."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from service.model.vocabulary import MirrorCause, TwinDisposal
from service.store import camera, link, mirrored_action
from service.store.release import release
from service.store.statements import statement
from service.store.transaction import SiteTransaction

LOST = "The recorder that was to do it is lost."
LEFT = "The recorder that held the twin is lost."


async def lose(tx: SiteTransaction, server_ids: Sequence[UUID]) -> set[UUID]:
    """End what is to be done at these servers, under way or not, and return the cameras wanted there that no
    recorder holds now; what was on its way out of them leaves the inventory.
    """
    ended = await _end_actions(tx, server_ids)
    await camera.unconfirm(tx, await _ids(tx, "lost_confirmed", server_ids))
    await mirrored_action.set_going(tx, await _ids(tx, "lost_waiting", ended))
    await camera.remove(tx, await _ids(tx, "lost_removing", ended, server_ids))
    rows = await tx.connection.fetch(statement("lost_cameras"), server_ids)
    return {row["id"] for row in rows if row["nothing_held"]}


async def _end_actions(tx: SiteTransaction, server_ids: Sequence[UUID]) -> list[UUID]:
    rows = await tx.connection.fetch(statement("lost_actions"), server_ids, LOST)
    rows.sort(key=lambda row: row["created_position"])
    tx.log.note_actions((row["id"], row["status"], row["action"]) for row in rows)
    return list(dict.fromkeys(row["target_camera_id"] for row in rows))


async def _ids(tx: SiteTransaction, name: str, *arguments: object) -> list[UUID]:
    return [row["id"] for row in await tx.connection.fetch(statement(name), *arguments)]


async def clear(tx: SiteTransaction, server_ids: Sequence[UUID]) -> None:
    """Let go the cameras that are still wanted on lost servers and can come about there no more, with their links:
    each stays where else it is confirmed or under way, or leaves the inventory.
    """
    rows = await tx.connection.fetch(statement("lost_cameras"), server_ids)
    ended = [_link(row) for row in rows if row["primary_camera_id"] is not None]
    await link.dispose(tx, ended, MirrorCause.PAIRING, LEFT, TwinDisposal.KEEP)
    await release(tx, [row["id"] for row in rows if row["primary_camera_id"] is None])


def _link(row: asyncpg.Record) -> tuple[UUID, UUID, UUID]:
    return row["primary_camera_id"], row["primary_server_id"], row["id"]
