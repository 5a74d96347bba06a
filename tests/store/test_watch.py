"""A watcher learns in time that the database is away, and that it is back."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from service.store.database import Database, connect
from service.store.outage import DatabaseAwayError
from service.store.watch import Watch
from tests.live.wire import Wire, wire_to_database

UNANSWERED = "The database cannot be reached: it did not answer in time."
END_OWN = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE application_name = 'camera-redundancy watch' AND datname = current_database()"""


@pytest.fixture
def dsn(module_dsn: str) -> str:
    return module_dsn


@dataclass
class Scene:
    wire: Wire
    database: Database
    words: "asyncio.Queue[str | None]"

    async def hears(self, *, ready: bool) -> str | None:
        """The next word that is such."""
        while ((word := await self.words.get()) is None) is not ready:
            pass
        assert self.database.gate.is_open is ready
        return word


@asynccontextmanager
async def watched(dsn: str, *, every: float = 0.02, answer: float = 0.3) -> AsyncIterator[Scene]:
    async with wire_to_database(dsn) as wire, connect(wire.dsn(dsn)) as database:
        words: asyncio.Queue[str | None] = asyncio.Queue()
        watch = Watch(database, wire.dsn(dsn), words.put_nowait, every=every, answer=answer)
        running = asyncio.create_task(watch.run())
        try:
            async with asyncio.timeout(20):
                scene = Scene(wire, database, words)
                await scene.hears(ready=True)
                yield scene
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def test_a_database_that_refuses_is_away_until_it_does_not(dsn: str) -> None:
    async with watched(dsn) as scene:
        await scene.wire.cut()
        why = await scene.hears(ready=False)
        assert why
        assert why.startswith("The database cannot be reached: ")
        await scene.wire.mend()
        await scene.hears(ready=True)


async def test_a_database_that_is_lost_is_missed_before_it_is_asked_again(dsn: str) -> None:
    async with watched(dsn, every=3600) as scene:
        await scene.wire.cut()
        await scene.hears(ready=False)


async def test_a_database_that_does_not_answer_is_away_until_it_does(dsn: str) -> None:
    async with watched(dsn) as scene:
        async with scene.database.acquire():
            pass
        scene.wire.swallow()
        assert await scene.hears(ready=False) == UNANSWERED
        await scene.wire.mend()
        await scene.hears(ready=True)
        # What was swallowed once stays so: the pool's connection only looked alive.
        async with scene.database.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_watcher_whose_own_connection_is_lost_raises_no_alarm(dsn: str, database: Database) -> None:
    async with watched(dsn) as scene:
        for _ in range(3):
            while not await database.pool.fetchval(END_OWN):
                assert scene.database.gate.is_open  # it is just connecting anew
            assert [await scene.words.get() for _ in range(3)] == [None] * 3


async def test_a_process_that_has_no_time_to_hear_the_answer_raises_no_alarm(dsn: str) -> None:
    async with watched(dsn, every=0, answer=0.1) as scene:
        for seconds in (0.02, 0.5):
            busy = asyncio.create_task(_be_busy(seconds, turns=30 if seconds < 0.1 else 2))
            assert [await scene.words.get() for _ in range(3)] == [None] * 3
            await busy


async def _be_busy(seconds: float, turns: int) -> None:
    for _ in range(turns):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass
        await asyncio.sleep(0)


async def test_a_database_that_is_not_migrated_is_not_worked_with(dsn: str, database: Database) -> None:
    async with watched(dsn) as scene:
        await database.pool.execute("ALTER TABLE alembic_version RENAME TO elsewhere")
        sentence = "The database is not migrated: it has no tables yet. Run `camera-redundancy migrate`."
        assert await scene.hears(ready=False) == sentence
        await database.pool.execute("ALTER TABLE elsewhere RENAME TO alembic_version")
        await scene.hears(ready=True)


async def test_who_waited_in_vain_asks_whether_the_database_is_there(dsn: str) -> None:
    async with watched(dsn, every=3600) as scene:
        scene.wire.swallow()
        with pytest.raises(DatabaseAwayError, match="in time"):
            async with scene.database.gate.patience(0.01):
                await asyncio.Event().wait()
        await scene.wire.mend()
        scene.database.gate.asked.set()
        await scene.hears(ready=True)
        with pytest.raises(TimeoutError):
            async with scene.database.gate.patience(0.01):
                await asyncio.Event().wait()
