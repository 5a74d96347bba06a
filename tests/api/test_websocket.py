"""Operations over one WebSocket: each has a snapshot of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
import pytest
from starlette.types import ASGIApp, Message, Scope

from service.api.http import graphql_app
from service.feed.tail import Feed
from service.store.database import Database, connect
from tests.builders import Json, app

NAMES = "{ sites { nodes { name } } }"


@dataclass
class Socket:
    """A client's end of a WebSocket, within this process."""

    to_server: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    to_client: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    numbers: "count[int]" = field(default_factory=count)

    async def say(self, message: Json) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def hear(self) -> Json:
        message = await self.to_client.get()
        heard: Json = orjson.loads(message["text"])
        return heard

    async def hear_end(self) -> int:
        """Hear that the server closes, and with what code."""
        message = await self.to_client.get()
        assert message["type"] == "websocket.close"
        code: int = message["code"]
        return code

    async def ask(self, document: str) -> tuple[str, Any]:
        """Run a query or mutation; return the type and the payload of its only answer."""
        number = str(next(self.numbers))
        await self.say({"id": number, "type": "subscribe", "payload": {"query": document}})
        answer = await self.hear()
        if answer["type"] == "next":
            assert await self.hear() == {"id": number, "type": "complete"}
        return answer["type"], answer["payload"]


@asynccontextmanager
async def accepted(served: ASGIApp) -> AsyncIterator[Socket]:
    opened = Socket()
    scope: Scope = {
        "type": "websocket",
        "path": "/graphql",
        "headers": [],
        "subprotocols": ["graphql-transport-ws"],
        "query_string": b"",
    }
    serving = asyncio.ensure_future(served(scope, opened.to_server.get, opened.to_client.put))
    await opened.to_server.put({"type": "websocket.connect"})
    assert (await opened.to_client.get())["type"] == "websocket.accept"
    yield opened
    await opened.to_server.put({"type": "websocket.disconnect", "code": 1000})
    await serving


@asynccontextmanager
async def socket(database: Database) -> AsyncIterator[Socket]:
    async with accepted(app(database)) as opened:
        await opened.say({"type": "connection_init"})
        assert (await opened.hear())["type"] == "connection_ack"
        yield opened


async def test_each_operation_sees_what_is_there_when_it_comes(dsn: str) -> None:
    async with connect(dsn, pool_size=1) as database, socket(database) as opened:
        assert await opened.ask(NAMES) == ("next", {"data": {"sites": {"nodes": []}}})
        kind, payload = await opened.ask(
            'mutation { createSite(input: {name: "A"}) { ... on SiteCreated { site { name } } } }'
        )
        assert (kind, payload) == ("next", {"data": {"createSite": {"site": {"name": "A"}}}})
        assert await opened.ask(NAMES) == ("next", {"data": {"sites": {"nodes": [{"name": "A"}]}}})


@pytest.mark.usefixtures("rows")
async def test_faults_over_a_connection_are_those_of_http(database: Database) -> None:
    async with socket(database) as opened:
        for document in ("{", "{ nonsense }", "query a { sites { nodes { id } } } fragment"):
            kind, errors = await opened.ask(document)
            assert (kind, [error["extensions"]["code"] for error in errors]) == ("error", ["BAD_REQUEST"])
        kind, payload = await opened.ask("{ node(id: 5) { id } sites { nodes { name } } }")
        assert payload["data"] == {"node": None, "sites": {"nodes": [{"name": "Depot"}]}}
        assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_REQUEST"]
        assert kind == "next"


async def test_who_takes_time_with_an_answer_holds_no_connection(dsn: str) -> None:
    async with connect(dsn, pool_size=1) as database, socket(database) as opened:
        await opened.say({"id": "1", "type": "subscribe", "payload": {"query": NAMES}})
        assert (await opened.hear())["type"] == "next"
        assert database.pool.get_idle_size() == 1
        assert (await opened.hear())["type"] == "complete"


SUBSCRIBE: Json = {"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}


@pytest.mark.parametrize(
    "message",
    [
        [],
        5,
        None,
        {},
        {"type": 5},
        {"type": "subscribe"},
        {"type": "complete", "id": []},
        {**SUBSCRIBE, "id": {}},
        {**SUBSCRIBE, "payload": []},
        {**SUBSCRIBE, "payload": {}},
        {**SUBSCRIBE, "payload": {"query": 5}},
        {**SUBSCRIBE, "payload": {"query": "{ __typename }", "variables": [1]}},
        {**SUBSCRIBE, "payload": {"query": "{ __typename }", "operationName": 5}},
        {"type": "connection_init", "payload": 5},
    ],
)
async def test_a_message_that_is_none_closes_the_connection(database: Database, message: Json) -> None:
    async with socket(database) as opened:
        await opened.say(message)
        assert await opened.hear_end() == 4400


async def test_who_is_connected_to_a_process_that_stops_is_sent_on(database: Database) -> None:
    served = graphql_app(database, Feed(database, "", poll_interval=1, heartbeat=1))
    async with accepted(served) as before:
        await served.drain()
        assert await before.hear_end() == 1012
        await before.say({"type": "connection_init"})
        async with accepted(served) as after:
            assert await after.hear_end() == 1012
        assert before.to_client.empty()
