"""Many writers, several processes, subscribers that join in the middle: what is received is the table."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import pytest

from service.feed.follow import Subscription, follow
from service.feed.tail import Feed
from service.store.database import Database
from tests.feed.conftest import AT_ONCE, DEAF, Replica
from tests.feed.log import append, commit, flat, listed, make_site, next_of

WRITERS = 16
CHANGES = 20
SUBSCRIBERS = 24
LAST = {"id": "00000000-0000-7000-8000-ffffffffffff"}


class Progress:
    """Counts commits, and lets subscribers wait for the moment at which they join."""

    def __init__(self) -> None:
        self.commits = 0
        self.changed = asyncio.Condition()

    async def count(self) -> None:
        async with self.changed:
            self.commits += 1
            self.changed.notify_all()

    async def reached(self, commits: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.commits >= commits)


async def write(database: Database, site_ids: Sequence[UUID], progress: Progress, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a fixed seed is the point
    for _ in range(CHANGES):
        entries = [dice.choice([{}, {"status": "APPLIED"}, None]) for _ in range(dice.randint(1, 6))]
        await commit(database, dice.choice(site_ids), *entries)
        await progress.count()


async def join(
    feed: Feed, database: Database, site_ids: Sequence[UUID], progress: Progress, number: int
) -> tuple[UUID, int, list[tuple[int, str]]]:
    """Wait for a random moment, begin at a random position, and follow up to the last action of all."""
    dice = random.Random(number)  # noqa: S311
    site_id = dice.choice(site_ids)
    await progress.reached(dice.randrange(WRITERS * CHANGES))
    after = dice.randint(0, await database.pool.fetchval("SELECT revision FROM site WHERE id = $1", site_id))
    subscription = Subscription(site_id, after=after, batch_size=dice.choice([1, 7, 100, 1000]))
    got: list[tuple[int, str]] = []
    async with aclosing(follow(feed, subscription)) as stream:
        while LAST["id"] not in [action_id for _, action_id in got[-1:]]:
            got.extend(flat([await next_of(stream)]))
    return site_id, after, got


@pytest.mark.parametrize("sites", [1, WRITERS])
async def test_every_subscriber_receives_exactly_the_table(
    database: Database, replica: Replica, sites: int
) -> None:
    site_ids = [await make_site(database) for _ in range(sites)]
    progress = Progress()
    async with replica() as here, replica() as elsewhere, replica(poll_interval=AT_ONCE, listen=DEAF) as deaf:
        told = replace(database, moved=here.moved)
        async with asyncio.TaskGroup() as group:
            joined = [
                group.create_task(join((here, elsewhere, deaf)[number % 3], told, site_ids, progress, number))
                for number in range(SUBSCRIBERS)
            ]
            for seed in range(WRITERS):
                group.create_task(write(told, site_ids, progress, seed))
            await progress.reached(WRITERS * CHANGES)
            for site_id in site_ids:
                await commit(told, site_id, LAST)
    for task in joined:
        site_id, after, got = task.result()
        assert got == await listed(database, site_id, after)


async def test_changes_that_commit_in_another_order_than_they_began_are_not_lost(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id, batch_size=1))) as stream,
        database.pool.acquire() as early,
        database.pool.acquire() as late,
    ):
        await next_of(stream)
        first = early.transaction()
        await first.start()
        assert await early.fetchval("SELECT txid_current()") > 0
        await commit(replace(database, moved=feed.moved), site_id, {"status": "APPLIED"})
        got = [await next_of(stream)]
        await append(early, site_id, {"status": "FAILED"})
        # The next writer waits for the site while the first has numbered but not committed.
        second = asyncio.create_task(append(late, site_id, {"status": "BLOCKED"}))
        await feed.look([site_id])
        assert not second.done()
        await first.commit()
        assert await second == 3
        feed.moved(site_id)
        got += [await next_of(stream), await next_of(stream)]
    assert [action["status"] for batch in got for action in batch.actions] == ["APPLIED", "FAILED", "BLOCKED"]
    assert flat(got) == await listed(database, site_id, after=0)
