"""One change: one transaction that locks the site, checks, writes, numbers its events and commits once.

`change_site` takes the work as a function rather than being a context manager: a change that another transaction
undid (40001, 40P01) is done again from the start, and a remembered answer skips the work altogether.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sized
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from service.model.outcome import PLANNED_ACTIONS_SHOWN, MirrorSummary, Outcome, Request
from service.model.refusals import Refusal, Refused, StaleRevision
from service.model.vocabulary import Mode, RefusalCode
from service.store import idempotency
from service.store.database import Connection, Database
from service.store.event_log import ChangeLog, append
from service.store.outage import LOST
from service.store.refusals import refusal_of
from service.store.statements import statement
from service.store.taken_away import TakenAwayError

ATTEMPTS = 3
MEDDLED = "Rows of the site were changed by hand while this change was under way; try again in a moment."
MANY = 50


@dataclass(frozen=True, slots=True)
class SiteState:
    """The site's row as it stood when it was locked."""

    id: UUID
    name: str
    mode: Mode
    mode_chosen_at: datetime | None
    revision: int
    design_revision: int
    epoch: UUID


@dataclass
class SiteTransaction:
    """A change under way. `made` counts the actions that it made or set going again, by status; `queued_again`: the
    latter.
    """

    connection: Connection
    site: SiteState
    request: Request
    change_id: UUID
    log: ChangeLog = field(default_factory=ChangeLog)
    made: Counter[str] = field(default_factory=Counter)
    queued_again: list[UUID] = field(default_factory=list)

    async def write(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        """Run sql/NAME.sql, which writes rows that foreign keys check, for one row or very many.

        The plan that is made for each execution of a set statement (sql/begin_change.sql) would be made for each
        check of a foreign key too, which for many rows costs more than the rows.
        """
        many = any(len(given) > MANY for given in arguments if isinstance(given, Sized))
        if not many:
            return await self.connection.fetch(statement(name), *arguments)
        await self.connection.execute("SET LOCAL plan_cache_mode = auto")
        rows = await self.connection.fetch(statement(name), *arguments)
        await self.connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        return rows

    @property
    def site_id(self) -> UUID:
        """The site's id."""
        return self.site.id


Work = Callable[[SiteTransaction], Awaitable[Mapping[str, Any]]]
Body = Callable[[Connection], Awaitable[Outcome]]


async def change_site(
    database: Database, site_id: UUID, request: Request, work: Work, *, moves_design: bool = True
) -> Outcome:
    """Do the work under the site's lock and commit it; Refused: nothing changed. `work` returns the answer's detail.

    `moves_design` false: the change does not spoil a preview's ifRevision (acknowledge, retry).
    """

    async def body(connection: Connection) -> Outcome:
        site = await _locked(connection, site_id)
        remembered = await idempotency.recall(connection, site_id, request)
        if remembered is not None:
            return remembered
        _refuse_stale(site, request)
        return await _change(connection, site, site_id, request, work, moves_design=moves_design)

    async with _turn(database, site_id):
        return await _persist(database, request, body)


async def create_site(
    database: Database, request: Request, make: Callable[[Connection], Awaitable[SiteState]], work: Work
) -> Outcome:
    """Make a site and do the work in one transaction; a key of this mutation counts for the whole service."""

    async def body(connection: Connection) -> Outcome:
        if request.idempotency_key is not None:
            await connection.execute(statement("lock_key"), f"{request.actor} {request.idempotency_key}")
        remembered = await idempotency.recall(connection, None, request)
        if remembered is not None:
            return remembered
        return await _change(connection, await make(connection), None, request, work, moves_design=True)

    try:
        return await _persist(database, request, body)
    except asyncpg.LockNotAvailableError:
        message = (
            f"Another site of this name, or with this key, has been in the making for {database.lock_timeout:g} s; "
            "try again in a moment."
        )
        raise Refused(Refusal(RefusalCode.SITE_BUSY, message)) from None


async def _persist(database: Database, request: Request, body: Body) -> Outcome:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            outcome = await _attempt(database, request, body)
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, TakenAwayError):
            if attempt == ATTEMPTS:
                raise
        else:
            if outcome.change_id is not None:
                database.moved(outcome.site_id)
            return outcome
    raise AssertionError  # pragma: no cover - the last attempt returned or raised


