"""What breaks in a data centre, in the middle of a stream: nobody misses an action, and nothing acknowledged is lost.

Writers go on over each fault, with idempotency keys; subscribers go to another replica, or wait, by themselves.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.live.postgres import Postgres, own_postgres
from tests.live.replica import Replica
from tests.live.subscriber import ACTIONS, Subscriber
from tests.live.wire import Wire, wire_to, wire_to_database
from tests.live.writing import PASSING, Writer, broken, cameras_of_primaries, http_client, paired_site, table

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPLICAS = 2
WRITERS = 2
SUBSCRIBERS = 6
SILENCE = 1.5
SETTINGS = {"heartbeat": 0.5, "poll_interval": 0.3}
REQUEST_SECONDS = 2.0
# Linked nodes are read as of delivery, so that each batch needs the database once more.
LINKED = ACTIONS.replace("id position status", "id position status targetServer { name } camera { id }")
HINTS = "camera-redundancy hints"
OTHERS = """
FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name LIKE $1
"""
CONNECTIONS = f"SELECT count(*) {OTHERS}"
END_CONNECTIONS = f"SELECT pg_terminate_backend(pid) {OTHERS}"


@dataclass
class House:
    """A PostgreSQL, the wire by which it is listened to, the replicas over it, and the writers' wires to these."""

    postgres: Postgres
    wire: Wire
    client: httpx.AsyncClient
    replicas: list[Replica] = field(default_factory=list)
    ways: list[Wire] = field(default_factory=list)
    killed: list[Replica] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        return [one.address for one in self.replicas]

    def replica(self, port: int = 0) -> Replica:
        return Replica(self.postgres.dsn, listen=self.wire.dsn(self.postgres.dsn), port=port, **SETTINGS)

    async def end(self) -> None:
        """End all in good order, none with a complaint but of what was away."""
        codes = await asyncio.gather(*(one.terminate() for one in self.replicas))
        assert set(codes) <= {0}
        for one in [*self.replicas, *self.killed]:
            assert [line for line in one.complaints if line.get("code") not in PASSING] == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(own_postgres())
        wire = await stack.enter_async_context(wire_to_database(postgres.dsn))
        made = House(postgres, wire, await stack.enter_async_context(http_client(REQUEST_SECONDS)))
        stack.push_async_callback(made.end)
        made.replicas += [made.replica() for _ in range(REPLICAS)]
        for one in made.replicas:
            await one.ready()
            made.ways.append(await stack.enter_async_context(wire_to("127.0.0.1", one.port)))
        yield made


@dataclass
class Scene:
    """One site of the house, those who write to it and those who follow it."""

    house: House
    writers: Sequence[Writer]
    subscribers: Sequence[Subscriber]
    dice: random.Random

    async def changes(self, number: int) -> None:
        """Wait until every writer has made so many more changes."""
        await asyncio.gather(*(_more_changes(writer, number) for writer in self.writers))

    async def attempts(self, number: int) -> None:
        """Wait until every writer has tried so often more, whatever came of it."""
        await asyncio.gather(*(_more_attempts(writer, number) for writer in self.writers))

    async def level(self) -> None:
        """Wait until every subscriber has what was acknowledged to any writer."""
        revision = max(writer.revision for writer in self.writers)
        for subscriber in self.subscribers:
            await subscriber.reached(revision)

    def some_replica(self) -> Replica:
        return self.dice.choice(self.house.replicas)


async def _more_changes(writer: Writer, number: int) -> None:
    goal = writer.changes + number
    await writer.until(lambda: writer.changes >= goal)


async def _more_attempts(writer: Writer, number: int) -> None:
    goal = writer.changes + writer.retries + number
    await writer.until(lambda: writer.changes + writer.retries >= goal)


@asynccontextmanager
async def in_the_middle(house: House, seed: int) -> AsyncIterator[Scene]:
    """A stream in full flow; at the end, all that it must have brought has come."""
    ways = [way.address for way in house.ways]
    site = await paired_site(house.client, *ways)
    writers = [Writer(house.client, ways, site, seed=seed + number) for number in range(WRITERS)]
    subscribers = [
        Subscriber(
            house.addresses,
            site.id,
            document=(ACTIONS, LINKED)[number // 2 % 2],
            batch_size=(1, 10, 100)[number % 3],
            transport=("websocket", "sse")[number % 2],
            silence=SILENCE,
            seed=seed + number,
        )
        for number in range(SUBSCRIBERS)
    ]
    scene = Scene(house, writers, subscribers, random.Random(seed))  # noqa: S311 - a seed is the point
    async with AsyncExitStack() as stack:
        for subscriber in subscribers:
            await stack.enter_async_context(subscriber.running())
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.go_on())
            await scene.changes(5)
            yield scene
            await scene.changes(5)
            for writer in writers:
                writer.stopping = True
        await scene.level()
    await _all_is_there(scene)


