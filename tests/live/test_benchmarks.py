"""The benchmarks of the stream with the smallest numbers: they measure, and see what they are there to see."""

from collections.abc import Iterator
from signal import SIGTERM

import pytest

from benchmarks import audience, delivery, recovery, subscribers
from tests.live.postgres import Postgres, own_postgres
from tests.live.replica import Replica
from tests.live.writing import Writer, http_client, paired_site

CASE = delivery.Case(2, singles=2, burst=3, links="targetServer { name }")
TABLE = [delivery.Committed(position, f"action_{position}", at=10.0) for position in (1, 2, 4, 5, 6)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with own_postgres(track_commit_timestamp="on") as made:
        yield made


@pytest.fixture(scope="module")
def served(postgres: Postgres) -> Iterator[Replica]:
    made = Replica(postgres.dsn)
    try:
        made.await_ready()
        yield made
    finally:
        made.end(SIGTERM)


def watched(*actions: int) -> audience.Subscriber:
    return audience.Subscriber(arrivals=[(11.0, [(position, f"action_{position}")]) for position in actions])


async def test_delivery_is_measured_beside_bare_websockets(postgres: Postgres, served: Replica) -> None:
    measured, seen = await delivery.measure(postgres.dsn, [served.address], CASE)
    assert (measured.lost, measured.doubled, len(measured.singles)) == (0, 0, 4)
    assert 0 < measured.singles[0] <= measured.singles[-1]
    with audience.bare_servers(1) as (addresses, _):
        bare = await delivery.measure_bare(addresses, seen.texts, CASE)
    assert (bare.lost, bare.doubled, len(bare.singles)) == (0, 0, 4)


def test_what_was_lost_or_doubled_is_counted() -> None:
    seen = audience.Audience([watched(1, 2, 4, 5, 6), watched(1, 1, 4, 5)])
    measured = delivery.judged(TABLE, seen, CASE)
    assert (measured.lost, measured.doubled) == (2, 1)
    assert measured.singles == [1.0] * 4


def test_what_came_out_of_order_is_no_measurement() -> None:
    seen = audience.Audience([watched(1, 2, 4, 5, 6), watched(1, 4, 2, 5, 6)])
    with pytest.raises(AssertionError, match="out of order"):
        delivery.judged(TABLE, seen, CASE)


async def test_recovery_is_measured(postgres: Postgres, served: Replica) -> None:
    fault = recovery.Fault("connection reset", recovery.connection_reset, 1.0, "", rounds=1)
    async with http_client() as client:
        site = await paired_site(client, served.address)
        writer = Writer(client, [served.address], site, revision=site.revision)
        (seconds,) = await recovery.measure(recovery.Stage(postgres, served, served, writer), fault)
    assert 0 < seconds < 10


@pytest.mark.parametrize("way", [subscribers.by_websocket, subscribers.by_events])
async def test_those_whose_memory_is_measured_are_there(served: Replica, way: subscribers.Way) -> None:
    async with http_client() as client:
        site = await paired_site(client, served.address)
    join = way(served.address, {"siteId": site.id, "after": 0})
    assert await subscribers.kilobytes_each(served.pid, join, 5 * subscribers.FIRST) < 1_000
