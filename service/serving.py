"""Serving by a process: from the socket that it listens on to the signal that ends it."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from service.failures import StoppedError
from service.settings import Settings

if TYPE_CHECKING:
    from service.draining import DrainingServer

# A client that is gone without a word, and to which nothing is sent, is noticed after two minutes.
KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


def listen(host: str, port: int, *, otherwise_free: bool = False) -> socket.socket:
    """Return a socket that listens there, or if the port is taken on a free one; StoppedError if it cannot be."""
    try:
        families = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(families)
        listener = socket.create_server(address, family=family, backlog=2048)
    except OSError as error:
        if otherwise_free:
            return listen(host, 0)
        # The words of a name that was not found stand in strerror alone, other errors' are longer there.
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise StoppedError(
            f"Cannot listen on {host} port {port} ({why}): choose another with --port."
        ) from error
    _keep_alive(listener)
    return listener


def _keep_alive(listener: socket.socket) -> None:
    """Have the connections that are accepted here watched by the system: they inherit it."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def make_server(settings: Settings) -> "DrainingServer":
    """Put the server together; `serve` of it takes the sockets to listen on."""
    gc.disable()  # Nothing of what is imported is garbage: looking for it costs a sixth of the start.
    import uvicorn

    from service.app import BODY_BYTES, create_app
    from service.draining import DrainingServer
    from service.observability import configure_logging
    from service.websocket_protocol import PatientWebSocket

    gc.freeze()
    gc.enable()
    configure_logging(settings.log_level)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws=PatientWebSocket,
        ws_max_size=BODY_BYTES,
        ws_ping_interval=20,
        # It would take 42 KB of memory for each subscriber, and compress the same text anew for each.
        ws_per_message_deflate=False,
        # A ping keeps proxies from closing what is silent. Who does not answer is not dropped: it may be slow.
        ws_ping_timeout=None,
    )
    return DrainingServer(config, lambda: app.state.drain(), settings.shutdown_timeout)  # noqa: PLW0108 - made later


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal comes."""
    import structlog

    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    server = make_server(settings)
    structlog.stdlib.get_logger("service").info("serving", graphql=f"{url}/graphql", ready=f"{url}/readyz")
    await server.serve(sockets=[listener])


async def serve_beside(
    settings: Settings, listener: socket.socket, story: Callable[[], Coroutine[Any, Any, None]], *, end: bool
) -> None:
    """Serve while the story is told; `end`: stop after it. A story that fails ends both, with its error."""
    server = make_server(settings)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    telling = asyncio.create_task(story())
    try:
        await asyncio.wait((serving, telling), return_when=asyncio.FIRST_COMPLETED)
        interrupted = server.should_exit
        server.should_exit = interrupted or end or telling.exception() is not None
        await serving
    finally:
        telling.cancel()
        await asyncio.wait((telling,))
    if not interrupted:
        telling.result()
