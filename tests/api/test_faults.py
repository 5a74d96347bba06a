"""Top-level errors: a code each, the request's id, and nothing of our inside."""

import asyncio

import asyncpg
import pytest
import structlog
from graphql import GraphQLError
from structlog.testing import capture_logs

from service.api.faults import BadRequestError, told
from service.store.outage import (
    ConnectionsInUseError,
    DatabaseAwayError,
    ReadTooLongError,
    ReadTooMuchError,
)
from tests.api.rows import Rows
from tests.builders import Api, FaultError, Json


async def faults(api: Api, document: str, variables: Json | None = None) -> list[tuple[str, str]]:
    """Return the codes and messages of an operation's errors."""
    with pytest.raises(FaultError) as caught:
        await api.run(document, variables)
    errors: list[Json] = caught.value.args[0]
    assert all(error["extensions"]["requestId"] for error in errors)
    return [(error["extensions"]["code"], error["message"]) for error in errors]


MALFORMED = [
    "{",
    "{ nonsense }",
    "{ sites(first: 1.5) { nodes { id } } }",
    "{ site { id } }",
    "query ($id: ID!) { site(id: $id) { id } }",
    "query { a: sites { nodes { id } } } query { b: sites { nodes { id } } }",
]


async def test_what_graphql_cannot_take_is_a_bad_request(api: Api) -> None:
    for document in MALFORMED:
        assert {code for code, _ in await faults(api, document)} == {"BAD_REQUEST"}


async def test_a_bad_request_is_told_in_a_sentence(api: Api, rows: Rows) -> None:
    site = f'site(id: "site_{rows.site_id.hex}")'
    said = {
        'node(id: "5") { id }': "An id looks like server_ and 32 hexadecimal digits; take it from an answer.",
        "sites(first: 501) { nodes { id } }": "`first` must be from 1 to 500.",
        'sites(after: "x") { nodes { id } }': "`after` must be a cursor that this same list gave.",
        f"{site} {{ cameras(serverIds: []) {{ nodes {{ id }} }} }}": (
            "`serverIds` must not be empty; leave it out to pass all."
        ),
        f'{site} {{ servers(search: "a\\u0000") {{ nodes {{ id }} }} }}': (
            "`search` must not contain control characters or halves of surrogate pairs."
        ),
    }
    for field, message in said.items():
        assert await faults(api, f"{{ {field} }}") == [("BAD_REQUEST", message)]


@pytest.mark.usefixtures("rows")
async def test_one_fault_leaves_the_rest_of_the_answer(api: Api) -> None:
    document = "{ good: sites { nodes { name } } node(id: 5) { id } }"
    response = await api.client.post("/graphql", json={"query": document})
    body = response.json()
    assert body["data"] == {"good": {"nodes": [{"name": "Depot"}]}, "node": None}
    assert [error["path"] for error in body["errors"]] == [["node"]]


async def test_an_error_of_ours_is_masked_and_logged(api: Api, rows: Rows) -> None:
    await rows.pool.execute("ALTER TABLE camera RENAME TO lost")
    with capture_logs() as logs:
        found = await faults(api, f'{{ node(id: "camera_{rows.site_id.hex}") {{ id }} }}')
    message = "An internal error happened. The service's log tells more under this request id."
    assert found == [("INTERNAL", message)]
    (logged,) = logs
    assert (logged["event"], logged["code"], logged["path"]) == ("fault", "INTERNAL", ["node"])
    assert isinstance(logged["exc_info"], asyncpg.UndefinedTableError)


async def test_a_database_that_is_away_is_unavailable(api: Api, rows: Rows, server_dsn: str) -> None:
    name = await rows.pool.fetchval("SELECT current_database()")
    connection = await asyncpg.connect(server_dsn)
    try:
        # A server ends after it is told to; the new name is taken once nobody is connected.
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
        )
        await connection.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
        with capture_logs() as logs:
            found = await faults(api, "{ sites { nodes { id } } }")
        await connection.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
    finally:
        await connection.close()

    assert found == [("UNAVAILABLE", "The database cannot be reached at the moment. Try again later.")]
    assert [entry["code"] for entry in logs] == ["UNAVAILABLE"]
    assert await api.run("{ sites { nodes { name } } }") == {"sites": {"nodes": [{"name": "Depot"}]}}


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (None, "BAD_REQUEST"),
        (BadRequestError("Say it otherwise."), "BAD_REQUEST"),
        (ReadTooMuchError(), "BAD_REQUEST"),
        (GraphQLError("Inner."), "BAD_REQUEST"),
        (GraphQLError("Outer.", original_error=OSError("Inner.")), "UNAVAILABLE"),
        (OSError("no route to 10.0.0.1"), "UNAVAILABLE"),
        (TimeoutError(), "UNAVAILABLE"),
        (asyncpg.CannotConnectNowError("starting up"), "UNAVAILABLE"),
        (asyncpg.InterfaceError("connection is closed"), "UNAVAILABLE"),
        (asyncpg.InterfaceError("connection has been released back to the pool"), "UNAVAILABLE"),
        (asyncpg.IdleInTransactionSessionTimeoutError("terminating connection"), "UNAVAILABLE"),
        (DatabaseAwayError("It did not answer."), "UNAVAILABLE"),
        (ConnectionsInUseError(), "UNAVAILABLE"),
        (asyncpg.InterfaceError("another operation is in progress"), "INTERNAL"),
        (asyncpg.QueryCanceledError("statement timeout"), "TIMEOUT"),
        (ReadTooLongError(), "TIMEOUT"),
        (asyncpg.UniqueViolationError("Key (id)=(5) already exists."), "INTERNAL"),
        (KeyError("secret"), "INTERNAL"),
        (asyncio.CancelledError("secret"), "INTERNAL"),
    ],
)
def test_each_error_has_its_code(raised: Exception | None, code: str) -> None:
    error = GraphQLError("What it says.", path=["site", 0], original_error=raised)
    with capture_logs() as logs:
        (seen,) = told([error], "request-1") or []

    assert seen.extensions == {"code": code, "requestId": "request-1"}
    assert (seen.message == "What it says.") is (code == "BAD_REQUEST")
    assert (seen.path, seen.original_error) == (["site", 0], None)
    assert [entry["code"] for entry in logs] == ([] if code == "BAD_REQUEST" else [code])


def test_a_cause_is_logged_once_and_an_outage_without_a_trace() -> None:
    lost = [OSError("lost"), OSError("lost"), KeyError("secret"), KeyError("secret")]
    errors = [GraphQLError("x", path=[name], original_error=cause) for name, cause in enumerate(lost)]
    with capture_logs() as logs:
        assert len(told(errors, "request-1") or ()) == 4
    assert {(entry["code"], *entry["path"], entry.get("reason"), "exc_info" in entry) for entry in logs} == {
        ("UNAVAILABLE", 0, "OSError('lost')", False),
        ("INTERNAL", 2, None, True),
    }
    assert len(logs) == 2


def test_connections_in_use_are_told_so() -> None:
    (seen,) = told([GraphQLError("x", original_error=ConnectionsInUseError())], "request-1") or []
    assert seen.message == "All connections to the database are in use at the moment. Try again in a moment."


async def test_the_request_id_is_the_one_of_the_logs(api: Api) -> None:
    with (
        structlog.contextvars.bound_contextvars(request_id="from-the-proxy"),
        pytest.raises(FaultError) as caught,
    ):
        await api.run("{ node(id: 5) { id } }")
    assert [error["extensions"]["requestId"] for error in caught.value.args[0]] == ["from-the-proxy"]
