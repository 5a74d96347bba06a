"""The service put together, over a real database and over none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from service.app import BODY_BYTES, create_app
from service.failures import StoppedError
from tests.serving import serve_beside, settings_for

AWAY = "postgresql://somebody:very-secret@127.0.0.1:1/cameras"


@asynccontextmanager
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings_for(dsn))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http


async def test_it_is_ready_over_a_migrated_database(dsn: str) -> None:
    async with client(dsn) as http:
        assert (await http.get("/healthz")).text == "ok\n"
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


async def test_graphql_answers_with_the_id_of_the_request(dsn: str) -> None:
    async with client(dsn) as http:
        answer = await http.post(
            "/graphql", json={"query": "{ sites { nodes { id } } }"}, headers={"X-Request-ID": "mine"}
        )
        fault = await http.post("/graphql", json={"query": "{ nothing }"}, headers={"X-Request-ID": "its"})
    assert answer.json() == {"data": {"sites": {"nodes": []}}}
    assert answer.headers["x-request-id"] == "mine"
    assert [error["extensions"] for error in fault.json()["errors"]] == [
        {"code": "BAD_REQUEST", "requestId": "its"}
    ]


async def test_events_carry_the_id_of_the_request(dsn: str) -> None:
    headers = {"Accept": "text/event-stream", "X-Request-ID": "mine"}
    async with client(dsn) as http:
        answer = await http.post("/graphql", json={"query": "{ nothing }"}, headers=headers)
    assert answer.headers["x-request-id"] == "mine"
    assert '"requestId":"mine"' in answer.text


async def test_the_root_leads_to_graphql_and_its_page_needs_nothing_from_elsewhere(dsn: str) -> None:
    async with client(dsn) as http:
        root = await http.get("/")
        page = await http.get("/graphql", headers={"Accept": "text/html"})
        script = await http.get("/graphql/static/start.js")
    assert (root.status_code, root.headers["location"]) == (307, "/graphql")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "https://" not in page.text
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


async def test_a_body_that_no_call_needs_is_refused(dsn: str) -> None:
    async with client(dsn) as http:
        answer = await http.post("/graphql", content=b" " * (BODY_BYTES + 1))
    assert answer.status_code == 413


async def test_it_starts_and_says_why_it_is_not_ready_without_its_database() -> None:
    async with client(AWAY) as http:
        alive = await http.get("/healthz")
        async with asyncio.timeout(5):
            ready, *_ = await asyncio.gather(*(http.get("/readyz") for _ in range(20)))
        fault = await http.post("/graphql", json={"query": "{ sites { nodes { id } } }"})
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["reason"].startswith("The database cannot be reached: ")
    assert "very-secret" not in ready.text + fault.text
    assert [error["extensions"]["code"] for error in fault.json()["errors"]] == ["UNAVAILABLE"]


async def test_serving_beside_a_story_ends_with_it(dsn: str) -> None:
    told: list[int] = []

    async def story(address: str) -> None:
        async with httpx.AsyncClient() as http:
            told.append((await http.get(f"http://{address}/readyz")).status_code)

    await serve_beside(dsn, story)
    assert told == [200]


async def test_a_story_that_fails_ends_the_serving_too(dsn: str) -> None:
    async def story(_address: str) -> None:
        raise StoppedError("It went wrong.")

    with pytest.raises(StoppedError, match="It went wrong"):
        await serve_beside(dsn, story, end=False)
