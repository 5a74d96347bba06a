"""One reader of the event log per process, shared by all who subscribe here.

Invariant: a subscriber receives every event above its position, in order, once; and a process reads each page
of the log once for all of its subscribers that keep up, whatever their number.

Why it holds. Events of a site are numbered without a gap, in the order of their commits, by whoever holds the
site's row; so all that is up to the head is there to be read, for good, and "what follows position p" has one
answer. A subscriber is nothing but a position. Everything else here only decides when to look (a hint, or the
poll) and where to read it (the window in memory, or the table), and may therefore be late, lost, repeated or
dropped without harm. A page that does not begin right after the position, or has a gap, is never handed out.

How. `run` keeps the heads of those sites that have subscribers here, with one statement for all of them, when
a hint comes or the poll is due, and wakes their subscribers. These ask `read` for what follows: the first to
ask for what nobody has read yet reads a page into the site's window while the others wait for it; one who is
far behind reads for itself, few at a time, so that a replay starves neither changes nor live subscribers.
Nothing is read ahead of the fastest subscriber, so that a burst, or a subscriber that stops reading, costs no
memory. Most want mirrored actions only, and most of a log is other things: their payloads are read only while
somebody here wants whole events, and a window that was read without them is forgotten when the first such comes.

Rejected: a queue per subscriber (unbounded, or drops, or blocks the others); pushing events through NOTIFY
(8,000 bytes, lost on reconnect, a lock over the database in each change); polling per subscriber (the
database's work grows with the dashboards that are open); ids from a sequence with a horizon of running
transactions (it loses rows: see service.store.event_log); a replication slot (needs rights that an operator's
PostgreSQL may not give, and one forgotten slot fills its disk).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from service.feed.window import Window
from service.store.database import Database
from service.store.event_page import PAGE_EVENTS, Head, LoggedEvent, read_heads, read_page
from service.store.listen import Hints, back_off
from service.store.outage import DatabaseAwayError

# Of all sites together, as text; with what is decoded of it that is some five times as much.
WINDOWS_BYTES = 8 << 20
READS = 2
REPLAYS = 2

log = structlog.get_logger()


class LogDamagedError(Exception):
    """Events are missing from the middle of a site's log: a fault."""


def log_unread(error: Exception, **more: object) -> None:
    """Tell the operator that events could not be read: of a database that is away the watcher has told, once."""
    if not isinstance(error, DatabaseAwayError):
        log.warning("log_unreadable", error=repr(error), **more)


@dataclass(slots=True)
class FollowedSite:
    """A site that has subscribers in this process; `changed` fires, once, when there is news of it.

    `learned`: the number of the look that told what is known.
    """

    head: Head | None = None
    gone: bool = False
    learned: int = 0
    followers: int = 0
    wanting_whole: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    window: Window = field(default_factory=Window)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def announce(self) -> None:
        """Wake everybody who waits for news."""
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def epoch(self) -> UUID | None:
        """The epoch of the log as it is known."""
        return self.head.epoch if self.head else None

    def learn(self, look: int, before: Head | None, now: Head | None) -> None:
        """Take in what the table says to the look of this number, having asked when `before` was known here."""
        if look < self.learned or (now is not None and self._is_outdated(before, now)):
            return
        self.learned = look
        if now is not None and self._is_other_history(now):
            self.window.jump(now.revision)
        changed = (now is None) != self.gone or now != self.head
        self.head, self.gone = now or self.head, now is None
        if changed:
            self.announce()

    def reach(self, revision: int) -> None:
        """Take in that the log goes up to there at least: a page may hold what came after the last look."""
        if self.head is not None and revision > self.head.revision:
            self.head = replace(self.head, revision=revision)
            self.announce()

    def _is_other_history(self, now: Head) -> bool:
        return self.head is None or now.epoch != self.head.epoch or now.revision < self.head.revision

    def _is_outdated(self, before: Head | None, now: Head) -> bool:
        """Tell an answer that somebody's page overtook from a log that went back, as after a restore."""
        asked_at = before.revision if before else 0
        return (
            self.head is not None
            and now.epoch == self.head.epoch
            and asked_at <= now.revision < self.head.revision
        )


