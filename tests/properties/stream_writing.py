"""What happens to logs, done to the table and told to the oracle: changes that are under way together, and the rest."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from asyncpg.transaction import Transaction

from service.store.database import Connection, Database
from service.store.epoch import renew
from service.store.retention import prune_log
from tests.builders import SiteBuilder
from tests.feed.log import Entry as Given
from tests.feed.log import append
from tests.oracle.stream import Entry, Log
from tests.properties.stream_replica import ONE

NEW_EVENTS = """
SELECT revision, kind, payload -> 'mirrored_action' AS action FROM event
WHERE site_id = $1 AND revision > $2 ORDER BY revision
"""
KEPT_DAYS = 400
GROW_OLD = "UPDATE event SET at = now() - interval '401 days' WHERE site_id = $1 AND revision <= $2"
GO_BACK = """
WITH cut AS (DELETE FROM event WHERE site_id = $1 AND revision > $2)
UPDATE site SET revision = $2, epoch = $3 WHERE id = $1
"""
# What an event may be: of another kind, or an action of one sort or the other, small or large.
SORTS: tuple[Given, ...] = (
    {},
    None,
    {"status": "FAILED"},
    {"target_server_id": str(ONE)},
    {"note": "x" * 600},
    {"status": "FAILED", "target_server_id": str(ONE)},
)


@dataclass
class Writer:
    """A connection with at most one change under way; `waiting`: for the site, which another one holds."""

    connection: Connection
    log: Log | None = None
    transaction: Transaction | None = None
    written: list[Entry] = field(default_factory=list)
    waiting: "asyncio.Task[None] | None" = None

    async def begin(self, log: Log) -> None:
        self.log, self.written = log, []
        self.transaction = self.connection.transaction()
        await self.transaction.start()

    async def write(self, sorts: Sequence[int]) -> None:
        """Append events; this waits while another change of the site is under way."""
        assert self.log is not None
        given: list[dict[str, Any] | None] = [
            None if sort is None else {**sort, "id": str(uuid4())}
            for sort in (SORTS[one % len(SORTS)] for one in sorts)
        ]
        end = await append(self.connection, self.log.site_id, *given)
        self.written += [written(end - len(given) + n, one) for n, one in enumerate(given, start=1)]

    async def end(self, *, commit: bool) -> Log:
        assert self.transaction is not None
        assert self.log is not None
        if commit:
            await self.transaction.commit()
            self.log.commit(self.written)
        else:
            await self.transaction.rollback()
        log, self.log, self.transaction = self.log, None, None
        return log


def written(revision: int, given: Mapping[str, Any] | None) -> Entry:
    if given is None:
        return Entry(revision, "CAMERA_UPDATED")
    row = {"status": "QUEUED", "target_server_id": "00000000-0000-7000-8000-00000000000b", **given}
    return entry(revision, "MIRRORED_ACTION", row)


def entry(revision: int, kind: str, action: Mapping[str, Any]) -> Entry:
    target = action["target_server_id"]
    return Entry(revision, kind, str(action["id"]), action["status"], target and str(target))


@dataclass
class Site:
    """A site, and what may be done to it by real commands; nothing more after its tables went back."""

    log: Log
    builder: SiteBuilder
    commands: int = 0
    restored: bool = False

    async def command(self, number: int) -> None:
        """Make one real change, and read from the table what it told."""
        if self.restored:
            return
        self.commands += 1
        await self._change(number)
        rows = await self.builder.api.database.pool.fetch(NEW_EVENTS, self.log.site_id, self.log.revision)
        self.log.commit(
            [
                entry(row["revision"], row["kind"], row["action"])
                if row["action"]
                else Entry(row["revision"], row["kind"])
                for row in rows
            ]
        )

    async def _change(self, number: int) -> None:
        site = self.builder
        if not site.servers:
            await site.enroll(("p", "PRIMARY"), ("s", "SECONDARY"))
        elif not site.pairings:
            await site.pair("SYMMETRIC", ["p"], ["s"])
        elif number % 4 == 0:
            await site.rename(f"{self.log.site_id.hex} {self.commands}")
        elif number % 4 == 1 and (queued := await site.actions(statuses=["QUEUED"])):
            await (site.fail if number % 8 == 1 else site.ack)(*queued[:3])
        else:
            await site.add("p", f"Camera {self.commands}")

    async def prune(self, database: Database, oldest: int) -> None:
        await database.pool.execute(GROW_OLD, self.log.site_id, oldest)
        removed = await prune_log(database, self.log.site_id, KEPT_DAYS)
        assert removed == max(oldest - self.log.oldest, 0)
        self.log.prune(oldest)

    async def renew(self, database: Database) -> None:
        """As after a restore that lost nothing."""
        name = await database.pool.fetchval("SELECT name FROM site WHERE id = $1", self.log.site_id)
        await renew(database, name)
        epoch = await database.pool.fetchval("SELECT epoch FROM site WHERE id = $1", self.log.site_id)
        self.log.renew(epoch, self.log.revision)

    async def restore(self, database: Database, revision: int) -> None:
        """Go back to what was once, under a new epoch."""
        self.restored, epoch = True, uuid4()
        await database.pool.execute(GO_BACK, self.log.site_id, revision, epoch)
        self.log.renew(epoch, revision)

    async def delete(self, database: Database) -> None:
        name: str = await database.pool.fetchval("SELECT name FROM site WHERE id = $1", self.log.site_id)
        await self.builder.delete_site(name)
        self.log.delete()


async def new_log(database: Database, number: int) -> Log:
    """An empty site. Its id is the same in each run, for the order of sets of ids depends on them."""
    site_id, epoch = UUID(int=number), uuid4()
    await database.pool.execute(
        "INSERT INTO site (id, name, epoch) VALUES ($1, $2, $3)", site_id, site_id.hex, epoch
    )
    return Log(site_id, [epoch], {epoch: []})


def holder(writers: Sequence[Writer], site_id: UUID) -> Writer | None:
    """Who holds a site's row."""
    return next(
        (one for one in writers if one.log and one.log.site_id == site_id and one.waiting is None), None
    )
