"""A replica whose reads can be held up, and a client of it that is compared with the oracle."""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Collection, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import pytest
from strawberry.types.execution import ExecutionResult

from service.api import ids
from service.api.context import Context
from service.api.ids import id_of, uuid_of
from service.api.schema import schema
from service.feed import tail
from service.feed.follow import ALL_ACTIONS, ALL_EVENTS, Batch, KindFilter, Reset, Subscription, follow
from service.feed.tail import Feed, running_feed
from service.model.refusals import Refused
from service.model.vocabulary import EventKind, MirrorStatus, RefusalCode
from service.store.database import Database
from service.store.event_page import Head, LoggedEvent, read_heads, read_page
from service.store.read.mirrored_actions import ActionFilter
from service.store.snapshot import Snapshot
from tests.oracle.stream import Entry, Log, Subscriber, wishes
from tests.properties.stream_clock import still_loop
from tests.properties.stream_interference import Line

POLL = 8.0
HEARTBEAT = 12.0
# The longest pause after a failure, and a little.
PATIENCE = 6.0
ONE = UUID(int=1)
WISHES = wishes(str(ONE))
WANTED: Mapping[str, ActionFilter | KindFilter] = {
    "actions": ALL_ACTIONS,
    "failed": ActionFilter(statuses=(MirrorStatus.FAILED,)),
    "target": ActionFilter(target_server_ids=(ONE,)),
    "events": ALL_EVENTS,
    "cameras": KindFilter(frozenset({EventKind.CAMERA_UPDATED, EventKind.CAMERA_ADDED})),
}
DOCUMENT = """subscription (
  $site: ID!, $after: Revision, $epoch: ID, $filter: MirroredActionFilter, $size: Int!
) {
  mirroredActions(siteId: $site, after: $after, epoch: $epoch, filter: $filter, batchSize: $size) {
    ... on MirroredActionBatch { previousPosition position actions { id position status targetServer { name } } }
    ... on FeedReset { oldest current epoch }
    ... on Refused { refusals { code } }
  }
}"""
Answer = TypeVar("Answer")
HERE: ContextVar["Replica"] = ContextVar("HERE")


