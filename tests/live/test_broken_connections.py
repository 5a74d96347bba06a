"""Connections that break in every way a network has: the client goes on after its position, the server forgets."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Literal
from uuid import UUID

import pytest

from service.api import ids
from service.store.database import Database, connect
from service.store.embedded.cluster import wait_until
from tests.feed.log import append, make_site
from tests.live.replica import Replica
from tests.live.subscriber import ACTIONS, Subscriber
from tests.live.wire import Wire, wire_to
from tests.live.writing import hint, table

# What is sent of a batch, so that a break in its middle is nothing special.
DOCUMENT = ACTIONS.replace("id position status", "id position status error")
WORDS = "The recorder says no. " * 50
HEARTBEAT, SILENCE = 0.1, 0.4
TRANSPORTS: tuple[Literal["websocket", "sse"], ...] = ("websocket", "sse")
MOST_BYTES = 4 << 20
FORGETTING_SECONDS = 20.0
# States of sockets in /proc/net/tcp.
ESTABLISHED, CLOSE_WAIT = "01", "08"


@dataclass(frozen=True)
class Stage:
    """A site, one process that serves it, the way to that, and the database to write the site's log by."""

    database: Database
    replica: Replica
    wire: Wire
    site: UUID

    def subscriber(self, number: int, after: int = 0, silence: float = SILENCE) -> Subscriber:
        """One that notices soon when its connection is dead."""
        return Subscriber(
            [self.wire.address],
            ids.id_of(ids.SITE, self.site),
            after=after,
            document=DOCUMENT,
            transport=TRANSPORTS[number % 2],
            silence=silence,
            seed=number,
        )

    async def commit(self, actions: int) -> int:
        async with self.database.pool.acquire() as connection, connection.transaction():
            revision = await append(connection, self.site, *[{"error": WORDS}] * actions)
        await hint(self.database, self.site)
        return revision

    def connections(self) -> int:
        """How many clients the process has a socket for."""
        port = f":{int(self.replica.address.rpartition(':')[2]):04X}"
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(port) and row[3] in (ESTABLISHED, CLOSE_WAIT) for row in rows)

    async def forgets_all(self) -> None:
        await asyncio.to_thread(wait_until, lambda: self.connections() == 0, FORGETTING_SECONDS)
        assert self.connections() == 0

    def memory(self) -> int:
        """What the process has of memory for itself, in bytes."""
        rollup = Path(f"/proc/{self.replica.pid}/smaps_rollup").read_text().splitlines()
        return 1024 * sum(int(line.split()[1]) for line in rollup if line.startswith("Private"))

    def complaints(self) -> list[str]:
        """What the process logged of errors, but for what asyncpg leaves behind when its connecting is cancelled."""
        said = [line["event"] for line in self.replica.complaints]
        return [event for event in said if "unexpected connection_lost() call" not in event]


@pytest.fixture(scope="module")
def served(live_dsn: str) -> Iterator[Replica]:
    process = Replica(live_dsn, heartbeat=HEARTBEAT)
    try:
        process.await_ready()
        yield process
    finally:
        process.end(SIGTERM)


@pytest.fixture
async def here(live_dsn: str, served: Replica) -> AsyncIterator[Stage]:
    host, _, port = served.address.rpartition(":")
    async with wire_to(host, int(port)) as wire, connect(live_dsn, pool_size=2) as database:
        stage = Stage(database, served, wire, await make_site(database))
        yield stage
        await wire.cut()
        await stage.forgets_all()
    assert stage.complaints() == []


async def broken(here: Stage, dice: random.Random) -> None:
    """Break all connections in one way or the other, while something is on its way."""
    match dice.choice(("reset", "in the middle", "half-open")):
        case "reset":
            await here.commit(dice.randint(1, 60))
            here.wire.reset()
        case "in the middle":
            here.wire.cut_after(dice.randint(1, 60_000))
            await here.commit(60)
        case _:
            here.wire.swallow()
            await here.commit(dice.randint(1, 60))
            await here.wire.mend()


@pytest.mark.parametrize(
    "points", [15, pytest.param(150, marks=[pytest.mark.torture, pytest.mark.timeout(900)])]
)
async def test_a_client_goes_on_after_its_position_wherever_its_connection_broke(
    live_dsn: str, here: Stage, points: int
) -> None:
    dice = random.Random(points)  # noqa: S311 - a fixed seed is the point
    async with AsyncExitStack() as stack:
        subscribers = [here.subscriber(number) for number in range(4)]
        for subscriber in subscribers:
            await stack.enter_async_context(subscriber.running())
        for _ in range(points):
            await broken(here, dice)
            if dice.random() < 0.7:
                waited_for = dice.choice(subscribers)
                await waited_for.reached(await here.commit(1))
        last = await here.commit(1)
        for subscriber in subscribers:
            await subscriber.reached(last)
        expected = await table(live_dsn, here.site)
    for subscriber in subscribers:
        assert subscriber.got == expected
        assert not subscriber.faults
        assert subscriber.reconnects > points / 3


async def test_the_server_keeps_who_may_be_there_still(here: Stage) -> None:
    async with AsyncExitStack() as stack:
        subscribers = [here.subscriber(number, silence=1.5) for number in range(6)]
        for subscriber in subscribers:
            await stack.enter_async_context(subscriber.running())
        for subscriber in subscribers:
            await subscriber.until(lambda subscriber=subscriber: subscriber.batches > 0)  # type: ignore[misc]
        assert here.connections() == 6
        here.wire.swallow()
        await here.wire.mend()
        last = await here.commit(100)
        for subscriber in subscribers:
            await subscriber.reached(last)
            assert subscriber.reconnects > 0
        assert here.connections() >= 12


@pytest.mark.parametrize(
    "rounds", [4, pytest.param(100, marks=[pytest.mark.torture, pytest.mark.timeout(900)])]
)
async def test_those_who_went_in_the_middle_of_a_batch_leave_nothing_behind(here: Stage, rounds: int) -> None:
    sizes = []
    last = 0
    for _ in range(rounds):
        async with AsyncExitStack() as stack:
            for number in range(8):
                subscriber = here.subscriber(number, after=last)
                await stack.enter_async_context(subscriber.running())
                await subscriber.reached(last)
            cuts = here.wire.resets
            here.wire.cut_after(50_000)
            last = await here.commit(100)
            await subscriber.reached(last)
            assert here.wire.resets > cuts
        here.wire.reset()
        await here.forgets_all()
        sizes.append(here.memory())
    assert sizes[-1] - sizes[rounds // 4] < MOST_BYTES
