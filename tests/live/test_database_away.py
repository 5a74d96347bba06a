"""The database goes away under a replica: who asks is told so quickly, nothing piles up, and all goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Literal, TypeAlias

import asyncpg
import httpx
import pytest
import pytest_asyncio

from service.store.database import connect
from tests.feed.log import commit, make_site
from tests.live.postgres import Postgres, own_postgres
from tests.live.replica import Replica, replica
from tests.live.subscriber import Subscriber
from tests.live.wire import Wire, wire_to_database
from tests.live.writing import LiveSite, Writer, broken, hint, paired_site, table

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 50
POOL = 5
# Of operations that come while the database is known to be away: one in the middle of others, and fifty together.
AT_MOST = 0.5
TOGETHER = 4.0
# From the end of an outage until it is known.
BACK = 3.0
# A statement that hangs is cut off ten seconds after the first question in vain, which is at most one later.
LONGEST = 12.0
A_MINUTE = 60.0
QUERY = "{ sites { nodes { name servers { nodes { name } } } } }"
REGISTER = """mutation ($site: ID!, $name: String!) {
  registerServers(input: {siteId: $site, servers: [{name: $name}]}) { ... on ServersRegistered { revision } }
}"""
LINKED = """
subscription ($siteId: ID!, $after: Revision, $epoch: ID, $filter: MirroredActionFilter, $batchSize: Int!) {
  feed: mirroredActions(siteId: $siteId, after: $after, epoch: $epoch, filter: $filter, batchSize: $batchSize) {
    ... on MirroredActionBatch { previousPosition position actions { id position status targetServer { name } } }
  }
}"""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
WAYS: tuple[Literal["websocket", "sse"], ...] = ("websocket", "sse")
NAMES = count(1)

# How long an operation took, and its fault, or None.
Told: TypeAlias = tuple[float, str | None]


@dataclass
class House:
    postgres: Postgres
    wire: Wire
    replica: Replica
    client: httpx.AsyncClient
    site: LiveSite

    async def ask(self, query: str, **variables: object) -> Told:
        started = asyncio.get_running_loop().time()
        response = await self.client.post(
            f"http://{self.replica.address}/graphql", json={"query": query, "variables": variables}
        )
        body: dict[str, Any] = response.json()
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert len(codes) < 2, body
        return asyncio.get_running_loop().time() - started, next(iter(codes), None)

    async def ask_at_once(self) -> list[Told]:
        """Queries and mutations, as many of each."""
        queries = [self.ask(QUERY) for _ in range(AT_ONCE // 2)]
        names = [f"Recorder {next(NAMES)}" for _ in range(AT_ONCE // 2)]
        changes = [self.ask(REGISTER, site=self.site.id, name=name) for name in names]
        return await asyncio.gather(*queries, *changes)

    async def readiness(self) -> int:
        return (await self.client.get(f"http://{self.replica.address}/readyz")).status_code

    def open_files(self) -> int:
        """What the replica holds open, connections for the most part."""
        return len(list(Path(f"/proc/{self.replica.pid}/fd").iterdir()))

    def memory(self) -> int:
        """Of the replica, in pages."""
        return int(Path(f"/proc/{self.replica.pid}/statm").read_text().split()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(own_postgres())
        wire = await stack.enter_async_context(wire_to_database(postgres.dsn))
        running = replica(wire.dsn(postgres.dsn), pool_size=POOL, heartbeat=0.5, poll_interval=0.5)
        one = await stack.enter_async_context(running)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=2 * LONGEST, trust_env=False))
        site = await paired_site(client, one.address)
        yield House(postgres, wire, one, client, site)


@asynccontextmanager
async def held_up(postgres: Postgres, table: str) -> AsyncIterator[asyncpg.Connection]:
    """Nobody can read a row of a table or change one until this is over."""
    connection = await asyncpg.connect(postgres.dsn)
    try:
        await connection.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield connection
    finally:
        connection.terminate()


async def under_way(house: House, lock: asyncpg.Connection) -> "asyncio.Task[list[Told]]":
    """Operations that have taken all connections, and wait in the middle of their statements."""
    asked = asyncio.create_task(house.ask_at_once())
    while await lock.fetchval(WAITING) < POOL:
        assert not asked.done()
    return asked


@dataclass(frozen=True)
class Fault:
    """`hangs`: whether what is under way is not told so by its connection."""

    begin: Callable[[House], Awaitable[None]]
    end: Callable[[House], Awaitable[None]]
    hangs: bool


async def kill(house: House) -> None:
    await asyncio.to_thread(house.postgres.kill)


async def start(house: House) -> None:
    await asyncio.to_thread(house.postgres.start)


async def freeze(house: House) -> None:
    house.postgres.freeze()


async def thaw(house: House) -> None:
    house.postgres.thaw()


async def cut(house: House) -> None:
    await house.wire.cut()


async def swallow(house: House) -> None:
    house.wire.swallow()


async def mend(house: House) -> None:
    await house.wire.mend()


FAULTS = {
    "killed": Fault(kill, start, hangs=False),
    "refused": Fault(cut, mend, hangs=False),
    "frozen": Fault(freeze, thaw, hangs=True),
    "swallowed": Fault(swallow, mend, hangs=True),
}


async def told_so_at_once(house: House) -> None:
    one_by_one = [await house.ask(QUERY) for _ in range(11)]
    assert {code for _, code in one_by_one} == {"UNAVAILABLE"}
    assert median(took for took, _ in one_by_one) < AT_MOST


async def go_through(house: House, fault: Fault, seconds: float) -> None:
    """The database goes away with operations under way, and comes back after so long at the least."""
    loop = asyncio.get_running_loop()
    seen = len(house.replica.log)
    async with held_up(house.postgres, "site") as lock:
        before = await under_way(house, lock)
        began = loop.time()
        await fault.begin(house)
        await house.replica.line("not ready", seen)
        assert await house.readiness() == 503
        together = await house.ask_at_once()
        assert ({code for _, code in together}, max(together)[0] < TOGETHER) == ({"UNAVAILABLE"}, True)
        await told_so_at_once(house)
        while loop.time() - began < seconds:
            await told_so_at_once(house)
        if seconds > LONGEST or not fault.hangs:
            assert {code for _, code in await before} == {"UNAVAILABLE"}
            assert max(await before)[0] < LONGEST
        seen = len(house.replica.log)
        back_at = loop.time()
        await fault.end(house)
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await lock.execute("COMMIT")
    await house.replica.line("ready", seen)
    assert loop.time() - back_at < BACK
    assert {code for _, code in await before} <= {"UNAVAILABLE", None}
    assert {code for _, code in await house.ask_at_once()} == {None}


async def follow_through(house: House, fault: Fault, *, seconds: float = 0.0, times: int = 1) -> None:
    """Subscriptions, one with linked Nodes, outlive faults on their connections, and miss nothing."""
    after = house.site.revision
    writer = Writer(house.client, [house.replica.address], house.site)
    subscribers = [
        Subscriber([house.replica.address], house.site.id, after=after, document=LINKED),
        Subscriber([house.replica.address], house.site.id, after=after, transport="sse"),
    ]
    async with subscribers[0].running(), subscribers[1].running():
        for number in range(times):
            revision = await writer.steps(3)
            await go_through(house, fault, seconds)
            for subscriber in subscribers:
                await subscriber.reached(max(revision, await writer.steps(3)))
            if not number:
                files, memory = house.open_files(), house.memory()
    listed = await table(house.postgres.dsn, house.site.id, after)
    assert [(one.got, one.reconnects, one.faults) for one in subscribers] == [(listed, 0, [])] * 2
    assert house.open_files() <= files
    assert house.memory() < memory + (16 << 20) // 4096
    assert await broken(house.postgres.dsn) == []
    assert house.replica.complaints == []


async def begun(subscriber: Subscriber) -> None:
    await subscriber.until(lambda: subscriber.batches > 0)


async def test_a_batch_that_was_being_read_comes_again(house: House) -> None:
    async with connect(house.postgres.dsn, pool_size=1) as database:
        site_id = await make_site(database)
        subscribers = [
            Subscriber([house.replica.address], f"site_{site_id.hex}", document=LINKED, transport=transport)
            for transport in WAYS
        ]
        async with subscribers[0].running(), subscribers[1].running():
            for subscriber in subscribers:
                await begun(subscriber)
            for _ in range(3):
                async with held_up(house.postgres, "server") as lock:
                    revision = await commit(database, site_id, {}, {})
                    await hint(database, site_id)
                    while not await lock.fetchval(WAITING):
                        pass
                    house.wire.reset()
                for subscriber in subscribers:
                    await subscriber.reached(revision)
    listed = await table(house.postgres.dsn, site_id)
    assert [(one.got, one.reconnects, one.faults) for one in subscribers] == [(listed, 0, [])] * 2


@pytest.mark.parametrize("name", ["killed", pytest.param("frozen", marks=pytest.mark.long)])
async def test_a_replica_outlives_its_database(house: House, name: str) -> None:
    await follow_through(house, FAULTS[name])


@pytest.mark.torture
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", list(FAULTS))
async def test_a_replica_outlives_minutes_without_its_database(house: House, name: str) -> None:
    await follow_through(house, FAULTS[name], seconds=A_MINUTE, times=2)
