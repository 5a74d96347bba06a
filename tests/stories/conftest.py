"""An estate per story. The stories of a module share a database: each has a site of its own in it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from service.store.check import check
from service.store.database import Database, connect
from tests.builders import Api, api_of, new_site
from tests.stories.estate import Estate

STORES = ("Store 1", "Store 2", "Store 3")
STAND_INS = ("Headquarters", "Annex")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(module_dsn: str) -> AsyncIterator[Database]:
    async with connect(module_dsn, pool_size=2) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(database: Database) -> AsyncIterator[Api]:
    async with api_of(database) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def estate(api: Api) -> AsyncIterator[Estate]:
    """Three stores are primaries, headquarters and annex secondaries; nothing is paired, all recorders are empty.

    However a story ends, nothing is broken then.
    """
    site = await new_site(api)
    await site.enroll(*((name, "PRIMARY") for name in STORES), *((name, "SECONDARY") for name in STAND_INS))
    yield Estate(site, {name: {} for name in (*STORES, *STAND_INS)})
    async with api.database.pool.acquire() as connection:
        assert [finding for finding in await check(connection) if not finding.is_fine] == []
