"""Measures what an idle subscriber costs a replica in memory, by each transport, beside a bare WebSocket."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import orjson
from websockets.asyncio.client import ClientConnection

from benchmarks.audience import ARRIVING, allow_many_connections, bare_servers, opened
from benchmarks.delivery import FOLLOW
from benchmarks.startup import resident_megabytes
from tests.live.postgres import own_postgres
from tests.live.replica import replica
from tests.live.writing import http_client, paired_site

SUBSCRIBERS = 1_000
# Those who come and go first: what a process makes once is not what one more costs.
FIRST = 20
LIMIT_KILOBYTES = 100.0
DOCUMENT = FOLLOW % ""
REQUEST = (
    "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
    "Accept: text/event-stream\r\nContent-Length: {}\r\n\r\n"
)

# Opens one connection that has got its first batch, and returns what closes it.
Joining: TypeAlias = Callable[[], Awaitable[Callable[[], None]]]
Way: TypeAlias = Callable[[str, dict[str, object]], Joining]


def by_websocket(address: str, variables: dict[str, object]) -> Joining:
    """Return what joins by WebSocket, offering compression as browsers do."""

    async def join() -> Callable[[], None]:
        connection: ClientConnection = await opened(address, {"query": DOCUMENT, "variables": variables})
        await connection.recv()
        return connection.transport.abort

    return join


def by_events(address: str, variables: dict[str, object]) -> Joining:
    """Return what joins by server-sent events."""
    body = orjson.dumps({"query": DOCUMENT, "variables": variables})

    async def join() -> Callable[[], None]:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(REQUEST.format(address, len(body)).encode() + body)
        await reader.readuntil(b"event: next")
        return writer.close

    return join


async def kilobytes_each(process_id: int, join: Joining, count: int) -> float:
    """Return by how much a process grows with each of so many that join and then get nothing."""
    async with joined(join, FIRST):
        pass
    before, open_before = resident_megabytes(process_id), open_files(process_id)
    async with joined(join, count):
        more = open_files(process_id) - open_before
        # Those who came first may have been there still, and the pool has connections of its own.
        if more < count - 2 * FIRST:
            raise AssertionError(f"Of {count} who joined only {more} are still there.")
        return (resident_megabytes(process_id) - before) * 1024 / count


@asynccontextmanager
async def joined(join: Joining, count: int) -> AsyncIterator[None]:
    """Have so many join, and leave at the end."""
    arriving = asyncio.Semaphore(ARRIVING)

    async def arrive(stack: AsyncExitStack) -> None:
        async with arriving:
            stack.callback(await join())

    async with AsyncExitStack() as stack:
        await asyncio.gather(*(arrive(stack) for _ in range(count)))
        yield


def open_files(process_id: int) -> int:
    """Return how many files and connections a process has open."""
    return len(list(Path(f"/proc/{process_id}/fd").iterdir()))


async def measure(dsn: str, way: Way, count: int) -> float:
    """Return the kilobytes of each idle subscriber of a fresh replica."""
    async with replica(dsn, heartbeat=3600, pool_size=10) as served, http_client() as client:
        site = await paired_site(client, served.address)
        return await kilobytes_each(served.pid, way(served.address, {"siteId": site.id, "after": 0}), count)


async def run(count: int) -> bool:
    """Measure all and print it; return whether it is below the limit."""
    with own_postgres() as postgres, bare_servers(1) as ((address,), (process_id,)):
        websocket = await measure(postgres.dsn, by_websocket, count)
        events = await measure(postgres.dsn, by_events, count)
        bare = await kilobytes_each(process_id, by_websocket(address, {}), count)
    for name, each in (("WebSocket", websocket), ("server-sent events", events)):
        print(
            f"{count:,} idle subscribers by {name}: {each:.0f} KB each, {each / bare:.1f} times a bare WebSocket"
        )
    print(f"a bare WebSocket: {bare:.0f} KB; limit {LIMIT_KILOBYTES:.0f} KB")
    return max(websocket, events) <= LIMIT_KILOBYTES


def main() -> None:
    """Measure, print, and fail above the limit."""
    allow_many_connections()
    sys.exit(not asyncio.run(run(SUBSCRIBERS)))


if __name__ == "__main__":
    main()
