"""Two published failures of the best known engine's streaming subscriptions, and ours in the very same schedules.

hasura/graphql-engine #8632: a reader of "what is above my cursor" passes over a row that was written earlier and
commits later, and never comes back for it. #10860: a send queue that is full drops its oldest messages, nobody is
told, and the client goes on after the hole.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.feed import tail
from service.feed.follow import Batch, Reset, Subscription, follow
from service.feed.tail import Feed
from service.store.database import Connection, Database
from tests.feed.conftest import Replica
from tests.feed.log import append, commit, flat, listed, next_of, received

NAIVE = """CREATE TABLE naive (
  id bigint GENERATED ALWAYS AS IDENTITY, action text,
  begun float8 DEFAULT extract(epoch FROM now()), written float8 DEFAULT extract(epoch FROM clock_timestamp())
)"""
CURSORS = ("id", "begun", "written")
OPEN_AT_ONCE = 8
QUEUE_SIZE = 10

Stream: TypeAlias = AsyncIterator[Batch | Reset]


@dataclass
class NaiveReader:
    """Asks for what is above the largest value that it has seen of a column that only grows."""

    database: Database
    column: str
    seen: float = 0.0
    got: list[str] = field(default_factory=list)

    async def read(self) -> None:
        above = f"SELECT action, {self.column} AS at FROM naive WHERE {self.column} > $1::float8 ORDER BY at"
        rows = await self.database.pool.fetch(above, self.seen)
        self.got += [row["action"] for row in rows]
        self.seen = rows[-1]["at"] if rows else self.seen


@dataclass
class Change:
    """A transaction that writes its row at its start, and numbers its event in the log at its end."""

    connection: Connection
    transaction: asyncpg.transaction.Transaction
    action: str

    @classmethod
    async def begin(cls, connection: Connection) -> "Change":
        change = cls(connection, connection.transaction(), str(uuid4()))
        await change.transaction.start()
        await connection.execute("INSERT INTO naive (action) VALUES ($1)", change.action)
        return change

    async def commit(self, site_id: UUID, feed: Feed) -> None:
        await append(self.connection, site_id, {"id": self.action})
        await self.transaction.commit()
        feed.moved(site_id)


def names(batches: Sequence[Batch]) -> list[str]:
    return [action_id for _, action_id in flat(batches)]


@pytest.mark.parametrize("column", CURSORS)
async def test_8632_what_was_written_earlier_and_commits_later_is_delivered(
    database: Database, site_id: UUID, replica: Replica, column: str
) -> None:
    await database.pool.execute(NAIVE)
    naive = NaiveReader(database, column)
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id))) as stream,
        database.pool.acquire() as slow,
        database.pool.acquire() as quick,
    ):
        await next_of(stream)
        earlier, later = await Change.begin(slow), await Change.begin(quick)
        await later.commit(site_id, feed)
        await naive.read()
        ours = [await next_of(stream)]
        await earlier.commit(site_id, feed)
        await naive.read()
        ours.append(await next_of(stream))
    assert await database.pool.fetchval("SELECT array_agg(action) FROM naive") == [
        earlier.action,
        later.action,
    ]
    assert naive.got == [later.action]
    assert names(ours) == [later.action, earlier.action]
    assert flat(ours) == await listed(database, site_id, after=0)


async def test_8632_what_has_its_number_cannot_be_overtaken(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await database.pool.execute(NAIVE)
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id))) as stream,
        database.pool.acquire() as slow,
        database.pool.acquire() as quick,
    ):
        await next_of(stream)
        earlier, later = await Change.begin(slow), await Change.begin(quick)
        assert await append(slow, site_id, {"id": earlier.action}) == 1
        overtaking = asyncio.create_task(later.commit(site_id, feed))
        await blocked(database, quick, by=slow)
        await earlier.transaction.commit()
        await overtaking
        ours = await received(feed, Subscription(site_id, after=0), until=2)
    assert names(ours) == [earlier.action, later.action]


async def blocked(database: Database, waiting: Connection, *, by: Connection) -> None:
    """Return when one transaction waits for the other."""
    pids = (waiting.get_server_pid(), by.get_server_pid())
    async with asyncio.timeout(10):
        while not await database.pool.fetchval("SELECT $2 = ANY(pg_blocking_pids($1))", *pids):
            pass


@pytest.mark.parametrize(
    "changes", [150, pytest.param(3_000, marks=[pytest.mark.torture, pytest.mark.timeout(600)])]
)
async def test_8632_commits_in_random_order_lose_nothing(
    database: Database, site_id: UUID, replica: Replica, changes: int
) -> None:
    await database.pool.execute(NAIVE)
    naive = [NaiveReader(database, column) for column in CURSORS]
    async with replica() as feed, AsyncExitStack() as stack:
        stream = await stack.enter_async_context(aclosing(follow(feed, Subscription(site_id))))
        await next_of(stream)
        idle: list[Connection] = []
        for _ in range(OPEN_AT_ONCE):
            idle.append(await stack.enter_async_context(database.pool.acquire()))  # noqa: PERF401 - types
        ours = await interleaved(changes, idle, site_id, feed, stream, naive)
    assert flat(ours) == await listed(database, site_id, after=0)
    assert len(flat(ours)) == changes
    for reader in naive:
        assert len(reader.got) < changes, reader.column
        assert set(reader.got) < set(names(ours))


async def interleaved(
    changes: int,
    idle: list[Connection],
    site_id: UUID,
    feed: Feed,
    stream: Stream,
    naive: Sequence[NaiveReader],
) -> list[Batch]:
    """Begin and commit in random order, a few at once, and have everybody read after each commit."""
    dice = random.Random(8632)  # noqa: S311 - a fixed seed is the point
    under_way: list[Change] = []
    ours: list[Batch] = []
    begun = 0
    while len(ours) < changes:
        if idle and begun < changes and (not under_way or dice.random() < 0.5):
            under_way.append(await Change.begin(idle.pop()))
            begun += 1
            continue
        change = under_way.pop(dice.randrange(len(under_way)))
        await change.commit(site_id, feed)
        idle.append(change.connection)
        for reader in naive:
            await reader.read()
        ours.append(await next_of(stream))
    return ours


@pytest.mark.parametrize("windows_bytes", [tail.WINDOWS_BYTES, 0])
async def test_10860_a_subscriber_that_reads_on_after_a_burst_gets_all_of_it(
    database: Database,
    site_id: UUID,
    replica: Replica,
    monkeypatch: pytest.MonkeyPatch,
    windows_bytes: int,
) -> None:
    monkeypatch.setattr(tail, "WINDOWS_BYTES", windows_bytes)
    everything = Subscription(site_id, after=0, batch_size=7)
    queue: deque[Batch] = deque(maxlen=QUEUE_SIZE)
    async with replica() as feed, aclosing(follow(feed, everything)) as stream:
        told = replace(database, moved=feed.moved)
        await commit(told, site_id, {})
        ours = [await next_of(stream)]
        sending = asyncio.create_task(send(feed, everything, queue, until=501))
        for _ in range(10):
            await commit(told, site_id, *[{}] * 50)
        await sending  # while neither subscriber reads
        naive = flat(list(queue))
        while ours[-1].position < 501:
            ours.append(await next_of(stream))
        # It comes back after the last position that it has, as the published failure's clients do.
        again = await received(feed, replace(everything, after=queue[-1].position), until=501)
    table = await listed(database, site_id, after=0)
    assert naive == table[-len(naive) :]
    assert len(naive) <= QUEUE_SIZE * 7 < len(table)
    assert flat(again) == []
    assert flat(ours) == table


async def send(feed: Feed, subscription: Subscription, queue: deque[Batch], until: int) -> None:
    """The naive way: put what comes into a queue of limited size, which lets go of the oldest."""
    async with aclosing(follow(feed, subscription)) as stream:
        async for batch in stream:
            assert isinstance(batch, Batch)
            queue.append(batch)
            if batch.position >= until:
                return
