"""Pruning in the background."""

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from service.feed.prune import pruning
from service.store.database import Database
from tests.feed.conftest import AT_ONCE, NEVER
from tests.feed.log import commit

AGE = "UPDATE event SET at = now() - interval '31 days' WHERE revision <= 2"


async def some_old(database: Database, site_id: UUID) -> None:
    await commit(database, site_id, {}, {}, {})
    await database.pool.execute(AGE)


async def kept(database: Database) -> int:
    return int(await database.pool.fetchval("SELECT count(*) FROM event"))


async def test_what_is_old_is_removed_again_and_again(database: Database, site_id: UUID) -> None:
    await some_old(database, site_id)
    with capture_logs() as told:
        async with pruning(database, days=30, interval=AT_ONCE):
            while len(told) < 1:
                await kept(database)
            await database.pool.execute(AGE.partition("WHERE")[0])
            while len(told) < 2:
                await kept(database)
    assert await kept(database) == 0
    assert told[0] == {"event": "pruned", "log_level": "info", "events": 2, "sites": 1, "keys": 0}
    assert [line["events"] for line in told] == [2, 1]


async def test_a_round_that_fails_is_told_and_the_next_one_is_tried(
    database: Database, site_id: UUID
) -> None:
    await some_old(database, site_id)
    await database.pool.execute("ALTER TABLE event RENAME TO elsewhere")
    with capture_logs() as told:
        async with pruning(database, days=30, interval=AT_ONCE):
            while not told:
                await database.pool.fetchval("SELECT 1")
            await database.pool.execute("ALTER TABLE elsewhere RENAME TO event")
            while told[-1]["event"] != "pruned":
                await kept(database)
    assert await kept(database) == 1
    assert (told[0]["event"], told[0]["retry_in"]) == ("prune_failed", AT_ONCE)


async def test_the_first_round_comes_after_a_random_part_of_the_interval(
    database: Database, site_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return AT_ONCE

    monkeypatch.setattr("random.uniform", uniform)
    await some_old(database, site_id)
    with capture_logs() as told:
        async with pruning(database, days=30, interval=NEVER):
            while not told:
                await kept(database)
    assert drawn == [(0, NEVER)]
    assert [line["events"] for line in told] == [2]


async def test_it_ends_at_once_also_in_the_middle_of_a_batch(database: Database, site_id: UUID) -> None:
    await some_old(database, site_id)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'event'::regclass"
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE event")
        async with pruning(database, days=30, interval=AT_ONCE):
            while not await database.pool.fetchval(waiting):
                pass
        while await database.pool.fetchval(waiting):
            pass
    assert await kept(database) == 3
