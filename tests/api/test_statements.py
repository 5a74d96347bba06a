"""No N+1: what an operation costs in statements does not grow with what it answers."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from service.store.database import Database, connect
from tests.api.rows import Rows
from tests.builders import Api, api_of, mac

CAMERAS = """query ($id: ID!, $first: Int!) { site(id: $id) { cameras(first: $first, side: PRIMARY) { nodes {
  name protection server { name } counterpart { name server { name } } lastAction { id }
} } } }"""
SERVERS = """query ($id: ID!, $first: Int!) { site(id: $id) { servers(first: $first) { nodes {
  name cameraCount homeSecondary { name } pairing { style primaries { server { name } secondary { name } } }
  cameras(first: 10) { totalCount nodes { name counterpart { name } } }
} } } }"""
ACTIONS = """query ($id: ID!, $first: Int!) { site(id: $id) { mirroredActions(first: $first) { nodes {
  sourceServer { name } targetServer { name } camera { name } counterpart { name protection }
} } } }"""
# Beginning the snapshot, the site and the page are in each of them.
COSTS = {"cameras": (CAMERAS, 8), "servers": (SERVERS, 11), "actions": (ACTIONS, 6)}


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """One connection, so that its log is of everything."""
    async with connect(dsn, pool_size=1) as opened:
        yield opened


async def fill(rows: Rows) -> None:
    """Insert 60 pairs of servers, each with a camera, its twin and an action."""
    for number in range(60):
        primary = await rows.server(f"p{number:02}")
        secondary = await rows.server(f"s{number:02}", "SECONDARY")
        await rows.pair("SYMMETRIC", {primary: secondary})
        device = {"mac_address": mac(900 + number), "confirmed_mac_address": mac(900 + number)}
        camera = await rows.camera(primary, f"Camera {number:02}", **device)
        twin = await rows.camera(secondary, f"Twin {number:02}", "SECONDARY", **device)
        await rows.link(camera, twin)
        await rows.action(twin, secondary, source_server_id=primary, source_camera_id=camera)
        await rows.action(camera, primary, direction="RESTORE", status="APPLIED")


async def statements(database: Database, api: Api, site_id: UUID, document: str, first: int) -> list[str]:
    """Return the statements that an operation took, without what the pool does."""
    seen: list[str] = []

    def note(record: Any) -> None:  # noqa: ANN401 - asyncpg's LoggedQuery
        seen.append(record.query)

    # Once unnoticed: a driver asks about types that it meets for the first time.
    await api.run(document, {"id": f"site_{site_id.hex}", "first": first})
    async with database.pool.acquire() as connection:
        connection.add_query_logger(note)
    data = await api.run(document, {"id": f"site_{site_id.hex}", "first": first})
    ((_, found),) = data["site"].items()
    assert len(found["nodes"]) == first
    async with database.pool.acquire() as connection:
        connection.remove_query_logger(note)
    begin = next(index for index, text in enumerate(seen) if "BEGIN" in text)
    return seen[begin : seen.index("COMMIT")]


async def test_fifty_cost_what_five_cost(database: Database, rows: Rows) -> None:
    await fill(rows)
    async with api_of(database) as api:
        for name, (document, cost) in COSTS.items():
            five = await statements(database, api, rows.site_id, document, 5)
            fifty = await statements(database, api, rows.site_id, document, 50)
            assert (name, fifty) == (name, five)
            assert (name, len(fifty)) == (name, cost)
