"""One subscriber: a position in a site's log, and what it wants to see of what follows."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.feed.tail import Feed, FollowedSite, LogDamagedError, log_unread
from service.model.refusals import Refusal, Refused
from service.model.vocabulary import EventKind, RefusalCode
from service.store.event_page import PAGE_EVENTS, Head, LoggedEvent
from service.store.listen import back_off
from service.store.outage import is_away, is_slow
from service.store.read.mirrored_actions import ActionFilter

LARGEST_BATCH = 1_000
# How long a batch that is not full may take to be gathered from what is there already.
GATHER_SECONDS = 0.1

ALL_ACTIONS = ActionFilter()

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KindFilter:
    """Events of one of these kinds. What a replica of a newer version writes is of none that is known here."""

    kinds: frozenset[EventKind] = frozenset(EventKind)


ALL_EVENTS = KindFilter()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which events: a site's, `after` a position (None: from now on) of an `epoch` (None: the present)."""

    site_id: UUID
    after: int | None = None
    epoch: UUID | None = None
    wanted: ActionFilter | KindFilter = ALL_ACTIONS
    batch_size: int = 100

    @property
    def whole(self) -> bool:
        """Whether it wants more than mirrored actions."""
        return isinstance(self.wanted, KindFilter)


@dataclass(frozen=True, slots=True)
class Batch:
    """The wanted ones of the events after `previous_position` up to `position`."""

    previous_position: int
    position: int
    events: Sequence[LoggedEvent]

    @property
    def actions(self) -> Sequence[Action]:
        """The mirrored actions among them, as they stood."""
        return [event.action for event in self.events if event.action is not None]


@dataclass(frozen=True, slots=True)
class Reset:
    """The last word to one who cannot go on from where it stands: positions, and a sentence that says why."""

    oldest: int
    current: int
    epoch: UUID
    message: str


async def follow(feed: Feed, subscription: Subscription) -> AsyncGenerator[Batch | Reset, None]:
    """Yield batches without end; Refused: there is no such site (any more), or batchSize is out of range.

    A Reset is the last word. While the database is away, nothing but heartbeats comes.
    """
    _require_size(subscription.batch_size)
    with feed.following(subscription.site_id, whole=subscription.whole) as site:
        head = await _first_look(feed, site, subscription.site_id)
        if head is None:
            return
        start = head.revision if subscription.after is None else subscription.after
        wanted = passing(subscription.wanted)
        epoch = subscription.epoch or head.epoch
        follower = _Follower(feed, site, subscription, wanted, epoch, start, start)
        while (batch := await follower.next_batch()) is not None:
            yield batch
            if isinstance(batch, Reset):
                return
            del batch  # nothing of it is kept until something happens again


def passing(wanted: ActionFilter | KindFilter) -> Callable[[LoggedEvent], bool]:
    """Return what tells whether an event passes a filter."""
    if isinstance(wanted, KindFilter):
        return lambda event: event.kind in wanted.kinds
    if wanted == ALL_ACTIONS:  # nothing is decoded before its turn comes to be delivered
        return lambda event: event.kind == EventKind.MIRRORED_ACTION
    passes = _actions_passing(wanted)
    return lambda event: event.action is not None and passes(event.action)


def _actions_passing(wanted: ActionFilter) -> Callable[[Action], bool]:
    given: tuple[tuple[tuple[str, ...], Iterable[object] | None], ...] = (
        (("status",), wanted.statuses),
        (("action",), wanted.actions),
        (("direction",), wanted.directions),
        (("target_server_id",), wanted.target_server_ids),
        (("source_server_id",), wanted.source_server_ids),
        (("source_camera_id", "target_camera_id"), wanted.camera_ids),
        (("change_id",), None if wanted.change_id is None else (wanted.change_id,)),
    )
    tests = [(columns, frozenset(values)) for columns, values in given if values is not None]
    return lambda action: all(any(action[name] in values for name in names) for names, values in tests)


