"""One database for all races, which finds out about deadlocks at once; every test has sites of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from service.store.database import Database, connect
from tests.conftest import run, with_database
from tests.races.stage import Connection, Stage, set_stage

COURSE = f"races_{os.getpid()}"

Opener = Callable[[], Awaitable[Connection]]
Replicas = tuple[Database, Database]


@pytest.fixture(scope="session")
def course_dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    template = urlsplit(template_dsn).path[1:]
    created = f"CREATE DATABASE {COURSE} TEMPLATE {template} STRATEGY FILE_COPY"
    asyncio.run(run(server_dsn, created, f"ALTER DATABASE {COURSE} SET deadlock_timeout = '20ms'"))
    yield with_database(server_dsn, COURSE)
    asyncio.run(run(server_dsn, f"DROP DATABASE {COURSE} WITH (FORCE)"))


@pytest.fixture
async def replicas(course_dsn: str) -> AsyncIterator[Replicas]:
    """Two processes' worth of the service: the queue of one does not hold back the other."""
    patience = 60.0
    async with (
        connect(course_dsn, lock_timeout=patience) as one,
        connect(course_dsn, lock_timeout=patience) as other,
    ):
        yield one, other


@pytest.fixture
async def hurried(course_dsn: str) -> AsyncIterator[Database]:
    """A process that waits for nobody."""
    async with connect(course_dsn, lock_timeout=0.05) as database:
        yield database


@pytest.fixture
async def open_raw(course_dsn: str) -> AsyncIterator[Opener]:
    """Open connections that are closed at the end."""
    opened: list[Connection] = []

    async def open_one() -> Connection:
        opened.append(await asyncpg.connect(course_dsn))
        return opened[-1]

    yield open_one
    for connection in opened:
        await connection.close()


@pytest.fixture
async def raw(open_raw: Opener) -> Connection:
    """Somebody with psql."""
    return await open_raw()


@pytest.fixture
async def watcher(open_raw: Opener) -> Connection:
    """Somebody who only looks."""
    return await open_raw()


@pytest.fixture
async def stage(replicas: Replicas, request: pytest.FixtureRequest) -> Stage:
    return await set_stage(replicas[0], request.node.name)
