"""The subscription as a client sees it: the words, and who cleans up when the client is gone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import uvicorn
from strawberry.types.execution import ExecutionResult, PreExecutionError
from websockets.asyncio.client import ClientConnection, connect

from service.api.context import Context
from service.api.http import graphql_app
from service.api.schema import schema
from service.feed.tail import Feed
from service.store.database import Database
from tests.feed.conftest import Replica
from tests.feed.log import ACTION, commit

DOCUMENT = """subscription (
  $site: ID!, $after: Revision, $epoch: ID, $filter: MirroredActionFilter, $size: Int! = 100
) {
  mirroredActions(siteId: $site, after: $after, epoch: $epoch, filter: $filter, batchSize: $size) {
    __typename
    ... on MirroredActionBatch {
      previousPosition position actions { position status changeId targetServer { id } device { name } createdAt }
    }
    ... on FeedReset { oldest current epoch message }
    ... on Refused { refusals { code path } }
  }
}
"""


def site(site_id: UUID) -> str:
    return f"site_{site_id.hex}"


async def answers(feed: Feed, database: Database, variables: Mapping[str, Any], count: int) -> list[Any]:
    """The first results of a subscription: data, or the codes of its faults."""
    context = Context(database, feed, "anonymous")
    got: list[Any] = []
    async with aclosing(await schema.stream(DOCUMENT, dict(variables), context)) as results:
        async for result in results:
            assert isinstance(result, ExecutionResult | PreExecutionError)
            faults = [error.extensions["code"] for error in result.errors or () if error.extensions]
            got.append(faults or (result.data and result.data["mirroredActions"]))
            if len(got) == count:
                break
    return got


async def test_a_batch_tells_the_actions_as_they_stood(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {}, {"status": "FAILED"}, {})
    asked = {"site": site(site_id), "after": 0, "filter": {"statuses": ["FAILED"]}}
    async with replica() as feed:
        (batch,) = await answers(feed, database, asked, 1)
    assert batch == {
        "__typename": "MirroredActionBatch",
        "previousPosition": 0,
        "position": 3,
        "actions": [
            {
                "position": 2,
                "status": "FAILED",
                "changeId": f"change_{UUID(str(ACTION['change_id'])).hex}",
                "targetServer": None,
                "device": {"name": "Entrance"},
                "createdAt": "2026-11-23T10:00:00.500000Z",
            }
        ],
    }


async def test_last_words_are_data_and_end_the_subscription(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    uuid: UUID = await database.pool.fetchval("SELECT epoch FROM site")
    epoch = f"epoch_{uuid.hex}"
    nobody = {"__typename": "Refused", "refusals": [{"code": "NOT_FOUND", "path": ["siteId"]}]}
    too_many = {"__typename": "Refused", "refusals": [{"code": "INVALID_INPUT", "path": ["batchSize"]}]}
    async with replica() as feed:
        assert await answers(feed, database, {"site": site(uuid4())}, 2) == [nobody]
        assert await answers(feed, database, {"site": epoch}, 2) == [nobody]
        assert await answers(feed, database, {"site": site(site_id), "size": 1001}, 2) == [too_many]
        (reset,) = await answers(feed, database, {"site": site(site_id), "epoch": f"epoch_{'0' * 32}"}, 2)
        assert (reset["__typename"], reset["epoch"], reset["oldest"], reset["current"]) == (
            ("FeedReset", epoch, 0, 1)
        )
        (batch,) = await answers(feed, database, {"site": site(site_id), "after": 0, "epoch": epoch}, 1)
        assert batch["position"] == 1


WRONG: tuple[dict[str, Any], ...] = (
    {"site": "nonsense"},
    {"epoch": "nonsense"},
    {"after": -1},
    {"after": 1.5},
    {"filter": {"statuses": []}},
    {"filter": {"actions": []}},
    {"filter": {"directions": []}},
    {"filter": {"targetServerIds": []}},
    {"filter": {"sourceServerIds": []}},
    {"filter": {"cameraIds": []}},
    {"filter": {"cameraIds": ["camera_1"]}},
    {"filter": {"changeId": "change"}},
)


async def test_what_cannot_be_understood_is_a_fault(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica() as feed:
        for wrong in WRONG:
            assert await answers(feed, database, {"site": site(site_id), **wrong}, 2) == [["BAD_REQUEST"]], (
                wrong
            )


async def test_a_subscriber_that_lets_a_batch_lie_holds_no_connection(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {}, {})
    async with replica() as feed:
        context = Context(database, feed, "anonymous")
        async with aclosing(
            await schema.stream(DOCUMENT, {"site": site(site_id), "after": 0, "size": 1}, context)
        ) as results:
            async for result in results:
                assert isinstance(result, ExecutionResult)
                assert result.data
                assert database.pool.get_idle_size() == database.pool.get_size()
                if result.data["mirroredActions"]["position"] == 2:
                    break


class Client:
    """A client of graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, **more: object) -> None:
        await self.connection.send(orjson.dumps({"type": kind, **more}).decode())

    async def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = orjson.loads(await self.connection.recv())
        return heard

    async def subscribe(self, name: str, **variables: object) -> dict[str, Any]:
        await self.say("subscribe", id=name, payload={"query": DOCUMENT, "variables": variables})
        heard = await self.hear()
        assert (heard["type"], heard["id"]) == ("next", name)
        batch: dict[str, Any] = heard["payload"]["data"]["mirroredActions"]
        return batch


