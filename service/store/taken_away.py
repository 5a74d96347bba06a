"""Rows that a change has found, and that somebody takes away before it is done with them.

No change of the service does, for each locks its site; somebody with psql can. Locking whatever a rule reads was
rejected: it writes to 100,000 rows what the next statement sees anyway. Instead a statement says when it found less
than it was given, and the change is done again from the start, on what is there by then.
"""

from collections.abc import Sequence, Sized
from typing import TypeVar

Row = TypeVar("Row")


class TakenAwayError(Exception):
    """What a change has checked is no longer there."""


def all_of(rows: Sequence[Row], asked: Sized) -> Sequence[Row]:
    """Return the rows, of which there is one for each thing that was asked; TakenAwayError when there are fewer."""
    if len(rows) != len(asked):
        raise TakenAwayError
    return rows
