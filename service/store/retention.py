"""Lets go of what is old: the beginnings of logs, and answers that were remembered for their hours.

Invariant: what is kept of a log has no gap. It holds because a beginning of it is all that is ever removed, by one
statement that is a transaction of its own: nothing can happen in the middle of it, and two that overlap leave the
shorter rest. The lock that one process at a time has only saves work; nothing depends on it.

It holds up nobody. A change of a site waits for no row of its log; only deleteSite removes such rows too, and then it
is the pruner that gives way after LOCK_TIMEOUT and leaves the site for the next round. Rejected: SKIP LOCKED, which
would make gaps; a transaction that is held open between statements, for a process may stop in it.
"""

from uuid import UUID

import asyncpg

from service.store.database import Database
from service.store.idempotency import KEPT
from service.store.statements import statement

BATCH = 1_000
LOCK_TIMEOUT = "50ms"
PRUNE_SECONDS = 10.0
# The last one comes of a database whose default is a stricter isolation.
GIVING_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


async def old_logs(database: Database, days: int) -> list[UUID]:
    """Return the sites whose oldest event is older than that."""
    async with database.acquire() as connection:
        rows = await connection.fetch(statement("old_logs"), days, timeout=PRUNE_SECONDS)
    return [row["id"] for row in rows]


async def prune_log(database: Database, site_id: UUID, days: int) -> int | None:
    """Remove up to BATCH of a site's events that are older; return how many, 0 if none is left or the site is just
    being deleted; None: another process prunes at this moment, so nothing was removed.
    """
    try:
        async with database.acquire() as connection:
            removed: int | None = await connection.fetchval(
                statement("prune_log"), site_id, days, BATCH, LOCK_TIMEOUT, timeout=PRUNE_SECONDS
            )
    except GIVING_WAY:
        return 0
    return removed


async def forget_keys(database: Database) -> int:
    """Forget up to BATCH idempotency keys that have outlived their hours; return how many."""
    async with database.acquire() as connection:
        forgotten: int = await connection.fetchval(
            statement("forget_keys"), KEPT, BATCH, timeout=PRUNE_SECONDS
        )
    return forgotten