async def _all_is_there(scene: Scene) -> None:
    dsn, site = scene.house.postgres.dsn, scene.writers[0].site
    listed = await table(dsn, site.id)
    for subscriber in scene.subscribers:
        assert subscriber.got == listed
        assert subscriber.faults == []
    acknowledged = {camera: server for writer in scene.writers for camera, server in writer.cameras.items()}
    assert await cameras_of_primaries(dsn, site) == acknowledged
    assert await broken(dsn) == []


async def _end_connections(scene: Scene, name: str, at_least: int) -> None:
    """Have the server end connections by their name, once there are so many."""
    connection = await asyncpg.connect(scene.house.postgres.dsn)
    try:
        while await connection.fetchval(CONNECTIONS, name) < at_least:
            await scene.changes(1)
        await connection.execute(END_CONNECTIONS, name)
    finally:
        await connection.close()


async def listening_ends(scene: Scene) -> None:
    """Every LISTEN connection is ended by the server."""
    await _end_connections(scene, HINTS, len(scene.house.replicas))
    await scene.changes(5)


async def connections_end(scene: Scene) -> None:
    """Every connection is ended by the server, in the middle of changes too."""
    await _end_connections(scene, "%", 2 * len(scene.house.replicas))
    await scene.changes(5)


async def hints_are_lost(scene: Scene) -> None:
    """LISTEN connections look well, and carry nothing."""
    while scene.house.wire.connections < len(scene.house.replicas):
        await scene.changes(1)
    scene.house.wire.swallow()
    await scene.changes(10)
    await scene.level()
    await scene.house.wire.mend()
    scene.house.wire.reset()


async def hints_are_late(scene: Scene) -> None:
    """What is told of a change comes when others have been made."""
    scene.house.wire.delay(0.1)
    await scene.changes(10)
    await scene.level()
    scene.house.wire.delay(0)


async def answers_are_lost(scene: Scene) -> None:
    """Changes are made, and those who asked for them are not told."""
    retries = sum(writer.retries for writer in scene.writers)
    for way in scene.house.ways:
        way.cut_after(1)
    await scene.changes(5)
    assert sum(writer.retries for writer in scene.writers) > retries


async def replica_is_killed(scene: Scene) -> None:
    """A process is gone at once; a new one takes its place and port."""
    house, victim = scene.house, scene.some_replica()
    await victim.kill()
    house.killed.append(victim)
    house.replicas[house.replicas.index(victim)] = house.replica(victim.port)
    await scene.changes(5)


async def replica_is_frozen(scene: Scene) -> None:
    """A process stands still, with all of its connections open, and goes on later."""
    victim = scene.some_replica()
    victim.freeze()
    # Should it hold the site just then, others are refused SITE_BUSY, until PostgreSQL ends its transaction.
    await scene.attempts(3)
    await scene.level()
    victim.thaw()


async def postgresql_is_killed(scene: Scene) -> None:
    """The server is gone at once, in the middle of commits, and comes again."""
    scene.house.postgres.kill()
    scene.house.postgres.start()


async def postgresql_is_away(scene: Scene, attempts: int = 5) -> None:
    """The server is stopped; writers are told so, again and again, until it is back."""
    scene.house.postgres.stop()
    await scene.attempts(attempts)
    scene.house.postgres.start()


async def postgresql_is_frozen(scene: Scene) -> None:
    """The server stands still with all connections open, and goes on later."""
    scene.house.postgres.freeze()
    await scene.attempts(5)
    scene.house.postgres.thaw()


async def postgresql_is_away_for_a_minute(scene: Scene) -> None:
    await postgresql_is_away(scene, attempts=240)


Fault: TypeAlias = Callable[[Scene], Awaitable[None]]
FAULTS: tuple[Fault, ...] = (
    listening_ends,
    connections_end,
    hints_are_lost,
    answers_are_lost,
    replica_is_killed,
    replica_is_frozen,
    postgresql_is_killed,
    postgresql_is_away,
)


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_lost_when(house: House, fault: Fault) -> None:
    async with in_the_middle(house, seed=1) as scene:
        await fault(scene)


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", [postgresql_is_frozen, postgresql_is_away_for_a_minute])
async def test_nothing_is_lost_for_as_long_as(house: House, fault: Fault) -> None:
    async with in_the_middle(house, seed=2) as scene:
        await fault(scene)


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10))
async def test_nothing_is_lost_over_many_faults_by_chance(house: House, seed: int) -> None:
    async with in_the_middle(house, seed=100 * seed) as scene:
        for _ in range(30):
            await scene.dice.choice([*FAULTS, hints_are_late, postgresql_is_frozen])(scene)
