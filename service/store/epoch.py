"""The epoch of a site's log: positions of another one mean nothing."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from service.model.refusals import Refusal, Refused
from service.model.vocabulary import RefusalCode
from service.store.database import Database
from service.store.statements import statement


@dataclass(frozen=True, slots=True)
class RenewedSite:
    """A site that has a new epoch."""

    id: UUID
    name: str


async def renew(database: Database, name: str | None) -> list[RenewedSite]:
    """Give a new epoch to the site of this name, or to all; return which, by name.

    Refused SITE_BUSY, and nothing changed, when a change of one of them goes on for longer than the lock timeout.
    """
    seconds = database.lock_timeout
    try:
        async with database.acquire() as connection, connection.transaction(isolation="read_committed"):
            rows = await connection.fetch(statement("new_epoch"), name, f"{seconds * 1000:.0f}ms")
    except asyncpg.LockNotAvailableError:
        message = f"A change of a site has been under way for {seconds:g} s; try again in a moment."
        raise Refused(Refusal(RefusalCode.SITE_BUSY, message)) from None
    for row in rows:
        database.moved(row["id"])
    return [RenewedSite(row["id"], row["name"]) for row in rows]
