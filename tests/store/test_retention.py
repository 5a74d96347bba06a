"""What is removed of a log and of the idempotency keys, what is not, and whom that holds up: nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.commands.server import register_servers
from service.commands.site import create_site, delete_site
from service.feed.prune import Pruned, prune
from service.model.inputs import ServerInput
from service.model.outcome import Request
from service.model.refusals import Refused
from service.model.vocabulary import RefusalCode
from service.store import epoch, retention
from service.store.check import check
from service.store.database import Connection, Database, connect
from service.store.event_page import read_heads, read_page
from service.store.idempotency import KEPT
from service.store.retention import BATCH, LOCK_TIMEOUT, forget_keys, old_logs, prune_log
from service.store.statements import statement

ASKED = Request("somebody", "something")
NAME = "Corner shops"
DAYS = 30
FILL = """WITH grown AS (
  UPDATE site SET revision = revision + cardinality($2::integer[]) WHERE id = $1
  RETURNING revision - cardinality($2::integer[]) AS base)
INSERT INTO event (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
SELECT $1, base + n, uuid_v7(), 'CAMERA_UPDATED', true, now() - make_interval(days => age), 'a', 1, $1, '{"camera": {}}'
FROM grown, unnest($2::integer[]) WITH ORDINALITY AS old (age, n)"""


@pytest.fixture
async def database(module_dsn: str) -> AsyncIterator[Database]:
    """One database for all of these tests, empty for each."""
    async with connect(module_dsn) as opened:
        await opened.pool.execute("DELETE FROM site; DELETE FROM event; DELETE FROM idempotency_key")
        yield opened


async def make_site(database: Database, *ages: int) -> UUID:
    """A site whose events are that many days old, one number each."""
    made: UUID = await database.pool.fetchval(
        "INSERT INTO site (id, name, epoch) SELECT id, id::text, id FROM uuid_v7() AS id RETURNING id"
    )
    await database.pool.execute(FILL, made, ages)
    return made


async def kept(database: Database, site_id: UUID) -> list[int]:
    rows = await database.pool.fetch(
        "SELECT revision FROM event WHERE site_id = $1 ORDER BY revision", site_id
    )
    return [row["revision"] for row in rows]


async def broken(database: Database) -> list[str]:
    async with database.pool.acquire() as connection:
        return [finding.name for finding in await check(connection) if not finding.is_fine]


@asynccontextmanager
async def uncommitted(
    database: Database, name: str, *arguments: object
) -> AsyncIterator[tuple[Connection, Any]]:
    """Run a statement in a transaction that is left open; yields its connection and its answer."""
    async with database.pool.acquire() as connection, connection.transaction():
        yield connection, await connection.fetchval(name, *arguments)


async def test_a_beginning_is_removed_and_what_is_left_is_sound(database: Database) -> None:
    site_id, other = await make_site(database, 40, 31, 29, 2, 0), await make_site(database, 29, 1)
    assert await old_logs(database, DAYS) == [site_id]
    assert await prune_log(database, site_id, DAYS) == 2
    assert await prune_log(database, site_id, DAYS) == 0
    assert await prune_log(database, other, DAYS) == 0
    assert (await kept(database, site_id), await kept(database, other)) == ([3, 4, 5], [1, 2])
    assert await old_logs(database, DAYS) == []
    assert await broken(database) == []


async def test_the_first_event_that_is_young_ends_the_beginning(database: Database) -> None:
    """As where the server's clock was set back."""
    site_id = await make_site(database, 90, 10, 60, 50)
    assert await prune_log(database, site_id, DAYS) == 1
    assert await old_logs(database, DAYS) == []
    assert await kept(database, site_id) == [2, 3, 4]


async def test_a_log_of_which_everything_is_removed_is_sound_and_goes_on(database: Database) -> None:
    site_id = (await create_site(database, ASKED, NAME)).site_id
    await register_servers(database, ASKED, site_id, [ServerInput("Store")])
    await database.pool.execute("UPDATE event SET at = now() - interval '31 days'")
    assert await prune(database, DAYS) == Pruned(events=2, sites=1)
    assert await kept(database, site_id) == []
    assert (await read_heads(database, [site_id]))[site_id].oldest == 2
    assert await broken(database) == []
    await register_servers(database, ASKED, site_id, [ServerInput("Headquarters")])
    assert await kept(database, site_id) == [3]
    assert await broken(database) == []


async def test_a_batch_is_as_large_as_it_may_be_and_a_run_takes_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    monkeypatch.setattr("service.feed.prune.BATCH", 10)
    sites = [await make_site(database, *[31] * events, 0) for events in (25, 20, 0)]
    assert await prune_log(database, sites[0], DAYS) == 10
    assert await kept(database, sites[0]) == list(range(11, 27))
    await database.pool.execute(KEYS, list(range(25, 60)))
    assert await prune(database, DAYS) == Pruned(events=35, sites=2, keys=35)
    assert [len(await kept(database, one)) for one in sites] == [1, 1, 1]


async def test_one_process_prunes_at_a_time(database: Database) -> None:
    site_id, other = await make_site(database, 31, 31, 0), await make_site(database, 31)
    arguments = site_id, DAYS, 1, LOCK_TIMEOUT
    async with uncommitted(database, statement("prune_log"), *arguments) as (_, removed):
        assert removed == 1
        assert await prune_log(database, other, DAYS) is None
        assert await prune(database, DAYS, alone=False) == Pruned()
        patient = asyncio.create_task(prune(database, DAYS))
        assert await prune(database, DAYS, alone=False) == Pruned()
        assert not patient.done()
    assert await patient == Pruned(events=2, sites=2)
    assert await kept(database, site_id) == [3]


@pytest.mark.parametrize("both_commit", [True, False])
async def test_two_that_prune_all_the_same_leave_no_gap(database: Database, *, both_commit: bool) -> None:
    """What an older version, or a person with psql, may do: nothing depends on the lock."""
    site_id = await make_site(database, *[31] * 9, 0)
    remove = "DELETE FROM event WHERE site_id = $1 AND revision <= $2"
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(remove, site_id, 4)
        assert await prune_log(database, site_id, DAYS) == 0  # it has given way
        await (transaction.commit() if both_commit else transaction.rollback())
    assert await prune_log(database, site_id, DAYS) == (5 if both_commit else 9)
    assert await kept(database, site_id) == [10]


@pytest.mark.parametrize("deleted", [True, False])
async def test_pruning_gives_way_to_the_deletion_of_the_site(database: Database, *, deleted: bool) -> None:
    site_id, other = await make_site(database, 31, 31, 0), await make_site(database, 31)
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(statement("lock_site"), site_id)
        await connection.execute(statement("empty_site"), site_id)
        assert await prune(database, DAYS) == Pruned(events=1, sites=1)
        await connection.execute("DELETE FROM site WHERE id = $1", site_id)
        await (transaction.commit() if deleted else transaction.rollback())
    assert await kept(database, other) == []
    assert await kept(database, site_id) == ([] if deleted else [1, 2, 3])
    assert await broken(database) == []


async def test_nobody_waits_for_the_pruner(database: Database) -> None:
    site_id = (await create_site(database, ASKED, NAME)).site_id
    await database.pool.execute("UPDATE event SET at = now() - interval '31 days'")
    arguments = site_id, DAYS, BATCH, LOCK_TIMEOUT
    locks = """SELECT relation::regclass::text, mode FROM pg_locks
      WHERE pid = pg_backend_pid() AND locktype NOT IN ('virtualxid', 'transactionid')
        AND relation IS DISTINCT FROM 'pg_locks'::regclass"""
    async with uncommitted(database, statement("prune_log"), *arguments) as (connection, removed):
        assert removed == 1
        held = {(row["relation"], row["mode"]) for row in await connection.fetch(locks)}
        assert held == {
            ("event", "AccessShareLock"),
            ("event", "RowExclusiveLock"),
            ("event_pk", "AccessShareLock"),
            ("event_pk", "RowExclusiveLock"),
            (None, "ExclusiveLock"),  # the one that says that somebody prunes
        }
        changed = await register_servers(database, ASKED, site_id, [ServerInput("Store")])
        assert changed.revision == 2
        page = await read_page(database, site_id, after=0)
        assert [event.revision for event in page] == [1, 2]
    assert [event.revision for event in await read_page(database, site_id, after=1)] == [2]
    assert (await read_page(database, site_id, after=0))[0].revision == 2


async def test_a_site_is_deleted_beside_the_pruner(database: Database) -> None:
    site_id = (await create_site(database, ASKED, NAME)).site_id
    await register_servers(database, ASKED, site_id, [ServerInput("Store")])
    await database.pool.execute("UPDATE event SET at = now() - interval '31 days'")
    deleting, pruned = await asyncio.gather(
        delete_site(database, ASKED, site_id, NAME), prune(database, DAYS), return_exceptions=True
    )
    assert not isinstance(deleting, BaseException)
    assert isinstance(pruned, Pruned)
    assert await database.pool.fetchval("SELECT count(*) FROM event") == 0


async def test_a_pruner_that_is_killed_leaves_no_trace(module_dsn: str, database: Database) -> None:
    site_id = await make_site(database, *[31] * 5, 0)
    arguments = site_id, DAYS, 3, LOCK_TIMEOUT
    pruner = await asyncpg.connect(module_dsn)
    await pruner.execute("BEGIN")
    assert await pruner.fetchval(statement("prune_log"), *arguments) == 3
    await database.pool.execute("SELECT pg_terminate_backend($1, 10000)", pruner.get_server_pid())
    pruner.terminate()
    assert await kept(database, site_id) == [1, 2, 3, 4, 5, 6]
    assert await prune_log(database, site_id, DAYS) == 5


async def test_finding_old_logs_reads_no_log(database: Database) -> None:
    await make_site(database, *[1] * 3_000)
    await database.pool.execute("ANALYZE event")
    async with database.pool.acquire() as connection:
        (plan,) = await connection.fetchval(
            f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement('old_logs')}", DAYS
        )
    assert [
        (row["Index Name"], row["Actual Rows"]) for row in scans(plan["Plan"]) if named(row, "event")
    ] == [("event_pk", 1)]


