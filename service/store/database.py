"""The pool of connections, and the queue that keeps one busy site from taking all of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
import orjson

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)


def _encode(value: Any) -> str:  # noqa: ANN401 - JSON is any
    # Of UUIDs orjson writes Python's own only, and asyncpg reads ids as a subclass of them.
    return orjson.dumps(value, default=UUID.__str__).decode()


async def prepare(connection: Connection) -> None:
    """Make a connection speak JSON as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_encode, decoder=orjson.loads, format="text"
        )


@dataclass(frozen=True)
class Database:
    """The pool, and per site the queue in which changes wait before they take a connection.

    `lock_timeout`: seconds that a change waits for its site. `moved` is told which site committed something.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    lock_timeout: float = 5.0
    moved: Callable[[UUID], None] = lambda _site_id: None
    queues: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def queue(self, site_id: UUID) -> asyncio.Lock:
        """Return the queue of a site; it lives as long as somebody waits in it."""
        return self.queues.setdefault(site_id, asyncio.Lock())


@asynccontextmanager
async def connect(
    dsn: str,
    *,
    pool_size: int = 10,
    statement_cache: bool = True,
    lock_timeout: float = 5.0,
    moved: Callable[[UUID], None] = lambda _site_id: None,
) -> AsyncIterator[Database]:
    """Open the pool; `statement_cache` off for a pgbouncer in transaction mode."""
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=pool_size,
        init=prepare,
        statement_cache_size=100 if statement_cache else 0,
        server_settings={"application_name": "camera-redundancy"},
    )
    async with pool:
        yield Database(pool, lock_timeout=lock_timeout, moved=moved)
