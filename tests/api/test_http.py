"""GraphQL over HTTP: methods, media types, and GraphiQL's files."""

import httpx
import orjson
import pytest

from service.api.http import EVENTS, PLAIN, PREFERRED, graphql_app
from service.feed.tail import Feed
from service.store.database import Database
from tests.builders import Api, Json

QUERY = "{ sites { nodes { id } } }"
ANSWER: Json = {"data": {"sites": {"nodes": []}}}
AS_EVENTS = f"{EVENTS}; charset=utf-8"
CREATE = 'mutation { createSite(input: {name: "Depot"}) { __typename } }'


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", PLAIN),
        ("*/*", PLAIN),
        ("application/*", PLAIN),
        (PLAIN, PLAIN),
        (PREFERRED, PREFERRED),
        (f"{PREFERRED}, {PLAIN}", PREFERRED),
        (f"{PLAIN}, {PREFERRED}", PREFERRED),
        (f"{PREFERRED}; charset=utf-8, {PLAIN};q=0.9", PREFERRED),
        (f"{PREFERRED};q=0.5, {PLAIN};q=0.9", PLAIN),
        (f"{PREFERRED};q=0, */*", PLAIN),
        (f"{PREFERRED};q=nonsense", PLAIN),
        (EVENTS, AS_EVENTS),
        (f"{EVENTS}, multipart/mixed", AS_EVENTS),
        (f"{EVENTS}, {PLAIN};q=0.9", AS_EVENTS),
        (f"{EVENTS};q=0", PLAIN),
        (f"{PREFERRED}, {PLAIN}, {EVENTS}, multipart/mixed", PREFERRED),
    ],
)
async def test_the_media_type_is_the_one_that_the_client_prefers(
    database: Database, accept: str, chosen: str
) -> None:
    async with client(database) as opened:
        response = await opened.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, chosen)


def client(database: Database, *, graphiql: bool = True) -> httpx.AsyncClient:
    feed = Feed(database, "", poll_interval=1, heartbeat=1)
    transport = httpx.ASGITransport(graphql_app(database, feed, graphiql=graphiql))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_queries_come_by_post_and_get(api: Api) -> None:
    posted = await api.client.post("/graphql", json={"query": QUERY})
    got = await api.client.get("/graphql", params={"query": QUERY})
    assert (posted.json(), got.json()) == (ANSWER, ANSWER)


async def test_a_link_cannot_change_anything(api: Api) -> None:
    response = await api.client.get("/graphql", params={"query": CREATE})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert await api.database.pool.fetchval("SELECT count(*) FROM site") == 0


async def test_a_subscription_needs_a_connection(api: Api) -> None:
    document = 'subscription { mirroredActions(siteId: "5") { __typename } }'
    response = await api.client.post("/graphql", json={"query": document})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_form_cannot_change_anything(api: Api) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        content = f'{{"query": "{CREATE}"}}'
        response = await api.client.post("/graphql", content=content, headers={"Content-Type": kind})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
            400,
            "BAD_REQUEST",
        )


async def test_a_body_that_is_no_request_is_a_bad_request(api: Api) -> None:
    bodies = [
        b"",
        b"{",
        b"[]",
        b"5",
        b"null",
        b'"x"',
        b"{}",
        b"\xff",
        b'{"query": 5}',
        b'[{"query": "{ __typename }"}]',
    ]
    bodies += [
        b'{"query": "{ __typename }", "variables": 5}',
        b'{"query": "{ __typename }", "extensions": []}',
    ]
    bodies += [b'{"query": "{ __typename }", "operationName": "missing"}', b'{"query": "{ a \\ud800 }"}']
    for body in bodies:
        response = await api.client.post("/graphql", content=body, headers={"Content-Type": PLAIN})
        error = response.json()["errors"][0]
        assert (body, response.status_code, error["extensions"]["code"]) == (body, 400, "BAD_REQUEST")
        assert error["extensions"]["requestId"]


async def test_what_was_not_carried_out_has_no_data(api: Api) -> None:
    for kind, status in ((PLAIN, 200), (PREFERRED, 400)):
        response = await api.client.post("/graphql", json={"query": "{ nonsense }"}, headers={"Accept": kind})
        assert (response.status_code, set(response.json())) == (status, {"errors"})


async def test_what_was_carried_out_in_part_has_data(api: Api) -> None:
    for document, data in (
        ("{ node(id: 5) { id } }", {"node": None}),
        ("{ sites(first: 0) { nodes { id } } }", None),
    ):
        response = await api.client.post("/graphql", json={"query": document}, headers={"Accept": PREFERRED})
        assert (response.status_code, response.json()["data"]) == (200, data)


async def test_any_operation_may_be_answered_by_events(api: Api) -> None:
    posted = await api.client.post("/graphql", json={"query": CREATE}, headers={"Accept": EVENTS})
    got = await api.client.get("/graphql", params={"query": "{ __typename }"}, headers={"Accept": EVENTS})
    made = '{"data":{"createSite":{"__typename":"SiteCreated"}}}'
    assert posted.text == f"event: next\ndata: {made}\n\nevent: complete\ndata:\n\n"
    assert got.text == 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'


async def test_what_cannot_be_carried_out_is_told_by_an_event(api: Api) -> None:
    for method, request, message in (
        ("POST", {"query": "{"}, "Syntax Error: Expected Name, found <EOF>."),
        ("POST", {"query": "{ x }"}, "Cannot query field 'x' on type 'Query'."),
        ("POST", {}, 'Request data is missing a "query" value'),
        ("POST", {"query": "{ __typename }", "operationName": "x"}, 'Unknown operation named "x".'),
        ("GET", {"query": CREATE}, "mutations are not allowed when using GET"),
    ):
        response = await api.client.request(
            method,
            "/graphql",
            headers={"Accept": EVENTS},
            json=request if method == "POST" else None,
            params=request if method == "GET" else None,
        )
        answer, complete = response.text.removeprefix("event: next\ndata: ").split("\n\n", 1)
        assert (response.status_code, complete) == (200, "event: complete\ndata:\n\n")
        ((name, (error,)),) = orjson.loads(answer).items()
        assert (name, error["message"], error["extensions"]["code"]) == ("errors", message, "BAD_REQUEST")
    assert await api.database.pool.fetchval("SELECT count(*) FROM site") == 0


async def test_what_is_no_request_is_not_answered_by_events(api: Api) -> None:
    headers = {"Accept": EVENTS, "Content-Type": PLAIN}
    response = await api.client.post("/graphql", content=b"[]", headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (400, PLAIN)


async def test_other_methods_are_not_allowed(api: Api) -> None:
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS"):
        response = await api.client.request(method, "/graphql")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_browser_gets_graphiql_with_its_own_files(database: Database) -> None:
    async with client(database) as opened:
        page = await opened.get("/graphql", headers={"Accept": "text/html,*/*"})
        script = await opened.get("/graphql/static/graphiql.min.js")
        query = await opened.get("/graphql", params={"query": QUERY}, headers={"Accept": "text/html"})
        forgotten = await opened.get("/graphql", headers={"Accept": "*/*"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert (script.status_code, "javascript" in script.headers["content-type"]) == (200, True)
    assert query.json() == ANSWER
    assert (forgotten.status_code, "errors" in forgotten.json()) == (400, True)


async def test_graphiql_can_be_switched_off(database: Database) -> None:
    async with client(database, graphiql=False) as opened:
        page = await opened.get("/graphql", headers={"Accept": "text/html"})
        script = await opened.get("/graphql/static/graphiql.min.js")
    assert (page.status_code, script.status_code) == (404, 400)
