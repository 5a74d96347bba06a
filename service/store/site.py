"""The site's row: made, its name, mode and sync policy, and deleted."""

from dataclasses import astuple
from uuid import UUID

import asyncpg

from service.model.inputs import SyncPolicyInput
from service.model.vocabulary import EventKind, Mode
from service.store.database import Connection
from service.store.statements import statement
from service.store.transaction import SiteState, SiteTransaction


async def insert(connection: Connection, name: str) -> SiteState:
    """Make a site of this name, which must be free."""
    row = await connection.fetchrow(statement("insert_site"), name)
    if row is None:
        message = "INSERT ... RETURNING returned no row"
        raise LookupError(message)
    return SiteState(**{**row, "mode": Mode(row["mode"])})


async def find(connection: Connection, name: str) -> UUID | None:
    """Return the site of this name."""
    site_id: UUID | None = await connection.fetchval("SELECT id FROM site WHERE name = $1", name)
    return site_id


async def rename(tx: SiteTransaction, name: str) -> None:
    """Give the site another name, which must be free."""
    await tx.connection.execute("UPDATE site SET name = $2 WHERE id = $1", tx.site_id, name)
    tx.log.note(EventKind.SITE_UPDATED, tx.site_id, before={"name": tx.site.name})


async def delete(tx: SiteTransaction) -> None:
    """Delete the site and everything of it, its log too: nothing tells of it but that the site is gone."""
    # As in SiteTransaction.write: each of very many cameras is looked for in other tables.
    await tx.connection.execute("SET LOCAL plan_cache_mode = auto")
    await tx.connection.execute(statement("empty_site"), tx.site_id)
    await tx.connection.execute("DELETE FROM site WHERE id = $1", tx.site_id)


async def set_mode(tx: SiteTransaction, mode: Mode) -> None:
    """Set the mode, and when it was first chosen."""
    await tx.connection.execute(
        "UPDATE site SET mode = $2, mode_chosen_at = clock_timestamp() WHERE id = $1", tx.site_id, mode.value
    )
    tx.log.note(EventKind.MODE_SET, tx.site_id, before={"mode": tx.site.mode.value})


async def mode_impact(tx: SiteTransaction) -> asyncpg.Record:
    """Return how many pairings, links, and links within pairings the site has."""
    row = await tx.connection.fetchrow(statement("mode_impact"), tx.site_id)
    if row is None:
        message = "a SELECT of three counts returned no row"
        raise LookupError(message)
    return row


async def dissolve_all_pairings(tx: SiteTransaction) -> list[UUID]:
    """Dissolve every pairing of the site; links stay."""
    rows = await tx.connection.fetch(statement("dissolve_pairings"), tx.site_id, None)
    for row in rows:
        tx.log.note(EventKind.PAIRING_DISSOLVED, row["id"], pairing=row["pairing"])
    return [row["id"] for row in rows]


async def set_sync_policy(tx: SiteTransaction, policy: SyncPolicyInput) -> None:
    """Set the switches that are given."""
    row = await tx.connection.fetchrow(statement("set_sync_policy"), tx.site_id, *astuple(policy))
    if row is not None and row["changed"]:
        tx.log.note(EventKind.SYNC_POLICY_SET, tx.site_id, before=row["before"])
