"""How PostgreSQL is to plan the statements of a change."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from service.commands.inventory_report import report_inventory
from service.commands.server import register_servers
from service.commands.site import create_site
from service.model.inputs import HardwareInput, ReportedCameraInput, ServerInput, ServerInventoryInput
from service.model.outcome import Request
from service.model.vocabulary import ServerLabel
from service.store.database import Database
from service.store.statements import statement
from service.store.transaction import SiteTransaction, change_site

ASKED = Request("somebody", "something")
BEHIND_ONE_ADDRESS = 200
EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "


async def settings(database: Database, site_id: UUID) -> dict[str, Any]:
    """The settings that a change runs with."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        row = await tx.connection.fetchrow(
            "SELECT current_setting('jit') AS jit, current_setting('plan_cache_mode') AS plan_cache_mode"
        )
        assert row is not None
        return dict(row)

    return dict((await change_site(database, site_id, ASKED, work)).detail)


async def test_a_change_plans_for_what_it_is_given_and_waits_for_no_compiler(database: Database) -> None:
    site_id = (await create_site(database, ASKED, "Corner shops")).site_id
    assert await settings(database, site_id) == {"jit": "off", "plan_cache_mode": "force_custom_plan"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def test_deciding_looks_each_camera_up_once(database: Database) -> None:
    site_id = (await create_site(database, ASKED, "Corner shops")).site_id
    servers = [
        ServerInput("Store", label=ServerLabel.PRIMARY),
        ServerInput("Twin", label=ServerLabel.SECONDARY),
    ]
    registered = await register_servers(database, ASKED, site_id, servers)
    store, twin = (UUID(one) for one in registered.detail["serverIds"])
    macs = [f"02:00:00:00:00:{number:02x}" for number in range(BEHIND_ONE_ADDRESS)]
    cameras = tuple(ReportedCameraInput(one, HardwareInput(one)) for one in macs)
    reports = [ServerInventoryInput(store, cameras, complete=True)]
    await report_inventory(database, ASKED, site_id, reports, as_of=None, confirm_suspicious=False)
    rows = await database.pool.fetch("SELECT id FROM camera")
    many = len(rows)

    async def explain(tx: SiteTransaction) -> dict[str, Any]:
        asked = ([row["id"] for row in rows], [None] * many, [twin] * many)
        arguments = (tx.site_id, ["ADD"] * many, ["PAIRING"] * many, *asked)
        (explained,) = await tx.connection.fetchval(EXPLAIN + statement("decide"), *arguments)
        return dict(explained["Plan"])

    plan = (await change_site(database, site_id, ASKED, explain)).detail
    assert max(one["Actual Loops"] for one in nodes(dict(plan))) <= many


async def test_a_report_of_cameras_that_share_an_address_compares_no_pairs(database: Database) -> None:
    site_id = (await create_site(database, ASKED, "Behind a router")).site_id
    registered = await register_servers(database, ASKED, site_id, [ServerInput("Recorder")])
    server_id = UUID(registered.detail["serverIds"][0])
    macs = [f"02:00:00:00:00:{number:02x}" for number in range(BEHIND_ONE_ADDRESS)]
    cameras = tuple(ReportedCameraInput(one, HardwareInput(one, "192.0.2.1")) for one in macs)
    reports = [ServerInventoryInput(server_id, cameras, complete=True)]
    await report_inventory(database, ASKED, site_id, reports, as_of=None, confirm_suspicious=False)

    async def explain(tx: SiteTransaction) -> dict[str, Any]:
        none = [None] * len(macs)
        of_cameras = (
            [1] * len(macs),
            macs,
            [0] * len(macs),
            macs,
            ["192.0.2.1"] * len(macs),
            none,
            none,
            none,
        )
        await tx.connection.execute("SET LOCAL enable_nestloop = off")
        arguments = (tx.site_id, 0, [server_id], [True], *of_cameras)
        (explained,) = await tx.connection.fetchval(EXPLAIN + statement("difference"), *arguments)
        return dict(explained["Plan"])

    plan = (await change_site(database, site_id, ASKED, explain)).detail
    seen = [one["Actual Rows"] + one.get("Rows Removed by Join Filter", 0) for one in nodes(dict(plan))]
    assert max(seen) <= BEHIND_ONE_ADDRESS * 4