def named(plan: dict[str, Any], table: str) -> bool:
    return plan.get("Relation Name") == table


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(one for part in plan.get("Plans", ()) for one in scans(part))]


KEYS = """INSERT INTO idempotency_key (site_id, actor, mutation, key, input_hash, answer, created_at)
SELECT NULL, 'a', 'm', age::text, '', '{}', now() - make_interval(hours => age) FROM unnest($1::integer[]) AS age"""


async def keys(database: Database) -> list[str]:
    return [row["key"] for row in await database.pool.fetch("SELECT key FROM idempotency_key ORDER BY key")]


async def test_keys_are_forgotten_after_their_hours(database: Database) -> None:
    await database.pool.execute(KEYS, [KEPT - 1, KEPT, KEPT + 1, 99])
    # The one of exactly that age has outlived it by the time of the next statement, and is not recalled any more.
    assert await forget_keys(database) == 3
    assert await keys(database) == [str(KEPT - 1)]


async def test_a_key_that_is_just_taken_anew_stays(database: Database) -> None:
    await database.pool.execute(KEYS, [30, 31])
    again = None, None, "a", "m", "30", b"", {"again": True}
    async with uncommitted(database, statement("remember_answer"), *again):
        assert await forget_keys(database) == 1
    assert await keys(database) == ["30"]
    assert await forget_keys(database) == 0


