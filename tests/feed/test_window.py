from datetime import UTC, datetime
from uuid import UUID

from service.feed.window import OVERHEAD_BYTES, Window
from service.store.event_page import LoggedEvent

COST = 100 + OVERHEAD_BYTES
EVER = datetime(2026, 11, 23, tzinfo=UTC)


def logged(revision: int) -> LoggedEvent:
    return LoggedEvent(
        revision=revision,
        kind="SITE_UPDATED",
        change_id=UUID(int=1),
        end_of_change=True,
        at=EVER,
        actor="anonymous",
        subject_id=UUID(int=2),
        stored="." * 100,
    )


def page(first: int, last: int) -> list[LoggedEvent]:
    return [logged(revision) for revision in range(first, last + 1)]


def test_a_window_holds_what_follows_its_start() -> None:
    window = Window()
    window.jump(10)
    window.extend(page(11, 15), budget=100 * COST)
    assert (window.start, window.end) == (10, 15)
    assert window.after(10, 2) == page(11, 12)
    assert window.after(13, 100) == page(14, 15)
    assert window.after(9, 1) is None
    assert window.after(15, 1) is None


def test_a_window_lets_go_of_the_oldest_beyond_its_budget() -> None:
    window = Window()
    window.extend(page(1, 5), budget=3 * COST)
    assert (window.start, window.events) == (2, page(3, 5))
    window.extend(page(6, 6), budget=3 * COST + 1)
    assert (window.start, window.events) == (3, page(4, 6))
    window.extend(page(7, 7), budget=COST - 1)
    assert (window.start, window.end, window.events) == (7, 7, [])


def test_a_window_that_jumps_forgets() -> None:
    window = Window()
    window.extend(page(1, 5), budget=100 * COST)
    window.jump(3)
    assert (window.start, window.end, window.after(3, 1)) == (3, 3, None)