@dataclass
class Replica:
    """One process. `fresh`: as of which version of each log it last looked. `troubled`: when a read last failed.
    `timeouts`: how many of them because they took too long.
    """

    name: str
    database: Database
    logs: Mapping[UUID, Log]
    line: Line = field(default_factory=Line)
    fresh: dict[UUID, int] = field(default_factory=dict)
    troubled: float = -PATIENCE
    timeouts: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    feed: Feed = field(init=False)

    async def start(self) -> None:
        token = HERE.set(self)
        running = running_feed(self.database, self.name, poll_interval=POLL, heartbeat=HEARTBEAT)
        self.feed = await self.stack.enter_async_context(running)
        HERE.reset(token)

    def begin(self, work: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        """Have something done here."""
        context = copy_context()
        context.run(HERE.set, self)
        return asyncio.create_task(work, context=context)

    def fail(self, error: Exception) -> Exception:
        """Remember what is about to fail here."""
        self.troubled = still_loop().moment
        self.timeouts += isinstance(error, asyncpg.QueryCanceledError)
        return error

    def is_calm(self) -> bool:
        """Whether nothing is held up here, and no pause after a failure goes on."""
        return not self.line.held and still_loop().moment >= self.troubled + PATIENCE

    def knows(self, log: Log) -> bool:
        return self.fresh.get(log.site_id) == log.version

    async def look(self, database: Database, site_ids: Collection[UUID]) -> Mapping[UUID, Head]:
        """Ask where logs end, and remember what can be known from the answer."""
        asked: dict[UUID, int] = {}

        async def ask() -> Mapping[UUID, Head]:
            asked.update({site_id: self.logs[site_id].version for site_id in site_ids})
            return await read_heads(database, site_ids)

        heads = await self.line.ask("heads", ask)
        self.fresh |= {one: max(version, self.fresh.get(one, 0)) for one, version in asked.items()}
        return heads


@contextmanager
def read_through_lines() -> Iterator[None]:
    """Have each feed read through its replica's line."""

    async def look(database: Database, site_ids: Collection[UUID]) -> Mapping[UUID, Head]:
        return await HERE.get().look(database, site_ids)

    async def page(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on as it is
        return await HERE.get().line.ask("page", lambda: read_page(*given, **named))

    async def nodes(snapshot: Snapshot, text: str, *given: object) -> Any:  # noqa: ANN401 - likewise
        here = HERE.get(None)
        if here is None:
            return await fetch(snapshot, text, *given)
        return await here.line.ask("nodes", lambda: fetch(snapshot, text, *given))

    fetch = Snapshot.fetch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tail, "read_heads", look)
        patch.setattr(tail, "read_page", page)
        patch.setattr(Snapshot, "fetch", nodes)
        yield


Word: TypeAlias = Batch | Reset | ExecutionResult


@dataclass
class Reader:
    """A client with one subscription, over GraphQL or of the feed itself: what it is to the oracle, and the read that
    is under way.
    """

    expected: Subscriber
    replica: Replica
    asked: Subscription
    graphql: bool
    words: AsyncGenerator[Word, None] = field(init=False)
    task: "asyncio.Task[Word | Refused | None] | None" = None
    begun: bool = False

    def __post_init__(self) -> None:
        here = self.replica
        self.words = answers(here, self.asked) if self.graphql else follow(here.feed, self.asked)

    def read(self) -> None:
        if self.task is None:
            self.task = self.replica.begin(_next(self.words))

    def hear(self) -> None:
        """Take in what has come, if anything has."""
        if self.task is None or not self.task.done():
            return
        task, self.task = self.task, None
        self.begun = True
        self._take(task.result())

    def _take(self, word: Word | Refused | None) -> None:
        if isinstance(word, Refused):
            assert [one.code for one in word.refusals] == [RefusalCode.NOT_FOUND]
            self.expected.took_refusal()
        elif isinstance(word, Batch):
            assert not self.asked.whole or all(event.stored for event in word.events)
            self.expected.took_batch(
                word.previous_position, word.position, [seen(one) for one in word.events]
            )
        elif isinstance(word, Reset):
            self.expected.took_reset(word.oldest, word.current, word.epoch)
        elif word is None:
            assert self.replica.feed.closed or self.expected.ended, "it ended without a last word"
            self.expected.ended = True
        elif word.errors:
            assert [one.extensions["code"] for one in word.errors if one.extensions] == ["TIMEOUT"] * len(
                word.errors
            )
            assert self.replica.timeouts, "nothing took long"
            self.expected.ended = True
        else:
            assert word.data is not None
            self._take_answer(word.data["mirroredActions"])

    def _take_answer(self, answer: Mapping[str, Any]) -> None:
        if "actions" in answer:
            actions = [
                Entry(one["position"], "MIRRORED_ACTION", str(uuid_of(ids.ACTION, one["id"])), one["status"])
                for one in answer["actions"]
            ]
            self.expected.took_batch(answer["previousPosition"], answer["position"], actions)
        elif "refusals" in answer:
            assert [one["code"] for one in answer["refusals"]] == ["NOT_FOUND"]
            self.expected.took_refusal()
        else:
            self.expected.took_reset(answer["oldest"], answer["current"], uuid_of(ids.EPOCH, answer["epoch"]))

    def require_awake(self) -> None:
        """See that it does not wait for what its replica could give it."""
        if self.task is None or not self.replica.is_calm():
            return
        assert self.begun, "the first word did not come at once"
        if self.replica.knows(self.expected.log):
            assert self.expected.due() == "nothing"

    def elsewhere(self, replica: Replica) -> "Reader":
        """The same client, going on from what it holds."""
        held = self.expected
        asked = dataclasses.replace(self.asked, after=held.position, epoch=held.epoch)
        expected = Subscriber(held.log, held.wish, held.batch_size, held.position, held.epoch)
        return Reader(expected, replica, asked, self.graphql)

    async def leave(self) -> None:
        """Go, whatever is under way."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            self.task = None
        await self.words.aclose()


async def _next(words: AsyncGenerator[Word, None]) -> Word | Refused | None:
    try:
        return await anext(words, None)
    except Refused as refused:
        return refused


async def answers(replica: Replica, asked: Subscription) -> AsyncGenerator[ExecutionResult, None]:
    """What a client hears over GraphQL, who wants to know linked things too."""
    assert isinstance(asked.wanted, ActionFilter)
    statuses, targets = asked.wanted.statuses, asked.wanted.target_server_ids
    variables = {
        "site": id_of(ids.SITE, asked.site_id),
        "after": asked.after,
        "epoch": asked.epoch and id_of(ids.EPOCH, asked.epoch),
        "size": asked.batch_size,
        "filter": {
            "statuses": statuses and [one.value for one in statuses],
            "targetServerIds": targets and [id_of(ids.SERVER, one) for one in targets],
        },
    }
    context = Context(replica.database, replica.feed, "anonymous")
    async with aclosing(await schema.stream(DOCUMENT, variables, context)) as results:
        async for result in results:
            assert isinstance(result, ExecutionResult)
            yield result


def subscribe(
    replica: Replica, log: Log, wish: str, size: int, after: int | None, epoch: UUID | None, *, graphql: bool
) -> Reader:
    asked = Subscription(log.site_id, after=after, epoch=epoch, wanted=WANTED[wish], batch_size=size)
    expected = Subscriber(log, WISHES[wish], size, after, epoch)
    return Reader(expected, replica, asked, graphql and not asked.whole)


def seen(event: LoggedEvent) -> Entry:
    """What a client sees of an event."""
    action = event.action
    if action is None:
        return Entry(event.revision, event.kind)
    return Entry(event.revision, event.kind, str(action["id"]), action["status"])