async def test_a_new_epoch_is_for_one_site_or_for_all(database: Database) -> None:
    sites = [await make_site(database, 1) for _ in range(3)]
    before = {site_id: head.epoch for site_id, head in (await read_heads(database, sites)).items()}
    (one,) = await epoch.renew(database, str(sites[1]))
    assert (one.id, one.name) == (sites[1], str(sites[1]))
    heads = await read_heads(database, sites)
    assert [heads[site_id].epoch != before[site_id] for site_id in sites] == [False, True, False]
    assert [site.id for site in await epoch.renew(database, None)] == sorted(sites, key=str)
    after = await read_heads(database, sites)
    assert not {head.epoch for head in after.values()} & {*before.values(), heads[sites[1]].epoch}
    assert len({head.epoch for head in after.values()}) == 3
    assert await epoch.renew(database, "nobody's") == []


async def test_a_busy_site_refuses_a_new_epoch_for_all(database: Database) -> None:
    free, busy = await make_site(database, 1), await make_site(database, 1)
    heads = await read_heads(database, [free, busy])
    hasty = Database(database.pool, lock_timeout=0.05)
    async with uncommitted(database, statement("lock_site"), busy):
        with pytest.raises(Refused) as refused:
            await epoch.renew(hasty, None)
        assert len(await epoch.renew(hasty, str(free))) == 1
    (refusal,) = refused.value.refusals
    assert refusal.code == RefusalCode.SITE_BUSY
    assert refusal.message == "A change of a site has been under way for 0.05 s; try again in a moment."
    assert (await read_heads(database, [busy]))[busy] == heads[busy]


async def test_a_stricter_default_isolation_changes_nothing(
    module_dsn: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOCK_TIMEOUT", "60s")
    site_id = await make_site(database, 31, 31, 0)
    strict = f"{module_dsn}?options=-cdefault_transaction_isolation%3Dserializable"
    async with connect(strict) as opened:
        remove = "DELETE FROM event WHERE site_id = $1 AND revision = 1 RETURNING 1"
        async with uncommitted(database, remove, site_id):
            pruning = asyncio.create_task(prune_log(opened, site_id, DAYS))
            await blocked(database)
        assert await pruning == 0  # it has given way
        assert await prune_log(opened, site_id, DAYS) == 1
        assert await kept(database, site_id) == [3]
        touch = "UPDATE site SET revision = revision + 0 WHERE id = $1 RETURNING 1"
        async with uncommitted(database, touch, site_id):
            renewing = asyncio.create_task(epoch.renew(opened, None))
            await blocked(database)
        assert [one.id for one in await renewing] == [site_id]


async def blocked(database: Database) -> None:
    """Wait until somebody waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
    while not await database.pool.fetchval(waiting):
        pass
