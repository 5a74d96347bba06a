"""What an operator sees: logs with a request id in every line, and whether the process lives and can work."""

import asyncio
import logging
import re
import sys
import time
from typing import TextIO
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.stdlib.get_logger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
PROBES = ("/healthz", "/readyz")


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Log to standard error, also what libraries log: JSON lines, or for a person where it is a terminal."""
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(shared, terminal=stream.isatty()))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # Uvicorn's lines on starting and stopping tell the same again in other words.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _formatter(shared: list[structlog.types.Processor], *, terminal: bool) -> logging.Formatter:
    rendering: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        # As text: without the values of variables, among which there may be a password.
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


class RequestIdMiddleware:
    """Names each request, in logs, faults and the answer's header; a caller's own sane id is kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if REQUEST_ID_FORM.fullmatch(given) else uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._tell(scope, receive, send, request_id)

    async def _tell(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.monotonic()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.accept"):
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
                status = message.get("status", 101)
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            _log_request(logging.ERROR, scope, status or 500, started, exc_info=True)
            raise
        _log_request(logging.DEBUG if scope["path"] in PROBES else logging.INFO, scope, status, started)


def _log_request(level: int, scope: Scope, status: int, started: float, *, exc_info: bool = False) -> None:
    log.log(
        level,
        "request",
        method=scope.get("method", "WEBSOCKET"),
        path=scope["path"],
        status=status,
        milliseconds=round(1000 * (time.monotonic() - started), 1),
        exc_info=exc_info,
    )


class Readiness:
    """Whether this process can work, as it was last told; changes are logged."""

    def __init__(self) -> None:
        self._why_not: str | None = None
        self._told = asyncio.Event()

    def tell(self, why_not: str | None) -> None:
        """Say why the process cannot work, or None: it can."""
        if self._told.is_set() and why_not == self._why_not:
            return
        if why_not:
            log.warning("not ready", reason=why_not)
        else:
            log.info("ready")
        self._why_not = why_not
        self._told.set()

    async def why_not(self) -> str | None:
        """Return what was told last; at the start that may still have to come."""
        await self._told.wait()
        return self._why_not


async def healthz(_request: Request) -> Response:
    """Answer that the process lives; the database is not asked, for a restart would not mend it."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Answer whether the database answers and is migrated: 200, or 503 with the reason."""
    readiness: Readiness | None = getattr(request.app.state, "readiness", None)
    reason = await readiness.why_not() if readiness else "The process is starting."
    if reason:
        return JSONResponse({"ready": False, "reason": reason}, status_code=503)
    return JSONResponse({"ready": True})
