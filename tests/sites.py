"""Sites to shape through the API. The tests of a module share a database: each has a site of its own in it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from service.store.database import Database, connect
from tests.builders import Api, SiteBuilder, api_of, new_site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(module_dsn: str) -> AsyncIterator[Database]:
    async with connect(module_dsn, pool_size=2) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(database: Database) -> AsyncIterator[Api]:
    async with api_of(database) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def site(api: Api) -> SiteBuilder:
    """In Auto mode: primaries p1, p2, p3, secondaries s1, s2, nothing paired."""
    made = await new_site(api)
    primaries = [(name, "PRIMARY") for name in ("p1", "p2", "p3")]
    await made.enroll(*primaries, *((name, "SECONDARY") for name in ("s1", "s2")))
    return made
