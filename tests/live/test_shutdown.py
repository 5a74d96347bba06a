"""What SIGTERM does to those who are connected, with real processes: nothing is lost, and the process ends in time."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal
from uuid import UUID

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol

from service.store.database import Database
from service.store.database import connect as connect_to_database
from service.store.embedded.cluster import free_port
from tests.feed.log import commit, listed, make_site
from tests.live.postgres import own_postgres
from tests.live.replica import Replica, replica
from tests.live.subscriber import ACTIONS, Json, Subscriber

REGISTER = """mutation ($site: ID!, $name: String!) {
  registerServers(input: {siteId: $site, servers: [{name: $name}]}) { ... on ServersRegistered { servers { name } } }
}"""
WITH_REASONS = ACTIONS.replace("status }", "status because }")
BLOCKED = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""
EVENTS = {"Accept": "text/event-stream"}
UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
WAYS: tuple[Literal["websocket", "sse"], ...] = ("websocket", "sse")
SECONDS = 5.0
# What a busy machine takes to hand us a process that has ended.
SLACK = 1.0
# More than the kernel takes on both sides of a connection that is narrow where it ends.
TOO_MUCH = "x" * (6 << 20)


def register(site_id: UUID, name: str) -> Json:
    return {"query": REGISTER, "variables": {"site": site(site_id), "name": name}}


def registered(name: str) -> Json:
    return {"data": {"registerServers": {"servers": [{"name": name}]}}}


def follow(site_id: UUID, document: str = ACTIONS, **more: object) -> Json:
    return {"query": document, "variables": {"siteId": site(site_id), "batchSize": 100, **more}}


def site(site_id: UUID) -> str:
    return f"site_{site_id.hex}"


@asynccontextmanager
async def held(database: Database, site_id: UUID) -> AsyncIterator[None]:
    """Nobody can change the site meanwhile."""
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.fetch("SELECT FROM site WHERE id = $1 FOR NO KEY UPDATE", site_id)
        yield


async def blocked(database: Database, count: int) -> None:
    """Wait until so many changes wait for locks."""
    while await database.pool.fetchval(BLOCKED) < count:
        pass


@asynccontextmanager
async def websocket(address: str) -> AsyncIterator[ClientConnection]:
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(f"ws://{address}/graphql", subprotocols=[protocol], max_size=None) as opened:
        await opened.send('{"type": "connection_init"}')
        assert await hear(opened) == {"type": "connection_ack"}
        yield opened


async def begin(connection: ClientConnection, name: str, payload: Json) -> None:
    await connection.send(json.dumps({"id": name, "type": "subscribe", "payload": payload}))


async def hear(connection: ClientConnection) -> Json:
    heard: Json = json.loads(await connection.recv())
    return heard


@asynccontextmanager
async def event_stream(address: str, site_id: UUID) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a subscription by server-sent events, after its first batch."""
    async with (
        httpx.AsyncClient(timeout=SECONDS) as client,
        client.stream("POST", f"http://{address}/graphql", json=follow(site_id), headers=EVENTS) as response,
    ):
        lines = response.aiter_lines()
        assert [await anext(lines), (await anext(lines))[:5], await anext(lines)] == [
            "event: next",
            "data:",
            "",
        ]
        yield lines


@asynccontextmanager
async def kept_connection(address: str) -> AsyncIterator[asyncio.StreamReader]:
    """A connection that is kept after its answer, for the next request."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200 ")
    yield reader
    writer.close()


async def hear_end(connection: ClientConnection) -> int:
    """Hear that the server closes, and nothing else."""
    with pytest.raises(ConnectionClosed) as closed:
        await connection.recv()
    assert closed.value.rcvd
    return closed.value.rcvd.code


@asynccontextmanager
async def stalled(address: str, request: bytes, *more: bytes) -> AsyncIterator[None]:
    """A client that has begun to take one large batch and reads no more."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, _, port = address.rpartition(":")
    narrow.connect((host, int(port)))
    reader, writer = await asyncio.open_connection(sock=narrow)
    writer.write(request)
    for frame in more:
        await reader.readuntil(b"\r\n\r\n" if frame is more[0] else b"connection_ack")
        writer.write(frame)
    await reader.readuntil(b"previousPosition")
    yield
    writer.transport.abort()


def event_request(site_id: UUID) -> bytes:
    body = json.dumps(follow(site_id, WITH_REASONS, after=0)).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\nContent-Type: application/json\r\n\r\n" + body


def websocket_request(site_id: UUID) -> tuple[bytes, ...]:
    subscribe = {"id": "1", "type": "subscribe", "payload": follow(site_id, WITH_REASONS, after=0)}
    texts = (b'{"type": "connection_init"}', json.dumps(subscribe).encode())
    return UPGRADE, *(Frame(Opcode.TEXT, text).serialize(mask=True) for text in texts)


def events_of(process: Replica) -> list[str]:
    return [line["event"] for line in process.log]


@asynccontextmanager
async def two_replicas(dsn: str) -> AsyncIterator[Sequence[Replica]]:
    async with AsyncExitStack() as stack:
        started = [
            stack.enter_async_context(
                replica(dsn, shutdown_timeout=SECONDS, poll_interval=0.1, site_lock_timeout=30)
            )
            for _ in range(2)
        ]
        yield await asyncio.gather(*started)


