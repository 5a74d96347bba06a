"""Measures how soon after each fault a subscriber has a change that was made after it, and that it lost none before.

The change goes through another replica, so that what one tells the other is part of it; it is tried again until it is
accepted, and that counts too. Where the fault lasts (PostgreSQL away, frozen), time is counted from its end.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeAlias

import asyncpg

from service.store.watch import EVERY_SECONDS
from tests.live.postgres import Postgres, own_postgres
from tests.live.replica import Replica, replica
from tests.live.subscriber import LONGEST_PAUSE as CLIENT_PAUSE
from tests.live.subscriber import Subscriber
from tests.live.wire import wire_to, wire_to_database
from tests.live.writing import LiveSite, Writer, http_client, paired_site, table

POLL_INTERVAL = 2.0
AWAY_SECONDS = 5.0
SILENCE_SECONDS = 3.0
# A client that says goodbye to a half-open connection waits so long for the answer.
GOODBYE_SECONDS = 1.0
# The service sees within a second that its database is back, and the writer tries again.
BACK_SECONDS = EVERY_SECONDS + CLIENT_PAUSE
BACK = "the watcher's second and the writer's pause"
# What a change, its delivery and a new connection may take on a busy machine, beside the wait that bounds it.
MARGIN = 1.0
# The seed with which a subscriber of two addresses begins with the first.
ORDER_STAYS = 0
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'camera-redundancy hints'"
KILL_LISTENERS = LISTENERS.replace("count(*)", "pg_terminate_backend(pid)")

# Does harm, and returns the moment from which it counts.
Inflict: TypeAlias = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Two replicas over a PostgreSQL of their own: `near` is the subscriber's, changes go by the other."""

    postgres: Postgres
    near: Replica
    other: Replica
    writer: Writer

    @property
    def site(self) -> LiveSite:
        """The site that is followed."""
        return self.writer.site

    def subscriber(self, *addresses: str, silence: float = 60.0) -> Subscriber:
        """Return a subscriber from here on."""
        after = self.writer.revision
        return Subscriber(addresses, self.site.id, after=after, silence=silence, seed=ORDER_STAYS)


Scene: TypeAlias = Callable[[Stage], AsyncIterator[tuple[Subscriber, Inflict]]]