async def _attempt(database: Database, request: Request, body: Body) -> Outcome:
    async with database.acquire() as connection:
        transaction = connection.transaction(isolation="read_committed")
        await transaction.start()
        try:
            await connection.execute(statement("begin_change"), f"{database.lock_timeout * 1000:.0f}ms")
            with _refusing():
                outcome = await body(connection)
        except BaseException:
            with suppress(*LOST):  # what is lost is rolled back, and why it was is told by the error at hand
                await transaction.rollback()
            raise
        await (transaction.rollback() if request.dry_run else transaction.commit())
        return outcome


async def _change(
    connection: Connection,
    site: SiteState,
    scope: UUID | None,
    request: Request,
    work: Work,
    *,
    moves_design: bool,
) -> Outcome:
    change_id: UUID = await connection.fetchval("SELECT uuid_v7()")
    transaction = SiteTransaction(connection, site, request, change_id)
    detail = await work(transaction)
    revision = site.revision
    if not transaction.log.is_empty():
        revision = await append(
            connection, site.id, change_id, request.actor, transaction.log, moves_design=moves_design
        )
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    changed = revision != site.revision and not request.dry_run
    outcome = Outcome(
        site_id=site.id,
        revision=site.revision if request.dry_run else revision,
        change_id=change_id if changed else None,
        dry_run=request.dry_run,
        mirrored=await _summary(transaction),
        detail=detail,
    )
    await idempotency.remember(connection, scope, request, outcome)
    return outcome


async def _summary(transaction: SiteTransaction) -> MirrorSummary:
    made = transaction.made
    if not any(made.values()):
        return MirrorSummary()
    rows = await transaction.connection.fetch(
        statement("planned_actions"),
        transaction.change_id,
        PLANNED_ACTIONS_SHOWN,
        transaction.queued_again,
    )
    return MirrorSummary(
        queued=made["QUEUED"],
        blocked=made["BLOCKED"],
        suppressed=made["SUPPRESSED"],
        actions=tuple(row["action"] for row in rows),
        truncated=made.total() > PLANNED_ACTIONS_SHOWN,
    )


async def _locked(connection: Connection, site_id: UUID) -> SiteState:
    row = await connection.fetchrow(statement("lock_site"), site_id)
    if row is None:
        raise Refused(Refusal(RefusalCode.NOT_FOUND, "There is no such site; check the id.", ("siteId",)))
    return SiteState(**{**row, "mode": Mode(row["mode"])})


def _refuse_stale(site: SiteState, request: Request) -> None:
    if request.if_revision is not None and site.design_revision > request.if_revision:
        raise Refused(
            StaleRevision(
                RefusalCode.STALE_REVISION,
                f"The site's design changed at revision {site.design_revision}, after {request.if_revision}; "
                "read it again and decide anew.",
                ("ifRevision",),
                expected=request.if_revision,
                actual=site.design_revision,
            )
        )


def _busy(site_id: UUID, seconds: float) -> Refused:
    message = (
        f"Another change of the site {site_id} has been under way for {seconds:g} s; try again in a moment."
    )
    return Refused(Refusal(RefusalCode.SITE_BUSY, message, ("siteId",)))


@asynccontextmanager
async def _turn(database: Database, site_id: UUID) -> AsyncIterator[None]:
    """Wait in the site's queue of this process, before a connection is taken from the pool."""
    queue = database.queue(site_id)
    try:
        async with database.gate.patience(database.lock_timeout):
            await queue.acquire()
    except TimeoutError:
        raise _busy(site_id, database.lock_timeout) from None
    try:
        yield
    except asyncpg.LockNotAvailableError:
        raise _busy(site_id, database.lock_timeout) from None
    except TakenAwayError:
        raise Refused(Refusal(RefusalCode.SITE_BUSY, MEDDLED, ("siteId",))) from None
    finally:
        queue.release()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn a violated constraint into its refusal."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        refused = refusal_of(error)
        if refused is None:
            raise
        raise refused from None
