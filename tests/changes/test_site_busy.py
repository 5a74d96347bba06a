"""A change that finds its site locked for too long is refused, and has not waited in the database for ever."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from service.store.database import connect
from tests.builders import Api, api_of, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUSY = [("SITE_BUSY", ("siteId",))]
LOCK = "SELECT FROM site FOR NO KEY UPDATE"


@pytest_asyncio.fixture(loop_scope="module")
async def impatient(module_dsn: str) -> AsyncIterator[Api]:
    async with connect(module_dsn, lock_timeout=0.1) as database, api_of(database) as api:
        yield api


async def test_a_site_that_another_process_changes_is_busy(impatient: Api, module_dsn: str) -> None:
    site = await new_site(impatient)
    other = await asyncpg.connect(module_dsn)
    async with other.transaction():
        await other.execute(LOCK)
        assert await site.refused(site.register("p1")) == BUSY
        assert await site.refused(site.register("p1", dryRun=True)) == BUSY
    await other.close()
    assert (await site.register("p1")).change_id is not None


async def test_other_sites_are_not(impatient: Api, module_dsn: str) -> None:
    busy = await new_site(impatient, "Busy")
    free = await new_site(impatient, "Free")
    other = await asyncpg.connect(module_dsn)
    async with other.transaction():
        await other.execute("SELECT FROM site WHERE name = 'Busy' FOR NO KEY UPDATE")
        assert (await free.register("p1")).change_id is not None
        assert await busy.refused(busy.register("p1")) == BUSY
    await other.close()


async def test_reading_is_not(impatient: Api, module_dsn: str) -> None:
    site = await new_site(impatient)
    other = await asyncpg.connect(module_dsn)
    async with other.transaction():
        await other.execute(LOCK)
        assert (await site.state())["revision"] == 1
    await other.close()


async def test_a_site_that_this_process_changes_is_busy(impatient: Api) -> None:
    site = await new_site(impatient)
    async with impatient.database.queue(site.uuid):
        assert await site.refused(site.register("p1")) == BUSY
    assert (await site.register("p1")).change_id is not None
