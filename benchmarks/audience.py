"""Many subscribers in one process: real connections over loopback, each noting what it got, and when."""

import asyncio
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.live.replica import PROJECT

PROTOCOL = Subprotocol("graphql-transport-ws")
# Subscribers that come at once: the listener's queue is no part of what is measured.
ARRIVING = 50
PATIENCE_SECONDS = 300


@dataclass(slots=True)
class Subscriber:
    """What one has got: when each batch with actions came, and their positions and ids; `batches`: of any kind."""

    position: int = -1
    batches: int = 0
    arrivals: list[tuple[float, Sequence[tuple[int, str]]]] = field(default_factory=list)

    def got(self) -> list[tuple[int, str]]:
        """Return all actions in the order in which they came."""
        return [action for _, actions in self.arrivals for action in actions]


@dataclass
class Audience:
    """Subscribers that are waited for together. `texts`: the messages with actions, as the first of them got them."""

    subscribers: list[Subscriber]
    texts: list[str] = field(default_factory=list)
    _behind: set[int] = field(default_factory=set)
    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _goal: Callable[[Subscriber], bool] = lambda _one: True

    async def until(self, goal: Callable[[Subscriber], bool]) -> None:
        """Wait until something holds of all of them."""
        self._goal, self._reached = goal, asyncio.Event()
        self._behind = {number for number, one in enumerate(self.subscribers) if not goal(one)}
        if self._behind:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._reached.wait()

    def take(self, number: int, text: str, at: float) -> None:
        """Take in what one of them got."""
        batch, subscriber = orjson.loads(text)["payload"]["data"]["feed"], self.subscribers[number]
        if actions := [(action["position"], action["id"]) for action in batch["actions"]]:
            subscriber.arrivals.append((at, actions))
            if not number:
                self.texts.append(text)
        subscriber.position = batch["position"]
        subscriber.batches += 1
        if number in self._behind and self._goal(subscriber):
            self._behind.discard(number)
            if not self._behind:
                self._reached.set()


def allow_many_connections() -> None:
    """Let this process, and those that it starts, open as many files as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@asynccontextmanager
async def audience(
    addresses: Sequence[str], size: int, document: str, **variables: object
) -> AsyncIterator[Audience]:
    """Have so many subscribe by WebSocket, at these addresses in turn; all have their first batch by now."""
    made = Audience([Subscriber() for _ in range(size)])
    arriving = asyncio.Semaphore(ARRIVING)
    asked = {"query": document, "variables": variables}

    async def listen(number: int) -> None:
        async with arriving:
            connection = await opened(addresses[number % len(addresses)], asked)
        try:
            async for text in connection:
                made.take(number, str(text), time.time())
        finally:
            connection.transport.abort()
        raise ConnectionError("A subscription ended.")

    async with asyncio.TaskGroup() as group:
        listening = [group.create_task(listen(number)) for number in range(size)]
        await made.until(lambda one: one.batches > 0)
        yield made
        for one in listening:
            one.cancel()


async def opened(
    address: str, asked: dict[str, Any], compression: str | None = "deflate"
) -> ClientConnection:
    """Connect as browsers do, and subscribe."""
    connection = await connect(
        f"ws://{address}/graphql",
        subprotocols=[PROTOCOL],
        compression=compression,
        ping_interval=None,
        max_size=None,
        proxy=None,
    )
    await connection.send('{"type": "connection_init"}')
    await connection.recv()
    await connection.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": asked}).decode())
    return connection


@contextmanager
def bare_servers(count: int) -> Iterator[tuple[list[str], list[int]]]:
    """Start so many of benchmarks.bare, each a process of its own; yield their addresses and process ids."""
    with ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048)) for _ in range(count)
        ]
        processes = [stack.enter_context(_bare_server(listener)) for listener in listeners]
        yield [f"127.0.0.1:{one.getsockname()[1]}" for one in listeners], [one.pid for one in processes]


@contextmanager
def _bare_server(listener: socket.socket) -> Iterator["subprocess.Popen[bytes]"]:
    number = listener.fileno()
    command = (sys.executable, "-m", "benchmarks.bare", str(number))
    process = subprocess.Popen(command, cwd=PROJECT, pass_fds=[number])  # noqa: S603 - our own
    try:
        yield process
    finally:
        process.kill()
        process.wait()
