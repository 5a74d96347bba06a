"""Removes what is older than it is kept: now and then in the background, or all at once by the command line."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog

from service.store.database import Database
from service.store.retention import BATCH, forget_keys, old_logs, prune_log

SHORTEST_PAUSE = 0.01
LONGEST_GOODBYE = 1.0

log = structlog.get_logger()


@dataclass(slots=True)
class Pruned:
    """What a run removed; `sites`: how many sites the events were of."""

    events: int = 0
    sites: int = 0
    keys: int = 0


async def prune(database: Database, days: int, *, alone: bool = True) -> Pruned:
    """Remove every event that is older than that many days, and the idempotency keys that have outlived their hours.

    `alone` false: leave it to another process that is at it. After each batch it rests for as long as that took.
    """
    pruned = Pruned()
    for site_id in await old_logs(database, days):
        removed, goes_on = await _prune_site(database, site_id, days, alone=alone)
        pruned.events += removed
        pruned.sites += removed > 0
        if not goes_on:
            break
    await _forget_keys(database, pruned)
    return pruned


async def _prune_site(database: Database, site_id: UUID, days: int, *, alone: bool) -> tuple[int, bool]:
    """Return how many events of the site were removed, and whether to go on with the next one."""
    total = 0
    while True:
        begun = _now()
        removed = await prune_log(database, site_id, days)
        total += removed or 0
        await _rest(begun)
        if removed is None and not alone:
            return total, False
        if removed is not None and removed < BATCH:
            return total, True


async def _forget_keys(database: Database, pruned: Pruned) -> None:
    forgotten = BATCH
    while forgotten == BATCH:
        begun = _now()
        forgotten = await forget_keys(database)
        pruned.keys += forgotten
        await _rest(begun)


@asynccontextmanager
async def pruning(database: Database, *, days: int, interval: float) -> AsyncIterator[None]:
    """Prune in the background every `interval` seconds, first after a random part of it."""
    running = asyncio.create_task(_keep_pruning(database, days, interval))
    try:
        yield
    finally:
        running.cancel()
        # What a database that is away holds up is cut off by whoever closes the pool.
        await asyncio.wait([running], timeout=LONGEST_GOODBYE)


async def _keep_pruning(database: Database, days: int, interval: float) -> None:
    # Replicas that start together do not prune together.
    await asyncio.sleep(random.uniform(0, interval))  # noqa: S311 - nothing is kept secret by it
    while True:
        try:
            pruned = await prune(database, days, alone=False)
        except Exception as error:  # noqa: BLE001 - the next round tries again, whatever it was
            log.warning("prune_failed", error=repr(error), retry_in=interval)
        else:
            if pruned.events or pruned.keys:
                log.info("pruned", **asdict(pruned))
        await asyncio.sleep(interval)


async def _rest(begun: float) -> None:
    """Leave the database to others for as long as the work took that begun then."""
    await asyncio.sleep(max(_now() - begun, SHORTEST_PAUSE))


def _now() -> float:
    return asyncio.get_running_loop().time()
