"""One process of the service for the examples that are its clients."""

from collections.abc import AsyncIterator, Iterator
from signal import SIGTERM

import httpx
import pytest

from service.store.database import connect
from tests.builders import Api
from tests.conftest import cloned
from tests.live.replica import Replica


@pytest.fixture(scope="session")
def clients_dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    with cloned(server_dsn, template_dsn) as made:
        yield made


@pytest.fixture(scope="session")
def served(clients_dsn: str) -> Iterator[Replica]:
    started = Replica(clients_dsn)
    started.await_ready()
    yield started
    started.end(SIGTERM)


@pytest.fixture
async def live(served: Replica, clients_dsn: str) -> AsyncIterator[Api]:
    """The API of that process."""
    async with (
        connect(clients_dsn, pool_size=1) as database,
        httpx.AsyncClient(base_url=f"http://{served.address}", timeout=60) as client,
    ):
        yield Api(client, database)
