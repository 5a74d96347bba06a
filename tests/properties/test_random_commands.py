"""Random commands against a small site: nothing but refusals, no broken rule, and an end to all actions."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.store.check import check
from service.store.database import Connection, Database, connect
from service.store.statements import statement
from tests.properties.random_site import STEPS, Step, drain, make_site

OFTEN = {
    "acknowledge": 8,
    "add": 6,
    "replace": 4,
    "move": 3,
    "pair": 3,
    "abandon": 3,
    "delete": 2,
    "map": 2,
    "unmap": 2,
}
NAMES = [name for name in STEPS for _ in range(OFTEN.get(name, 1))]
SMALL = st.integers(0, 23)
# Without one most programs would end before there is anything to mirror.
OPENINGS: dict[str, list[Step]] = {
    "nothing": [],
    "paired": [
        ("pair", 0, 0, 1, 0),
        ("pair", 1, 1, 1, 0),
        ("add", 0, 0, 1, 4),
        ("add", 1, 1, 2, 1),
        ("add", 4, 4, 3, 1),
    ],
    "pooled": [("pair", 0, 0, 0, 0), ("add", 0, 0, 1, 1), ("add", 1, 1, 2, 1), ("add", 1, 4, 3, 1)],
    "mapped": [("add", 0, 0, 1, 4), ("add", 1, 1, 2, 1), ("mode", 0, 0, 0, 0), ("map", 0, 0, 0, 0)],
}
STEP = st.tuples(st.sampled_from(NAMES), st.integers(0, 255), SMALL, SMALL, SMALL)
PROGRAMS = st.builds(
    lambda opening, steps: OPENINGS[opening] + steps,
    st.sampled_from(sorted(OPENINGS)),
    st.lists(STEP, min_size=8, max_size=24),
)
# What a step is most likely to break; all checks are asked at the end.
FRAGILE = ("action_one_under_way", "action_target", "action_goal", "camera_due", "link_ends")
EMPTY = """
TRUNCATE event, mirrored_action, link, camera, pairing_member, pairing, server, site, idempotency_key
"""
UNTOLD = """
-- A camera is as the newest event about it says; what is confirmed is told by actions, the side by the server.
WITH told AS (
  SELECT DISTINCT ON (subject_id) subject_id, kind, payload -> 'camera' AS camera FROM event
  WHERE kind IN ('CAMERA_ADDED', 'CAMERA_UPDATED', 'CAMERA_MOVED', 'CAMERA_REPLACED', 'CAMERA_REMOVED')
  ORDER BY subject_id, revision DESC
), hidden AS (
  SELECT ARRAY['confirmed_server_id', 'confirmed_mac_address', 'confirmed_address', 'confirmed_manufacturer',
    'confirmed_model', 'external_server_id', 'side'] AS columns
)
SELECT told.kind, told.camera, to_jsonb(camera) AS row
FROM told FULL JOIN camera ON camera.id = told.subject_id CROSS JOIN hidden
WHERE told.kind IS NULL OR (told.kind = 'CAMERA_REMOVED') <> (camera.id IS NULL)
  OR told.kind <> 'CAMERA_REMOVED' AND told.camera - columns <> to_jsonb(camera) - columns
"""
UNTOLD_LINKS = """
-- The links are those that were told to be made and not told to be ended.
WITH told AS (
  SELECT one, other, sum(CASE kind WHEN 'CAMERA_LINKED' THEN 1 ELSE -1 END) AS times
  FROM event
  CROSS JOIN LATERAL (SELECT subject_id AS named, (payload ->> 'counterpart_id')::uuid AS counterpart) AS ends
  CROSS JOIN LATERAL (SELECT least(named, counterpart) AS one, greatest(named, counterpart) AS other) AS pair
  WHERE kind IN ('CAMERA_LINKED', 'CAMERA_UNLINKED') GROUP BY one, other
), made AS (
  SELECT least(primary_camera_id, secondary_camera_id) AS one, greatest(primary_camera_id, secondary_camera_id) AS other
  FROM link
)
SELECT one, other, times FROM told FULL JOIN made USING (one, other)
WHERE coalesce(times, 0) <> CASE WHEN (one, other) IN (SELECT one, other FROM made) THEN 1 ELSE 0 END
"""
LEFT_OVER = """
SELECT camera.name, due.action FROM camera JOIN camera_due AS due ON due.camera_id = camera.id
WHERE camera.removing OR due.action IS NOT NULL
"""


Bench = tuple[asyncio.Runner, Database, Connection]


@pytest.fixture(scope="module")
def bench(module_dsn: str) -> Iterator[Bench]:
    """A loop with a pool and a connection that last for all programs of the module."""
    with asyncio.Runner() as runner:
        opening = _opened(module_dsn)
        database, connection = runner.run(opening.__aenter__())
        yield runner, database, connection
        runner.run(opening.__aexit__(None, None, None))


@asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[tuple[Database, Connection]]:
    async with connect(dsn, pool_size=2) as database, database.pool.acquire() as connection:
        yield database, connection


@given(PROGRAMS)
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_a_few_random_programs(bench: Bench, program: list[Step]) -> None:
    _run(bench, program)


@pytest.mark.torture
@pytest.mark.timeout(7200)
@given(PROGRAMS)
@settings(
    max_examples=5_000,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_many_random_programs(bench: Bench, program: list[Step]) -> None:
    _run(bench, program)


def _run(bench: Bench, program: Sequence[Step]) -> None:
    runner, database, connection = bench
    runner.run(_do(database, connection, program))


async def _do(database: Database, connection: Connection, program: Sequence[Step]) -> None:
    """Run a program in an empty database, and everything to its end."""
    await connection.execute(EMPTY)
    site = await make_site(database, "Site")
    for step in program:
        if await site.do(step):
            await _look(connection, step)
    await drain(site)
    assert [finding for finding in await check(connection) if not finding.is_fine] == []
    for untold in (UNTOLD, UNTOLD_LINKS, LEFT_OVER):
        assert await connection.fetch(untold) == []


async def _look(connection: Connection, step: Step) -> None:
    for name in FRAGILE:
        broken = await connection.fetch(statement(f"check_{name}"))
        assert not broken, f"{name} after {step}: {broken}"
