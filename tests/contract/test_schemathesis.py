"""Generated documents against a served site: never a fault of ours, never an answer that breaks the schema."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes
from schemathesis.graphql.checks import GraphQLClientError

from service.api import ids
from service.app import create_app
from service.commands import camera, pairing, server, site
from service.model.inputs import CameraInput, HardwareInput, PairingInput, ServerInput
from service.model.outcome import Request
from service.model.vocabulary import PairingStyle, ServerLabel
from service.settings import read_settings
from service.store.database import connect

TABLES = {
    "site": ids.SITE,
    "server": ids.SERVER,
    "camera": ids.CAMERA,
    "pairing": ids.PAIRING,
    "mirrored_action": ids.ACTION,
}
REQUEST = Request(actor="test", mutation="test")
# Ids of Nodes that the served site has, for documents to name.
known_ids: list[str] = ["nothing"]

schemathesis.graphql.scalar("ID", st.deferred(lambda: st.sampled_from(known_ids)).map(nodes.String))
schemathesis.graphql.scalar("Revision", st.integers(min_value=0, max_value=99).map(nodes.Int))
schemathesis.graphql.scalar("DateTime", st.just("2026-01-01T00:00:00Z").map(nodes.String))


async def furnish(dsn: str) -> None:
    """A paired site with a camera and its queued action; a second site has servers only."""
    async with connect(dsn) as database:
        for name in ("Generated", "Second"):
            site_id = (await site.create_site(database, REQUEST, name)).site_id
            servers = [
                ServerInput("One", label=ServerLabel.PRIMARY),
                ServerInput("Two", label=ServerLabel.SECONDARY),
            ]
            made = (await server.register_servers(database, REQUEST, site_id, servers)).detail["serverIds"]
        one, two = (ids.parse_id(ids.id_of(ids.SERVER, value))[1] for value in made)
        pair = PairingInput(PairingStyle.SYMMETRIC, (one,), (two,))
        await pairing.pair_servers(database, REQUEST, site_id, [pair])
        new = CameraInput(one, "Door", HardwareInput(address="192.0.2.1"))
        await camera.add_camera(database, REQUEST, site_id, new)


async def read_ids(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [
            ids.id_of(kind, row["id"])
            for table, kind in TABLES.items()
            for row in await connection.fetch(f"SELECT id FROM {table} ORDER BY id")
        ]
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def served(module_dsn: str) -> Iterator[str]:
    """The address of the service over a furnished site."""
    asyncio.run(furnish(module_dsn))
    known_ids[1:] = asyncio.run(read_ids(module_dsn))
    app = create_app(read_settings(database_url=module_dsn, port=0, log_level="error"))
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=running.run)
    thread.start()
    started = threading.Event()
    while not running.started:
        started.wait(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/graphql"
    running.should_exit = True
    thread.join()


def problems(case: schemathesis.Case[Any], response: schemathesis.Response) -> list[Exception]:
    """What stands against a response. That the document was the client's mistake is an answer too."""
    try:
        case.validate_response(response)
    except FailureGroup as found:
        return [one for one in found.exceptions if not isinstance(one, GraphQLClientError)]
    return []


@pytest.mark.long
def test_generated_documents_make_no_fault(served: str) -> None:
    schema = schemathesis.graphql.from_url(served)
    codes: Counter[str] = Counter()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)

        @seed(1)
        @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=result.ok().as_strategy())
        def call(case: schemathesis.Case[Any]) -> None:
            response = case.call()
            assert problems(case, response) == []
            said = {error["extensions"]["code"] for error in response.json().get("errors", [])}
            codes.update(said or {"answered"})
            assert said <= {"BAD_REQUEST"}, response.text

        call()
    assert codes["answered"] > codes["BAD_REQUEST"] > 0
    assert codes.total() > 200
