"""The rows of cameras: what facts and wishes make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from service.model.hardware import Hardware
from service.model.vocabulary import EventKind, ServerLabel
from service.store.statements import statement
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction

NOTHING = Hardware(None, None)


@dataclass(frozen=True, slots=True)
class NewCamera:
    """A camera that was added on a server."""

    server_id: UUID
    name: str
    channel: int
    hardware: Hardware
    external_id: str | None


@dataclass(frozen=True, slots=True)
class CameraState:
    """What rules ask of a camera; `confirmed`: the server and hardware last confirmed, null if nothing is."""

    id: UUID
    name: str
    server_id: UUID
    side: ServerLabel
    channel: int
    removing: bool
    external_id: str | None
    hardware: Hardware
    confirmed: tuple[UUID, Hardware] | None
    pairing_id: UUID | None
    counterpart_id: UUID | None
    counterpart_server_id: UUID | None
    linked_within_pairing: bool

    @property
    def recorder_id(self) -> UUID:
        """The server whose own id of the camera `external_id` is."""
        return self.confirmed[0] if self.confirmed else self.server_id


async def states(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> dict[UUID, CameraState]:
    """Return those of these cameras that the site has."""
    rows = await tx.connection.fetch(statement("camera_states"), tx.site_id, camera_ids)
    return {row["id"]: _state(row) for row in rows}


def _state(row: asyncpg.Record) -> CameraState:
    return CameraState(
        id=row["id"],
        name=row["name"],
        server_id=row["server_id"],
        side=ServerLabel(row["side"]),
        channel=row["channel"],
        removing=row["removing"],
        external_id=row["external_id"],
        hardware=_hardware(row, ""),
        confirmed=(row["confirmed_server_id"], _hardware(row, "confirmed_"))
        if row["confirmed_server_id"]
        else None,
        pairing_id=row["pairing_id"],
        counterpart_id=row["counterpart_id"],
        counterpart_server_id=row["counterpart_server_id"],
        linked_within_pairing=row["linked_within_pairing"],
    )


def _hardware(row: asyncpg.Record, prefix: str) -> Hardware:
    return Hardware(*(row[f"{prefix}{name}"] for name in ("mac_address", "address", "manufacturer", "model")))


async def same_device(
    tx: SiteTransaction, server_id: UUID, hardware: Hardware, channel: int, besides: UUID | None = None
) -> str | None:
    """Return the name of the camera that the server holds of this hardware and channel, if it does."""
    row = await tx.connection.fetchrow(
        statement("same_device"),
        server_id,
        hardware.mac_address,
        hardware.address,
        channel,
        besides,
        tx.site_id,
    )
    return row["name"] if row else None


async def external_id_taken(tx: SiteTransaction, server_id: UUID, external_id: str) -> bool:
    """Tell whether a camera of the server has this id of its recorder."""
    taken: bool = await tx.connection.fetchval(
        "SELECT EXISTS (SELECT FROM camera"
        " WHERE external_server_id = $1 AND external_id = $2 AND site_id = $3)",
        server_id,
        external_id,
        tx.site_id,
    )
    return taken


@dataclass(frozen=True, slots=True)
class Held:
    """Whether the server holds a camera's hardware already, and whether its externalId is another camera's there."""

    held: bool
    external_id_taken: bool


async def held_already(tx: SiteTransaction, cameras: Sequence[NewCamera]) -> list[Held]:
    """Tell of each camera, in input order, what its server has of it."""
    rows = await tx.connection.fetch(
        statement("held_already"),
        [one.server_id for one in cameras],
        [one.hardware.mac_address for one in cameras],
        [one.hardware.address for one in cameras],
        [one.channel for one in cameras],
        [one.external_id for one in cameras],
    )
    return [Held(row["held"], row["external_id_taken"]) for row in rows]


async def insert(tx: SiteTransaction, cameras: Sequence[NewCamera]) -> list[UUID]:
    """Record the fact that cameras stand on servers now, wanted and confirmed; ids in input order."""
    rows = await tx.write(
        "insert_cameras",
        tx.site_id,
        [one.server_id for one in cameras],
        [one.name for one in cameras],
        [one.channel for one in cameras],
        [one.hardware.mac_address for one in cameras],
        [one.hardware.address for one in cameras],
        [one.hardware.manufacturer for one in cameras],
        [one.hardware.model for one in cameras],
        [one.external_id for one in cameras],
    )
    ids = [row["id"] for row in all_of(rows, cameras)]
    tx.log.note_all(EventKind.CAMERA_ADDED, ids)
    return ids


async def on_servers(tx: SiteTransaction, server_ids: Sequence[UUID]) -> list[UUID]:
    """Return the cameras that stand on these servers, by name."""
    rows = await tx.connection.fetch(
        "SELECT id FROM camera WHERE server_id = ANY ($1::uuid[]) ORDER BY name, id", server_ids
    )
    return [row["id"] for row in rows]


async def update(tx: SiteTransaction, camera: CameraState) -> None:
    """Write a camera's name, address, external id and what is confirmed of it, as they are given."""
    server_id, confirmed = camera.confirmed or (None, NOTHING)
    rows = await tx.connection.fetch(
        statement("update_camera"),
        camera.id,
        camera.name,
        camera.hardware.address,
        camera.external_id,
        server_id,
        confirmed.mac_address,
        confirmed.address,
        confirmed.manufacturer,
        confirmed.model,
    )
    tx.log.note_changed(EventKind.CAMERA_UPDATED, rows)


async def set_removing(tx: SiteTransaction, camera_ids: Sequence[UUID], *, removing: bool) -> None:
    """Mark cameras as on their way out, or as wanted again."""
    if camera_ids:
        rows = await tx.connection.fetch(statement("set_removing"), camera_ids, removing)
        tx.log.note_changed(EventKind.CAMERA_UPDATED, rows)


async def unconfirm(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> None:
    """Recorders hold these cameras no longer, or not for sure; their own ids of them are forgotten."""
    if camera_ids:
        rows = await tx.connection.fetch(statement("unconfirm"), camera_ids)
        tx.log.note_changed(EventKind.CAMERA_UPDATED, rows)


async def remove(tx: SiteTransaction, camera_ids: Sequence[UUID]) -> None:
    """Take cameras out of the inventory; their links have ended before."""
    if camera_ids:
        for row in await tx.write("remove_cameras", camera_ids):
            tx.log.note(EventKind.CAMERA_REMOVED, row["id"], camera=row["camera"])


async def move(tx: SiteTransaction, moves: Sequence[tuple[UUID, UUID]]) -> None:
    """Record the fact that cameras stand on other servers now, wanted and confirmed: (camera, server)."""
    rows = await tx.write("fact_move", [one for one, _ in moves], [server_id for _, server_id in moves])
    tx.log.note_changed(EventKind.CAMERA_MOVED, rows)


async def replace(tx: SiteTransaction, replaced: Sequence[tuple[UUID, Hardware]], kind: EventKind) -> None:
    """Record the fact that cameras have this hardware now, wanted and confirmed; id, name, channel, link stay.

    `kind`: CAMERA_REPLACED, or CAMERA_UPDATED where it is the same device.
    """
    rows = await tx.write(
        "fact_replace",
        [camera_id for camera_id, _ in replaced],
        [hardware.mac_address for _, hardware in replaced],
        [hardware.address for _, hardware in replaced],
        [hardware.manufacturer for _, hardware in replaced],
        [hardware.model for _, hardware in replaced],
    )
    tx.log.note_changed(kind, rows)
