"""A TCP connection between any two, as bad as networks are: cut, half-open, reset in the middle, slow."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

CHUNK_BYTES = 65536
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class _Connection:
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    swallowed: bool = False
    condemned: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        self.over.set()
        for end in (self.near, self.far):
            with suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            end.transport.abort()


class Wire:
    """A way from a client to one server that can be broken in every way, and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._goal = (host, port)
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._swallows = False
        self._seconds = 0.0
        self._bytes_left: int | None = None
        self._fatal: bytes | None = None
        self.port = 0
        self.resets = 0
        """How many connections were reset."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def dsn(self, dsn: str) -> str:
        """The same database, by this way."""
        parts = urlsplit(dsn)
        account = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{account}@{self.address}"))

    @property
    def connections(self) -> int:
        """How many connections there are now."""
        return len(self._connections)

    async def mend(self) -> None:
        """Let new connections through; those that were swallowed stay so, as their bytes are lost."""
        self._swallows = False
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones get through."""
        self.resets += len(self._connections)
        for connection in self._connections:
            connection.reset()
        self._connections.clear()

    def swallow(self) -> None:
        """Let all bytes vanish, both ways, and the ends of connections too: nobody is told anything."""
        self._swallows = True
        for connection in self._connections:
            connection.swallowed = True

    def cut_after(self, size: int) -> None:
        """Reset every connection once so many more bytes went to the client; new ones get through."""
        self._bytes_left = size

    def lose_answer_to(self, word: bytes) -> None:
        """Let these bytes through to the server, and reset every connection when it answers, once."""
        self._fatal = word

    def delay(self, seconds: float) -> None:
        """Hold each piece for so long, both ways."""
        self._seconds = seconds

    async def end(self) -> None:
        await self.cut()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._carrying.add(task)
        try:
            await self._carry(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._carrying.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._goal)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, far_writer, self._swallows)
        if self._server is None:  # cut while this was on its way
            connection.reset()
            return
        self._connections.add(connection)
        await asyncio.gather(
            self._pump(connection, reader, far_writer), self._pump(connection, far_reader, writer)
        )
        self._connections.discard(connection)

    async def _pump(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                if not connection.swallowed:
                    await self._pass_on(connection, writer, data)
        if connection.swallowed:  # half-open: the other end is not told
            await connection.over.wait()
        writer.close()

    async def _pass_on(self, connection: _Connection, writer: asyncio.StreamWriter, data: bytes) -> None:
        if writer is connection.far and self._fatal is not None and self._fatal in data:
            connection.condemned, self._fatal = True, None
        if writer is connection.near and connection.condemned:
            self.reset()
        elif writer is connection.near and self._bytes_left is not None:
            writer.write(data[: self._bytes_left])
            self._bytes_left -= len(data)
            if self._bytes_left <= 0:
                self._bytes_left = None
                self.reset()
        else:
            writer.write(data)
        await writer.drain()


@asynccontextmanager
async def wire_to(host: str, port: int) -> AsyncIterator[Wire]:
    """A wire in good order; all of its connections end with it."""
    wire = Wire(host, port)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.end()


@asynccontextmanager
async def wire_to_database(dsn: str) -> AsyncIterator[Wire]:
    """A wire to a DSN's server: `wire.dsn(dsn)` goes by it."""
    parts = urlsplit(dsn)
    assert parts.hostname
    assert parts.port
    async with wire_to(parts.hostname, parts.port) as wire:
        yield wire
