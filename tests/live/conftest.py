"""Three replicas over one database, for tests that break neither."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from signal import SIGTERM

import pytest

from tests.conftest import cloned
from tests.live.replica import Replica

REPLICAS = 3


@pytest.fixture(scope="session")
def live_dsn(server_dsn: str, template_dsn: str) -> Iterator[str]:
    """A migrated database for all tests with live processes that do not break it."""
    with cloned(server_dsn, template_dsn) as made:
        yield made


@pytest.fixture(scope="session")
def replicas(live_dsn: str) -> Iterator[Sequence[Replica]]:
    """Three processes of the service over `live_dsn`, for tests that leave them as they are."""
    started = [Replica(live_dsn) for _ in range(REPLICAS)]
    try:
        for one in started:
            one.await_ready()
        yield started
    finally:
        with ThreadPoolExecutor(REPLICAS) as beside:
            list(beside.map(lambda one: one.end(SIGTERM), started))
