"""What is begun, waits or hangs while the database is away."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.model.outcome import Request
from service.store import database as databases
from service.store.database import Database, connect
from service.store.gate import Gate
from service.store.outage import ConnectionsInUseError, DatabaseAwayError, is_away
from service.store.transaction import SiteTransaction, change_site

AWAY = "The database cannot be reached: it did not answer in time."
BACKEND = "SELECT pg_backend_pid()"


def shut(gate: Gate) -> None:
    gate.shut(AWAY, since=asyncio.get_running_loop().time())


@pytest.fixture
def dsn(module_dsn: str) -> str:
    return module_dsn


@pytest.fixture
async def narrow(dsn: str) -> AsyncIterator[Database]:
    """A pool of one connection."""
    async with connect(dsn, pool_size=1) as opened:
        yield opened


@pytest.fixture
async def locked(dsn: str) -> AsyncIterator[None]:
    """Advisory lock 1 is held by somebody: asking for it hangs."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SELECT pg_advisory_lock(1)")
    yield
    await connection.close()


async def hang(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock(1)")


async def begun(database: Database) -> "asyncio.Task[None]":
    """A statement that hangs in the database."""
    hanging = asyncio.create_task(hang(database))
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
    while not await database.pool.fetch(waiting):
        pass
    return hanging


async def test_what_is_begun_while_it_is_away_fails_at_once(narrow: Database) -> None:
    shut(narrow.gate)
    with pytest.raises(DatabaseAwayError, match=AWAY):
        async with narrow.acquire():
            pass
    assert narrow.pool.get_size() == 0
    narrow.gate.open()
    async with narrow.acquire() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_who_waits_for_a_connection_learns_that_it_is_away(narrow: Database) -> None:
    async with narrow.acquire():
        waiting = asyncio.create_task(hang(narrow))
        await asyncio.wait([waiting], timeout=0)
        shut(narrow.gate)
        with pytest.raises(DatabaseAwayError):
            await waiting


async def test_a_change_in_the_queue_of_its_site_learns_that_it_is_away(narrow: Database) -> None:
    async def work(_: SiteTransaction) -> dict[str, UUID]:
        raise AssertionError

    site_id = uuid4()
    async with narrow.queue(site_id):
        change = asyncio.create_task(change_site(narrow, site_id, Request("anonymous", "setMode"), work))
        await asyncio.wait([change], timeout=0)
        shut(narrow.gate)
        with pytest.raises(DatabaseAwayError):
            await change


async def test_connections_that_are_in_use_for_too_long_are_no_outage(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "ACQUIRE_SECONDS", 0.05)
    async with narrow.acquire():
        with pytest.raises(ConnectionsInUseError, match="Try again in a moment"):
            async with narrow.acquire():
                pass
    async with narrow.acquire() as connection:
        assert await connection.fetchval("SELECT 1") == 1


@pytest.mark.usefixtures("locked")
async def test_what_hangs_is_cut_off_after_a_while(database: Database) -> None:
    cut = Database(database.pool, gate=Gate(cut_off=0.05))
    hanging = await begun(cut)
    shut(cut.gate)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError) as caught:
        await hanging
    assert is_away(caught.value)
    assert not cut.gate.in_use


@pytest.mark.usefixtures("locked")
async def test_what_still_hangs_a_while_after_an_outage_is_cut_off(database: Database) -> None:
    doubtful = Database(database.pool, gate=Gate(doubt=0.05))
    hanging = await begun(doubtful)
    shut(doubtful.gate)
    doubtful.gate.open()
    async with doubtful.acquire() as later:
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await hanging
        assert await later.fetchval("SELECT 1") == 1


async def test_what_was_begun_before_an_outage_may_end_after_it(database: Database) -> None:
    async with database.acquire() as connection:
        shut(database.gate)
        database.gate.open()
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_connection_that_comes_back_while_it_is_away_is_dropped(database: Database) -> None:
    async with database.acquire():
        shut(database.gate)
    assert database.pool.get_size() == 0


async def test_idle_connections_can_be_dropped(database: Database) -> None:
    async with database.acquire(), database.acquire():
        pass
    async with database.acquire() as used:
        await database.drop_idle()
        assert database.pool.get_size() == 1
        assert await used.fetchval("SELECT 1") == 1


async def test_a_connection_that_is_lost_after_its_work_is_no_failure(database: Database) -> None:
    async with database.acquire() as connection:
        backend = await connection.fetchval(BACKEND)
        assert await database.pool.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
    async with database.acquire() as connection:
        assert await connection.fetchval(BACKEND) != backend


async def test_a_connection_that_is_lost_between_two_statements_is_an_outage(database: Database) -> None:
    async with database.acquire() as connection:
        backend = await connection.fetchval(BACKEND)
        assert await database.pool.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
        for _ in range(2):
            with pytest.raises(Exception, match=r".") as caught:
                await connection.fetchval("SELECT 1")
            assert is_away(caught.value), caught.value


@pytest.mark.usefixtures("locked")
async def test_a_pool_is_closed_although_a_statement_hangs(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "CLOSE_SECONDS", 0.05)
    async with connect(dsn) as database:
        hanging = await begun(database)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await hanging
