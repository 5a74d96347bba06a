"""The service on a port of its own in this process, for as long as a story takes."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from service import serving
from service.settings import Settings, read_settings

SECONDS = 60


def settings_for(dsn: str) -> Settings:
    return read_settings(database_url=dsn, database_listen_url=None, embedded=False)


async def serve_beside(
    dsn: str, story: Callable[[str], Coroutine[Any, Any, None]], *, end: bool = True
) -> None:
    """Serve while the story is told, which gets HOST:PORT; raise its error."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    with logging_restored():
        async with asyncio.timeout(SECONDS):
            await serving.serve_beside(settings_for(dsn), listener, lambda: story(address), end=end)


@contextmanager
def logging_restored() -> Iterator[None]:
    """Take back what serving sets for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers = handlers
        root.setLevel(level)
