"""What resolvers know of the operation that they work for."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

import strawberry
import structlog

from service.api.reader import Reader
from service.store.database import Database

if TYPE_CHECKING:
    from service.feed.tail import Feed


def current_request_id() -> str:
    """Return the id that the logs of this request carry."""
    return str(structlog.contextvars.get_contextvars().get("request_id") or uuid4().hex)


@dataclass(slots=True)
class Delivery:
    """What the source of a subscription learns from who passes its results on.

    `withheld`: the present batch was not passed on, for the database went away while it was read.
    """

    withheld: bool = False


@dataclass(slots=True)
class Context:
    """One operation: `actor` is who asks; its reader opens at the first read; only subscriptions have a delivery.

    `turn`: of the subscriptions of one connection one at a time has a batch under way, so that a client which does
    not read costs one batch, however many it asks for.
    """

    database: Database
    feed: "Feed"
    actor: str
    request_id: str = field(default_factory=current_request_id)
    delivery: "Delivery | None" = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reader: Reader | None = None

    @property
    def reader(self) -> Reader:
        """The present reader."""
        if self._reader is None:
            self._reader = Reader(self.database, self.database.deliveries if self.delivery else None)
        return self._reader

    async def close_reader(self) -> None:
        """End what was read so far; the next read sees what is committed by then."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def operation(self) -> "Context":
        """Return a context for one operation of several that come over a connection."""
        return Context(self.database, self.feed, self.actor, self.request_id, turn=self.turn)


Info: TypeAlias = strawberry.Info[Context, None]
