"""A change that is cut off in the middle leaves nothing behind, and nothing in the way of the next one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.commands.camera import add_camera
from service.commands.pairing import pair_servers
from service.model.outcome import Outcome
from service.store.database import Database
from service.store.outage import is_away
from tests.races.conftest import Replicas
from tests.races.stage import (
    LOCK_SITE,
    Answer,
    Change,
    Connection,
    Stage,
    answer,
    asked,
    assert_sound,
    blocked,
    rows,
)

TERMINATE = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"""


def change(database: Database, stage: Stage, number: int = 1) -> Change:
    """Return a change that writes a camera, its twin, a link, an action and a key."""
    request = asked("addCamera", f"camera {number}")
    return add_camera(database, request, stage.site_id, stage.camera("p1", number))


@pytest.fixture
async def paired(replicas: Replicas, stage: Stage) -> Stage:
    await pair_servers(replicas[0], asked("pairServers"), stage.site_id, stage.symmetric("p1", "s1"))
    return stage


@asynccontextmanager
async def half_done(
    database: Database, stage: Stage, raw: Connection, watcher: Connection
) -> AsyncIterator["asyncio.Task[Answer]"]:
    """Stop a change that has written its camera, and waits for the secondary on which the twin is to stand."""
    async with raw.transaction():
        await raw.execute("SELECT FROM server WHERE id = $1 FOR UPDATE", stage.servers["s1"])
        task = asyncio.create_task(answer(change(database, stage)))
        await blocked(watcher, 1, [task])
        yield task


async def test_a_cancelled_change_leaves_nothing(
    replicas: Replicas, paired: Stage, raw: Connection, watcher: Connection
) -> None:
    before = await rows(watcher)
    async with half_done(replicas[0], paired, raw, watcher) as task:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await nothing_is_left(replicas, paired, watcher, before)


async def test_a_change_whose_connection_is_cut_leaves_nothing(
    replicas: Replicas, paired: Stage, raw: Connection, watcher: Connection
) -> None:
    before = await rows(watcher)
    async with half_done(replicas[0], paired, raw, watcher) as task:
        assert await watcher.fetchval(TERMINATE) == 1
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
            await task
    assert is_away(caught.value)
    await nothing_is_left(replicas, paired, watcher, before)


@pytest.mark.parametrize("cut", ["cancelled", "terminated"])
async def test_a_change_that_is_cut_off_while_it_waits_for_the_site_leaves_nothing(
    replicas: Replicas, paired: Stage, raw: Connection, watcher: Connection, cut: str
) -> None:
    before = await rows(watcher)
    async with raw.transaction():
        await raw.execute(LOCK_SITE, paired.site_id)
        task = asyncio.create_task(answer(change(replicas[0], paired)))
        await blocked(watcher, 1, [task])
        assert task.cancel() if cut == "cancelled" else await watcher.fetchval(TERMINATE) == 1
        with pytest.raises((asyncio.CancelledError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await task
    await nothing_is_left(replicas, paired, watcher, before)


async def test_one_that_is_cancelled_in_the_queue_holds_up_nobody(
    replicas: Replicas, paired: Stage, raw: Connection, watcher: Connection
) -> None:
    database = replicas[0]
    async with half_done(database, paired, raw, watcher) as first:
        waiting = [asyncio.create_task(answer(change(database, paired, number))) for number in (2, 3)]
        # The first change holds the queue, so each of these is in it once the loop has run them.
        await watcher.execute("SELECT 1")
        assert not any(task.done() for task in waiting)
        waiting[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting[0]
        # They waited here, not in PostgreSQL.
        await blocked(watcher, 1)
    assert isinstance(await first, Outcome)
    assert isinstance(await waiting[1], Outcome)
    names = await watcher.fetch(
        "SELECT name FROM camera WHERE site_id = $1 AND side = 'PRIMARY'", paired.site_id
    )
    assert sorted(row["name"] for row in names) == ["camera 1", "camera 3"]
    await assert_sound(watcher)


async def nothing_is_left(
    replicas: Replicas, stage: Stage, watcher: Connection, before: dict[str, list[str]]
) -> None:
    """See that the tables are as they were, and that the change can be made after all, on either replica."""
    assert await rows(watcher) == before
    first, second = [await change(database, stage) for database in replicas]
    assert first == second
    assert first.mirrored.queued == 1
    await assert_sound(watcher)
