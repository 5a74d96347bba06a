"""A throw-away PostgreSQL per test process; a template migrated once; a clone of it per test."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from service.store.database import Database, connect
from service.store.migrate import migrate
from tests.cluster import available_binaries, throwaway

# In the background of a script Ctrl-C is ignored, by the programs that tests start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Their tests share processes that are slow to start.
TOGETHER = ("tests/live", "tests/examples")
TEMPLATE = "redundancy_template"
NUMBERS = count(1)


def with_database(dsn: str, name: str) -> str:
    """Return the DSN of another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def run(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Gives the tests of some folders to one worker each, and every other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.partition("::")[0].rpartition("/")[0]
        return folder if folder in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Take the place of xdist's own, whose groups by mark have no effect with pytest 9.2."""
    return Scheduling(config, log)


def pytest_report_header() -> str:
    """Say which PostgreSQL the tests run on."""
    return f"postgresql: {os.environ.get('TEST_DATABASE_URL') or 'major version ' + chosen_version()}"


def chosen_version() -> str:
    """The major version that TEST_POSTGRESQL asks for, else the newest there is."""
    return os.environ.get("TEST_POSTGRESQL") or max(available_binaries(), key=int)


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """The administrator's DSN of a server of our own, or of TEST_DATABASE_URL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with throwaway(available_binaries()[chosen_version()]) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def template_dsn(server_dsn: str) -> Iterator[str]:
    """A migrated database that nobody connects to; tests get clones of it."""
    name = f"{TEMPLATE}_{os.getpid()}"
    asyncio.run(run(server_dsn, f"CREATE DATABASE {name}"))
    migrate(with_database(server_dsn, name))
    yield with_database(server_dsn, name)
    asyncio.run(run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def cloned(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A migrated database that is dropped at the end."""
    name = f"test_{os.getpid()}_{next(NUMBERS)}"
    template = urlsplit(template_dsn).path[1:]
    asyncio.run(run(server_dsn, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield with_database(server_dsn, name)
    asyncio.run(run(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A database of the test's own, migrated."""
    with cloned(server_dsn, template_dsn) as made:
        yield made


@pytest.fixture(scope="module")
def module_dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A database of the module's own, migrated."""
    with cloned(server_dsn, template_dsn) as made:
        yield made


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """The pool over the test's database."""
    async with connect(dsn) as opened:
        yield opened
