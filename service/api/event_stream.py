"""Answers as server-sent events: "distinct connections mode" of the protocol graphql-sse.

One request is one operation. Each result is an event `next`; the event `complete` ends it. The next result is asked
for when the client has taken the one before, so that one that stops reading costs no more than its connection.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Sooner than proxies give up on a connection that is silent.
COMMENT_SECONDS = 15.0

_COMMENT = b":\n\n"
# EventSource passes over events that have no data at all.
_COMPLETE = b"event: complete\ndata:\n\n"
_HEADERS = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # nginx would collect what it passes on
}


class EventStream(Response):
    """Tells answers, each as JSON in one line, until there are no more or the client is gone; then closes them."""

    media_type = "text/event-stream"

    def __init__(self, answers: AsyncGenerator[bytes, None]) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del scope
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        telling, gone = asyncio.create_task(self._tell(send)), asyncio.create_task(_gone(receive))
        try:
            while not await _first_of(telling, gone):
                await _say(send, _COMMENT)
        finally:
            telling.cancel()
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        async with aclosing(self._answers) as answers:
            async for answer in answers:
                await _say(send, b"event: next\ndata: %b\n\n" % answer)
        await _say(send, _COMPLETE)


async def _first_of(telling: "asyncio.Task[None]", gone: "asyncio.Task[None]") -> bool:
    """Wait until all is told or nobody listens any more; False: it is time for a sign of life."""
    done, _ = await asyncio.wait(
        (telling, gone), timeout=COMMENT_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    return bool(done)


async def _say(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
