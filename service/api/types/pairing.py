from collections.abc import Sequence
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from service.api import ids
from service.api.paging import Connection, Keys, parts
from service.api.reader import Reader
from service.api.types import server as servers
from service.api.types.node import Node
from service.api.types.references import AServer
from service.model.vocabulary import PairingStyle, ServerLabel
from service.store.read.pairings import pairings_page
from service.store.snapshot import Row

KEYS = Keys("pairings", "id")


async def paired_server_of(root: "PairedPrimary") -> AServer:
    """Return a paired primary."""
    return await servers.load(root.reader, root.server_id)


async def paired_secondary_of(root: "PairedPrimary") -> AServer:
    """Return a paired primary's home secondary."""
    return await servers.load(root.reader, root.home_id)


@strawberry.type(description="A primary with its home secondary.")
class PairedPrimary:
    """A primary's place in a pairing."""

    server_id: strawberry.Private[UUID]
    home_id: strawberry.Private[UUID]
    reader: strawberry.Private[Reader]
    server: AServer = strawberry.field(resolver=paired_server_of, description="The primary.")
    secondary: AServer = strawberry.field(
        resolver=paired_secondary_of, description="The secondary that takes this primary's cameras."
    )


async def primaries_of(root: "Pairing") -> list[PairedPrimary]:
    """Return a pairing's primaries by name."""
    members = await root.reader.members.load(root.uuid)
    return [
        PairedPrimary(server_id=member["server_id"], home_id=member["home_id"], reader=root.reader)
        for member in members
        if member["label"] == ServerLabel.PRIMARY
    ]


async def secondaries_of(root: "Pairing") -> list[AServer]:
    """Return a pairing's secondaries by name."""
    members = await root.reader.members.load(root.uuid)
    wanted = [member["server_id"] for member in members if member["label"] == ServerLabel.SECONDARY]
    return await servers.load_many(root.reader, wanted)


@strawberry.type(description="Primaries and secondaries that belong together; only in Auto mode.")
class Pairing(Node):
    """A pairing as the reader's snapshot shows it."""

    uuid: strawberry.Private[UUID]
    reader: strawberry.Private[Reader]
    style: PairingStyle = strawberry.field(description="How many belong together, and so what is mirrored.")
    primaries: list[PairedPrimary] = strawberry.field(
        resolver=primaries_of, description="Its primaries by name, each with its home secondary."
    )
    secondaries: list[AServer] = strawberry.field(
        resolver=secondaries_of, description="Its secondaries by name."
    )

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make a pairing of its row."""
        return cls(
            id=ids.id_of(ids.PAIRING, row["id"]),
            uuid=row["id"],
            reader=reader,
            style=PairingStyle(row["style"]),
        )


async def find(reader: Reader, pairing_id: UUID) -> Pairing | None:
    """Return a pairing; null when there is none (any more)."""
    row = await reader.pairings.load(pairing_id)
    return Pairing.of(row, reader) if row else None


async def load_many(reader: Reader, pairing_ids: Sequence[UUID]) -> list[Pairing]:
    """Return pairings; those that are gone are left out."""
    rows = await reader.pairings.load_many(pairing_ids)
    return [Pairing.of(row, reader) for row in rows if row]


@strawberry.type(description="A page of pairings.")
class PairingConnection(Connection[Pairing]):
    """Pairings of a site."""


async def of_site(reader: Reader, site_id: UUID, first: int, after: str | None) -> PairingConnection:
    """Return a page of a site's pairings."""
    window = KEYS.window(first, after)
    page = await pairings_page(reader.snapshot, site_id, window)
    return PairingConnection(**parts(KEYS, page, window, partial(Pairing.of, reader=reader)))
