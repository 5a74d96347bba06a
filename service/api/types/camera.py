from collections.abc import Sequence
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from service.api import ids
from service.api.paging import CountedConnection, Keys, parts
from service.api.reader import Reader
from service.api.types import mirrored_action as mirrored_actions
from service.api.types import server as servers
from service.api.types.hardware import Hardware
from service.api.types.node import Node
from service.api.types.references import ACamera, AMirroredAction, AServer
from service.model.vocabulary import Protection, ServerLabel, Side
from service.store.read.cameras import CameraChoice, cameras_page, count_cameras
from service.store.snapshot import Row

KEYS = Keys("cameras", "name", "id")
SERVER_KEYS = Keys("cameras of a server", "name", "id")


async def server_of(root: "Camera") -> AServer:
    """Return the server that a camera stands on."""
    return await servers.load(root.reader, root.server_id)


async def counterpart_of(root: "Camera") -> ACamera | None:
    """Return the camera at the other end of the link."""
    row = await root.reader.counterparts.load(root.uuid)
    return Camera.of(row, root.reader) if row else None


async def protection_of(root: "Camera") -> Protection | None:
    """Return how well a camera is covered; the loader is not asked for those that cannot have an answer."""
    if root.side is not Side.PRIMARY or root.removing:
        return None
    found = await root.reader.protections.load(root.uuid)
    return Protection(found) if found else None


async def last_action_of(root: "Camera") -> AMirroredAction | None:
    """Return the newest action on a camera."""
    row = await root.reader.last_actions.load(root.uuid)
    return mirrored_actions.MirroredAction.of(row, root.reader) if row else None


@strawberry.type(description="One camera as it stands, or is wanted, on one server.")
class Camera(Node):
    """A camera as the reader's snapshot shows it."""

    uuid: strawberry.Private[UUID]
    server_id: strawberry.Private[UUID]
    reader: strawberry.Private[Reader]
    name: str = strawberry.field(description="Its name on this server; names need not be unique.")
    channel: int = strawberry.field(description="Which of the device's channels, counted from 0.")
    hardware: Hardware = strawberry.field(description="The device.")
    external_id: str | None = strawberry.field(description="The recorder's own id; unique on its server.")
    server: AServer = strawberry.field(resolver=server_of, description="The server that it stands on.")
    side: Side | None = strawberry.field(description="From its server's label; null on an unlabeled server.")
    counterpart: ACamera | None = strawberry.field(
        resolver=counterpart_of,
        description="The camera on the other side that stands in for this one (or that this one stands in for).",
    )
    protection: Protection | None = strawberry.field(
        resolver=protection_of,
        description="Of a camera on a primary server; null elsewhere, and when removing.",
    )
    removing: bool = strawberry.field(description="A mirrored DELETE for it is on its way.")
    last_action: AMirroredAction | None = strawberry.field(
        resolver=last_action_of, description="The newest mirrored action whose target is this camera."
    )

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make a camera of its row."""
        here = row["external_server_id"] == row["server_id"]
        return cls(
            id=ids.id_of(ids.CAMERA, row["id"]),
            uuid=row["id"],
            server_id=row["server_id"],
            reader=reader,
            name=row["name"],
            channel=row["channel"],
            hardware=Hardware.of(row),
            external_id=row["external_id"] if here else None,
            side=None if row["side"] == ServerLabel.UNLABELED else Side(row["side"]),
            removing=row["removing"],
        )


async def find(reader: Reader, camera_id: UUID | None) -> Camera | None:
    """Return a camera; null when there is none (any more)."""
    row = await reader.cameras.load(camera_id) if camera_id else None
    return Camera.of(row, reader) if row else None


async def load_many(reader: Reader, camera_ids: Sequence[UUID]) -> list[Camera]:
    """Return cameras; those that are gone are left out."""
    rows = await reader.cameras.load_many(camera_ids)
    return [Camera.of(row, reader) for row in rows if row]


@strawberry.type(description="A page of cameras.")
class CameraConnection(CountedConnection[Camera]):
    """Cameras of a site or a server."""


async def of_site(reader: Reader, choice: CameraChoice, first: int, after: str | None) -> CameraConnection:
    """Return a page of a site's cameras."""
    window = KEYS.window(first, after)
    page = await cameras_page(reader.snapshot, choice, window)
    made = parts(KEYS, page, window, partial(Camera.of, reader=reader))
    return CameraConnection(count=partial(count_cameras, reader.snapshot, choice), **made)


async def of_server(reader: Reader, server_id: UUID, first: int, after: str | None) -> CameraConnection:
    """Return a page of a server's cameras, read together with those of other servers."""
    window = SERVER_KEYS.window(first, after)
    page = await reader.server_cameras.load((server_id, window))
    made = parts(SERVER_KEYS, page, window, partial(Camera.of, reader=reader))
    return CameraConnection(count=partial(reader.camera_counts.load, server_id), **made)
