"""The database in which the invariants are attacked: one for all those tests, laid out anew for each of them."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.conftest import run, with_database
from tests.store.scene import Connection, lay

ARENA = f"arena_{os.getpid()}"
ORDINARY = f"ordinary_{os.getpid()}"

Opener = Callable[[], Awaitable[Connection]]


@pytest.fixture(scope="session")
def arena_dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A database that finds out about deadlocks at once."""
    template = urlsplit(template_dsn).path[1:]
    created = f"CREATE DATABASE {ARENA} TEMPLATE {template} STRATEGY FILE_COPY"
    asyncio.run(run(server_dsn, created, f"ALTER DATABASE {ARENA} SET deadlock_timeout = '20ms'"))
    yield with_database(server_dsn, ARENA)
    asyncio.run(run(server_dsn, f"DROP DATABASE {ARENA} WITH (FORCE)"))


@pytest.fixture(scope="session")
def ordinary(server_dsn: str) -> Iterator[str]:
    """A role that owns nothing and may read and write every row."""
    asyncio.run(run(server_dsn, f"CREATE ROLE {ORDINARY} IN ROLE pg_read_all_data, pg_write_all_data"))
    yield ORDINARY
    asyncio.run(run(server_dsn, f"DROP ROLE {ORDINARY}"))


@pytest.fixture
async def open_another(arena_dsn: str) -> AsyncIterator[Opener]:
    """Open connections that are closed at the end."""
    opened: list[Connection] = []

    async def open_one() -> Connection:
        opened.append(await asyncpg.connect(arena_dsn))
        return opened[-1]

    yield open_one
    for connection in opened:
        await connection.close()


@pytest.fixture
async def connection(open_another: Opener) -> Connection:
    """A connection to the scene."""
    opened = await open_another()
    await lay(opened)
    return opened
