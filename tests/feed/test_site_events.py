"""siteEvents: everything that happens to a site, in order, from any position on, and live."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from graphql import parse, validate
from strawberry.types.execution import ExecutionResult

from service.api.context import Context
from service.api.schema import schema
from service.feed.follow import ALL_EVENTS, Subscription, follow
from service.feed.tail import Feed, running_feed
from service.model.vocabulary import EventKind
from service.store.database import Database, connect
from tests.builders import SiteBuilder, api_of, new_site
from tests.changes.test_events import all_done, renewed_ids
from tests.feed.conftest import DEAF, NEVER, Replica
from tests.feed.log import commit, listed, make_site, next_of
from tests.feed.site_events import DOCUMENT, KINDS, SCHEMA, Json, answers, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

Story: TypeAlias = Callable[[SiteBuilder], Awaitable[None]]


@pytest.fixture(scope="module")
def dsn(module_dsn: str) -> str:
    """The tests share a database: each has a site of its own in it."""
    return module_dsn


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(dsn: str) -> AsyncIterator[Database]:
    async with connect(dsn, pool_size=2) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def harbour(database: Database) -> AsyncIterator[SiteBuilder]:
    """In Auto mode: primaries p1, p2, p3, secondaries s1, s2, nothing paired."""
    async with api_of(database) as api:
        site = await new_site(api)
        primaries = [(name, "PRIMARY") for name in ("p1", "p2", "p3")]
        await site.enroll(*primaries, *((name, "SECONDARY") for name in ("s1", "s2")))
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site_id(database: Database) -> UUID:
    return await make_site(database)


@pytest.fixture
def feed(database: Database) -> Feed:
    """For replays, which nobody needs to wake."""
    return Feed(database, "", poll_interval=NEVER, heartbeat=NEVER)


async def test_all_fields_of_all_kinds_can_be_asked_for_in_one_document() -> None:
    assert validate(SCHEMA, parse(DOCUMENT)) == []
    assert len(KINDS) == len(EventKind)


HARDWARE = ("macAddress", "address", "manufacturer", "model")


class Picture:
    """The state of a site as a dashboard keeps it that hears nothing but events."""

    def __init__(self) -> None:
        switches = ("backup", "restore", "add", "move", "delete", "replace")
        self.site: Json = {"mode": "AUTO", "policy": dict.fromkeys(switches, True)}
        self.servers: dict[str, Json] = {}
        self.cameras: dict[str, Json] = {}
        self.links: set[tuple[str, str]] = set()
        self.pairings: dict[str, Json] = {}
        self.actions: dict[str, Json] = {}

    def take(self, event: Json) -> None:
        news = {key[3:4].lower() + key[4:]: one for key, one in event.items() if key.startswith("new")}
        if event["kind"].startswith("SERVER"):
            self._keep(self.servers, event["serverId"], event["kind"], news)
        elif event["kind"].startswith("PAIRING"):
            self._keep(self.pairings, event["pairingId"], event["kind"], news)
        elif event["kind"] in {"CAMERA_LINKED", "CAMERA_UNLINKED"}:
            self.links ^= {(event["primaryCameraId"], event["twinId"])}
        elif event["kind"].startswith("CAMERA"):
            self._keep(self.cameras, event["cameraId"], event["kind"], news)
        elif event["kind"] == "MIRRORED_ACTION":
            self.actions[event["mirroredAction"]["id"]] = event["mirroredAction"]
        else:
            self.site |= news

    @staticmethod
    def _keep(things: dict[str, Json], thing: str, kind: str, news: Json) -> None:
        if kind.endswith(("REMOVED", "DISSOLVED")):
            del things[thing]
        else:
            things[thing] = things.get(thing, {}) | news


async def assert_shows(picture: Picture, site: SiteBuilder) -> None:
    """The picture is the present state."""
    state, cameras = await site.state(), await site.inventory()
    assert picture.site["name"] == state["name"]
    assert (picture.site["mode"], picture.site["policy"]) == (state["mode"], state["syncPolicy"])
    assert {key: (one["name"], one["label"]) for key, one in picture.servers.items()} == {
        one["id"]: (one["name"], one["label"]) for one in state["servers"]["nodes"]
    }
    assert {key: one["pairing"]["style"] for key, one in picture.pairings.items()} == {
        one["id"]: one["style"] for one in state["pairings"]["nodes"]
    }
    assert {
        key: (
            one["name"],
            one["serverId"],
            *(one["hardware"][name] for name in HARDWARE),
            one["externalId"],
            one["removing"],
        )
        for key, one in picture.cameras.items()
    } == {
        one.id: (
            one.name,
            site.servers[one.server],
            *(one.mac, one.address, one.manufacturer, one.model),
            one.external_id,
            one.removing,
        )
        for one in cameras
    }
    linked = [(one.id, one.counterpart) for one in cameras if one.counterpart and one.side == "PRIMARY"]
    assert picture.links == set(linked)
    assert {key: (one["status"], one["position"]) for key, one in picture.actions.items()} == {
        one.id: (one.status, one.position) for one in await site.actions()
    }


async def mirrored_back(site: SiteBuilder) -> None:
    """A camera comes from a secondary; a twin has the same id on two recorders, one after the other."""
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.add("s1", "Roof", 7)
    await site.add("p1", "Door", 1)
    await site.ack(*await site.unresolved(), external_id="recorder-1")
    await site.mode("MANUAL")
    await site.map({"Door": "s2"})
    await site.ack(*await site.unresolved(), external_id="recorder-1")
    assert (await site.twin("Door")).external_id == "recorder-1"


@pytest.mark.parametrize("story", [all_done, renewed_ids, mirrored_back])
async def test_a_replay_from_the_beginning_leads_to_the_present_state(
    database: Database, harbour: SiteBuilder, feed: Feed, story: Story
) -> None:
    await story(harbour)
    events = await told(feed, database, harbour.id, after=0, until=await harbour.revision())
    assert [one["position"] for one in events] == list(range(1, await harbour.revision() + 1))
    picture = Picture()
    for event in events:
        picture.take(event)
    await assert_shows(picture, harbour)


async def test_changes_end_where_they_say_so(database: Database, harbour: SiteBuilder, feed: Feed) -> None:
    answer = await harbour.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    added = await harbour.add("p1", "Door", 1)
    events = await told(feed, database, harbour.id, after=answer.revision - 1, until=added.revision)
    assert [(one["changeId"], one["kind"], one["endOfChange"]) for one in events] == [
        (answer.change_id, "PAIRING_CREATED", True),
        (added.change_id, "CAMERA_ADDED", False),
        (added.change_id, "CAMERA_ADDED", False),
        (added.change_id, "CAMERA_LINKED", False),
        (added.change_id, "MIRRORED_ACTION", True),
    ]
    assert len({one["at"] for one in events[1:]}) == 1
    assert {one["actor"] for one in events} == {"anonymous"}


async def test_kinds_choose_and_the_position_goes_on(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    await harbour.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await harbour.add("p1", "Door", 1)
    until = await harbour.revision()
    asked: dict[str, Any] = {"site": harbour.id, "after": 0, "kinds": ["CAMERA_LINKED", "PAIRING_CREATED"]}
    (batch,) = await answers(feed, database, 1, **asked)
    assert (batch["previousPosition"], batch["position"]) == (0, until)
    assert [one["kind"] for one in batch["events"]] == ["PAIRING_CREATED", "CAMERA_LINKED"]


@pytest.mark.parametrize("size", [1, 7])
async def test_batches_follow_each_other_without_a_gap(
    database: Database, harbour: SiteBuilder, feed: Feed, size: int
) -> None:
    await harbour.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    until = await harbour.revision()
    events = await told(feed, database, harbour.id, after=2, until=until, size=size)
    assert [one["position"] for one in events] == list(range(3, until + 1))


async def test_mirrored_actions_have_the_positions_of_their_events(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    await all_done(harbour)
    events = await told(feed, database, harbour.id, after=0, until=await harbour.revision())
    told_of = [(one["position"], one["mirroredAction"]) for one in events if one["kind"] == "MIRRORED_ACTION"]
    assert [
        (position, f"action_{UUID(one).hex}") for position, one in await listed(database, harbour.uuid, 0)
    ] == [(position, action["id"]) for position, action in told_of]
    assert all(action["position"] == position for position, action in told_of)


async def test_what_happens_arrives_live_at_whoever_follows(
    database: Database, harbour: SiteBuilder, replica: Replica
) -> None:
    async with replica() as feed:
        context = Context(database, feed, "anonymous")
        async with aclosing(await schema.stream(DOCUMENT, {"site": harbour.id}, context)) as results:
            first = await anext(aiter(results))
            assert isinstance(first, ExecutionResult)
            assert first.data
            before = first.data["siteEvents"]
            await harbour.add("p1", "Door", 1)
            feed.moved(harbour.uuid)
            second = await anext(aiter(results))
            assert isinstance(second, ExecutionResult)
    assert second.data
    news = second.data["siteEvents"]
    assert (before["previousPosition"], before["position"], before["events"]) == (6, 6, [])
    assert (news["previousPosition"], news["position"]) == (6, 8)
    assert [one["kind"] for one in news["events"]] == ["CAMERA_ADDED", "MIRRORED_ACTION"]


async def test_last_words_are_data_and_end_the_subscription(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    def refused(code: str, path: str) -> Json:
        return {"__typename": "Refused", "refusals": [{"code": code, "path": [path]}]}

    epoch = (await harbour.state())["epoch"]
    assert await answers(feed, database, 2, site=f"site_{uuid4().hex}") == [refused("NOT_FOUND", "siteId")]
    for size in (0, -1, 1001):
        last = await answers(feed, database, 2, site=harbour.id, size=size)
        assert last == [refused("INVALID_INPUT", "batchSize")]
    (reset,) = await answers(feed, database, 2, site=harbour.id, after=7)
    assert (reset["__typename"], reset["oldest"], reset["current"], reset["epoch"]) == (
        ("FeedReset", 0, 6, epoch)
    )
    (reset,) = await answers(feed, database, 2, site=harbour.id, after=0, epoch=f"epoch_{'0' * 32}")
    assert (reset["__typename"], reset["epoch"]) == ("FeedReset", epoch)
    (batch,) = await answers(feed, database, 1, site=harbour.id, after=5, epoch=epoch)
    assert (batch["__typename"], len(batch["events"])) == ("SiteEventBatch", 1)


WRONG: tuple[Json, ...] = (
    {"site": "nonsense"},
    {"epoch": "nonsense"},
    {"after": -1},
    {"kinds": []},
    {"kinds": ["STORAGE_MAPPED"]},
    {"kinds": [None]},
)


async def test_what_cannot_be_understood_is_a_fault(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    for wrong in WRONG:
        assert await answers(feed, database, 2, **{"site": harbour.id, **wrong}) == [["BAD_REQUEST"]], wrong


async def test_a_site_that_is_deleted_meanwhile_is_refused_as_the_last_word(
    database: Database, harbour: SiteBuilder, replica: Replica
) -> None:
    async with replica() as feed, api_of(replace(database, moved=feed.moved)) as api:
        context = Context(database, feed, "anonymous")
        name = (await harbour.state())["name"]
        async with aclosing(await schema.stream(DOCUMENT, {"site": harbour.id}, context)) as results:
            await anext(aiter(results))
            await SiteBuilder(api, harbour.id).delete_site(name)
            (last,) = [dict(one.data or {}) async for one in results if isinstance(one, ExecutionResult)]
    refusals = [{"code": "NOT_FOUND", "path": ["siteId"]}]
    assert last == {"siteEvents": {"__typename": "Refused", "refusals": refusals}}


UNKNOWN = """
WITH head AS (UPDATE site SET revision = revision + 1 WHERE id = $1 RETURNING revision)
INSERT INTO event (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
SELECT $1, revision, uuid_v7(), 'STORAGE_MAPPED', true, clock_timestamp(), 'anonymous', 2, $1, '{"storage": {}}'
FROM head
"""


async def test_a_kind_that_only_a_newer_replica_knows_is_passed_over(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    before = await harbour.revision()
    await database.pool.execute(UNKNOWN, harbour.uuid)
    (batch,) = await answers(feed, database, 1, site=harbour.id, after=before)
    assert (batch["position"], batch["events"]) == (before + 1, [])
    await harbour.rename("Harbour East")
    events = await told(feed, database, harbour.id, after=0, until=before + 2)
    assert [one["position"] for one in events] == [*range(1, before + 1), before + 2]


# An older version did not write what was before, nor the row of a camera that was gone by then.
OLDER = "UPDATE event SET payload = payload - 'before' - 'camera' WHERE site_id = $1 AND kind LIKE 'CAMERA%'"


async def test_what_an_older_version_did_not_note_is_null(
    database: Database, harbour: SiteBuilder, feed: Feed
) -> None:
    await renewed_ids(harbour)
    await harbour.delete("Door")
    await database.pool.execute(OLDER, harbour.uuid)
    events = await told(feed, database, harbour.id, after=0, until=await harbour.revision())
    values = [
        value
        for one in events
        if one["kind"].startswith("CAMERA")
        for key, value in one.items()
        if key.startswith(("old", "new")) or key in {"name", "channel"}
    ]
    assert set(values) == {None}
    assert len(values) > len(events)


async def test_who_wants_whole_events_is_not_served_from_what_was_read_for_others(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, None, {}, None)
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id, after=0))) as actions,
        aclosing(follow(feed, Subscription(site_id, after=0, wanted=ALL_EVENTS))) as events,
    ):
        assert len((await next_of(actions)).actions) == 1
        batch = await next_of(events)
        assert [tuple(one.payload) for one in batch.events] == [
            ("camera",),
            ("mirrored_action",),
            ("camera",),
        ]
        waiting = [asyncio.ensure_future(next_of(stream)) for stream in (actions, events)]
        await commit(replace(database, moved=feed.moved), site_id, {}, None)
        fewer, all_of_them = await asyncio.gather(*waiting)
    assert fewer.events == all_of_them.events[:1]
    assert fewer.events[0] is all_of_them.events[0]


async def test_a_page_under_way_for_others_is_not_kept_when_somebody_wants_whole_events(
    dsn: str, database: Database, site_id: UUID
) -> None:
    async with (
        connect(dsn, pool_size=1) as narrow,
        running_feed(narrow, DEAF, poll_interval=NEVER, heartbeat=NEVER) as feed,
        aclosing(follow(feed, Subscription(site_id))) as actions,
        aclosing(follow(feed, Subscription(site_id, after=0, wanted=ALL_EVENTS))) as events,
    ):
        await next_of(actions)
        await commit(database, site_id, None, {})
        async with narrow.pool.acquire():  # so that the page is asked for, and waits
            waiting = asyncio.ensure_future(next_of(actions))
            with feed.following(site_id) as site:
                site.reach(2)
            while not site.reading.locked():  # noqa: ASYNC110 - the service has no use for an event of this
                await asyncio.sleep(0)
            late = asyncio.ensure_future(next_of(events))
            while not site.wanting_whole:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0)
        assert len((await waiting).actions) == 1
        assert [tuple(one.payload) for one in (await late).events] == [("camera",), ("mirrored_action",)]
