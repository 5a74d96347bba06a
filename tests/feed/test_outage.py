"""The database goes away under the subscribers."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from service.feed.follow import Batch, Subscription, follow
from service.store.database import Database
from tests.feed.conftest import AT_ONCE, Replica
from tests.feed.log import commit, flat, listed, next_of
from tests.live.wire import wire_to_database


async def test_subscriptions_outlive_an_outage_and_go_on_by_themselves(
    dsn: str, database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        wire_to_database(dsn) as wire,
        replica(through=wire.dsn(dsn), listen=wire.dsn(dsn), heartbeat=AT_ONCE) as feed,
        aclosing(follow(feed, Subscription(site_id, batch_size=5))) as live,
        aclosing(follow(feed, Subscription(site_id, after=0, batch_size=5))) as replaying,
    ):
        await commit(database, site_id, *[{}] * 20)
        assert await next_of(live) == Batch(20, 20, [])
        got = [await next_of(replaying)]
        await wire.cut()
        await commit(replace(database, moved=feed.moved), site_id, {})
        silent = [await next_of(live) for _ in range(3)] + [await next_of(replaying) for _ in range(3)]
        assert not flat(silent)
        await wire.mend()
        while got[-1].position < 21:
            got.append(await next_of(replaying))
    assert flat(got) == await listed(database, site_id, after=0)


async def test_a_subscription_that_begins_in_an_outage_begins_after_it(
    dsn: str, database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    async with wire_to_database(dsn) as wire, replica(through=wire.dsn(dsn), listen=wire.dsn(dsn)) as feed:
        await wire.cut()
        async with aclosing(follow(feed, Subscription(site_id, after=0))) as stream:
            waiting = asyncio.ensure_future(next_of(stream))
            await asyncio.wait([waiting], timeout=AT_ONCE)
            assert not waiting.done()
            await wire.mend()
            assert (await waiting).position == 1


async def test_connections_that_the_server_ends_are_made_again(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    async with (
        replica() as here,
        replica() as elsewhere,
        aclosing(follow(elsewhere, Subscription(site_id))) as stream,
    ):
        await next_of(stream)
        await database.pool.execute(f"{end} AND datname = current_database()")
        revision = await commit(replace(database, moved=here.moved), site_id, {}, {})
        # The commit's own hint is lost, or not: listening anew looks at everything.
        assert (await next_of(stream)).position == revision
