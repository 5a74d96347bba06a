from collections.abc import Sequence
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from service.api import ids
from service.api.paging import After, CountedConnection, First, Keys, parts
from service.api.reader import Reader
from service.api.types import camera as cameras
from service.api.types import pairing as pairings
from service.api.types import site as sites
from service.api.types.node import Node
from service.api.types.references import APairing, AServer, ASite, Cameras
from service.model.vocabulary import ServerLabel
from service.store.read.servers import ServerChoice, count_servers, servers_page
from service.store.snapshot import Row

KEYS = Keys("servers", "name", "id")


async def site_of(root: "Server") -> ASite:
    """Return the site of a server."""
    return await sites.load(root.reader, root.site_id)


async def camera_count_of(root: "Server") -> int:
    """Count the cameras of a server."""
    return await root.reader.camera_counts.load(root.uuid)


async def pairing_of(root: "Server") -> APairing | None:
    """Return the pairing that a server is in."""
    member = await root.reader.memberships.load(root.uuid)
    return await pairings.find(root.reader, member["pairing_id"]) if member else None


async def home_secondary_of(root: "Server") -> AServer | None:
    """Return the server that takes the cameras of a paired primary."""
    member = await root.reader.memberships.load(root.uuid)
    return await find(root.reader, member["home_id"]) if member else None


async def cameras_of(root: "Server", first: First = 50, after: After = None) -> Cameras:
    """Return a page of the cameras of a server."""
    return await cameras.of_server(root.reader, root.uuid, first, after)


@strawberry.type(description="A recorder.")
class Server(Node):
    """A server as the reader's snapshot shows it."""

    uuid: strawberry.Private[UUID]
    site_id: strawberry.Private[UUID]
    reader: strawberry.Private[Reader]
    name: str = strawberry.field(description="Unique in the site.")
    label: ServerLabel = strawberry.field(description="What it is for.")
    address: str | None = strawberry.field(description="Where it is reached: host, or host and port.")
    external_id: str | None = strawberry.field(description="Its id in the VMS.")
    max_cameras: int | None = strawberry.field(description="How many cameras it may hold; null: no limit.")
    camera_count: int = strawberry.field(
        resolver=camera_count_of, description="How many cameras stand on it."
    )
    site: ASite = strawberry.field(resolver=site_of, description="The site that it belongs to.")
    pairing: APairing | None = strawberry.field(
        resolver=pairing_of, description="The pairing that it is in; only in Auto mode."
    )
    home_secondary: AServer | None = strawberry.field(
        resolver=home_secondary_of, description="Of a paired primary: the secondary that takes its cameras."
    )
    cameras: Cameras = strawberry.field(resolver=cameras_of, description="Its cameras by name, id.")

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make a server of its row."""
        return cls(
            id=ids.id_of(ids.SERVER, row["id"]),
            uuid=row["id"],
            site_id=row["site_id"],
            reader=reader,
            name=row["name"],
            label=ServerLabel(row["label"]),
            address=row["address"],
            external_id=row["external_id"],
            max_cameras=row["max_cameras"],
        )


async def find(reader: Reader, server_id: UUID | None) -> Server | None:
    """Return a server; null when there is none (any more)."""
    row = await reader.servers.load(server_id) if server_id else None
    return Server.of(row, reader) if row else None


async def load(reader: Reader, server_id: UUID) -> Server:
    """Return a server that something in the same snapshot refers to."""
    server = await find(reader, server_id)
    if server is None:
        raise LookupError(f"Server {server_id} is referred to and not there.")
    return server


async def load_many(reader: Reader, server_ids: Sequence[UUID]) -> list[Server]:
    """Return servers; those that are gone are left out."""
    rows = await reader.servers.load_many(server_ids)
    return [Server.of(row, reader) for row in rows if row]


@strawberry.type(description="A page of servers.")
class ServerConnection(CountedConnection[Server]):
    """Servers of a site."""


async def of_site(reader: Reader, choice: ServerChoice, first: int, after: str | None) -> ServerConnection:
    """Return a page of a site's servers."""
    window = KEYS.window(first, after)
    page = await servers_page(reader.snapshot, choice, window)
    made = parts(KEYS, page, window, partial(Server.of, reader=reader))
    return ServerConnection(count=partial(count_servers, reader.snapshot, choice), **made)
