"""Sixteen writers over two replicas: revisions have no gap, and nobody ever sees them out of order of commit."""

import asyncio
from uuid import UUID

import pytest

from service.commands.camera import add_camera
from service.commands.pairing import pair_servers
from service.model.outcome import Outcome
from service.store.database import Database
from tests.races.conftest import Replicas
from tests.races.stage import Connection, Stage, asked, assert_sound, changes, set_stage

WRITERS = 16
CHANGES = 5
LOG = "SELECT site_id, array_agg(revision ORDER BY revision) AS revisions FROM event GROUP BY site_id"


async def write(database: Database, stage: Stage, writer: int) -> list[Outcome]:
    """Add cameras one after the other."""
    return [
        await add_camera(
            database, asked("addCamera"), stage.site_id, stage.camera("p1", writer * CHANGES + number)
        )
        for number in range(CHANGES)
    ]


async def look(watcher: Connection, writing: "asyncio.Future[list[list[Outcome]]]") -> int:
    """Read the log again and again: once a revision shows, all below it show."""
    looks = 0
    while not writing.done():
        for row in await watcher.fetch(LOG):
            assert row["revisions"] == list(range(1, len(row["revisions"]) + 1))
        looks += 1
    return looks


@pytest.mark.parametrize("sites", [1, WRITERS])
async def test_revisions_are_gapless_and_in_order_of_commit(
    replicas: Replicas, watcher: Connection, sites: int
) -> None:
    stages = [await set_stage(replicas[0], f"{sites} sites, number {number}") for number in range(sites)]
    for stage in stages:
        await pair_servers(replicas[0], asked("pairServers"), stage.site_id, stage.symmetric("p1", "s1"))
    before = {stage.site_id: await changes(watcher, stage.site_id) for stage in stages}
    writing = asyncio.gather(
        *(write(replicas[writer % 2], stages[writer % sites], writer) for writer in range(WRITERS))
    )
    looks = await look(watcher, writing)
    assert looks > 1
    made: dict[UUID, list[tuple[UUID | None, int]]] = {site_id: [] for site_id in before}
    for outcomes in await writing:
        # A writer's own changes stand in the order in which it made them.
        assert [one.revision for one in outcomes] == sorted(one.revision for one in outcomes)
        for one in outcomes:
            made[one.site_id].append((one.change_id, one.revision))
    for site_id, known in before.items():
        written = sorted(made[site_id], key=lambda change: change[1])
        assert await changes(watcher, site_id) == [*known, *written]
    await assert_sound(watcher)
