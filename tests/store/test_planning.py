"""How PostgreSQL is to plan the statements of a change."""

from typing import Any
from uuid import UUID

from service.commands.site import create_site
from service.model.outcome import Request
from service.store.database import Database
from service.store.transaction import SiteTransaction, change_site

ASKED = Request("somebody", "something")


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