async def end_gently(leaving: Replica, database: Database, streamed: UUID) -> None:
    """End a replica with SIGTERM, with everything under way that may be; clients are told all they must be."""
    first, second = await make_site(database), await make_site(database)
    async with (
        websocket(leaving.address) as client,
        event_stream(leaving.address, streamed) as events,
        httpx.AsyncClient(base_url=f"http://{leaving.address}") as http,
        kept_connection(leaving.address) as idle,
    ):
        await begin(client, "1", follow(streamed))
        assert (await hear(client))["type"] == "next"
        async with held(database, first), held(database, second):
            await begin(client, "2", register(first, "A"))
            posted = asyncio.create_task(http.post("/graphql", json=register(second, "B")))
            await blocked(database, 2)
            ended = asyncio.create_task(leaving.terminate())
            assert await hear(client) == {"id": "1", "type": "complete"}
            assert [line async for line in events] == ["event: complete", "data:", ""]
            assert await idle.read() == b""
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*leaving.address.split(":"))
            await begin(client, "3", follow(streamed))
            assert await hear(client) == {"id": "3", "type": "complete"}
            await begin(client, "4", {"query": "{ __typename }"})
            answer = {"data": {"__typename": "Query"}}
            assert await hear(client) == {"id": "4", "type": "next", "payload": answer}
            assert await hear(client) == {"id": "4", "type": "complete"}
        assert await hear(client) == {"id": "2", "type": "next", "payload": registered("A")}
        assert await hear(client) == {"id": "2", "type": "complete"}
        assert await hear_end(client) == 1012
        assert (await posted).json() == registered("B")
        assert await ended == 0


async def test_sigterm_sends_subscribers_elsewhere_and_finishes_what_is_under_way(
    dsn: str, database: Database
) -> None:
    streamed, large = await make_site(database), await make_site(database)
    await commit(database, large, {"because": TOO_MUCH})
    await commit(database, streamed, *[{}] * 20)
    async with AsyncExitStack() as stack:
        leaving, staying = await stack.enter_async_context(two_replicas(dsn))
        addresses = [leaving.address, staying.address]
        following = [Subscriber(addresses, site(streamed), transport=way) for way in WAYS]
        for one in following:
            await stack.enter_async_context(one.running())
            await one.reached(20)
        for request in ((event_request(large),), websocket_request(large)):
            await stack.enter_async_context(stalled(leaving.address, *request))
        begun = time.monotonic()
        await end_gently(leaving, database, streamed)
        assert time.monotonic() - begun < SECONDS
        assert "broken off" not in events_of(leaving)
        await commit(database, streamed, *[{}] * 20)
        table = await listed(database, streamed, after=0)
        for one in following:
            await one.reached(40)
            assert [(position, action_id.removeprefix("action_")) for position, action_id, _ in one.got] == [
                (position, UUID(action_id).hex) for position, action_id in table
            ]
            assert one.reconnects == 1
        assert leaving.complaints + staying.complaints == []


async def test_a_second_ctrl_c_waits_for_nobody(dsn: str, database: Database) -> None:
    site_id = await make_site(database)
    async with (
        replica(dsn, shutdown_timeout=60, site_lock_timeout=60) as leaving,
        websocket(leaving.address) as client,
        held(database, site_id),
    ):
        await begin(client, "1", register(site_id, "A"))
        await blocked(database, 1)
        os.kill(leaving.pid, signal.SIGINT)
        await leaving.line("stopping")
        os.kill(leaving.pid, signal.SIGINT)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert await leaving.terminate() == 0


@pytest.mark.long
async def test_what_hangs_at_a_frozen_database_is_broken_off_in_time() -> None:
    with own_postgres() as postgres:
        async with connect_to_database(postgres.dsn) as database:
            site_id = await make_site(database)
        async with (
            replica(postgres.dsn, shutdown_timeout=2) as leaving,
            websocket(leaving.address) as client,
            event_stream(leaving.address, site_id) as events,
        ):
            await begin(client, "1", follow(site_id))
            assert (await hear(client))["type"] == "next"
            postgres.freeze()
            await begin(client, "2", register(site_id, "A"))
            await client.send('{"type": "ping"}')
            assert await hear(client) == {"type": "pong"}  # so the other has begun
            begun = time.monotonic()
            os.kill(leaving.pid, signal.SIGTERM)
            await leaving.line("stopping")
            ended = asyncio.create_task(leaving.terminate())
            assert await hear(client) == {"id": "1", "type": "complete"}
            assert [line async for line in events] == ["event: complete", "data:", ""]
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert await ended == 0
            assert time.monotonic() - begun < 2 + SLACK


@pytest.mark.torture
@pytest.mark.timeout(600)
async def test_rolling_restarts_lose_nothing(dsn: str, database: Database) -> None:
    site_id, ports, last = await make_site(database), [free_port() for _ in range(3)], 0
    async with AsyncExitStack() as stack:
        serving = [
            await stack.enter_async_context(replica(dsn, port=port, poll_interval=0.1)) for port in ports
        ]
        addresses = [one.address for one in serving]
        following = [
            Subscriber(addresses, site(site_id), transport=way, seed=seed)
            for way in WAYS
            for seed in range(10)
        ]
        for one in following:
            await stack.enter_async_context(one.running())
        for turn in range(12):
            ending = asyncio.create_task(serving[turn % 3].terminate())
            while not ending.done():
                last = await commit(database, site_id, {}, {})
            assert ending.result() == 0
            assert serving[turn % 3].complaints == []
            again = replica(dsn, port=ports[turn % 3], poll_interval=0.1)
            serving[turn % 3] = await stack.enter_async_context(again)
        table = await listed(database, site_id, after=0)
        for one in following:
            await one.reached(last)
            assert [position for position, _, _ in one.got] == [position for position, _ in table]
        assert sum(one.reconnects for one in following) >= 20
