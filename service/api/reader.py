"""What one operation reads, through one snapshot, each thing once and like things together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from typing import TypeAlias, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from service.api.faults import BadRequestError
from service.store import tables
from service.store.database import Database
from service.store.read import cameras, mirrored_actions, protection, rows, servers, sites
from service.store.read.rows import Page, Window
from service.store.snapshot import Row, Snapshot

Found = TypeVar("Found")
Read: TypeAlias = Callable[[Snapshot, Sequence[UUID]], Awaitable[list[Found]]]

MOST_CAMERAS_AT_ONCE = 50_000


def _loader(read: Read[Found]) -> "cached_property[DataLoader[UUID, Found]]":
    """Return a loader that is made when it is first used: an operation uses few, and each batch has a reader."""

    def make(reader: "Reader") -> DataLoader[UUID, Found]:
        async def load(ids: list[UUID]) -> Sequence[Found]:
            return await read(reader.snapshot, ids)

        return DataLoader(load_fn=load)

    return cached_property(make)


def _by_id(table: rows.Table) -> "cached_property[DataLoader[UUID, Row | None]]":
    return _loader(lambda snapshot, ids: rows.by_id(snapshot, table, ids))


class Reader:
    """The loaders over one snapshot; every object of the API carries the reader that it was read by."""

    labelings = _loader(sites.labelings)
    coverages = _loader(protection.coverages)
    camera_counts = _loader(servers.camera_counts)
    memberships = _loader(servers.memberships)
    members = _loader(servers.members)
    counterparts = _loader(cameras.counterparts)
    protections = _loader(protection.protections)
    last_actions = _loader(mirrored_actions.last_actions)
    # These hide modules of the same names from here on.
    sites = _by_id(tables.Site)
    servers = _by_id(tables.Server)
    cameras = _by_id(tables.Camera)
    pairings = _by_id(tables.Pairing)
    actions = _by_id(tables.MirroredAction)

    def __init__(self, database: Database, turns: AbstractAsyncContextManager[object] | None = None) -> None:
        self.snapshot = Snapshot(database, turns)

    async def close(self) -> None:
        """End the snapshot."""
        await self.snapshot.close()

    @cached_property
    def server_cameras(self) -> DataLoader[tuple[UUID, Window], Page]:
        """Pages of servers' cameras."""
        return DataLoader(load_fn=self._server_cameras)

    async def _server_cameras(self, keys: list[tuple[UUID, Window]]) -> Sequence[Page]:
        """Read the pages of several servers' cameras: one statement for each different window."""
        if sum(window.first for _, window in keys) > MOST_CAMERAS_AT_ONCE:
            raise BadRequestError(
                "This asks for too many cameras at once; ask for fewer servers, or cameras."
            )
        found: dict[tuple[UUID, Window], Page] = {}
        for window in {window: None for _, window in keys}:
            wanted = [server_id for server_id, its_window in keys if its_window == window]
            pages = await cameras.cameras_of_servers(self.snapshot, wanted, window)
            found.update({(server_id, window): page for server_id, page in zip(wanted, pages, strict=True)})
        return [found[key] for key in keys]


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Reader]:
    """Open a reader for as long as something is read."""
    reader = Reader(database)
    try:
        yield reader
    finally:
        await reader.close()
