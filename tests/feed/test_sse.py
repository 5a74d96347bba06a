"""The subscription by server-sent events, as graphql-sse has it in its mode of distinct connections."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from service.api import event_stream
from service.store.database import Database
from tests.feed.conftest import AT_ONCE, Replica
from tests.feed.log import commit
from tests.feed.test_subscription import DOCUMENT, client_of, left, served, site

EVENTS = {"Accept": "text/event-stream"}
# What a browser's EventSource sends.
EVENT_SOURCE = EVENTS | {"Cache-Control": "no-cache", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
COMPLETE = ("complete", "")

Event = tuple[str, str]


@asynccontextmanager
async def event_source(
    url: str, *, method: str = "POST", **variables: object
) -> AsyncIterator[tuple[httpx.Response, AsyncIterator[Event]]]:
    """A subscription's answer, and its events as they come: names and data; of a comment the name is empty."""
    request: dict[str, Any] = {"query": DOCUMENT, "variables": variables}
    by_link = {"query": DOCUMENT, "variables": json.dumps(variables)}
    where = url.replace("ws:", "http:")
    async with httpx.AsyncClient() as http:
        asked = (
            http.stream("POST", where, json=request, headers=EVENTS)
            if method == "POST"
            else http.stream("GET", where, params=by_link, headers=EVENT_SOURCE)
        )
        async with asked as response, aclosing(events_of(response)) as events:
            yield response, events


async def events_of(response: httpx.Response) -> AsyncGenerator[Event, None]:
    name, data = "", ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(":")
        if line and not field:
            yield "", value.strip()
        elif line:
            name, data = (value.strip(), data) if field == "event" else (name, value.strip())
        elif name:
            yield name, data
            name, data = "", ""


async def batch_of(events: AsyncIterator[Event]) -> dict[str, Any]:
    """The next batch, however many comments come before it."""
    name = ""
    while not name:
        name, data = await anext(events)
    assert name == "next"
    batch: dict[str, Any] = json.loads(data)["data"]["mirroredActions"]
    return batch


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_batches_are_those_that_a_websocket_brings(
    database: Database, site_id: UUID, replica: Replica, method: str
) -> None:
    await commit(database, site_id, {}, None, {"status": "FAILED"}, {})
    asked = {"site": site(site_id), "after": 0, "size": 2}
    async with (
        replica() as feed,
        served(database, feed) as (_, url),
        client_of(url) as client,
        event_source(url, method=method, **asked) as (response, events),
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache, no-transform"
        first = await client.subscribe("1", **asked)
        then = (await client.hear())["payload"]["data"]["mirroredActions"]
        assert (first["position"], then["previousPosition"], then["position"]) == (2, 2, 4)
        assert [await batch_of(events), await batch_of(events)] == [first, then]
        await commit(replace(database, moved=feed.moved), site_id, {})
        live = await batch_of(events)
        assert (live["previousPosition"], live["position"], len(live["actions"])) == (4, 5, 1)


async def test_the_last_word_and_a_feed_that_closes_end_it(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica() as feed, served(database, feed) as (_, url):
        async with event_source(url, site=site(site_id), after=9) as (_, events):
            assert (await batch_of(events))["__typename"] == "FeedReset"
            assert [event async for event in events] == [COMPLETE]
        async with event_source(url, site=site(site_id)) as (_, events):
            await batch_of(events)
            feed.close()
            assert [event async for event in events] == [COMPLETE]


async def test_it_gives_signs_of_life(
    database: Database, site_id: UUID, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "COMMENT_SECONDS", AT_ONCE)
    async with (
        replica() as feed,
        served(database, feed) as (_, url),
        event_source(url, site=site(site_id)) as (_, events),
    ):
        await batch_of(events)
        assert [await anext(events) for _ in range(3)] == [("", "")] * 3
        await commit(replace(database, moved=feed.moved), site_id, {})
        assert (await batch_of(events))["position"] == 1


async def test_a_client_that_goes_is_forgotten(database: Database, site_id: UUID, replica: Replica) -> None:
    async with replica() as feed, served(database, feed) as (_, url):
        async with (
            event_source(url, site=site(site_id)) as (_, events),
            event_source(url, site=site(site_id)) as (_, others),
        ):
            await batch_of(events)
            await batch_of(others)
        await left(feed, site_id)


async def test_one_that_has_stopped_reading_is_slowed_and_when_it_goes_forgotten(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    size = 6 << 20
    await commit(database, site_id, *[{"because": "x" * size}] * 4)
    document = DOCUMENT.replace("status", "status because")
    body = json.dumps({"query": document, "variables": {"site": site(site_id), "after": 0, "size": 1}})
    async with replica() as feed, served(database, feed) as (server, url):
        host, _, port = urlsplit(url).netloc.partition(":")
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/json\r\n\r\n{body}".encode()
        )
        await reader.readuntil(b"MirroredActionBatch")
        (connection,) = server.server_state.connections
        assert 0 < connection.transport.get_write_buffer_size() < size
        writer.transport.abort()
        await left(feed, site_id)
