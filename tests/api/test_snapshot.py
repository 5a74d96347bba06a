"""One operation reads one moment, through one connection, and gives it back."""

import asyncio
from unittest.mock import ANY
from uuid import UUID

import pytest

from service.api.reader import MOST_CAMERAS_AT_ONCE, Reader, reading
from service.store import snapshot as snapshots
from service.store.database import Database, connect
from service.store.outage import ReadTooLongError, ReadTooMuchError
from service.store.read.rows import Window
from service.store.snapshot import Snapshot
from tests.api.rows import Rows
from tests.builders import Api, FaultError, api_of

NAME = "SELECT name FROM site"


async def test_all_reads_of_a_snapshot_see_the_same_moment(database: Database, rows: Rows) -> None:
    async with reading(database) as reader:
        before = await reader.snapshot.fetch(NAME)
        await rows.pool.execute("UPDATE site SET name = 'Other', revision = 8")
        site = await reader.sites.load(rows.site_id)

        assert site is not None
        assert (before, site["name"], site["revision"]) == ([{"name": "Depot"}], "Depot", 7)
    async with reading(database) as reader:
        assert await reader.snapshot.fetch(NAME) == [{"name": "Other"}]


async def test_a_snapshot_only_reads(database: Database, rows: Rows) -> None:
    async with reading(database) as reader:
        with pytest.raises(Exception, match="read-only transaction"):
            await reader.snapshot.fetch("DELETE FROM site WHERE id = $1", rows.site_id)


@pytest.mark.usefixtures("rows")
async def test_reads_at_once_queue_for_the_connection(database: Database) -> None:
    snapshot = Snapshot(database)
    found = await asyncio.gather(*(snapshot.fetch(NAME) for _ in range(5)))
    assert (found, database.pool.get_idle_size()) == ([[{"name": "Depot"}]] * 5, 0)
    await snapshot.close()
    assert database.pool.get_idle_size() == 1


async def test_what_was_never_read_takes_no_connection(database: Database) -> None:
    snapshot = Snapshot(database)
    await snapshot.close()
    await snapshot.close()
    with pytest.raises(RuntimeError, match="closed"):
        await snapshot.fetch("SELECT 1")


async def test_a_connection_that_is_lost_is_given_back(database: Database) -> None:
    snapshot = Snapshot(database)
    (row,) = await snapshot.fetch("SELECT pg_backend_pid() AS pid")
    await database.pool.execute("SELECT pg_terminate_backend($1)", row["pid"])
    await snapshot.close()
    assert await database.pool.fetchval("SELECT 1") == 1


async def test_a_snapshot_that_cannot_begin_gives_its_connection_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "statement", lambda _name: "BEGIN NONSENSE")
    snapshot = Snapshot(database)
    with pytest.raises(Exception, match="NONSENSE"):
        await snapshot.fetch("SELECT 1")
    assert database.pool.get_idle_size() == database.pool.get_size()


async def test_reads_that_take_too_long_together_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LONGEST_READ", -1.0)
    async with reading(database) as reader:
        with pytest.raises(ReadTooLongError):
            await reader.snapshot.fetch("SELECT 1")


async def test_reads_of_too_many_rows_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_ROWS", 3)
    async with reading(database) as reader:
        await reader.snapshot.fetch("SELECT generate_series(1, 4)")
        with pytest.raises(ReadTooMuchError):
            await reader.snapshot.fetch("SELECT 1")


async def test_an_operation_gives_its_connection_back(dsn: str) -> None:
    async with connect(dsn, pool_size=1) as database, api_of(database) as api:
        for _ in range(3):
            await api.run("{ sites { nodes { name } } }")
            with pytest.raises(FaultError):
                await api.run(
                    "{ sites { nodes { cameras(first: 0) { totalCount } } } bad: sites(first: 0) { nodes { id } } }"
                )
        assert database.pool.get_idle_size() == 1


async def test_mutations_of_one_operation_need_one_connection_and_see_what_they_did(dsn: str) -> None:
    async with connect(dsn, pool_size=1) as database, api_of(database) as api:
        made = await api.run(
            """mutation { a: createSite(input: {name: "A"}) { ... on SiteCreated { revision site { name revision } } }
              b: createSite(input: {name: "B"}) { ... on SiteCreated { revision site { name revision } } } }"""
        )
    assert made == {
        key: {"revision": ANY, "site": {"name": name, "revision": ANY}}
        for key, name in (("a", "A"), ("b", "B"))
    }


async def test_too_many_cameras_at_once_are_a_bad_request(api: Api, rows: Rows) -> None:
    for number in range(MOST_CAMERAS_AT_ONCE // 500 + 1):
        await rows.server(f"p{number}")
    cameras = "cameras(first: 500) { nodes { id } }"
    document = f"query ($id: ID!) {{ site(id: $id) {{ servers(first: 500) {{ nodes {{ {cameras} }} }} }} }}"
    with pytest.raises(FaultError) as caught:
        await api.run(document, {"id": f"site_{rows.site_id.hex}"})
    assert {error["extensions"]["code"] for error in caught.value.args[0]} == {"BAD_REQUEST"}


async def test_two_windows_of_cameras_in_one_operation(database: Database, rows: Rows) -> None:
    server = await rows.server("p1")
    await rows.camera(server, "Door")
    reader = Reader(database)
    one, two = (Window(first) for first in (1, 2))
    pages = await reader.server_cameras.load_many([(server, one), (UUID(int=1), two), (server, two)])
    await reader.close()
    assert [len(page.rows) for page in pages] == [1, 0, 1]