@dataclass(slots=True)
class _Follower:
    """Where a subscriber stands: up to where the log is `scanned`, and the last batch's end (`delivered`).

    `span`: how many events to read at once, so that a batch is full and little is read twice.
    """

    feed: Feed
    site: FollowedSite
    subscription: Subscription
    wanted: Callable[[LoggedEvent], bool]
    epoch: UUID
    scanned: int
    delivered: int
    begun: bool = False
    failures: int = 0
    span: int = 0

    async def next_batch(self) -> Batch | Reset | None:
        """Return what comes next, when there is something or the heartbeat is due; None: the feed closes."""
        due = _now() + (self.feed.heartbeat if self.begun else 0)
        gathered: list[LoggedEvent] = []
        while not self.feed.closed:
            changed = self.site.changed  # before anything is read, so that no news of it is missed
            if (reset := self._reset()) is not None:
                return reset
            self._take(await self._events(changed, due), gathered)
            if gathered:
                due = min(due, _now() + GATHER_SECONDS)
            if self._is_complete(gathered) or _now() >= due:
                return self._batch(gathered)
            if self._is_level():
                await _until(changed, due)
        return None

    def _is_level(self) -> bool:
        return self.site.head is None or self.scanned >= self.site.head.revision

    def _is_complete(self, gathered: Sequence[LoggedEvent]) -> bool:
        return len(gathered) == self.subscription.batch_size or (bool(gathered) and self._is_level())

    def _batch(self, gathered: Sequence[LoggedEvent]) -> Batch:
        batch = Batch(self.delivered, self.scanned, gathered)
        self.delivered, self.begun = self.scanned, True
        return batch

    def _take(self, events: Sequence[LoggedEvent], gathered: list[LoggedEvent]) -> None:
        """Scan events until the batch is full; read more at once next time if they were not enough."""
        size, before = self.subscription.batch_size, self.scanned
        for event in events:
            if self.wanted(event):
                if len(gathered) == size:
                    break
                gathered.append(event)
            self.scanned = event.revision
        if len(gathered) == size:
            self.span = max(size, self.scanned - before)
        elif events:
            self.span = min(max(size, 2 * self.span), PAGE_EVENTS)

    async def _events(self, changed: asyncio.Event, due: float) -> Sequence[LoggedEvent]:
        """Return what follows; nothing, after a pause, when the database is away."""
        if self._is_level():
            return ()
        try:
            events = await self._read()
        except Exception as error:
            if not (is_away(error) or is_slow(error)):
                raise
            log_unread(error, site_id=str(self.subscription.site_id))
        else:
            self.failures = 0
            return events
        self.failures += 1
        await _until(changed, min(due, _now() + back_off(self.failures)))
        return ()

    async def _read(self) -> Sequence[LoggedEvent]:
        """Read what follows, and if it is not there any more, find out why."""
        site_id = self.subscription.site_id
        span = self.span or self.subscription.batch_size
        while True:
            known = self.site.head
            try:
                events = await self.feed.read(site_id, self.scanned, span, whole=self.subscription.whole)
            except LogDamagedError:
                await self.feed.look([site_id])
                if self._reset() is not None:
                    return ()
                if _oldest(self.site.head) == _oldest(known):
                    raise
                # What was pruned is what others who share the window have yet to read: go on from here.
            else:
                # What was read while another epoch began may be of either.
                return events if self.site.epoch == self.epoch else ()

    def _reset(self) -> Reset | None:
        """Return the last word if the position means nothing (any more); Refused when the site is gone."""
        head = self.site.head
        if self.site.gone or head is None:
            raise _no_such_site()
        if self.epoch != head.epoch:
            why = "The site's history is another one now, so positions of the old one mean nothing"
        elif self.scanned > head.revision:
            why = f"Position {self.scanned} is in the future: the log ends at {head.revision}"
        elif self.scanned < head.oldest:
            why = f"Events up to {head.oldest} are no longer kept, and position {self.scanned} is before that"
        else:
            return None
        message = f"{why}. Read the state again and subscribe after its revision."
        return Reset(head.oldest, head.revision, head.epoch, message)


async def _first_look(feed: Feed, site: FollowedSite, site_id: UUID) -> Head | None:
    """Return where the log ends now, however long that takes to learn; None: the feed closes."""
    failures = 0
    while not feed.closed:
        changed = site.changed
        try:
            await feed.look([site_id])
        except Exception as error:
            if not (is_away(error) or is_slow(error)):
                raise
        else:
            if site.gone:
                raise _no_such_site()
            return site.head
        failures += 1
        await _until(changed, _now() + back_off(failures))
    return None


def _oldest(head: Head | None) -> int | None:
    return head.oldest if head else None


def _no_such_site() -> Refused:
    return Refused(Refusal(RefusalCode.NOT_FOUND, "There is no such site; check the id.", ("siteId",)))


def _require_size(batch_size: int) -> None:
    if not 1 <= batch_size <= LARGEST_BATCH:
        message = f"batchSize must be from 1 to {LARGEST_BATCH:,}; it is {batch_size:,}."
        raise Refused(Refusal(RefusalCode.INVALID_INPUT, message, ("batchSize",)))


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(changed: asyncio.Event, due: float) -> None:
    """Wait for news, at most until `due`."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(due):
            await changed.wait()