class Feed:
    """The tail of every site that is followed here. `heartbeat`: seconds of silence before an empty batch."""

    def __init__(
        self,
        database: Database,
        listen_dsn: str,
        *,
        poll_interval: float,
        heartbeat: float,
    ) -> None:
        self.heartbeat = heartbeat
        self.closed = False
        self._database = database
        self._poll_interval = poll_interval
        self._poll_at = 0.0
        self._hints = Hints(listen_dsn, self._hint)
        self._sites: dict[UUID, FollowedSite] = {}
        self._hinted: set[UUID] = set()
        self._looks = 0
        self._wake = asyncio.Event()
        self._go_on = asyncio.Event()
        self._reads = asyncio.Semaphore(READS)
        self._replays = asyncio.Semaphore(REPLAYS)

    def moved(self, site_id: UUID) -> None:
        """Wake the site's subscribers here, and have the other processes told: for `Database.moved`."""
        self._hint(site_id)
        self._hints.tell(site_id)

    def close(self) -> None:
        """Complete every subscription; new ones complete at once."""
        self.closed = True
        self._end_pauses()

    async def pause(self, seconds: float) -> None:
        """Wait before the next attempt at what the database did not answer: not beyond its return, or `close`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self.closed else seconds):
                await self._go_on.wait()

    async def run(self) -> None:
        """Keep the heads and exchange hints until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hints.run())
            group.create_task(self._keep_looking())
            group.create_task(self._keep_going_on())

    @contextmanager
    def following(self, site_id: UUID, *, whole: bool = False) -> Iterator[FollowedSite]:
        """Count a subscriber of a site; with the last one the site is forgotten here, and costs nothing.

        `whole`: it wants all payloads, not only those of mirrored actions.
        """
        if not self._sites:
            self._poll_at = asyncio.get_running_loop().time() + self._poll_interval
            self._wake.set()  # the poll rests while nobody is here
        site = self._sites.setdefault(site_id, FollowedSite())
        site.followers += 1
        if whole and not site.wanting_whole:
            site.window.jump(site.window.end)
        site.wanting_whole += whole
        try:
            yield site
        finally:
            site.followers -= 1
            site.wanting_whole -= whole
            if not site.followers:
                del self._sites[site_id]

    async def look(self, site_ids: Collection[UUID]) -> None:
        """Ask the table where the logs of these sites end, those of them that are followed."""
        followed = {site_id: self._sites[site_id] for site_id in site_ids if site_id in self._sites}
        if not followed:
            return
        before = {site_id: site.head for site_id, site in followed.items()}
        self._looks += 1
        look = self._looks
        heads = await read_heads(self._database, followed)
        for site_id, site in followed.items():
            site.learn(look, before[site_id], heads.get(site_id))

    async def read(
        self, site_id: UUID, position: int, limit: int, *, whole: bool = False
    ) -> Sequence[LoggedEvent]:
        """Return the events that follow a position below the site's head: at least one, at most `limit`.

        `whole`: as the one who asks was counted by `following`.
        """
        site = self._sites[site_id]
        oldest = site.head.oldest if site.head else 0
        if position - site.window.end > PAGE_EVENTS or site.window.end < oldest:
            site.window.jump(position)
        while site.window.end <= position:
            await self._extend(site_id, site)
        held = site.window.after(position, limit)
        if held is not None:
            return held
        async with self._replays:
            return await self._page(site_id, site, position, limit, whole=whole)

    async def _extend(self, site_id: UUID, site: FollowedSite) -> None:
        """Read the page that follows the window, unless somebody else just has."""
        stood = (site.epoch, site.window.end)
        async with site.reading:
            if (site.epoch, site.window.end) != stood:
                return
            whole = bool(site.wanting_whole)
            async with self._reads:
                page = await self._page(site_id, site, site.window.end, PAGE_EVENTS, whole=whole)
            if (site.epoch, site.window.end) == stood and (whole or not site.wanting_whole):
                site.window.extend(page, WINDOWS_BYTES // len(self._sites))

    async def _page(
        self, site_id: UUID, site: FollowedSite, position: int, limit: int, *, whole: bool
    ) -> Sequence[LoggedEvent]:
        epoch = site.epoch
        page = await read_page(self._database, site_id, position, limit, whole=whole)
        if not page or page[-1].revision != position + len(page):
            raise LogDamagedError(f"Events after position {position} of the site {site_id} are missing.")
        if site.epoch == epoch:
            site.reach(page[-1].revision)
        return page

    def _hint(self, site_id: UUID | None) -> None:
        if site_id is None:
            self._hinted.update(self._sites)
        elif site_id in self._sites:
            self._hinted.add(site_id)
        if self._hinted:
            self._wake.set()

    async def _keep_going_on(self) -> None:
        """Let nobody sit out a pause when the database comes back."""
        while True:
            await self._database.gate.opening()
            self._end_pauses()
            self._hints.hurry()
            self._hint(None)

    def _end_pauses(self) -> None:
        self._go_on.set()
        self._go_on = asyncio.Event()
        for site in self._sites.values():
            site.announce()

    async def _keep_looking(self) -> None:
        failures = 0
        while True:
            site_ids = await self._due()
            try:
                await self.look(site_ids)
                failures = 0
            except Exception as error:  # noqa: BLE001 - one look that fails must not end all subscriptions
                log_unread(error, retry_in=back_off(failures))
                self._hinted |= site_ids
                await self.pause(back_off(failures))
                failures += 1

    async def _due(self) -> set[UUID]:
        """Wait until there is something to look at: what was hinted, or everything when the poll is due."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._poll_at if self._sites else None):
                if not self._hinted:
                    await self._wake.wait()
        self._wake.clear()
        due, self._hinted = self._hinted, set()
        if loop.time() < self._poll_at:
            return due
        self._poll_at = loop.time() + self._poll_interval
        return set(self._sites)


@asynccontextmanager
async def running_feed(
    database: Database, listen_dsn: str, *, poll_interval: float = 2.0, heartbeat: float = 30.0
) -> AsyncIterator[Feed]:
    """Run a feed over a database; give its `moved` to the Database that changes are made through."""
    feed = Feed(database, listen_dsn, poll_interval=poll_interval, heartbeat=heartbeat)
    running = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        feed.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
