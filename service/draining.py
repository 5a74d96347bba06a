"""How the process ends: within a time that is set, whatever hangs, and until then as gently as it can.

SIGTERM stops the listening. All subscriptions are completed, so that clients go elsewhere, and what else is under
way is finished and answered. Who takes nothing of what is sent to it for a while is cut: it goes on after its
position, at another replica. What is not finished in time is broken off, and the database is taken leave of in
what time is left. Last of all stands an alarm, for what hangs where no time-out reaches, such as a name that is
being looked up.

Uvicorn by itself would close every WebSocket at once, which breaks off what is under way on it.
"""

import asyncio
import atexit
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from socket import socket
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn.server import Protocols

# Shares of the time, from its beginning on: until when there is time for what is under way, for the database, for all.
FINISHING, LEAVING, ENDING = 0.75, 0.85, 0.9
# How long a client may take nothing, or leave a WebSocket's closing unanswered, and how long what was cut may take.
STALLED, CLOSING, BREAKING = 0.2, 0.04, 0.03
TICK_SECONDS = 0.05

log = structlog.stdlib.get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Serves until a signal comes or `should_exit` is set. `drain` ends what is open; `seconds`: the time to end in."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]], seconds: float) -> None:
        super().__init__(config)
        self._drain = drain
        self._seconds = seconds
        self._begun: float | None = None
        self._unsent: dict[Protocols, tuple[int, float]] = {}

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second Ctrl-C waits for nobody."""
        if self._begun is None:
            self._begun = time.monotonic()
            signal.signal(signal.SIGALRM, _end)
            atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)  # what comes then cannot hang
            signal.setitimer(signal.ITIMER_REAL, ENDING * self._seconds)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Close what is open in good order, as long as there is time."""
        self._begun = self._begun or time.monotonic()
        log.info("stopping", connections=len(self.server_state.connections))
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        draining = asyncio.create_task(self._drained())
        await self._settle(draining)
        await self._break_off()
        draining.cancel()
        if not self.force_exit:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lifespan.shutdown(), self._left(LEAVING))

    def _left(self, share: float) -> float:
        """Return the seconds until this share of the time is over."""
        begun = self._begun or time.monotonic()
        return begun + share * self._seconds - time.monotonic()

    async def _drained(self) -> None:
        try:
            await self._drain()
        except Exception:
            log.exception("not drained")

    async def _settle(self, draining: "asyncio.Task[None]") -> None:
        """Wait for those who are connected to be served and gone."""
        drained_at = time.monotonic()
        while self._is_busy() and self._left(FINISHING) > 0 and not self.force_exit:
            if not draining.done():
                drained_at = time.monotonic()
            impatient = time.monotonic() - drained_at > CLOSING * self._seconds
            for connection in list(self.server_state.connections):
                self._press(connection, impatient=impatient)
            await asyncio.sleep(TICK_SECONDS)

    def _is_busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)

    def _press(self, connection: "Protocols", *, impatient: bool) -> None:
        """Cut a connection that takes nothing, and close one as soon as nothing is under way on it."""
        by_itself = isinstance(connection, WebSocketsSansIOProtocol) and not impatient
        if self._is_stalled(connection):
            connection.transport.abort()
        elif not (by_itself or connection.transport.is_closing()):
            connection.shutdown()

    def _is_stalled(self, connection: "Protocols") -> bool:
        unsent, now = connection.transport.get_write_buffer_size(), time.monotonic()
        least, since = self._unsent.get(connection, (unsent, now))
        if unsent == 0 or unsent < least:
            least, since = unsent, now
        self._unsent[connection] = (least, since)
        return now - since > STALLED * self._seconds and unsent > 0

    async def _break_off(self) -> None:
        """Cut who is connected still, and what goes on all the same."""
        if not self._is_busy():
            return
        state = self.server_state
        log.warning("broken off", connections=len(state.connections), tasks=len(state.tasks))
        for connection in list(state.connections):
            connection.transport.abort()
        await self._ended()
        for task in list(state.tasks):
            task.cancel()
        await self._ended()

    async def _ended(self) -> None:
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=BREAKING * self._seconds)


def _end(_number: int, _frame: FrameType | None) -> None:
    """End the process here and now."""
    log.warning("ended", reason="Something did not end in time.")
    os._exit(0)
