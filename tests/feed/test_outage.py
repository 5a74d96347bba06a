"""The database goes away under the subscribers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from service.feed.follow import Batch, Subscription, follow
from service.store.database import Database
from tests.feed.conftest import AT_ONCE, Replica
from tests.feed.log import commit, flat, listed, next_of


class Wire:
    """A way to the database that can be cut and mended: connections are dropped, and new ones refused."""

    def __init__(self, dsn: str) -> None:
        self._parts = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def dsn(self) -> str:
        """The database, by this way."""
        account = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{account}@127.0.0.1:{self._port}"))

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        self._ends |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def wire_to(dsn: str) -> AsyncIterator[Wire]:
    wire = Wire(dsn)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()


async def test_subscriptions_outlive_an_outage_and_go_on_by_themselves(
    dsn: str, database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        wire_to(dsn) as wire,
        replica(through=wire.dsn, listen=wire.dsn, heartbeat=AT_ONCE) as feed,
        aclosing(follow(feed, Subscription(site_id, batch_size=5))) as live,
        aclosing(follow(feed, Subscription(site_id, after=0, batch_size=5))) as replaying,
    ):
        await commit(database, site_id, *[{}] * 20)
        assert await next_of(live) == Batch(20, 20, [])
        got = [await next_of(replaying)]
        await wire.cut()
        await commit(replace(database, moved=feed.moved), site_id, {})
        silent = [await next_of(live) for _ in range(3)] + [await next_of(replaying) for _ in range(3)]
        assert not flat(silent)
        await wire.mend()
        while got[-1].position < 21:
            got.append(await next_of(replaying))
    assert flat(got) == await listed(database, site_id, after=0)


async def test_a_subscription_that_begins_in_an_outage_begins_after_it(
    dsn: str, database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    async with wire_to(dsn) as wire, replica(through=wire.dsn, listen=wire.dsn) as feed:
        await wire.cut()
        async with aclosing(follow(feed, Subscription(site_id, after=0))) as stream:
            waiting = asyncio.ensure_future(next_of(stream))
            await asyncio.wait([waiting], timeout=AT_ONCE)
            assert not waiting.done()
            await wire.mend()
            assert (await waiting).position == 1


async def test_connections_that_the_server_ends_are_made_again(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    async with (
        replica() as here,
        replica() as elsewhere,
        aclosing(follow(elsewhere, Subscription(site_id))) as stream,
    ):
        await next_of(stream)
        await database.pool.execute(f"{end} AND datname = current_database()")
        revision = await commit(replace(database, moved=here.moved), site_id, {}, {})
        # The commit's own hint is lost, or not: listening anew looks at everything.
        assert (await next_of(stream)).position == revision
