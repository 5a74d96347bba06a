"""Hints between processes about which sites moved. A lost one costs a poll interval: the table is the truth.

They travel over one direct connection per process (LISTEN hears nothing through a pgbouncer in transaction
mode), and never inside a change: NOTIFY in a transaction locks the whole database until its commit. What
moves while one NOTIFY is under way, or shortly after it, goes out together in the next.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

import asyncpg
import structlog

from service.store.database import Database

CHANNEL = "camera_redundancy_site_moved"
NOTIFY = "SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint"
SITES_PER_HINT = 200  # 33 bytes each; a payload must stay below 8,000
SPACING_SECONDS = 0.01
KEEPALIVE_SECONDS = 15.0
TIMEOUT_SECONDS = 10.0
LONGEST_PAUSE = 5.0

log = structlog.get_logger()


def back_off(failures: int) -> float:
    """Return how many seconds to wait before the next attempt, after so many that failed in a row."""
    return min(0.1 * 2.0 ** min(failures, 10), LONGEST_PAUSE)


class Hints:
    """This process's ear and mouth. `heard` is told which site moved elsewhere; None: any may have."""

    def __init__(self, dsn: str, heard: Callable[[UUID | None], None]) -> None:
        self._dsn = dsn
        self._heard = heard
        self._moved: set[UUID] = set()
        self._wake = asyncio.Event()
        self._retry = asyncio.Event()

    def hurry(self) -> None:
        """Connect now, if there is no connection: there is reason to think that it succeeds."""
        self._retry.set()

    def tell(self, site_id: UUID) -> None:
        """Have the other processes told, soon, that a site moved here."""
        self._moved.add(site_id)
        self._wake.set()

    async def run(self) -> None:
        """Listen and tell until cancelled; a connection that is lost is made again, ever less eagerly."""
        failures = 0
        while True:
            try:
                async with self._listening() as connection:
                    failures = 0
                    while True:
                        await self._pass_on(connection)
            except Exception as error:  # noqa: BLE001 - whatever it was, polling goes on, and so must this
                log.warning("hints_lost", error=repr(error), retry_in=back_off(failures))
            self._retry.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(back_off(failures)):
                    await self._retry.wait()
            failures += 1

    @asynccontextmanager
    async def _listening(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        # A hint that a crash loses costs a poll interval: it need not wait for the disk.
        settings = {"application_name": "camera-redundancy hints", "synchronous_commit": "off"}
        connection = await asyncpg.connect(self._dsn, server_settings=settings, timeout=TIMEOUT_SECONDS)
        own = connection.get_server_pid()

        def hear(_connection: object, sender: int, _channel: str, hint: object) -> None:
            if sender != own:  # this process's own sites were passed on when they moved
                for site_id in _sites(str(hint)):
                    self._heard(site_id)

        try:
            connection.add_termination_listener(lambda _connection: self._wake.set())
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await connection.add_listener(CHANNEL, hear)
            self._heard(None)  # whatever moved while nobody listened
            yield connection
        finally:
            with suppress(Exception):
                await connection.close(timeout=1.0)

    async def _pass_on(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Wait for news and send them; if none come, send nothing, to see that the connection lives."""
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEPALIVE_SECONDS):
                await self._wake.wait()
        self._wake.clear()
        moved, self._moved = self._moved, set()
        try:
            await connection.fetch(NOTIFY, CHANNEL, list(_hints(moved)), timeout=TIMEOUT_SECONDS)
        except BaseException:
            self._moved |= moved
            self._wake.set()  # the next connection tells it at once
            raise
        await asyncio.sleep(SPACING_SECONDS)


@asynccontextmanager
async def hinting(database: Database) -> AsyncIterator[Database]:
    """Yield the database for a short run of changes, and hint at the end, once, which sites moved."""
    moved: set[UUID] = set()
    try:
        yield replace(database, moved=moved.add)
    finally:
        # What is committed is committed: whether the hint arrives does not concern the changes.
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            if moved:
                await database.pool.execute(NOTIFY, CHANNEL, list(_hints(moved)), timeout=TIMEOUT_SECONDS)


def _hints(site_ids: set[UUID]) -> Iterator[str]:
    names = sorted(site_id.hex for site_id in site_ids)
    for start in range(0, len(names), SITES_PER_HINT):
        yield ",".join(names[start : start + SITES_PER_HINT])


def _sites(hint: str) -> list[UUID] | list[None]:
    """Read a hint; what cannot be read may be about any site."""
    try:
        return [UUID(name) for name in hint.split(",")]
    except ValueError:
        return [None]
