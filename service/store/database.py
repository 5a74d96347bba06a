"""The pool of connections, the gate before it, and the queue that keeps one busy site from taking all of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
import orjson

from service.store.gate import Gate, PoolConnection
from service.store.outage import LOST, ConnectionsInUseError

# To make a connection, to make it speak JSON, and to get one that somebody else may have to give back first.
CONNECT_SECONDS = 5.0
ACQUIRE_SECONDS = 5.0
RELEASE_SECONDS = 5.0
CLOSE_SECONDS = 2.0

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)


def _encode(value: Any) -> str:  # noqa: ANN401 - JSON is any
    # Of UUIDs orjson writes Python's own only, and asyncpg reads ids as a subclass of them.
    return orjson.dumps(value, default=UUID.__str__).decode()


async def prepare(connection: Connection) -> None:
    """Make a connection speak JSON as Python values; one that fails to is dropped rather than closed politely."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            for name in ("json", "jsonb"):
                await connection.set_type_codec(
                    name, schema="pg_catalog", encoder=_encode, decoder=orjson.loads, format="text"
                )
    except BaseException:
        connection.terminate()
        raise


@dataclass(frozen=True)
class Database:
    """The pool behind its gate, and per site the queue in which changes wait before they take a connection.

    `lock_timeout`: seconds that a change waits for its site. `moved` is told which site committed something.
    `deliveries`: who reads for subscribers goes through it, so that a change which thousands follow leaves most of
    the connections to queries and changes.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    lock_timeout: float = 5.0
    moved: Callable[[UUID], None] = lambda _site_id: None
    queues: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    gate: Gate = field(default_factory=Gate)
    deliveries: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def queue(self, site_id: UUID) -> asyncio.Lock:
        """Return the queue of a site; it lives as long as somebody waits in it."""
        return self.queues.setdefault(site_id, asyncio.Lock())

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[PoolConnection]:
        """Lend a connection; DatabaseAwayError at once while the database is away.

        ConnectionsInUseError when none comes free in time.
        """
        connection = await self._take()
        try:
            yield connection
        finally:
            await self._give_back(connection)

    async def _take(self) -> PoolConnection:
        try:
            async with self.gate.patience(ACQUIRE_SECONDS):
                connection = await self.pool.acquire()
        except TimeoutError:
            if len(self.gate.in_use) < self.pool.get_max_size():
                raise
            raise ConnectionsInUseError from None
        self.gate.in_use.add(connection)
        return connection

    async def _give_back(self, connection: PoolConnection) -> None:
        """Give back what was taken; a connection that cannot be made fit for the next is dropped: its work is done."""
        try:
            with suppress(*LOST):
                if not self.gate.is_open:
                    connection.terminate()
                await self.pool.release(connection, timeout=RELEASE_SECONDS)
        finally:
            self.gate.in_use.discard(connection)

    async def drop_idle(self) -> None:
        """Drop the connections that nobody uses: after an outage they may only look alive."""
        with suppress(*LOST):
            for _ in range(self.pool.get_idle_size()):
                async with self.pool.acquire() as connection:
                    connection.terminate()


@asynccontextmanager
async def connect(
    dsn: str,
    *,
    pool_size: int = 10,
    statement_cache: bool = True,
    lock_timeout: float = 5.0,
    command_timeout: float | None = None,
    moved: Callable[[UUID], None] = lambda _site_id: None,
) -> AsyncIterator[Database]:
    """Open the pool; `statement_cache` off for a pgbouncer in transaction mode.

    `command_timeout`: seconds after which the answer to a statement counts as lost.
    """
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=pool_size,
        init=prepare,
        timeout=CONNECT_SECONDS,
        command_timeout=command_timeout,
        statement_cache_size=100 if statement_cache else 0,
        server_settings={"application_name": "camera-redundancy"},
    )
    try:
        deliveries = asyncio.Semaphore(max(1, pool_size // 4))
        yield Database(pool, lock_timeout=lock_timeout, moved=moved, deliveries=deliveries)
    finally:
        await _close(pool)


async def _close(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Close the pool politely if that is quick; one that is cancelled at it, or fails, drops its connections."""
    with suppress(*LOST):
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()
