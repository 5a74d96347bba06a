"""What one operation reads, through one snapshot, each thing once and like things together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from service.api.faults import BadRequestError
from service.store import tables
from service.store.database import Database
from service.store.read import cameras, mirrored_actions, protection, rows, servers, sites
from service.store.read.rows import Page, Window
from service.store.snapshot import Row, Snapshot

Found = TypeVar("Found")

MOST_CAMERAS_AT_ONCE = 50_000


class Reader:
    """The loaders over one snapshot; every object of the API carries the reader that it was read by."""

    def __init__(self, database: Database, turns: AbstractAsyncContextManager[object] | None = None) -> None:
        self.snapshot = Snapshot(database, turns)
        self.sites = self._by_id(tables.Site)
        self.servers = self._by_id(tables.Server)
        self.cameras = self._by_id(tables.Camera)
        self.pairings = self._by_id(tables.Pairing)
        self.actions = self._by_id(tables.MirroredAction)
        self.labelings = self._loader(sites.labelings)
        self.coverages = self._loader(protection.coverages)
        self.camera_counts = self._loader(servers.camera_counts)
        self.memberships = self._loader(servers.memberships)
        self.members = self._loader(servers.members)
        self.counterparts = self._loader(cameras.counterparts)
        self.protections = self._loader(protection.protections)
        self.last_actions = self._loader(mirrored_actions.last_actions)
        self.server_cameras = DataLoader(load_fn=self._server_cameras)

    async def close(self) -> None:
        """End the snapshot."""
        await self.snapshot.close()

    def _loader(
        self, read: Callable[[Snapshot, Sequence[UUID]], Awaitable[list[Found]]]
    ) -> DataLoader[UUID, Found]:
        async def load(ids: list[UUID]) -> Sequence[Found]:
            return await read(self.snapshot, ids)

        return DataLoader(load_fn=load)

    def _by_id(self, table: rows.Table) -> DataLoader[UUID, Row | None]:
        return self._loader(lambda snapshot, ids: rows.by_id(snapshot, table, ids))

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
