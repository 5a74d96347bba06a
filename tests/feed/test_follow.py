"""What one subscriber receives, and when."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from service.feed.follow import Batch, Subscription, follow
from service.model.refusals import Refusal, Refused
from service.model.vocabulary import DeviceActionKind, Direction, MirrorStatus, RefusalCode
from service.store.database import Database
from service.store.read.mirrored_actions import ActionFilter
from tests.feed.conftest import AT_ONCE, Replica
from tests.feed.log import Entry, commit, flat, last_word, listed, make_site, next_of, received

NO_SITE = Refusal(RefusalCode.NOT_FOUND, "There is no such site; check the id.", ("siteId",))


async def test_without_a_position_it_begins_now_with_an_empty_batch_at_once(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    revision = await commit(database, site_id, {}, {})
    async with replica() as feed, aclosing(follow(feed, Subscription(site_id))) as stream:
        assert await anext(stream) == Batch(revision, revision, [])
        await commit(replace(database, moved=feed.moved), site_id, {"status": "FAILED"})
        batch = await next_of(stream)
        assert (batch.previous_position, batch.position) == (2, 3)
        assert [action["status"] for action in batch.actions] == ["FAILED"]


async def test_a_replay_begins_after_the_position_and_goes_on_live(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {}, {}, None, {})
    async with replica() as feed, aclosing(follow(feed, Subscription(site_id, after=1))) as stream:
        first = await next_of(stream)
        await commit(replace(database, moved=feed.moved), site_id, {}, {})
        second = await next_of(stream)
    assert [(batch.previous_position, batch.position) for batch in (first, second)] == [(1, 4), (4, 6)]
    assert flat([first, second]) == await listed(database, site_id, after=1)


async def test_an_action_is_a_row_of_its_table(database: Database, site_id: UUID, replica: Replica) -> None:
    await commit(database, site_id, {"id": "00000000-0000-7000-8000-000000000007"})
    async with replica() as feed:
        (batch,) = await received(feed, Subscription(site_id, after=0), until=1)
    (action,) = batch.actions
    assert action["id"] == UUID("00000000-0000-7000-8000-000000000007")
    assert action["site_id"] == site_id
    assert action["target_server_id"] == UUID("00000000-0000-7000-8000-00000000000b")
    assert action["target_from_server_id"] is None
    assert action["updated_at"] == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert action["device"]["channel"] == 0


@pytest.mark.parametrize("batch_size", [1, 3, 100])
async def test_batches_are_filled_in_a_burst_though_other_events_stand_between(
    database: Database, site_id: UUID, replica: Replica, batch_size: int
) -> None:
    entries: list[Entry] = [{} if number % 3 == 0 else None for number in range(1, 91)]
    last = await commit(database, site_id, *entries)
    async with replica() as feed:
        far = await received(feed, Subscription(site_id, after=0, batch_size=batch_size), until=last)
        assert flat(far) == await listed(database, site_id, after=0)
        async with aclosing(follow(feed, Subscription(site_id, batch_size=batch_size))) as stream:
            await next_of(stream)
            last = await commit(replace(database, moved=feed.moved), site_id, *entries)
            near = await received(feed, Subscription(site_id, after=90, batch_size=batch_size), until=last)
    assert flat(near) == await listed(database, site_id, after=90)
    # The first batch comes at once, with whatever the first read brings.
    for batches in (far[1:], near[1:]):
        assert {len(batch.actions) for batch in batches[:-1]} <= {batch_size}


async def test_silence_is_broken_by_heartbeats_that_tell_the_progress(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    nothing = Subscription(site_id, wanted=ActionFilter(statuses=(MirrorStatus.FAILED,)))
    async with replica(heartbeat=AT_ONCE) as feed, aclosing(follow(feed, nothing)) as stream:
        assert await anext(stream) == Batch(0, 0, [])
        assert await anext(stream) == Batch(0, 0, [])
        await commit(replace(database, moved=feed.moved), site_id, {}, {})
        batch = await next_of(stream)
        while batch.position == 0:
            batch = await next_of(stream)
        assert batch == Batch(0, 2, [])


ONE = UUID(int=1)
# A filter, an action that passes, and one that does not.
FILTERS: tuple[tuple[ActionFilter, Entry, Entry], ...] = (
    (ActionFilter(statuses=(MirrorStatus.FAILED,)), {"status": "FAILED"}, {}),
    (ActionFilter(actions=(DeviceActionKind.MOVE, DeviceActionKind.DELETE)), {"action": "MOVE"}, {}),
    (ActionFilter(directions=(Direction.RESTORE,)), {"direction": "RESTORE"}, {}),
    (ActionFilter(target_server_ids=(ONE,)), {"target_server_id": str(ONE)}, {}),
    (
        ActionFilter(target_server_ids=(ONE,)),
        {"target_server_id": str(ONE)},
        {"target_server_id": None},
    ),
    (ActionFilter(source_server_ids=(ONE,)), {"source_server_id": str(ONE)}, {}),
    (ActionFilter(camera_ids=(ONE,)), {"source_camera_id": str(ONE)}, {}),
    (
        ActionFilter(camera_ids=(ONE,)),
        {"target_camera_id": str(ONE)},
        {"target_camera_id": None},
    ),
    (ActionFilter(change_id=ONE), {"change_id": str(ONE)}, {}),
    (
        ActionFilter(statuses=(MirrorStatus.QUEUED,), target_server_ids=(ONE,)),
        {"target_server_id": str(ONE)},
        {"target_server_id": str(ONE), "status": "APPLIED"},
    ),
)


async def test_a_filter_tests_the_state_at_the_position(database: Database, replica: Replica) -> None:
    async with replica() as feed:
        for wanted, matching, other in FILTERS:
            site_id = await make_site(database)
            last = await commit(database, site_id, other, matching, other)
            batches = await received(feed, Subscription(site_id, after=0, wanted=wanted), until=last)
            assert [position for position, _ in flat(batches)] == [2], wanted
            assert batches[-1].position == 3


@pytest.mark.parametrize(
    ("after", "oldest", "why"),
    [
        (7, 0, "Position 7 is in the future: the log ends at 4."),
        (1, 2, "Events up to 2 are no longer kept, and position 1 is before that."),
    ],
)
async def test_a_position_that_cannot_be_served_is_reset(
    database: Database, site_id: UUID, replica: Replica, after: int, oldest: int, why: str
) -> None:
    await commit(database, site_id, {}, {}, {}, {})
    await database.pool.execute("DELETE FROM event WHERE revision <= $1", oldest)
    async with replica() as feed:
        reset = await last_word(feed, Subscription(site_id, after=after))
        assert (reset.oldest, reset.current) == (oldest, 4)
        assert reset.epoch == await database.pool.fetchval("SELECT epoch FROM site")
        assert reset.message == f"{why} Read the state again and subscribe after its revision."
        assert flat(await received(feed, Subscription(site_id, after=reset.oldest), until=4)) == await listed(
            database, site_id, after=oldest
        )


async def test_a_log_of_which_nothing_is_kept_serves_its_end_only(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {}, {})
    await database.pool.execute("DELETE FROM event")
    async with replica() as feed:
        assert (await last_word(feed, Subscription(site_id, after=1))).oldest == 2
        assert await received(feed, Subscription(site_id, after=2), until=2) == [Batch(2, 2, [])]


async def test_a_position_of_another_epoch_is_reset(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    await commit(database, site_id, {})
    async with replica() as feed:
        reset = await last_word(feed, Subscription(site_id, after=0, epoch=uuid4()))
        assert "another one" in reset.message
        same = Subscription(site_id, after=0, epoch=reset.epoch)
        assert len(flat(await received(feed, same, until=1))) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE site SET epoch = gen_random_uuid()",
        "UPDATE site SET revision = 1; DELETE FROM event WHERE revision > 1",
    ],
)
async def test_a_restored_site_resets_its_subscribers(
    database: Database, site_id: UUID, replica: Replica, change: str
) -> None:
    await commit(database, site_id, {}, {})
    async with replica() as feed, aclosing(follow(feed, Subscription(site_id))) as stream:
        await next_of(stream)
        await database.pool.execute(change)
        feed.moved(site_id)
        words = [word async for word in stream]
    assert len(words) == 1
    assert not isinstance(words[0], Batch)


async def test_an_unknown_site_is_refused(replica: Replica) -> None:
    async with replica() as feed:
        with pytest.raises(Refused) as refused:
            await anext(follow(feed, Subscription(uuid4())))
    assert refused.value.refusals == (NO_SITE,)


@pytest.mark.parametrize("live", [True, False])
async def test_a_site_that_is_deleted_meanwhile_is_refused_as_the_last_word(
    database: Database, site_id: UUID, replica: Replica, *, live: bool
) -> None:
    await commit(database, site_id, *[{}] * 9)
    start = Subscription(site_id, after=9 if live else 0, batch_size=5)
    async with replica() as feed, aclosing(follow(feed, start)) as stream:
        await next_of(stream)
        await database.pool.execute("DELETE FROM event; DELETE FROM site")  # at once, as deleteSite does
        if live:
            feed.moved(site_id)
        with pytest.raises(Refused) as refused:
            await anext(stream)
    assert refused.value.refusals == (NO_SITE,)


@pytest.mark.parametrize("batch_size", [0, -1, 1001])
async def test_a_batch_size_out_of_range_is_refused(site_id: UUID, replica: Replica, batch_size: int) -> None:
    async with replica() as feed:
        with pytest.raises(Refused) as refused:
            await anext(follow(feed, Subscription(site_id, batch_size=batch_size)))
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.path) == (RefusalCode.INVALID_INPUT, ("batchSize",))


async def test_closing_completes_the_subscriptions_there_are_and_those_to_come(
    site_id: UUID, replica: Replica
) -> None:
    async with replica() as feed:
        stream = follow(feed, Subscription(site_id))
        assert await anext(stream) == Batch(0, 0, [])
        waiting = asyncio.ensure_future(anext(stream, None))
        await asyncio.wait([waiting], timeout=AT_ONCE)
        assert not waiting.done()
        feed.close()
        assert await waiting is None
        assert await anext(follow(feed, Subscription(site_id)), None) is None
