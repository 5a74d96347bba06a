"""Subscribers that stop reading cost the server no more than a few batches, and the others nothing."""

import base64
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal
from uuid import UUID

import pytest

from service.api import ids
from service.store.database import Database, connect
from tests.feed.log import append, make_site
from tests.live.replica import Replica, replica
from tests.live.subscriber import ACTIONS, Subscriber
from tests.live.writing import hint, table

READERS = 50
SERVERS = [UUID(int=number) for number in range(READERS)]
PER_COMMIT = 250
WARMING_UP = 8
WORDS = ACTIONS.replace("id position status", "id position status error")
# What one who does not read may cost in memory.
MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Stage:
    """A site, one process that serves it, and the database to write its log by."""

    dsn: str
    database: Database
    replica: Replica
    site: UUID
    words: int

    def subscriber(self, **asked: Any) -> Subscriber:
        site_id = ids.id_of(ids.SITE, self.site)
        return Subscriber([self.replica.address], site_id, after=None, silence=600, **asked)

    async def commit(self, seed: int) -> int:
        """Make actions with so many bytes of words, and return the site's revision after them."""
        dice = random.Random(seed)  # noqa: S311 - texts that cannot be compressed
        entries = [
            {
                "target_server_id": str(SERVERS[place % READERS]),
                "error": base64.b64encode(dice.randbytes(self.words * 3 // 4)).decode(),
            }
            for place in range(PER_COMMIT)
        ]
        async with self.database.pool.acquire() as connection, connection.transaction():
            revision = await append(connection, self.site, *entries)
        await hint(self.database, self.site)
        return revision

    async def bring(self, commits: int, readers: Sequence[Subscriber]) -> list[float]:
        """Commit again and again, and return how long each took to reach all readers, in seconds."""
        seconds = []
        for seed in range(commits):
            revision = await self.commit(seed)
            begun = time.perf_counter()
            for number, reader in enumerate(readers):
                # That of its server: of what comes after, it need not hear at once.
                await reader.reached(revision if reader.filter is None else revision - READERS + 1 + number)
            seconds.append(time.perf_counter() - begun)
        return seconds

    def memory(self) -> int:
        """What the process has of memory for itself, in bytes."""
        rollup = Path(f"/proc/{self.replica.pid}/smaps_rollup").read_text().splitlines()
        return 1024 * sum(int(line.split()[1]) for line in rollup if line.startswith("Private"))


@asynccontextmanager
async def stage(dsn: str, words: int) -> AsyncIterator[Stage]:
    async with replica(dsn) as served, connect(dsn, pool_size=2) as database:
        yield Stage(dsn, database, served, await make_site(database), words)


async def begun(stack: AsyncExitStack, subscriber: Subscriber) -> Subscriber:
    """A subscriber that has its first batch."""
    await stack.enter_async_context(subscriber.running())
    await subscriber.until(lambda: subscriber.batches > 0)
    return subscriber


async def asleep(stack: AsyncExitStack, here: Stage, transport: Literal["websocket", "sse"]) -> Subscriber:
    """A subscriber that has begun and does not read on."""
    wanted = here.subscriber(document=WORDS, transport=transport, receive_buffer=1 << 18, batch_size=20)
    sleeper = await begun(stack, wanted)
    sleeper.pause()
    return sleeper


def one_servers(number: int) -> dict[str, object]:
    return {"targetServerIds": [ids.id_of(ids.SERVER, SERVERS[number])]}


# Connectors want what one recorder has to do, dashboards everything.
CONNECTORS = [one_servers(number) for number in range(READERS)]
SOME_DASHBOARDS = [None] * 10 + CONNECTORS[10:]


@pytest.mark.parametrize(
    ("commits", "words", "filters"),
    [
        pytest.param(8, 12_000, CONNECTORS, marks=pytest.mark.long),
        pytest.param(200, 3_000, SOME_DASHBOARDS, marks=[pytest.mark.torture, pytest.mark.timeout(1800)]),
    ],
    ids=["2000", "50000"],
)
async def test_one_who_does_not_read_costs_little_and_the_others_nothing(
    live_dsn: str, commits: int, words: int, filters: Sequence[dict[str, object] | None]
) -> None:
    async with stage(live_dsn, words) as here, AsyncExitStack() as stack:
        readers = [await begun(stack, here.subscriber(filter=wanted)) for wanted in filters]
        alone = await here.bring(WARMING_UP, readers)
        before = here.memory()
        sleepers = [await asleep(stack, here, "websocket"), await asleep(stack, here, "sse")]
        beside = await here.bring(commits, readers)
        grown = here.memory() - before
        fallen_asleep, missed = WARMING_UP * PER_COMMIT, commits * PER_COMMIT
        assert [sleeper.position for sleeper in sleepers] == [fallen_asleep, fallen_asleep]
        for sleeper in sleepers:
            sleeper.resume()
        for sleeper in sleepers:
            await sleeper.reached(fallen_asleep + missed)
        expected = await table(live_dsn, here.site)
    assert missed * words > MOST_BYTES
    assert grown < len(sleepers) * MOST_BYTES
    assert median(beside) < 3 * median(alone)
    assert len(expected) == fallen_asleep + missed
    for sleeper in sleepers:
        assert (sleeper.got, sleeper.connects) == (expected[fallen_asleep:], 1)
    for number, reader in enumerate(readers):
        assert reader.got == (expected if filters[number] is None else expected[number::READERS])
