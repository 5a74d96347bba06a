import asyncio
import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocket

from service.observability import Readiness, RequestIdMiddleware, configure_logging, healthz, readyz


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging("info", stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers, level = before[0], before[1]
    logging.getLogger().setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in told if line["logger"] != "httpx"]


async def answer_id(_request: Request) -> JSONResponse:
    return JSONResponse(structlog.contextvars.get_contextvars())


async def fail(_request: Request) -> JSONResponse:
    logging.getLogger("a.library").warning("about to fail")
    raise LookupError("nothing there")


async def answer_id_on_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(structlog.contextvars.get_contextvars())
    await socket.close()


def app() -> Starlette:
    routes = [
        Route("/", answer_id),
        Route("/fail", fail),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        WebSocketRoute("/socket", answer_id_on_socket),
    ]
    return Starlette(routes=routes, middleware=[Middleware(RequestIdMiddleware)])


def client(application: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test")


async def test_a_request_gets_an_id_that_is_bound_answered_and_logged(logged: io.StringIO) -> None:
    async with client(app()) as http:
        answer = await http.get("/")
    request_id = answer.headers["x-request-id"]
    assert len(request_id) == 32
    assert answer.json() == {"request_id": request_id}
    (line,) = [line for line in lines(logged) if line["event"] == "request"]
    assert {key: line[key] for key in ("request_id", "method", "path", "status", "level")} == {
        "request_id": request_id,
        "method": "GET",
        "path": "/",
        "status": 200,
        "level": "info",
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [("trace-1:2/3", True), ("", False), ("x" * 129, False), ("a b", False), ('"quoted"', False)],
)
async def test_a_sane_id_of_the_caller_is_kept(given: str, kept: bool) -> None:
    async with client(app()) as http:
        answer = await http.get("/", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


async def test_ids_of_requests_at_once_do_not_mix() -> None:
    async with client(app()) as http:
        given = [f"request-{number}" for number in range(20)]
        answers = await asyncio.gather(*(http.get("/", headers={"X-Request-ID": one}) for one in given))
    assert [answer.json() for answer in answers] == [{"request_id": one} for one in given]


async def test_a_failing_request_is_logged_with_its_id_as_libraries_are(logged: io.StringIO) -> None:
    async with client(app()) as http:
        with pytest.raises(LookupError):
            await http.get("/fail", headers={"X-Request-ID": "abc"})
    assert [(line["event"], line["request_id"], line.get("status")) for line in lines(logged)] == [
        ("about to fail", "abc", None),
        ("request", "abc", 500),
    ]


async def test_a_web_socket_has_an_id_too(logged: io.StringIO) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"x-request-id", b"socket-1")]
    scope = {
        "type": "websocket",
        "path": "/socket",
        "headers": headers,
        "query_string": b"",
        "subprotocols": [],
    }
    await app()(scope, receive, send)
    assert (b"x-request-id", b"socket-1") in sent[0]["headers"]
    assert json.loads(sent[1]["text"]) == {"request_id": "socket-1"}
    assert [(line["method"], line["status"]) for line in lines(logged)] == [("WEBSOCKET", 101)]


async def test_probes_are_answered_and_not_logged(logged: io.StringIO) -> None:
    async with client(app()) as http:
        alive = await http.get("/healthz")
        starting = await http.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert (starting.status_code, starting.json()) == (
        503,
        {"ready": False, "reason": "The process is starting."},
    )
    assert [line for line in lines(logged) if line["event"] == "request"] == []


async def test_readiness_is_what_was_told_last_and_only_changes_are_logged(logged: io.StringIO) -> None:
    application = app()
    readiness = application.state.readiness = Readiness()
    answers = []
    async with client(application) as http:
        for reason in ("Away.", "Away.", None, None, "Away."):
            readiness.tell(reason)
            answers.append(await http.get("/readyz"))
    assert [answer.status_code for answer in answers] == [503, 503, 200, 200, 503]
    assert [answer.json() for answer in answers[:3:2]] == [
        {"ready": False, "reason": "Away."},
        {"ready": True},
    ]
    assert [(line["event"], line.get("reason")) for line in lines(logged) if line["event"] != "request"] == [
        ("not ready", "Away."),
        ("ready", None),
        ("not ready", "Away."),
    ]


async def test_probes_wait_for_the_first_word() -> None:
    readiness = Readiness()
    probes = [asyncio.create_task(readiness.why_not()) for _ in range(50)]
    _, waiting = await asyncio.wait(probes, timeout=0)
    assert len(waiting) == 50
    readiness.tell(None)
    assert await asyncio.gather(*probes) == [None] * 50


def test_a_person_at_a_terminal_gets_lines_to_read() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    configure_logging("info", stream)
    structlog.stdlib.get_logger("test").info("serving", port=8000)
    structlog.reset_defaults()
    assert "serving" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
