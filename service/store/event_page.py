"""Reading the event log: where it ends, and what comes after a position."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import DateTime, Uuid

from service.model.vocabulary import EventKind
from service.store.database import Database
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


@dataclass
class LoggedEvent:
    """One event. `kind`: a replica of a newer version may write some that are not in EventKind. `stored`: the
    payload as JSON, decoded when somebody first asks, and once; empty where it was read for those who want mirrored
    actions only.
    """

    revision: int
    kind: str
    change_id: UUID
    end_of_change: bool
    at: datetime
    actor: str
    subject_id: UUID
    stored: str

    @cached_property
    def payload(self) -> Mapping[str, Any]:
        """What the event tells; a mirrored action in it is as a row of its table."""
        payload: dict[str, Any] = orjson.loads(self.stored)
        if self.kind == EventKind.MIRRORED_ACTION:
            payload["mirrored_action"] = _action(payload["mirrored_action"])
        return payload

    @property
    def action(self) -> Mapping[str, Any] | None:
        """The mirrored action as it stood then; null in an event of another kind."""
        action: Mapping[str, Any] | None = (
            self.payload["mirrored_action"] if self.kind == EventKind.MIRRORED_ACTION else None
        )
        return action


async def read_heads(database: Database, site_ids: Collection[UUID]) -> Mapping[UUID, Head]:
    """Return the heads of those of the sites that there are, all as of one moment."""
    async with database.acquire() as connection:
        rows = await connection.fetch(statement("event_heads"), list(site_ids), timeout=READ_SECONDS)
    return {row["id"]: Head(row["revision"], row["epoch"], row["oldest"]) for row in rows}


async def read_page(
    database: Database,
    site_id: UUID,
    after: int,
    limit: int = PAGE_EVENTS,
    *,
    whole: bool = True,
) -> Sequence[LoggedEvent]:
    """Return the next events in order: at most `limit`, fewer if they are large, one if there is any.

    `whole` false: of the payloads those of mirrored actions only, which is cheaper.
    """
    page = statement("event_page")
    async with database.acquire() as connection:
        rows = await connection.fetch(page, site_id, after, limit, PAGE_BYTES, whole, timeout=READ_SECONDS)
    return [LoggedEvent(*row) for row in rows]


def _action(row: Mapping[str, Any]) -> Mapping[str, Any]:
    ids = {name: UUID(row[name]) for name in _IDS if row.get(name) is not None}
    times = {name: datetime.fromisoformat(row[name]).astimezone(UTC) for name in _TIMES if row.get(name)}
    return {**row, **ids, **times}