@asynccontextmanager
async def served(database: Database, feed: Feed) -> AsyncIterator[tuple[uvicorn.Server, str]]:
    """A real server; clients that come before it is up wait in the socket's backlog."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(graphql_app(database, feed), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server, f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Client]:
    async with connect(url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
        client = Client(connection)
        await client.say("connection_init")
        assert await client.hear() == {"type": "connection_ack"}
        yield client


async def left(feed: Feed, site_id: UUID) -> None:
    """Wait until nobody follows the site but the one who asks."""
    with feed.following(site_id) as followed:
        async with asyncio.timeout(10):
            while followed.followers > 1:  # noqa: ASYNC110 - the service has no use for an event of this
                await asyncio.sleep(0)


async def test_over_the_wire_actions_arrive_as_they_happen(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        replica() as feed,
        served(database, feed) as (_, url),
        client_of(url) as client,
    ):
        first = await client.subscribe("1", site=site(site_id))
        assert (first["position"], first["actions"]) == (0, [])
        await commit(replace(database, moved=feed.moved), site_id, {}, None, {"status": "APPLIED"})
        heard = await client.hear()
        batch = heard["payload"]["data"]["mirroredActions"]
        assert (batch["previousPosition"], batch["position"]) == (0, 3)
        assert [action["status"] for action in batch["actions"]] == ["QUEUED", "APPLIED"]


@pytest.mark.parametrize("way", ["complete", "close", "abort", "shutdown"])
async def test_a_client_that_goes_is_forgotten(
    database: Database, site_id: UUID, replica: Replica, way: str
) -> None:
    async with (
        replica() as feed,
        served(database, feed) as (server, url),
        client_of(url) as client,
    ):
        for name in ("1", "2", "3"):
            await client.subscribe(name, site=site(site_id))
        if way == "complete":
            for name in ("1", "2", "3"):
                await client.say("complete", id=name)
        elif way == "close":
            await client.connection.close()
        elif way == "abort":
            client.connection.transport.abort()
        else:
            server.should_exit = True
            with pytest.raises(Exception, match="1012"):
                await client.hear()
        await left(feed, site_id)


async def test_a_feed_that_closes_completes_its_subscriptions(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        replica() as feed,
        served(database, feed) as (_, url),
        client_of(url) as client,
    ):
        await client.subscribe("1", site=site(site_id))
        feed.close()
        assert await client.hear() == {"id": "1", "type": "complete"}
