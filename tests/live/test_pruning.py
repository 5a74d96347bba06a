"""Pruning and new epochs under subscribers, with real processes: everything once, or FeedReset, and never a hole."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest

from service.api import ids
from service.feed.prune import prune
from service.log_commands import begin_epoch
from service.settings import read_settings
from service.store.database import Database, connect
from tests.feed.log import append, make_site
from tests.live.replica import Replica, replica
from tests.live.subscriber import ACTIONS, Subscriber
from tests.live.writing import broken, hint, http_client, table

WAYS: tuple[Literal["websocket", "sse"], ...] = ("websocket", "sse")
# Such actions that nobody reads fill the kernel's buffers, so that the server has to wait with the rest.
LARGE = {"because": "x" * 200_000}
LARGE_ONES = 60
WITH_REASONS = ACTIONS.replace("status }", "status because }")
# As the README has it for one who was told FeedReset.
STATE = "query State($siteId: ID!) { site(id: $siteId) { revision epoch } }"
LEFT = "SELECT EXISTS (SELECT FROM event WHERE site_id = $1 AND revision <= $2)"
AGE = "UPDATE event SET at = now() - interval '2 days' WHERE site_id = $1 AND revision <= $2"


@dataclass
class Stage:
    """A site that three processes serve; `written`: every action that its log ever had."""

    dsn: str
    database: Database
    replicas: Sequence[Replica]
    site: UUID
    written: list[tuple[int, str, str]] = field(default_factory=list)
    revision: int = 0

    async def commit(self, *entries: dict[str, Any]) -> None:
        """Make a change, and remember what it wrote."""
        before = self.revision
        async with self.database.pool.acquire() as connection, connection.transaction():
            self.revision = await append(connection, self.site, *entries)
        self.written += await table(self.dsn, self.site, after=before)
        await hint(self.database, self.site)

    def subscriber(self, number: int, **asked: Any) -> Subscriber:
        """One that begins at a replica of its own."""
        turn = number % len(self.replicas)
        addresses = [one.address for one in (*self.replicas[turn:], *self.replicas[:turn])]
        site_id = ids.id_of(ids.SITE, self.site)
        return Subscriber(addresses, site_id, transport=WAYS[number % 2], seed=number, **asked)

    async def age(self, revision: int) -> None:
        """Let everything up to a revision be as old as it takes."""
        await self.database.pool.execute(AGE, self.site, revision)

    async def pruned(self, revision: int) -> None:
        """Wait until nothing up to a revision is left."""
        while await self.database.pool.fetchval(LEFT, self.site, revision):
            pass

    def up_to(self, revision: int) -> list[tuple[int, str, str]]:
        return [action for action in self.written if action[0] <= revision]


@asynccontextmanager
async def stage(dsn: str, replicas: Sequence[Replica]) -> AsyncIterator[Stage]:
    async with connect(dsn, pool_size=2) as database:
        yield Stage(dsn, database, replicas, await make_site(database))


async def begun(stack: AsyncExitStack, *subscribers: Subscriber) -> None:
    """Let them follow, and wait for the first batch of each."""
    for one in subscribers:
        await stack.enter_async_context(one.running())
    for one in subscribers:
        await first_batch(one)


async def first_batch(subscriber: Subscriber) -> None:
    await subscriber.until(lambda: subscriber.batches > 0)


async def write_and_prune(here: Stage, readers: Sequence[Subscriber], rounds: int, burst: int) -> None:
    """Go on writing while all that every reader has is pruned, and is gone at the end."""
    for _ in range(rounds):
        await here.commit(*[{}] * burst)
        await here.age(min(one.position or 0 for one in readers))
    for one in readers:
        await one.reached(here.revision)
    await here.age(here.revision - burst)
    await here.pruned(here.revision - burst)


async def recovered(here: Stage, client: httpx.AsyncClient, reset: Subscriber) -> Subscriber:
    """What a client does that was told FeedReset: it reads the state again, and follows what comes after that."""
    body = {"query": STATE, "variables": {"siteId": reset.site_id}}
    answer = await client.post(f"http://{here.replicas[0].address}/graphql", json=body)
    state = answer.json()["data"]["site"]
    return here.subscriber(0, after=state["revision"], epoch=state["epoch"])


@pytest.mark.parametrize(
    ("rounds", "burst"),
    [(20, 30), pytest.param(500, 100, marks=[pytest.mark.torture, pytest.mark.timeout(1800)])],
)
async def test_pruning_beneath_those_who_read_and_those_who_sleep(
    live_dsn: str, replicas: Sequence[Replica], rounds: int, burst: int
) -> None:
    async with (
        stage(live_dsn, replicas) as here,
        replica(live_dsn, retention_days=1, prune_interval=0.05),
        AsyncExitStack() as stack,
    ):
        readers = [here.subscriber(number) for number in range(4)]
        asleep = [
            here.subscriber(number, document=WITH_REASONS, batch_size=1, receive_buffer=1 << 16)
            for number in range(2)
        ]
        await begun(stack, *readers, *asleep)
        for one in asleep:
            one.pause()
        await here.commit(*[LARGE] * LARGE_ONES)
        await write_and_prune(here, readers, rounds, burst)
        assert [one.got == here.written for one in readers] == [True] * 4
        assert [one.resets for one in readers] == [[]] * 4
        for one in asleep:
            one.resume()
            await one.ended()
            assert one.got == here.up_to(one.position or 0)
            assert (one.position or 0) < one.resets[0]["oldest"] <= here.revision


async def test_one_who_was_away_for_too_long_is_told_and_goes_on(
    live_dsn: str, replicas: Sequence[Replica]
) -> None:
    async with (
        stage(live_dsn, replicas) as here,
        http_client() as client,
        AsyncExitStack() as stack,
    ):
        away = here.subscriber(2)
        await begun(stack, away)
        await here.commit({}, {}, {})
        await away.reached(3)
        await away.stop()
        await here.commit({}, {}, {})
        await here.age(5)
        assert (await prune(here.database, 1)).events == 5
        away.start()
        await away.ended()
        assert (away.got, away.position) == (here.up_to(3), 3)
        assert [(reset["oldest"], reset["current"]) for reset in away.resets] == [(5, 6)]
        anew = await recovered(here, client, away)
        oldest = here.subscriber(1, after=5)
        await begun(stack, anew, oldest)
        await here.commit({}, {})
        for one, after in ((anew, 6), (oldest, 5)):
            await one.reached(8)
            assert (one.got, one.resets) == (here.written[after:], [])


@pytest.mark.parametrize(
    ("kills", "events"),
    [(1, 3_000), pytest.param(20, 10_000, marks=[pytest.mark.torture, pytest.mark.timeout(1800)])],
)
async def test_a_process_that_is_killed_while_it_prunes_leaves_no_gap(
    live_dsn: str, replicas: Sequence[Replica], kills: int, events: int
) -> None:
    dice = random.Random(kills)  # noqa: S311 - moments that can be repeated
    async with stage(live_dsn, replicas) as here:
        for _ in range(kills):
            async with here.database.pool.acquire() as connection:
                here.revision = await append(connection, here.site, *[{}] * events)
            await here.age(here.revision)
            async with replica(live_dsn, ready=False, retention_days=1, prune_interval=0.01) as pruner:
                await here.pruned(here.revision - dice.randrange(events))
                await pruner.kill()
            assert await broken(live_dsn) == []
        await prune(here.database, 1)
        assert not await here.database.pool.fetchval(LEFT, here.site, here.revision)
        assert await broken(live_dsn) == []


async def test_a_new_epoch_is_told_to_everybody_at_every_replica(
    live_dsn: str, replicas: Sequence[Replica]
) -> None:
    async with (
        stage(live_dsn, replicas) as here,
        stage(live_dsn, replicas) as other,
        AsyncExitStack() as stack,
    ):
        readers = [here.subscriber(number) for number in range(6)]
        others = [other.subscriber(number) for number in range(2)]
        await begun(stack, *readers, *others)
        name = await here.database.pool.fetchval("SELECT name FROM site WHERE id = $1", here.site)
        before = await here.database.pool.fetchval("SELECT epoch FROM site WHERE id = $1", here.site)
        await here.commit({})
        await begin_epoch(read_settings(database_url=live_dsn), name)
        epoch = await here.database.pool.fetchval("SELECT epoch FROM site WHERE id = $1", here.site)
        late = [here.subscriber(number, after=1, epoch=ids.id_of(ids.EPOCH, before)) for number in range(3)]
        for one in late:
            await stack.enter_async_context(one.running())
        for one in (*readers, *late):
            await one.ended()
            assert [reset["epoch"] for reset in one.resets] == [ids.id_of(ids.EPOCH, epoch)]
        await other.commit({})
        for one in others:
            await one.reached(1)
            assert (one.got, one.resets) == (other.written, [])
