"""The rows of servers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.model.inputs import ServerInput, ServerLabelInput
from service.model.refusals import Refusal
from service.model.vocabulary import EventKind, RefusalCode, ServerLabel
from service.store.database import Connection
from service.store.statements import statement
from service.store.transaction import SiteTransaction

LABELING_INCOMPLETE = (
    "Label the servers first: the site needs at least one primary and one secondary before it is "
    "made redundant."
)


@dataclass(frozen=True, slots=True)
class ServerState:
    """What every rule asks of a server."""

    id: UUID
    name: str
    label: ServerLabel
    pairing_id: UUID | None


@dataclass(frozen=True, slots=True)
class RegisteredServer:
    """What a person or a VMS knows a server by."""

    id: UUID
    name: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class ServerUse:
    """What needs a server's label; `held_by_actions`: it is the target of, or left by, an unresolved action."""

    holds_links: bool
    held_by_actions: bool


async def states(tx: SiteTransaction, server_ids: Sequence[UUID]) -> dict[UUID, ServerState]:
    """Return those of these servers that the site has."""
    rows = await tx.connection.fetch(statement("server_states"), tx.site_id, server_ids)
    return {row["id"]: ServerState(**{**row, "label": ServerLabel(row["label"])}) for row in rows}


async def uses(tx: SiteTransaction, server_ids: Sequence[UUID]) -> dict[UUID, ServerUse]:
    """Tell of each server what needs its label."""
    rows = await tx.connection.fetch(statement("server_uses"), server_ids)
    return {row["id"]: ServerUse(row["holds_links"], row["held_by_actions"]) for row in rows}


async def camera_counts(tx: SiteTransaction, server_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many cameras are wanted on each server that has any."""
    rows = await tx.connection.fetch(
        "SELECT server_id, count(*) AS cameras FROM camera WHERE server_id = ANY ($1::uuid[]) AND NOT removing"
        " GROUP BY server_id",
        server_ids,
    )
    return {row["server_id"]: row["cameras"] for row in rows}


async def labeling_refusals(tx: SiteTransaction) -> list[Refusal]:
    """Return the refusal that stands against redundancy until labeling is complete."""
    row = await tx.connection.fetchrow(statement("labeling"), tx.site_id)
    complete = row is not None and row["primaries"] > 0 and row["secondaries"] > 0
    return [] if complete else [Refusal(RefusalCode.LABELING_INCOMPLETE, LABELING_INCOMPLETE)]


async def registered(connection: Connection, site_id: UUID) -> list[RegisteredServer]:
    """Return all servers of a site."""
    rows = await connection.fetch("SELECT id, name, external_id FROM server WHERE site_id = $1", site_id)
    return [RegisteredServer(**row) for row in rows]


async def by_name(tx: SiteTransaction, names: Sequence[str]) -> dict[str, UUID]:
    """Return those of the names that servers of the site have, with the servers' ids."""
    rows = await tx.connection.fetch(
        "SELECT name, id FROM server WHERE site_id = $1 AND name = ANY ($2::text[])", tx.site_id, names
    )
    return {row["name"]: row["id"] for row in rows}


async def insert(tx: SiteTransaction, servers: Sequence[ServerInput]) -> list[UUID]:
    """Register servers and return their ids in input order."""
    rows = await tx.connection.fetch(
        statement("insert_servers"),
        tx.site_id,
        [one.name for one in servers],
        [one.address for one in servers],
        [one.external_id for one in servers],
        [one.max_cameras for one in servers],
        [one.label.value for one in servers],
    )
    ids = [row["id"] for row in rows]
    tx.log.note_all(EventKind.SERVER_REGISTERED, ids)
    return ids


async def details(tx: SiteTransaction, server_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what is said of those of these servers that the site has (columns: sql/server_details.sql)."""
    rows = await tx.connection.fetch(statement("server_details"), tx.site_id, server_ids)
    return {row["id"]: dict(row) for row in rows}


async def update(tx: SiteTransaction, changes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Say something of servers anew: what was said of each, and what is said now, as in `details`."""
    columns = ("id", "name", "address", "external_id", "max_cameras")
    rows = await tx.write("update_servers", *([after[column] for _, after in changes] for column in columns))
    updated = {row["id"] for row in rows}
    for before, after in changes:
        changed = {column: value for column, value in before.items() if value != after[column]}
        if before["id"] in updated:
            tx.log.note(EventKind.SERVER_UPDATED, before["id"], before=changed)


async def remove(tx: SiteTransaction, server_ids: Sequence[UUID]) -> None:
    """Remove servers that hold no cameras any more."""
    for row in await tx.write("remove_servers", server_ids):
        tx.log.note(EventKind.SERVER_REMOVED, row["id"], server=row["server"])


async def set_labels(tx: SiteTransaction, labels: Sequence[tuple[ServerState, ServerLabelInput]]) -> None:
    """Label servers."""
    await tx.write(
        "set_labels", [state.id for state, _ in labels], [asked.label.value for _, asked in labels]
    )
    for state, _ in labels:
        tx.log.note(EventKind.SERVER_LABELED, state.id, before={"label": state.label.value})
