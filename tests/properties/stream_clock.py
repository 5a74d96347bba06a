"""A loop whose clock stands still until it is told to go on, so that a run depends on nothing but its steps."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from itertools import count
from typing import Any, TypeVarTuple, Unpack

Given = TypeVarTuple("Given")

# A timer that is set for a moment is due just after it.
JUST_AFTER = 1e-6
APART = 1e-9


class StillLoop(asyncio.SelectorEventLoop):
    """Timers are due by `moment` alone. What is asked of the database takes no time."""

    _ready: Any
    _scheduled: Any

    def __init__(self) -> None:
        super().__init__()
        self._clock_resolution = 0.0
        self.restart()

    def restart(self) -> None:
        """Begin another run, in which everything has the same times and the same order."""
        self.moment, self._timers = 0.0, count(1)

    def time(self) -> float:
        return self.moment

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """No two timers are due at once: which goes first must not hang on how the heap came to stand."""
        return super().call_at(when + next(self._timers) * APART, callback, *args, context=context)

    def is_idle(self) -> bool:
        """Whether nothing runs but the one who asks."""
        return not self._ready

    def next_timer(self) -> float:
        return min((timer.when() for timer in self._scheduled if not timer.cancelled()), default=float("inf"))

    async def advance(self, seconds: float, settle: Callable[[], Awaitable[None]]) -> None:
        """Let time go by, from one timer to the next."""
        until = self.moment + seconds
        while (due := self.next_timer()) <= until:
            self.moment = max(self.moment, due) + JUST_AFTER
            await settle()
        self.moment = max(self.moment, until)
        await settle()


def still_loop() -> StillLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, StillLoop)
    return loop