async def nothing(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """No fault, to compare."""

    async def inflict() -> float:
        return time.monotonic()

    yield stage.subscriber(stage.near.address), inflict


async def listeners_killed(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """Both replicas' LISTEN connections are ended by the server."""
    connection = await asyncpg.connect(stage.postgres.dsn)

    async def inflict() -> float:
        while await connection.fetchval(LISTENERS) < 2:  # noqa: ASYNC110, PLR2004 - both, and PostgreSQL tells nobody
            await asyncio.sleep(0.01)
        await connection.execute(KILL_LISTENERS)
        return time.monotonic()

    try:
        yield stage.subscriber(stage.near.address), inflict
    finally:
        await connection.close()


async def hint_lost(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """The replica's LISTEN connection is half-open: it hears nothing, and does not know."""
    dsn = stage.postgres.dsn

    async def inflict() -> float:
        return time.monotonic()

    async with (
        wire_to_database(dsn) as wire,
        replica(dsn, listen=wire.dsn(dsn), poll_interval=POLL_INTERVAL) as deaf,
    ):
        wire.swallow()
        yield stage.subscriber(deaf.address), inflict


async def replica_killed(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """The replica that the subscriber is at is killed with SIGKILL."""
    async with replica(stage.postgres.dsn) as victim:
        subscriber = stage.subscriber(victim.address, stage.other.address)

        async def inflict() -> float:
            at = time.monotonic()
            await victim.kill()
            return at

        yield subscriber, inflict
        if not subscriber.reconnects:
            raise AssertionError("The subscriber was not at the replica that was killed.")


async def connection_reset(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """The subscriber's connection is reset."""
    async with wire_to(*_host_and_port(stage.near.address)) as wire:

        async def inflict() -> float:
            wire.reset()
            return time.monotonic()

        yield stage.subscriber(wire.address), inflict


async def half_open(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """The subscriber's connection carries nothing any more, and nobody is told."""
    async with (
        replica(stage.postgres.dsn, heartbeat=SILENCE_SECONDS / 3) as beating,
        wire_to(*_host_and_port(beating.address)) as wire,
    ):

        async def inflict() -> float:
            wire.swallow()
            await wire.mend()
            return time.monotonic()

        yield stage.subscriber(wire.address, silence=SILENCE_SECONDS), inflict


async def postgres_killed(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """PostgreSQL is killed with SIGKILL and started again."""

    async def inflict() -> float:
        await asyncio.to_thread(stage.postgres.kill)
        at = time.monotonic()
        await asyncio.to_thread(stage.postgres.start)
        return at

    yield stage.subscriber(stage.near.address), inflict


async def postgres_away(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """PostgreSQL is stopped, and comes back later."""

    async def inflict() -> float:
        await asyncio.to_thread(stage.postgres.stop)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(stage.postgres.start)
        return time.monotonic()

    yield stage.subscriber(stage.near.address), inflict


async def postgres_frozen(stage: Stage) -> AsyncIterator[tuple[Subscriber, Inflict]]:
    """PostgreSQL answers nothing for a while, and keeps its connections."""

    async def inflict() -> float:
        await asyncio.to_thread(stage.postgres.freeze)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(stage.postgres.thaw)
        return time.monotonic()

    yield stage.subscriber(stage.near.address), inflict


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: `bound` says in seconds what the wait after it cannot exceed, and `why` what that is."""

    name: str
    scene: Scene
    bound: float
    why: str
    rounds: int = 3


FAULTS = (
    Fault("none", nothing, 0, "nothing to wait for", rounds=10),
    Fault("LISTEN connections killed", listeners_killed, POLL_INTERVAL, "the poll interval", rounds=5),
    Fault("hint lost", hint_lost, POLL_INTERVAL, "the poll interval", rounds=5),
    Fault("replica killed", replica_killed, CLIENT_PAUSE, "the client's longest pause", rounds=1),
    Fault("connection reset", connection_reset, CLIENT_PAUSE, "the client's longest pause", rounds=5),
    Fault("connection half-open", half_open, SILENCE_SECONDS + GOODBYE_SECONDS, "the client's patience"),
    Fault("PostgreSQL killed and restarted", postgres_killed, BACK_SECONDS, BACK),
    Fault(f"PostgreSQL away for {AWAY_SECONDS:g} s", postgres_away, BACK_SECONDS, BACK),
    Fault(f"PostgreSQL frozen for {AWAY_SECONDS:g} s", postgres_frozen, BACK_SECONDS, BACK),
)


async def measure(stage: Stage, fault: Fault) -> list[float]:
    """Return the seconds of each round; fail when the subscriber did not get everything once."""
    taken = []
    async with AsyncExitStack() as stack:
        scene = asynccontextmanager(fault.scene)(stage)
        subscriber, inflict = await stack.enter_async_context(scene)
        after = stage.writer.revision
        await stack.enter_async_context(subscriber.running())
        for _ in range(fault.rounds):
            await delivered(stage, subscriber)
            began = await inflict()
            await delivered(stage, subscriber)
            taken.append(time.monotonic() - began)
    if subscriber.got != await table(stage.postgres.dsn, stage.site.id, after):
        raise AssertionError(f"{fault.name}: what was received is not what stands in the table.")
    return taken


async def delivered(stage: Stage, subscriber: Subscriber) -> None:
    """Make a change and wait until it has arrived."""
    await stage.writer.add()
    await subscriber.reached(stage.writer.revision)


async def run(faults: Sequence[Fault]) -> bool:
    """Measure all faults and print them; return whether all are within their bounds."""
    fine = True
    with own_postgres() as postgres:
        serve = partial(replica, postgres.dsn, poll_interval=POLL_INTERVAL, pool_size=10)
        async with serve() as near, serve() as other, http_client() as client:
            site = await paired_site(client, other.address)
            writer = Writer(client, [other.address], site, revision=site.revision)
            stage = Stage(postgres, near, other, writer)
            for fault in faults:
                taken = await measure(stage, fault)
                limit = fault.bound + MARGIN
                print(
                    f"{fault.name}: median {median(taken):.2f} s, longest {max(taken):.2f} s of {len(taken)};"
                    f" limit {limit:g} s ({fault.why}, and {MARGIN:g} s)"
                )
                fine = fine and max(taken) <= limit
    print("lost 0, doubled 0")
    return fine


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def main() -> None:
    """Measure, print, and fail above a limit."""
    sys.exit(not asyncio.run(run(FAULTS)))


if __name__ == "__main__":
    main()
