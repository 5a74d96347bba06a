"""The database goes away while a batch is read for its subscriber: nothing is lost, and nothing comes twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest
from strawberry.schema.schema import StreamResult
from strawberry.types.execution import ExecutionResult
from structlog.testing import capture_logs

from service.api.context import Context
from service.api.schema import schema
from service.feed.tail import Feed
from service.store.database import Connection, Database, connect
from tests.feed.conftest import AT_ONCE, Replica
from tests.feed.log import commit

# The position before, the position, and those of the items.
Batch: TypeAlias = tuple[int, int, list[int]]

# The server is read when the batch is delivered.
ITEMS = {
    "mirroredActions": "MirroredActionBatch { previousPosition position items: actions "
    "{ position targetServer { name } } }",
    "siteEvents": "SiteEventBatch { previousPosition position items: events "
    "{ position ... on MirroredActionEvent { mirroredAction { targetServer { name } } } } }",
}
BLOCKED = (
    "FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
)

both = pytest.mark.parametrize("name", list(ITEMS))


@pytest.fixture
def dsn(module_dsn: str) -> str:
    return module_dsn


async def subscribed(name: str, feed: Feed, database: Database, site_id: UUID) -> StreamResult:
    """Follow a site from its beginning, two events at a time."""
    document = f"""subscription {{ feed: {name}(siteId: "site_{site_id.hex}", after: 0, batchSize: 2) {{
        ... on {ITEMS[name]} }} }}"""
    return await schema.stream(document, {}, Context(database, feed, "anonymous"))


async def next_of(results: StreamResult) -> Batch:
    result = await anext(results)
    assert isinstance(result, ExecutionResult)
    assert not result.errors
    assert result.data
    batch = result.data["feed"]
    return batch["previousPosition"], batch["position"], [item["position"] for item in batch["items"]]


@dataclass
class Barrier:
    """Holds up whoever reads a server."""

    holding: Connection
    looking: Connection

    async def met(self, count: int = 1) -> None:
        """Wait until so many wait here."""
        while await self.looking.fetchval(f"SELECT count(*) {BLOCKED}") < count:
            pass

    async def end_who_waits(self) -> None:
        """Wait until somebody waits here, and end the connection."""
        while not await self.looking.fetch(f"SELECT pg_terminate_backend(pid, 5000) {BLOCKED}"):
            pass


@asynccontextmanager
async def barrier(dsn: str) -> AsyncIterator[Barrier]:
    holding, looking = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        async with holding.transaction():
            await holding.execute("LOCK TABLE server IN ACCESS EXCLUSIVE MODE")
            yield Barrier(holding, looking)
    finally:
        await looking.close()
        await holding.close()


@both
async def test_a_batch_that_could_not_be_read_comes_when_the_database_is_back(
    dsn: str, database: Database, site_id: UUID, replica: Replica, name: str
) -> None:
    await commit(database, site_id, {}, {}, {})
    async with replica() as feed, aclosing(await subscribed(name, feed, database, site_id)) as results:
        async with barrier(dsn) as held_up:
            first = asyncio.ensure_future(next_of(results))
            await held_up.end_who_waits()
            await held_up.end_who_waits()
            assert not first.done()
        assert [await first, await next_of(results)] == [(0, 2, [1, 2]), (2, 3, [3])]


@both
async def test_meanwhile_there_are_heartbeats_that_go_nowhere(
    database: Database, site_id: UUID, replica: Replica, name: str
) -> None:
    await commit(database, site_id, {}, {}, {})
    async with (
        replica(heartbeat=AT_ONCE) as feed,
        aclosing(await subscribed(name, feed, database, site_id)) as results,
    ):
        assert await next_of(results) == (0, 2, [1, 2])
        database.gate.shut("It is away.", since=asyncio.get_running_loop().time())
        assert [await next_of(results) for _ in range(3)] == [(2, 2, [])] * 3
        database.gate.open()
        batch = await next_of(results)
        while not batch[2]:
            batch = await next_of(results)
        assert batch == (2, 3, [3])


async def test_a_feed_that_closes_does_not_wait_for_the_database(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    async with (
        replica() as feed,
        aclosing(await subscribed("mirroredActions", feed, database, site_id)) as results,
    ):
        database.gate.shut("It is away.", since=asyncio.get_running_loop().time())
        waiting = asyncio.ensure_future(anext(results, None))
        await asyncio.wait([waiting], timeout=AT_ONCE)
        assert not waiting.done()
        feed.close()
        assert await waiting is None


@both
async def test_any_other_fault_is_told_and_nothing_follows_it(
    database: Database, site_id: UUID, replica: Replica, name: str
) -> None:
    await commit(database, site_id, {}, {}, {})
    await database.pool.execute("ALTER TABLE server RENAME TO lost")
    async with replica() as feed, aclosing(await subscribed(name, feed, database, site_id)) as results:
        with capture_logs():
            (only,) = [result async for result in results]
    await database.pool.execute("ALTER TABLE lost RENAME TO server")
    assert isinstance(only, ExecutionResult)
    assert {error.extensions["code"] for error in only.errors or () if error.extensions} == {"INTERNAL"}


async def test_a_query_or_mutation_in_a_stream_is_told_that_the_database_is_away(
    database: Database, replica: Replica
) -> None:
    database.gate.shut("It is away.", since=asyncio.get_running_loop().time())
    create = 'mutation { createSite(input: {name: "A"}) { __typename } }'
    async with replica() as feed:
        for document in ("{ sites { nodes { id } } }", create):
            context = Context(database, feed, "anonymous")
            async with aclosing(await schema.stream(document, {}, context)) as results:
                (only,) = [result async for result in results]
            assert isinstance(only, ExecutionResult)
            assert [error.extensions and error.extensions["code"] for error in only.errors or ()] == [
                "UNAVAILABLE"
            ]


async def test_subscribers_leave_connections_to_others(
    dsn: str, database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    async with replica() as feed, connect(dsn, pool_size=8) as narrow:
        streams = [await subscribed("mirroredActions", feed, narrow, site_id) for _ in range(8)]
        async with barrier(dsn) as held_up:
            firsts = [asyncio.ensure_future(next_of(stream)) for stream in streams]
            await held_up.met(2)
            await asyncio.wait(firsts, timeout=AT_ONCE)
            assert len(narrow.gate.in_use) == 2
        assert await asyncio.gather(*firsts) == [(0, 1, [1])] * 8
        assert not narrow.gate.in_use
        for stream in streams:
            await stream.aclose()
