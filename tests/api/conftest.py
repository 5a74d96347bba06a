from collections.abc import AsyncIterator

import pytest

from service.store.database import Database
from tests.api.rows import Rows
from tests.builders import Api, api_of


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with api_of(database) as opened:
        yield opened


@pytest.fixture
async def rows(database: Database) -> Rows:
    """A site in Auto mode, made by SQL."""
    made = Rows(database.pool)
    await made.site()
    return made
