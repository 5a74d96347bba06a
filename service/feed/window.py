"""The newest events of one site that its subscribers share: read once, decoded once, bounded in bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.store.event_page import LoggedEvent

# What an event costs beside its payload, and what it grows to when decoded: a rough measure is enough.
OVERHEAD_BYTES = 200


@dataclass(slots=True)
class Window:
    """A stretch of a site's log without a gap: the events after position `start`, up to `end`.

    `cost`: of all of them, in bytes.
    """

    start: int = 0
    events: list[LoggedEvent] = field(default_factory=list)
    cost: int = 0

    @property
    def end(self) -> int:
        """The position of the last event that is held."""
        return self.start + len(self.events)

    def after(self, position: int, limit: int) -> Sequence[LoggedEvent] | None:
        """Return the events that follow a position, some at least; None when they are not held."""
        if not self.start <= position < self.end:
            return None
        offset = position - self.start
        return self.events[offset : offset + limit]

    def jump(self, position: int) -> None:
        """Forget everything and go on from a position."""
        self.start, self.events, self.cost = position, [], 0

    def extend(self, page: Sequence[LoggedEvent], budget: int) -> None:
        """Take in the page that follows, and let go of the oldest events beyond the budget in bytes."""
        self.events.extend(page)
        self.cost += sum(map(_cost, page))
        gone = 0
        while self.cost > budget:
            self.cost -= _cost(self.events[gone])
            gone += 1
        self.start += gone
        del self.events[:gone]


def _cost(event: LoggedEvent) -> int:
    return len(event.stored) + OVERHEAD_BYTES
