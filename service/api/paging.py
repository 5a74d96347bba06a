"""Relay's connections over keyset pages."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
import strawberry

from service.api.faults import BadRequestError
from service.store.read.rows import MOST_COUNTED, Page, Window
from service.store.snapshot import Row

T = TypeVar("T")

MOST_AT_ONCE = 500

First: TypeAlias = Annotated[int, strawberry.argument(description="How many at most, 1 to 500.")]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="The cursor after which to go on; from the start without it.")
]


@strawberry.type(description="Where a page stands in the whole list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether the page does not start at the first.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the page's first; null when empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the page's last, to go on after; null when empty."
    )


@strawberry.type(description="One of a list, with its place.")
class Edge(Generic[T]):
    """Relay's edge."""

    node: T = strawberry.field(description="The thing itself.")
    cursor: str = strawberry.field(description="Its place in the list, to go on after.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Relay's connection, with the nodes beside the edges."""

    nodes: list[T] = strawberry.field(description="The things of this page, in order.")
    edges: list[Edge[T]] = strawberry.field(description="The same with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")


async def total_count_of(root: "CountedConnection[Any]") -> int | None:
    """Count the whole list; null above what is counted."""
    count = await root.count()
    return count if count is None or count <= MOST_COUNTED else None


@strawberry.type(description="A page of a list that can be counted.")
class CountedConnection(Connection[T]):
    """A connection that counts its list when it is asked to."""

    count: strawberry.Private[Callable[[], Awaitable[int | None]]]
    total_count: int | None = strawberry.field(
        resolver=total_count_of, description=f"How many the whole list has; null above {MOST_COUNTED:,}."
    )


class Keys:
    """The columns that order a list, and what marks its cursors, so that no list takes another's."""

    def __init__(self, kind: str, *columns: str) -> None:
        self.kind = kind
        self.columns = columns

    def cursor(self, row: Row) -> str:
        """Return the place of a row; opaque to clients."""
        values = [self.kind, *(row[column] for column in self.columns)]
        return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")

    def window(self, first: int, after: str | None) -> Window:
        """Return what to read; BAD_REQUEST when `first` or `after` cannot be meant."""
        if not 1 <= first <= MOST_AT_ONCE:
            raise BadRequestError(f"`first` must be from 1 to {MOST_AT_ONCE}.")
        return Window(first, None if after is None else self._values(after))

    def _values(self, cursor: str) -> tuple[Any, ...]:
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            kind, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            parsed = tuple(_PARSE[name](value) for name, value in zip(self.columns, values, strict=True))
        except (ValueError, TypeError, binascii.Error):
            kind, parsed = None, ()
        if kind != self.kind:
            raise BadRequestError("`after` must be a cursor that this same list gave.")
        return parsed


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _uuid(value: object) -> UUID:
    return UUID(_text(value))


def _position(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise TypeError
    return value


_PARSE: dict[str, Callable[[Any], object]] = {"name": _text, "id": _uuid, "created_position": _position}


def page_info(keys: Keys, page: Page, window: Window) -> PageInfo:
    """Tell where a page stands."""
    cursors = [keys.cursor(row) for row in (page.rows[:1] and (page.rows[0], page.rows[-1]))]
    start, end = cursors or (None, None)
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=window.after is not None,
        start_cursor=start,
        end_cursor=end,
    )


def parts(keys: Keys, page: Page, window: Window, node: Callable[[Row], T]) -> dict[str, Any]:
    """Return what every connection is made of."""
    nodes = [node(row) for row in page.rows]
    edges = [Edge(node=made, cursor=keys.cursor(row)) for made, row in zip(nodes, page.rows, strict=True)]
    return {"nodes": nodes, "edges": edges, "page_info": page_info(keys, page, window)}


def filled(given: Sequence[T] | None, name: str) -> tuple[T, ...] | None:
    """Return a filter's list; BAD_REQUEST when it is empty, for then it could only pass nothing."""
    if given is not None and not given:
        raise BadRequestError(f"`{name}` must not be empty; leave it out to pass all.")
    return None if given is None else tuple(given)


def moment(value: datetime | str) -> datetime:
    """Return a moment, which a row from a JSON payload holds as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
