"""What another transaction undid is done again from the start, three times at most."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.commands.camera import add_camera
from service.commands.pairing import pair_servers
from service.commands.site import create_site
from service.model.outcome import Outcome
from tests.races.conftest import Opener, Replicas
from tests.races.stage import (
    LOCK_SITE,
    Connection,
    Stage,
    answer,
    asked,
    assert_sound,
    blocked,
    changes,
    rows,
)

# A sequence counts attempts, for it is not undone with them.
INTERFERE = """
CREATE SEQUENCE attempts;
CREATE FUNCTION interfere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('attempts') <= {times} THEN
    RAISE EXCEPTION 'Interference.' USING ERRCODE = '{code}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER interfere BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.end_of_change)
  EXECUTE FUNCTION interfere()
"""
LEAVE = "DROP TRIGGER interfere ON event; DROP FUNCTION interfere(); DROP SEQUENCE attempts"
ERRORS = {"40001": asyncpg.SerializationError, "40P01": asyncpg.DeadlockDetectedError}

Attempts = Callable[[], Awaitable[int]]


@asynccontextmanager
async def interference(raw: Connection, code: str, times: int) -> AsyncIterator[Attempts]:
    """Undo the next changes of any site so many times; yields what tells how often it was tried."""

    async def attempts() -> int:
        count: int = await raw.fetchval("SELECT last_value FROM attempts")
        return count

    await raw.execute(INTERFERE.format(code=code, times=times))
    try:
        yield attempts
    finally:
        await raw.execute(LEAVE)


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("times", [1, 2])
async def test_what_was_undone_is_done_again(
    replicas: Replicas, stage: Stage, raw: Connection, code: str, times: int
) -> None:
    before = await changes(raw, stage.site_id)
    async with interference(raw, code, times) as attempts:
        made = await add_camera(replicas[0], asked("addCamera", "key"), stage.site_id, stage.camera("p1", 1))
        assert await attempts() == times + 1
    assert await changes(raw, stage.site_id) == [*before, (made.change_id, made.revision)]
    await assert_sound(raw)


@pytest.mark.parametrize("code", ERRORS)
async def test_the_third_failure_is_the_last(
    replicas: Replicas, stage: Stage, raw: Connection, code: str
) -> None:
    before = await rows(raw)
    async with interference(raw, code, times=3) as attempts:
        with pytest.raises(ERRORS[code]):
            await add_camera(replicas[0], asked("addCamera", "key"), stage.site_id, stage.camera("p1", 1))
        assert await attempts() == 3
    assert await rows(raw) == before


async def test_a_site_is_made_again_too(replicas: Replicas, raw: Connection) -> None:
    async with interference(raw, "40001", times=2) as attempts:
        made = await create_site(replicas[0], asked("createSite", "made again"), "Made again")
        assert await attempts() == 3
    assert await changes(raw, made.site_id) == [(made.change_id, 1)]


async def test_a_real_deadlock_is_survived(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection, open_raw: Opener
) -> None:
    """Somebody holds the secondary and wants the site; the change holds the site and wants the secondary."""
    await pair_servers(replicas[0], asked("pairServers"), stage.site_id, stage.symmetric("p1", "s1"))
    gate = await open_raw()
    lock_server = "SELECT FROM server WHERE id = $1 FOR UPDATE"
    # Never the one to find out, so that it is the change that is undone.
    await raw.execute("SET deadlock_timeout = '1h'")
    async with raw.transaction():
        async with gate.transaction():
            await gate.execute(lock_server, stage.servers["p1"])
            await raw.execute(lock_server, stage.servers["s1"])
            change = add_camera(replicas[0], asked("addCamera"), stage.site_id, stage.camera("p1", 1))
            task = asyncio.create_task(answer(change))
            await blocked(watcher, 1, [task])
            other = asyncio.create_task(raw.execute(LOCK_SITE, stage.site_id))
            await blocked(watcher, 2, [task, other])
        await other
        assert not task.done()
    made = await task
    assert isinstance(made, Outcome)
    assert made.mirrored.queued == 1
    await assert_sound(raw)
