"""A client that does not read, on a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect

from service.websocket_protocol import PatientWebSocket

SIZE = 1 << 20
# More than the sockets' own buffers take.
COUNT = 40
# A frame with an empty mask.
PING = b"\x89\xfd" + bytes(4) + b"?" * 125


@dataclass
class Served:
    """Sends much at once when told to, and notes what was waiting to be sent after each message."""

    server: uvicorn.Server | None = None
    url: str = ""
    kept: list[int] = field(default_factory=list)
    stuck: asyncio.Event = field(default_factory=asyncio.Event)
    heard_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = WebSocket(scope, receive, send)
        await client.accept()
        assert await client.receive_text() == "go"
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(self.send(client, number)) for number in range(COUNT)]
            await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
            self.stuck.set()
            assert await client.receive_text() == "still there?"
            self.kept.append(self.waiting())
            self.heard_on.set()
        assert (await client.receive())["type"] == "websocket.disconnect"

    async def send(self, client: WebSocket, number: int) -> None:
        await client.send_text(chr(ord("A") + number) * SIZE)
        self.kept.append(self.waiting())

    def waiting(self) -> int:
        """Bytes that the client has not taken."""
        assert self.server
        (connection,) = self.server.server_state.connections
        assert isinstance(connection, PatientWebSocket)
        return connection.transport.get_write_buffer_size()


@asynccontextmanager
async def client_of(served: Served) -> AsyncIterator[ClientConnection]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        served, lifespan="off", log_config=None, ws=PatientWebSocket, ws_per_message_deflate=False
    )
    served.server = uvicorn.Server(config)
    running = asyncio.create_task(served.server.serve(sockets=[listening]))
    url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with connect(url, max_size=None, max_queue=None, ping_interval=None) as client:
            client.transport.pause_reading()
            await client.send("go")
            await served.stuck.wait()
            yield client
    finally:
        served.server.should_exit = True
        await running


async def test_of_those_who_wait_for_room_one_sends_at_a_time() -> None:
    served = Served()
    async with client_of(served) as client:
        assert len(served.kept) < COUNT
        await client.send("still there?")
        client.transport.resume_reading()
        got = [await client.recv() for _ in range(COUNT)]
    assert [text[0] for text in got] == [chr(ord("A") + number) for number in range(COUNT)]
    assert {len(text) for text in got} == {SIZE}
    assert len(served.kept) == COUNT + 1
    assert max(served.kept) < SIZE + SIZE // 8


async def test_pings_of_one_who_does_not_read_cost_nothing_and_the_last_is_answered() -> None:
    served = Served()
    async with client_of(served) as client:
        client.transport.write(PING * 20_000)
        answered = await client.ping(b"the last")
        await client.send("still there?")
        await served.heard_on.wait()
        assert max(served.kept) < SIZE + SIZE // 8
        client.transport.resume_reading()
        async with asyncio.timeout(10):
            await answered
