"""A subscriber as a careful client writes one: it reconnects, goes on after its position, and believes nothing."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

Json: TypeAlias = dict[str, Any]

ACTIONS = """
subscription ($siteId: ID!, $after: Revision, $epoch: ID, $filter: MirroredActionFilter, $batchSize: Int!) {
  feed: mirroredActions(siteId: $siteId, after: $after, epoch: $epoch, filter: $filter, batchSize: $batchSize) {
    ... on MirroredActionBatch { previousPosition position actions { id position status } }
    ... on FeedReset { oldest current epoch message }
    ... on Refused { refusals { code message } }
  }
}
"""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
LONGEST_OPENING = 5.0
PROTOCOL = Subprotocol("graphql-transport-ws")
LOST = (OSError, TimeoutError, WebSocketException, httpx.HTTPError)


class LostError(Exception):
    """The connection, or the subscription in it, is over; another one may be better."""


@dataclass
class Subscriber:
    """Follows a site by any of several addresses; what it receives is `got`.

    `after=None` begins now, and is known from the first batch on. `silence`: seconds without any batch after
    which the connection counts as dead. `receive_buffer`: bytes that the kernel may keep for it, so that not
    reading is felt soon.
    """

    addresses: Sequence[str]
    site_id: str
    after: int | None = 0
    epoch: str | None = None
    document: str = ACTIONS
    filter: Json | None = None
    batch_size: int = 100
    transport: Literal["websocket", "sse"] = "websocket"
    silence: float = 60.0
    receive_buffer: int | None = None
    seed: int = 0

    got: list[tuple[int, str, str]] = field(default_factory=list)
    """Position, id and status of each action, in the order in which they came."""
    batches: int = 0
    connects: int = 0
    """How often a connection was begun."""
    resets: list[Json] = field(default_factory=list)
    refusals: list[Json] = field(default_factory=list)
    faults: list[Json] = field(default_factory=list)
    """Top-level errors that came instead of a batch, or beside it."""

    def __post_init__(self) -> None:
        self.position = self.after
        self._random = random.Random(self.seed)  # noqa: S311 - jitter
        self._failures = 0
        self._reading = asyncio.Event()
        self._reading.set()
        self._changed = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None

    @property
    def _opening(self) -> float:
        """For how many seconds a connection may be in the making."""
        return min(LONGEST_OPENING, self.silence)

    @property
    def reconnects(self) -> int:
        return max(self.connects - 1, 0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Subscriber"]:
        """Follow in the background; what goes wrong there is raised at the end, if not before."""
        self.start()
        try:
            yield self
        finally:
            await self.stop()

    def start(self) -> None:
        """Follow in the background, from where it stands."""
        self._task = asyncio.create_task(self.follow())

    async def stop(self) -> None:
        """Leave, if it is there; raise what went wrong."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def reached(self, position: int) -> None:
        """Wait until everything up to a position has come."""
        await self.until(lambda: self.position is not None and self.position >= position)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what has come; fail when the subscriber has ended without it."""

        async def changed() -> None:
            async with self._changed:
                await self._changed.wait_for(holds)

        assert self._task
        waiting = asyncio.create_task(changed())
        try:
            await asyncio.wait((waiting, self._task), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                self._task.result()
            assert holds(), f"It has ended at {self.position}: {self.resets or self.refusals or self.faults}"
        finally:
            waiting.cancel()
            await asyncio.wait((waiting,))

    async def ended(self) -> None:
        """Wait for the last word: FeedReset or Refused."""
        assert self._task
        await asyncio.shield(self._task)

    def pause(self) -> None:
        """Stop reading from the socket."""
        self._reading.clear()
        if self._socket:
            self._socket.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._socket and not self._socket.transport.is_closing():
            self._socket.transport.resume_reading()
        self._reading.set()

    async def follow(self) -> None:
        """Follow until the last word, over as many connections as it takes."""
        addresses = list(self.addresses)
        self._random.shuffle(addresses)
        while True:
            for address in addresses:
                with suppress(LostError, *LOST):
                    if await self._followed(address):
                        return
                await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        self._failures += 1
        longest = min(SHORTEST_PAUSE * 2.0 ** min(self._failures, 10), LONGEST_PAUSE)
        return self._random.uniform(0, longest)

    async def _followed(self, address: str) -> bool:
        """Follow over one connection; whether it came to the last word."""
        self.connects += 1
        async with aclosing(self._answers(address)) as answers, aclosing(self._timely(answers)) as timely:
            async for answer in timely:
                if await self._taken(answer):
                    return True
        return False

    async def _timely(self, answers: AsyncGenerator[Json, None]) -> AsyncGenerator[Json, None]:
        """Pass on what comes, until too long nothing has come that would have been read."""
        while True:
            await self._reading.wait()
            arriving = asyncio.ensure_future(anext(answers, None))
            try:
                while not arriving.done():
                    await asyncio.wait((arriving,), timeout=self.silence)
                    if not arriving.done() and self._reading.is_set():
                        raise LostError
                    await self._reading.wait()
                if (answer := arriving.result()) is None:
                    return
                yield answer
            finally:
                await _ended(arriving)

    async def _taken(self, answer: Json) -> bool:
        """Take an answer over; whether it is the last word."""
        errors = answer.get("errors") or []
        self.faults += errors
        assert all(error["extensions"]["code"] != "BAD_REQUEST" for error in errors), errors
        feed = (answer.get("data") or {}).get("feed")
        if feed is None or errors:
            raise LostError
        async with self._changed:
            last = self._take(feed)
            self._changed.notify_all()
        return last

    def _take(self, feed: Json) -> bool:
        if "position" not in feed:
            (self.refusals if "refusals" in feed else self.resets).append(feed)
            return True
        if self.position is None:
            self.after = self.position = feed["previousPosition"]
        assert feed["previousPosition"] == self.position, (feed, self.position)
        self.got += [(one["position"], one["id"], one["status"]) for one in feed["actions"]]
        self.position = feed["position"]
        self.batches += 1
        self._failures = 0
        return False

    def _request(self) -> Json:
        variables = {
            "siteId": self.site_id,
            "after": self.position,
            "epoch": self.epoch,
            "filter": self.filter,
            "batchSize": self.batch_size,
        }
        return {"query": self.document, "variables": variables}

    def _answers(self, address: str) -> AsyncGenerator[Json, None]:
        return self._websocket(address) if self.transport == "websocket" else self._events(address)

    async def _websocket(self, address: str) -> AsyncGenerator[Json, None]:
        async with await self._opened(address) as connection:
            self._socket = connection
            request = {"id": "1", "type": "subscribe", "payload": self._request()}
            await connection.send(json.dumps(request))
            async for text in connection:
                message: Json = json.loads(text)
                match message["type"]:
                    case "ping":
                        await connection.send(json.dumps({"type": "pong"}))
                    case "next":
                        yield message["payload"]
                    case "error":
                        yield {"errors": message["payload"]}
                    case "complete":
                        return

    async def _opened(self, address: str) -> ClientConnection:
        """A connection whose first words are said."""
        async with asyncio.timeout(self._opening):
            tcp = await self._tcp(address)
            try:
                connection = await connect(
                    f"ws://{address}/graphql",
                    subprotocols=[PROTOCOL],
                    sock=tcp,
                    compression=None,
                    ping_interval=None,
                    close_timeout=1,
                    max_size=None,
                )
            except BaseException:
                tcp.close()
                raise
            try:
                await connection.send(json.dumps({"type": "connection_init"}))
                assert json.loads(await connection.recv())["type"] == "connection_ack"
            except BaseException:
                connection.transport.abort()
                raise
        return connection

    async def _tcp(self, address: str) -> socket.socket:
        host, _, port = address.rpartition(":")
        made = socket.socket()
        made.setblocking(False)  # noqa: FBT003 - positional only
        for level, option, value in self._socket_options():
            made.setsockopt(level, option, value)
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, int(port)))
        except BaseException:
            made.close()
            raise
        return made

    def _socket_options(self) -> list[tuple[int, int, int]]:
        size = self.receive_buffer
        return [] if size is None else [(socket.SOL_SOCKET, socket.SO_RCVBUF, size)]

    async def _events(self, address: str) -> AsyncGenerator[Json, None]:
        """Server-sent events, in graphql-sse's mode of distinct connections."""
        way = httpx.AsyncHTTPTransport(verify=False, socket_options=self._socket_options())
        timeout = httpx.Timeout(None, connect=self._opening)
        async with (
            httpx.AsyncClient(transport=way, timeout=timeout) as client,
            client.stream(
                "POST",
                f"http://{address}/graphql",
                json=self._request(),
                headers={"Accept": "text/event-stream"},
            ) as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream"), await response.aread()
            kind = ""
            async for line in response.aiter_lines():
                name, _, value = line.partition(":")
                if name == "event":
                    kind = value.strip()
                elif name == "data" and kind == "next":
                    yield json.loads(value)
                if kind == "complete":
                    return


async def _ended(task: asyncio.Future[Json | None]) -> None:
    """Cancel a task and wait for its end, even when cancelled meanwhile: what it holds is closed after it."""
    task.cancel()
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
