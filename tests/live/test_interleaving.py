"""Changes that number and commit in every order, under subscribers who come, go and change replicas: nothing is lost.

The best known engine loses rows of a streaming subscription when changes that run at once commit in another order
than they began (hasura/graphql-engine #8632). Here they are held at a barrier and let go in orders by chance.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import pytest

from service.api import ids
from service.store.database import Database, connect
from tests.feed.log import Entry, append, commit, make_site
from tests.live.replica import Replica
from tests.live.subscriber import Subscriber
from tests.live.writing import hint, table

AT_ONCE = 3
"""Changes of each site that are under way together: one has the site, the others wait for it."""
TRANSPORTS: tuple[Literal["websocket", "sse"], ...] = ("websocket", "sse")
STATUSES = ("QUEUED", "BLOCKED", "APPLIED", "FAILED", "SUPERSEDED")


@dataclass(eq=False)
class Change:
    """A transaction that numbers its events, and then waits for leave to end."""

    site_id: UUID
    entries: Sequence[Entry]
    commits: bool
    numbered: bool = False
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Stage:
    """Sites, changes of them that are under way, and subscribers that come and go; all by one seed."""

    database: Database
    addresses: Sequence[str]
    site_ids: Sequence[UUID]
    dice: random.Random
    subscribers: list[Subscriber] = field(default_factory=list)
    under_way: list[Change] = field(default_factory=list)
    numbered: asyncio.Condition = field(default_factory=asyncio.Condition)
    disorder: int = 0
    """How many changes ended before one that had numbered earlier."""

    async def play(self, changes: int, audience: int) -> None:
        """Have so many changes made before so many subscribers."""
        async with asyncio.TaskGroup() as group:
            for _ in range(changes):
                self._begin(group)
                if len(self.under_way) >= AT_ONCE * len(self.site_ids):
                    await self._end_one()
                if len(self.subscribers) < audience:
                    self._join()
                if self.dice.random() < 0.4:
                    await self._leave_or_return()
            while self.under_way:
                await self._end_one()

    def _begin(self, group: asyncio.TaskGroup) -> None:
        kinds: list[Entry] = [None, *({"status": status} for status in STATUSES)]
        entries = [self.dice.choice(kinds) for _ in range(self.dice.randint(1, 5))]
        change = Change(self.dice.choice(self.site_ids), entries, commits=self.dice.random() < 0.85)
        self.under_way.append(change)
        group.create_task(self._carry_out(change))

    async def _carry_out(self, change: Change) -> None:
        async with self.database.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await append(connection, change.site_id, *change.entries)
            async with self.numbered:
                change.numbered = True
                self.numbered.notify_all()
            await change.may_end.wait()
            await (transaction.commit() if change.commits else transaction.rollback())
        change.ended.set()

    async def _end_one(self) -> None:
        """When every site's next change has numbered, let any of these end."""
        async with self.numbered:
            await self.numbered.wait_for(lambda: len(self._waiting()) == len(self._busy()))
        waiting = self._waiting()
        chosen = self.dice.choice(waiting)
        self.disorder += chosen is not waiting[0]
        chosen.may_end.set()
        await chosen.ended.wait()
        self.under_way.remove(chosen)
        if self.dice.random() < 0.7:  # else the hint is lost
            await hint(self.database, chosen.site_id)

    def _waiting(self) -> list[Change]:
        return [change for change in self.under_way if change.numbered]

    def _busy(self) -> set[UUID]:
        return {change.site_id for change in self.under_way}

    def _join(self) -> None:
        site_id = self.dice.choice(self.site_ids)
        known = [one.position or 0 for one in self.subscribers if one.site_id == ids.id_of(ids.SITE, site_id)]
        subscriber = Subscriber(
            self.addresses,
            ids.id_of(ids.SITE, site_id),
            self.dice.choice([None, 0, self.dice.randint(0, max(known, default=0))]),
            batch_size=self.dice.choice([1, 7, 100, 1000]),
            transport=self.dice.choice(TRANSPORTS),
            seed=self.dice.randrange(1 << 30),
        )
        self.subscribers.append(subscriber)
        subscriber.start()

    async def _leave_or_return(self) -> None:
        subscriber = self.dice.choice(self.subscribers)
        if subscriber.is_running:
            await subscriber.stop()
        else:
            subscriber.start()

    async def finish(self) -> None:
        """Have every subscriber follow to the end of its site, which is an action, so that it comes at once."""
        ends: dict[str, int] = {
            ids.id_of(ids.SITE, site_id): await commit(self.database, site_id, {})
            for site_id in self.site_ids
        }
        for site_id in self.site_ids:
            await hint(self.database, site_id)
        for subscriber in self.subscribers:
            if not subscriber.is_running:
                subscriber.start()
        for subscriber in self.subscribers:
            await subscriber.reached(ends[subscriber.site_id])


@asynccontextmanager
async def stage(dsn: str, replicas: Sequence[Replica], sites: int, seed: int) -> AsyncIterator[Stage]:
    async with connect(dsn, pool_size=AT_ONCE * sites + 2) as database:
        made = Stage(
            database,
            [one.address for one in replicas],
            [await make_site(database) for _ in range(sites)],
            random.Random(seed),  # noqa: S311 - a fixed seed is the point
        )
        try:
            yield made
        finally:
            for subscriber in made.subscribers:
                await subscriber.stop()


async def play(dsn: str, replicas: Sequence[Replica], *, sites: int, changes: int, seed: int) -> Stage:
    async with stage(dsn, replicas, sites, seed) as played:
        await played.play(changes, audience=changes // 5)
        await played.finish()
    for subscriber in played.subscribers:
        assert subscriber.after is not None
        assert subscriber.got == await table(dsn, subscriber.site_id, subscriber.after)
        assert subscriber.faults == []
    return played


@pytest.mark.parametrize("sites", [1, 8])
async def test_every_subscriber_receives_exactly_the_table(
    live_dsn: str, replicas: Sequence[Replica], sites: int
) -> None:
    played = await play(live_dsn, replicas, sites=sites, changes=80, seed=sites)
    assert (played.disorder > 20) == (sites > 1)
    assert sum(subscriber.connects for subscriber in played.subscribers) > len(played.subscribers)


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sites", [1, 8, 30])
@pytest.mark.parametrize("seed", range(5))
async def test_every_subscriber_receives_exactly_the_table_in_many_orders(
    live_dsn: str, replicas: Sequence[Replica], sites: int, seed: int
) -> None:
    played = await play(live_dsn, replicas, sites=sites, changes=400, seed=100 * seed + sites)
    assert (played.disorder > 100) == (sites > 1)
