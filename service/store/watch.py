"""One small question a second, over a connection of its own, tells each process whether its database is there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
import structlog

from service.store.database import Connection, Database
from service.store.readiness import NotReadyError, require_migrated, why_unreachable

log = structlog.get_logger()

# Told at every answer why the database cannot be worked with; None: it can.
Heard: TypeAlias = Callable[[str | None], None]

EVERY_SECONDS = 1.0
ANSWER_SECONDS = 2.0
# In so many pieces an answer is waited for, each of which is a turn of the event loop at the least: a process that has
# no time to hear the answer, which takes some ten turns, does not take the database for away.
TURNS = 40


class Watch:
    """Opens and shuts the gate of a database. `dsn`: as the pool's."""

    def __init__(
        self,
        database: Database,
        dsn: str,
        heard: Heard,
        *,
        every: float = EVERY_SECONDS,
        answer: float = ANSWER_SECONDS,
    ) -> None:
        self._database = database
        self._dsn = dsn
        self._heard = heard
        self._every = every
        self._answer = answer
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def run(self) -> None:
        """Ask until cancelled: every second, and at once when somebody wants to know, or the connection is lost."""
        gate = self._database.gate
        try:
            with gate.watched():
                while True:
                    asked_at = _now()
                    gate.asked.clear()
                    try:
                        await self._conclude(await self._ask(), asked_at)
                    except Exception:
                        log.exception("watch_failed")
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(asked_at + self._every):
                            await gate.asked.wait()
        finally:
            self._drop()

    async def _conclude(self, why_not: str | None, asked_at: float) -> None:
        gate = self._database.gate
        if why_not is not None:
            gate.shut(why_not, asked_at)
        else:
            if not gate.is_open:
                await self._database.drop_idle()
            gate.open()
        self._heard(why_not)

    async def _ask(self) -> str | None:
        """Say why the database cannot be worked with, in time."""
        asking = asyncio.create_task(self._question())
        try:
            return asking.result() if await self._in_time(asking) else why_unreachable(TimeoutError())
        finally:
            if not asking.done():
                asking.cancel()
                self._drop()

    async def _in_time(self, asking: "asyncio.Task[str | None]") -> bool:
        for _ in range(TURNS):
            await asyncio.wait((asking,), timeout=self._answer / TURNS)
            if asking.done():
                break
        return asking.done()

    async def _question(self) -> str | None:
        """Ask over the connection there is; it may be lost while the database is there, so a new one is tried too."""
        if self._connection is not None:
            with suppress(Exception):
                return await _standing(self._connection)
        self._drop()
        try:
            self._connection = await self._connected()
            return await _standing(self._connection)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next question may be answered
            return why_unreachable(error)

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            self._dsn,
            statement_cache_size=0,
            server_settings={"application_name": "camera-redundancy watch"},
        )
        connection.add_termination_listener(lambda _connection: self._database.gate.asked.set())
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


@asynccontextmanager
async def watching(database: Database, dsn: str, heard: Heard) -> AsyncIterator[None]:
    """Watch for as long as the service runs."""
    running = asyncio.create_task(Watch(database, dsn, heard).run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _standing(connection: Connection) -> str | None:
    try:
        await require_migrated(connection)
    except NotReadyError as error:
        return str(error)
    return None


def _now() -> float:
    return asyncio.get_running_loop().time()
