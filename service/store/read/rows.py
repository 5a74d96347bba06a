"""Rows by their ids, and pages of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, SQLColumnExpression, Text, Uuid, any_, func, literal, select, tuple_
from sqlmodel import col

from service.store.snapshot import Query, Row, Snapshot
from service.store.tables import Camera, MirroredAction, Pairing, Server, Site

Table = type[Site] | type[Server] | type[Camera] | type[Pairing] | type[MirroredAction]

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of an ordered list: the `first` ones after a key."""

    first: int
    after: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a window, and whether more follow."""

    rows: Sequence[Row]
    has_next: bool


def page_of(rows: Sequence[Row], window: Window) -> Page:
    """Cut off the row that was read only to know whether there is one."""
    return Page(rows[: window.first], len(rows) > window.first)


def windowed(
    query: Query, keys: Sequence[SQLColumnExpression[Any]], window: Window, *, descending: bool = False
) -> Query:
    """Order a query by unique keys and read one row more than the window holds."""
    if window.after is not None:
        after = tuple_(*(literal(value) for value in window.after))
        place = tuple_(*keys)
        query = query.where(place < after if descending else place > after)
    ordered = [key.desc() if descending else key for key in keys]
    return query.order_by(*ordered).limit(window.first + 1)


async def count_of(snapshot: Snapshot, query: Query) -> int | None:
    """Count a query's rows; null above MOST_COUNTED."""
    some = query.limit(MOST_COUNTED + 1).subquery()
    (row,) = await snapshot.select(select(func.count().label("rows")).select_from(some))
    return row["rows"] if row["rows"] <= MOST_COUNTED else None


async def by_id(snapshot: Snapshot, table: Table, ids: Sequence[UUID]) -> list[Row | None]:
    """Return the rows of these ids, in their order; null where there is none."""
    rows = await snapshot.select(select(table).where(in_ids(col(table.id), ids)))
    return in_order(ids, rows, "id")


def in_order(ids: Sequence[UUID], rows: Iterable[Row], key: str) -> list[Row | None]:
    """Bring rows into the order of the ids that they are for; null where there is none."""
    found = {row[key]: row for row in rows}
    return [found.get(wanted) for wanted in ids]


def in_groups(ids: Sequence[UUID], rows: Iterable[Row], key: str) -> list[list[Row]]:
    """Bring lists of rows, each in its order, into the order of the ids that they are for."""
    found: dict[UUID, list[Row]] = {wanted: [] for wanted in ids}
    for row in rows:
        found[row[key]].append(row)
    return [found[wanted] for wanted in ids]


def in_ids(column: SQLColumnExpression[Any], ids: Sequence[UUID]) -> SQLColumnExpression[bool]:
    """Test a column against ids, as one argument however many they are."""
    return column == any_(literal(list(ids), ARRAY(Uuid)))


def in_words(column: SQLColumnExpression[Any], words: Sequence[str]) -> SQLColumnExpression[bool]:
    """Test a column against words, as one argument however many they are."""
    return column == any_(literal([str(word) for word in words], ARRAY(Text)))


def starts_with(name: SQLColumnExpression[Any], text: str) -> list[SQLColumnExpression[bool]]:
    """Test whether a name starts with a text in any case, in forms that the search indexes answer.

    Names are collated "C", where lower() knows ASCII only; other letters are tried in the usual spellings.
    """
    spellings = {_lower_ascii(spelling) for spelling in (text, text.lower(), text.upper(), text.title())}
    return [func.lower(name).startswith(spelling, autoescape=True) for spelling in sorted(spellings)]


def _lower_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
