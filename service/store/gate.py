"""Whether the database is there: asked before anything is begun on it, told by a watcher (service.store.watch).

What is begun while the database is away fails at once, and what waits for its turn or for a connection fails as soon
as that is known. So nothing piles up, and nobody is told that a site is busy when it is the database that does not
answer. What hangs in the middle of a statement is let hang for a while, for a database that was only slow answers
after all; then its connection is cut off. Nothing else would end that wait: a server that is frozen, and a network
that swallows what is sent, keep connections open for hours.

Without a watcher (the command line) the gate stays open, and errors are those of the connections themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeAlias

import asyncpg

from service.store.outage import DatabaseAwayError

PoolConnection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

# How long a statement may hang, from when the database was first asked in vain.
CUT_OFF_SECONDS = 10.0
# How long what was begun before an outage may go on after it: its answer may have been lost on the way.
DOUBT_SECONDS = 30.0


class Gate:
    """Open while the database can be worked with.

    `in_use`: the connections that something is done on. `asked`: somebody wants to know now how it stands.
    """

    def __init__(self, *, cut_off: float = CUT_OFF_SECONDS, doubt: float = DOUBT_SECONDS) -> None:
        self.in_use: set[PoolConnection] = set()
        self.asked = asyncio.Event()
        self._cut_off = cut_off
        self._doubt = doubt
        self._why_shut: str | None = None
        self._waiting: set[asyncio.Timeout] = set()
        self._opened = asyncio.Event()
        self._told = asyncio.Event()
        self._watchers = 0
        self._cutting: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether the database is there, as far as is known."""
        return self._why_shut is None

    def require_open(self) -> None:
        """Raise DatabaseAwayError unless the database is there, as far as is known."""
        if self._why_shut is not None:
            raise DatabaseAwayError(self._why_shut)

    @asynccontextmanager
    async def patience(self, seconds: float) -> AsyncIterator[None]:
        """Bound a wait: TimeoutError after so long, DatabaseAwayError as soon as the database is away."""
        self.require_open()
        try:
            async with asyncio.timeout(seconds) as timeout:
                self._waiting.add(timeout)
                try:
                    yield
                finally:
                    self._waiting.discard(timeout)
        except TimeoutError:
            await self._make_sure()
            self.require_open()
            raise

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count on somebody who answers when `asked`."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1
            self._tell()

    async def opening(self) -> None:
        """Wait until the database comes back."""
        await self._opened.wait()

    def shut(self, why: str, since: float) -> None:
        """Let nobody in; `since`: when, by the loop's clock, the database was first asked in vain."""
        if self.is_open:
            self._cutting = self._cut_at(since + self._cut_off)
            now = asyncio.get_running_loop().time()
            for timeout in self._waiting:
                if not timeout.expired():
                    timeout.reschedule(now)
        self._why_shut = why
        self._tell()

    def open(self) -> None:
        """Let everybody in; again, if it was shut."""
        if self._cutting is not None:
            self._cutting.cancel()
            self._cutting = self._why_shut = None
            self._cut_at(asyncio.get_running_loop().time() + self._doubt)
            self._opened.set()
            self._opened = asyncio.Event()
        self._tell()

    async def _make_sure(self) -> None:
        """Wait for the watcher's next word: what was waited for in vain may be the database's fault."""
        if self._watchers and self.is_open:
            self.asked.set()
            await self._told.wait()

    def _tell(self) -> None:
        self._told.set()
        self._told = asyncio.Event()

    def _cut_at(self, when: float) -> asyncio.TimerHandle:
        """Cut off, then, those of the connections that are in use now and still are."""
        return asyncio.get_running_loop().call_at(when, self._cut, set(self.in_use))

    def _cut(self, hanging: set[PoolConnection]) -> None:
        for connection in hanging & self.in_use:
            # One that is being given back may be the pool's again.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
