"""Feeds over a real log, and a site to write to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias
from uuid import UUID

import pytest

from service.feed.tail import Feed, running_feed
from service.store.database import Database, connect
from tests.feed.log import make_site

NEVER = 3600.0
AT_ONCE = 0.02
# A listener that gets no connection: port 1 is nobody's.
DEAF = "postgresql://postgres@127.0.0.1:1/none"

Replica: TypeAlias = Callable[..., AbstractAsyncContextManager[Feed]]


@pytest.fixture
async def site_id(database: Database) -> UUID:
    return await make_site(database)


@pytest.fixture
def replica(dsn: str) -> Replica:
    """Start a process's feed: with its own pool, and a poll that is out of the way unless asked for."""

    @asynccontextmanager
    async def start(
        *, poll_interval: float = NEVER, heartbeat: float = NEVER, listen: str = dsn, through: str = dsn
    ) -> AsyncIterator[Feed]:
        async with (
            connect(through, pool_size=4) as database,
            running_feed(database, listen, poll_interval=poll_interval, heartbeat=heartbeat) as feed,
        ):
            yield feed

    return start
