"""How the service listens, and how it keeps connections."""

import asyncio
import socket

from websockets.frames import Frame, Opcode

from service.serving import listen, make_server
from tests.serving import logging_restored, settings_for

UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
PING = 0x89


def test_the_system_notices_clients_that_are_gone_without_a_word() -> None:
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert [accepted.getsockopt(socket.IPPROTO_TCP, one) for one in options] == [60, 15, 4]


async def test_a_client_that_answers_no_ping_is_not_dropped(dsn: str) -> None:
    with logging_restored(), listen("127.0.0.1", 0) as listener:
        server = make_server(settings_for(dsn))
        server.config.ws_ping_interval = 0.01
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(UPGRADE)
        assert b"sec-websocket-extensions" not in (await reader.readuntil(b"\r\n\r\n")).lower()
        for _ in range(5):
            assert (await reader.readexactly(6))[:2] == bytes((PING, 4))
        writer.write(Frame(Opcode.TEXT, b'{"type": "connection_init"}').serialize(mask=True))
        await reader.readuntil(b'{"type":"connection_ack"}')
        writer.close()
        server.should_exit = True
        await serving
