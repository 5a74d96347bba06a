"""Reading the event log: where it ends, and what comes after a position."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import DateTime, Uuid

from service.store.statements import statement
from service.store.tables import MirroredAction, metadata

PAGE_EVENTS = 1_000
PAGE_BYTES = 1 << 20
READ_SECONDS = 10.0

_COLUMNS = metadata.tables[str(MirroredAction.__tablename__)].columns
_IDS = tuple(column.name for column in _COLUMNS if isinstance(column.type, Uuid))
_TIMES = tuple(column.name for column in _COLUMNS if isinstance(column.type, DateTime))


@dataclass(frozen=True, slots=True)
class Head:
    """Where a site's log ends (`revision`); `oldest` is the smallest position that can be gone on from."""

    revision: int
    epoch: UUID
    oldest: int


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event: a mirrored action as it stood then (as a row of its table), or null; `size` in bytes."""

    revision: int
    size: int
    action: Mapping[str, Any] | None


async def read_heads(pool: "asyncpg.Pool[asyncpg.Record]", site_ids: Collection[UUID]) -> Mapping[UUID, Head]:
    """Return the heads of those of the sites that there are, all as of one moment."""
    rows = await pool.fetch(statement("event_heads"), list(site_ids), timeout=READ_SECONDS)
    return {row["id"]: Head(row["revision"], row["epoch"], row["oldest"]) for row in rows}


async def read_page(
    pool: "asyncpg.Pool[asyncpg.Record]", site_id: UUID, after: int, limit: int = PAGE_EVENTS
) -> Sequence[LoggedEvent]:
    """Return the next events in order: at most `limit`, fewer if they are large, one if there is any."""
    rows = await pool.fetch(statement("event_page"), site_id, after, limit, PAGE_BYTES, timeout=READ_SECONDS)
    return [LoggedEvent(row["revision"], row["size"], _action(row["action"])) for row in rows]


def _action(row: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if row is None:
        return None
    ids = {name: UUID(row[name]) for name in _IDS if row.get(name) is not None}
    times = {name: datetime.fromisoformat(row[name]).astimezone(UTC) for name in _TIMES if row.get(name)}
    return {**row, **ids, **times}
