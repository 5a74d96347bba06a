"""How a process learns that a site moved, and what it reads."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.feed.follow import Batch, Subscription, follow
from service.feed.tail import WINDOWS_BYTES, FollowedSite, LogDamagedError, running_feed
from service.store.database import Database, prepare
from service.store.event_page import Head
from service.store.listen import CHANNEL
from service.store.statements import statement
from tests.feed.conftest import AT_ONCE, DEAF, NEVER, Replica
from tests.feed.log import commit, flat, listed, make_site, next_of, received

HEADS = statement("event_heads")
PAGE = statement("event_page")
EPOCH = UUID(int=1)


async def test_a_change_of_this_process_wakes_its_subscribers_without_a_round_trip(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica(listen=DEAF) as feed, aclosing(follow(feed, Subscription(site_id))) as stream:
        await next_of(stream)
        await commit(replace(database, moved=feed.moved), site_id, {})
        assert (await next_of(stream)).position == 1


async def test_a_change_of_another_process_arrives_by_a_hint(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        replica() as here,
        replica() as elsewhere,
        aclosing(follow(elsewhere, Subscription(site_id))) as stream,
    ):
        await next_of(stream)
        await commit(replace(database, moved=here.moved), site_id, {})
        assert (await next_of(stream)).position == 1


async def test_a_hint_that_cannot_be_read_may_be_about_any_site(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica() as feed, aclosing(follow(feed, Subscription(site_id))) as stream:
        await next_of(stream)
        await commit(database, site_id, {})
        await database.pool.execute("SELECT pg_notify($1, 'look, please')", CHANNEL)
        assert (await next_of(stream)).position == 1


async def test_a_hint_that_is_lost_costs_a_poll(database: Database, site_id: UUID, replica: Replica) -> None:
    async with (
        replica(poll_interval=AT_ONCE) as feed,
        aclosing(follow(feed, Subscription(site_id))) as stream,
    ):
        await next_of(stream)
        await commit(database, site_id, {})
        assert (await next_of(stream)).position == 1


async def test_more_sites_than_a_hint_can_name_are_all_named(database: Database, replica: Replica) -> None:
    site_id = await make_site(database)
    async with (
        replica() as here,
        replica() as elsewhere,
        aclosing(follow(elsewhere, Subscription(site_id))) as stream,
    ):
        await next_of(stream)
        await commit(database, site_id, {})
        for moved in [*(uuid4() for _ in range(1_000)), site_id]:
            here.moved(moved)
        assert (await next_of(stream)).position == 1


@asynccontextmanager
async def counted(dsn: str) -> AsyncIterator[tuple[Database, Counter[str]]]:
    """A pool that counts statements by their text; of one connection, so that they come in the order asked for."""
    statements: Counter[str] = Counter()

    async def watch(connection: asyncpg.Connection) -> None:
        await prepare(connection)
        connection.add_query_logger(lambda logged: statements.update([logged.query]))

    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, init=watch) as pool:
        yield Database(pool), statements


async def test_a_page_is_read_once_for_all_subscribers(dsn: str, database: Database, site_id: UUID) -> None:
    async with (
        counted(dsn) as (pool, statements),
        running_feed(pool, DEAF, poll_interval=NEVER, heartbeat=NEVER) as feed,
    ):
        streams = [follow(feed, Subscription(site_id)) for _ in range(50)]
        await asyncio.gather(*(next_of(stream) for stream in streams))
        statements.clear()
        for revision in (3, 6):
            waiting = [asyncio.create_task(next_of(stream)) for stream in streams]
            await commit(replace(database, moved=feed.moved), site_id, {}, {}, {})
            batches = await asyncio.gather(*waiting)
            assert {(len(batch.actions), batch.position) for batch in batches} == {(3, revision)}
            assert batches[0].actions[0] is batches[-1].actions[0]
        assert (statements[HEADS], statements[PAGE]) == (2, 2)
        for stream in streams:
            await stream.aclose()


async def test_a_look_is_one_statement_for_all_sites_and_none_for_those_that_nobody_follows(
    dsn: str, database: Database
) -> None:
    async with (
        counted(dsn) as (pool, statements),
        running_feed(pool, DEAF, poll_interval=NEVER, heartbeat=NEVER) as feed,
    ):
        site_ids = [await make_site(database) for _ in range(10)]
        streams = [follow(feed, Subscription(site_id)) for site_id in site_ids]
        for stream in streams:
            await next_of(stream)
        statements.clear()
        for site_id in site_ids:
            await commit(database, site_id, {})
        await feed.look(site_ids)
        for stream in streams:
            assert (await next_of(stream)).position == 1
            await stream.aclose()
        assert (statements[HEADS], statements[PAGE]) == (1, 10)
        statements.clear()
        feed.moved(site_ids[0])
        await feed.look(site_ids)
    assert not statements


async def test_a_subscriber_that_stops_reading_costs_no_memory_and_misses_nothing(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    many = 2_000
    async with replica() as feed, aclosing(follow(feed, Subscription(site_id, batch_size=1000))) as stopped:
        await next_of(stopped)
        for _ in range(4):
            await commit(database, site_id, *[{"note": "x" * 5_000}] * (many // 4))
        feed.moved(site_id)
        got = flat(await received(feed, Subscription(site_id, after=0, batch_size=1000), until=many))
        with feed.following(site_id) as site:
            assert sum(len(event.stored) for event in site.window.events) <= WINDOWS_BYTES
            assert 0 < site.window.start < site.window.end == many
        table = await listed(database, site_id, after=0)
        assert got == table
        late = [await next_of(stopped)]
        while late[-1].position < many:
            late.append(await next_of(stopped))
        assert flat(late) == table


async def test_one_who_joins_ahead_of_the_window_takes_it_along(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica(listen=DEAF) as feed, aclosing(follow(feed, Subscription(site_id))) as idle:
        await next_of(idle)
        await commit(database, site_id, *[{}] * 3_000)
        async with aclosing(follow(feed, Subscription(site_id))) as ahead:
            assert await next_of(ahead) == Batch(3_000, 3_000, [])
            await commit(replace(database, moved=feed.moved), site_id, {})
            assert (await next_of(ahead)).position == 3_001
            with feed.following(site_id) as site:
                assert (site.window.start, site.window.end) == (3_000, 3_001)
            behind = [await next_of(idle)]
            while behind[-1].position < 3_001:
                behind.append(await next_of(idle))
    assert flat(behind) == await listed(database, site_id, after=0)


async def test_what_was_pruned_below_everybody_is_no_hole(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica(listen=DEAF) as feed, aclosing(follow(feed, Subscription(site_id))) as slow:
        await next_of(slow)
        await commit(database, site_id, *[{}] * 20)
        await database.pool.execute("DELETE FROM event WHERE revision <= 10")
        assert len(flat(await received(feed, Subscription(site_id, after=10), until=20))) == 10
        reset = await anext(slow)
        assert not isinstance(reset, Batch)
        assert (reset.oldest, reset.current) == (10, 20)


async def test_one_who_shares_a_window_that_is_pruned_goes_on(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with (
        replica(listen=DEAF) as feed,
        aclosing(follow(feed, Subscription(site_id))) as slow,
        aclosing(follow(feed, Subscription(site_id))) as live,
    ):
        await next_of(slow)  # the window begins here, and nobody reads on
        await commit(database, site_id, *[{}] * 20)
        assert await next_of(live) == Batch(20, 20, [])
        await commit(database, site_id, {})
        await feed.look([site_id])
        await database.pool.execute("DELETE FROM event WHERE revision <= 10")
        assert flat([await next_of(live)]) == await listed(database, site_id, after=20)


async def test_a_replay_that_pruning_overtakes_is_reset(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, *[{}] * 20)
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id, after=0, batch_size=5))) as stream,
    ):
        assert (await next_of(stream)).position == 5
        await database.pool.execute("DELETE FROM event WHERE revision <= 10")
        reset = await anext(stream)
        assert not isinstance(reset, Batch)
        assert (reset.oldest, reset.current) == (10, 20)


@pytest.mark.parametrize("table", ["site", "event"])
async def test_an_error_that_is_no_outage_is_a_fault_at_once(
    database: Database, site_id: UUID, replica: Replica, table: str
) -> None:
    await commit(database, site_id, *[{}] * 20)
    async with (
        replica() as feed,
        aclosing(follow(feed, Subscription(site_id, after=0, batch_size=5))) as stream,
    ):
        if table == "event":
            await next_of(stream)
        await database.pool.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        with pytest.raises(asyncpg.UndefinedTableError):
            await anext(stream)


async def test_a_log_with_a_hole_is_a_fault_and_never_served(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {}, {}, {}, {})
    await database.pool.execute("DELETE FROM event WHERE revision = 3")
    async with replica() as feed:
        with pytest.raises(LogDamagedError, match="after position 0"):
            await anext(follow(feed, Subscription(site_id, after=0)))


async def test_a_page_that_holds_more_than_the_last_look_saw_is_no_position_in_the_future(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica(listen=DEAF) as feed:
        with feed.following(site_id) as site:
            await feed.look([site_id])
            await commit(database, site_id, {}, {})
            await feed.look([site_id])
            await commit(database, site_id, {})
            news = site.changed
            assert [event.revision for event in await feed.read(site_id, 0, limit=100)] == [1, 2, 3]
            assert (site.head and site.head.revision, news.is_set()) == (3, True)


def test_an_answer_that_was_overtaken_does_not_take_a_site_back() -> None:
    site = FollowedSite()
    asked = Head(5, EPOCH, 0)
    site.learn(1, None, asked)
    site.learn(2, asked, Head(9, EPOCH, 0))
    site.learn(2, asked, Head(7, EPOCH, 0))
    assert (site.head, site.window.end) == (Head(9, EPOCH, 0), 5)


def test_a_log_that_went_back_is_believed_and_forgotten_here() -> None:
    site = FollowedSite()
    asked = Head(5, EPOCH, 0)
    site.learn(1, None, asked)
    news = site.changed
    site.learn(2, asked, Head(4, EPOCH, 0))
    assert (site.head, site.window.end) == (Head(4, EPOCH, 0), 4)
    assert news.is_set()


async def test_the_last_subscriber_to_go_takes_the_site_along(site_id: UUID, replica: Replica) -> None:
    async with replica() as feed:
        streams = [follow(feed, Subscription(site_id)) for _ in range(2)]
        for stream in streams:
            await next_of(stream)
        with feed.following(site_id) as site:
            assert site.followers == 3
        await streams[0].aclose()
        assert site.followers == 1
        waiting = asyncio.ensure_future(anext(streams[1]))
        await asyncio.wait([waiting], timeout=AT_ONCE)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert site.followers == 0
        with feed.following(site_id) as anew:
            assert anew is not site
