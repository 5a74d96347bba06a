"""What stands between a replica and the database: reads that can be held up or fail, hints that can go astray."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
import pytest
from asyncpg.connection import Connection
from asyncpg.pool import Pool

Answer = TypeVar("Answer")

# What a database that goes away answers, in its many ways.
OUTAGES: tuple[Callable[[], Exception], ...] = (
    ConnectionResetError,
    TimeoutError,
    lambda: asyncpg.InterfaceError("connection is closed"),
    lambda: asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
)
INSIDE: ContextVar[bool] = ContextVar("INSIDE", default=False)
BEFORE, AFTER = "before", "after"
HEADS = ((BEFORE, "heads"), (AFTER, "heads"))
PAGES = ((BEFORE, "page"), (AFTER, "page"))
PLACES = (*HEADS, *PAGES, *PAGES, (BEFORE, "nodes"), (AFTER, "nodes"))


@dataclass
class Line:
    """One replica's way to the log. `traps`: where the next read is held up. `held`: reads that are, each until it is
    told whether it succeeds.
    """

    traps: list[tuple[str, str]] = field(default_factory=list)
    held: list["asyncio.Future[None]"] = field(default_factory=list)

    async def ask(self, what: str, question: Callable[[], Awaitable[Answer]]) -> Answer:
        await self._stop((BEFORE, what))
        answer = await question()
        await self._stop((AFTER, what))
        return answer

    async def _stop(self, place: tuple[str, str]) -> None:
        if place not in self.traps:
            return
        self.traps.remove(place)
        word: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.held.append(word)
        try:
            await word
        finally:
            if word in self.held:
                self.held.remove(word)

    def release(self, number: int, error: Exception | None = None) -> None:
        """Let one of those that are held go on, or fail."""
        word = self.held.pop(number)
        if error is None:
            word.set_result(None)
        else:
            word.set_exception(error)

    def open(self) -> None:
        self.traps.clear()
        while self.held:
            self.release(0)


@dataclass
class Traffic:
    """What goes between this process and the database: one thing at a time, in the order in which it was asked for.

    `under_way`: how much of it waits. What waits for another change's lock goes another way (fetchval).
    """

    under_way: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def counted(self, method: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
        async def call(*given: Any, **named: Any) -> Answer:
            if INSIDE.get():
                return await method(*given, **named)
            self.under_way += 1
            try:
                async with self.turn:
                    token = INSIDE.set(True)
                    try:
                        return await method(*given, **named)
                    finally:
                        INSIDE.reset(token)
            finally:
                self.under_way -= 1
                self.arrived.set()

        return call

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        for owner, name in ((Connection, "fetch"), (Connection, "execute"), (Pool, "_get_new_connection")):
            patch.setattr(owner, name, self.counted(getattr(owner, name)))


@dataclass
class Ear:
    """A connection that listens, in the place of asyncpg's."""

    board: "Switchboard"
    dsn: str
    pid: int
    open: bool = True
    ended: list[Callable[[object], None]] = field(default_factory=list)
    heard: list[Callable[[object, int, str, object], None]] = field(default_factory=list)

    def get_server_pid(self) -> int:
        return self.pid

    def add_termination_listener(self, callback: Callable[[object], None]) -> None:
        self.ended.append(callback)

    async def add_listener(self, _channel: str, callback: Callable[[object, int, str, object], None]) -> None:
        self.heard.append(callback)

    async def fetch(self, _statement: str, channel: str, hints: Sequence[str], **_options: object) -> None:
        if not self.open:
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        ears = [ear for ear in self.board.ears if ear.open and ear.heard]
        self.board.waiting += [Hint(ear, self.pid, channel, hint) for hint in hints for ear in ears]

    async def close(self, **_options: object) -> None:
        self.open = False


@dataclass
class Hint:
    """On its way to one who listens."""

    ear: Ear
    sender: int
    channel: str
    text: str

    def arrive(self) -> None:
        if self.ear.open:
            for callback in self.ear.heard:
                callback(self.ear, self.sender, self.channel, self.text)


@dataclass
class Switchboard:
    """Stands in for LISTEN and NOTIFY: hints wait here until they are delivered, lost or repeated."""

    ears: list[Ear] = field(default_factory=list)
    waiting: list[Hint] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)
    pids: int = 0

    async def connect(self, dsn: str, **_options: Any) -> Ear:
        if dsn in self.deaf:
            raise ConnectionRefusedError
        self.pids += 1
        self.ears = [ear for ear in self.ears if ear.open]
        self.ears.append(Ear(self, dsn, self.pids))
        return self.ears[-1]

    def invent(self, dsn: str, text: str) -> None:
        """A hint that nobody sent."""
        for ear in self.ears:
            if ear.dsn == dsn:
                Hint(ear, 0, "", text).arrive()

    def cut(self, dsn: str, *, silently: bool) -> None:
        """End the connection of one who listens; silently: it shows when it is used."""
        for ear in self.ears:
            if ear.dsn == dsn and ear.open:
                ear.open = False
                for callback in () if silently else ear.ended:
                    callback(ear)
