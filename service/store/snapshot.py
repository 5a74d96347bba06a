"""One view of the database for one GraphQL operation, so that `revision` and everything else agree."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from typing import Any, TypeAlias

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.util import LRUCache

from service.store.database import Database
from service.store.gate import PoolConnection
from service.store.outage import LOST, ReadTooLongError, ReadTooMuchError
from service.store.statements import statement

Row: TypeAlias = Mapping[str, Any]
Query: TypeAlias = Select[*tuple[Any, ...]]

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_COMPILED: LRUCache[Any, Any] = LRUCache(500)

# Seconds, and rows, of all reads of one operation together.
LONGEST_READ = 30.0
MOST_ROWS = 100_000


def compiled(query: Query) -> tuple[str, list[Any]]:
    """Return the text of a typed statement, with $1, $2, ..., and its arguments in that order.

    Statements of one shape are compiled once, as SQLAlchemy's own engine does it; without that, compiling is half of
    what a read costs this process.
    """
    prepared, values, *_ = query._compile_w_cache(  # noqa: SLF001 - the engine's own entry; there is no public one
        _DIALECT, compiled_cache=_COMPILED, column_keys=[], for_executemany=False
    )
    named = prepared.construct_params(extracted_parameters=values) or {}
    order: Sequence[str] = getattr(prepared, "positiontup", None) or ()
    return str(prepared), [named[name] for name in order]


class Snapshot:
    """A REPEATABLE READ READ ONLY transaction that the first read opens; reads queue for it.

    `turns`: what the first read waits for besides, however long.
    """

    def __init__(self, database: Database, turns: AbstractAsyncContextManager[object] | None = None) -> None:
        self._database = database
        self._turns = turns or nullcontext()
        self._turn = asyncio.Lock()
        self._connection: PoolConnection | None = None
        self._held = AsyncExitStack()
        self._closed = False
        self._deadline = 0.0
        self._rows = 0

    async def fetch(self, text: str, *arguments: object) -> Sequence[Row]:
        """Run a statement and return its rows."""
        async with self._turn:
            connection = self._connection or await self._open()
            self._check()
            records = await connection.fetch(text, *arguments)
            self._rows += len(records)
            return [dict(record) for record in records]

    async def select(self, query: Query) -> Sequence[Row]:
        """Run a typed statement and return its rows."""
        text, arguments = compiled(query)
        return await self.fetch(text, *arguments)

    async def close(self) -> None:
        """End the transaction; a read that comes later fails, one under way is waited for."""
        async with self._turn, self._held:
            self._closed = True
            connection, self._connection = self._connection, None
            if connection is not None and self._database.gate.is_open:
                # Nothing was written: when the connection is lost, there is nothing to lose with it.
                with suppress(*LOST):
                    await connection.execute("COMMIT")

    def _check(self) -> None:
        """Stop an operation that has read too long or too much already, in however many statements."""
        if asyncio.get_running_loop().time() > self._deadline:
            raise ReadTooLongError
        if self._rows > MOST_ROWS:
            raise ReadTooMuchError

    async def _open(self) -> PoolConnection:
        if self._closed:
            raise RuntimeError("This snapshot is closed; read through a new one.")
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._turns)
            connection = await held.enter_async_context(self._database.acquire())
            await connection.execute(statement("read_begin"))
            self._held = held.pop_all()
        self._connection = connection
        self._deadline = asyncio.get_running_loop().time() + LONGEST_READ
        return connection
