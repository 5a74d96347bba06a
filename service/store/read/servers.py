from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from service.model.vocabulary import ServerLabel
from service.store.read.rows import (
    Page,
    Window,
    count_of,
    in_groups,
    in_ids,
    in_order,
    page_of,
    starts_with,
    windowed,
)
from service.store.snapshot import Query, Row, Snapshot
from service.store.tables import Camera, PairingMember, Server


@dataclass(frozen=True, slots=True)
class ServerChoice:
    """Which servers of a site; `search` with the address that it may be, normalised."""

    site_id: UUID
    label: ServerLabel | None = None
    search: str | None = None
    address: str | None = None


async def servers_page(snapshot: Snapshot, choice: ServerChoice, window: Window) -> Page:
    """Return servers by name, id."""
    query = windowed(_chosen(choice), (col(Server.name), col(Server.id)), window)
    return page_of(await snapshot.select(query), window)


async def count_servers(snapshot: Snapshot, choice: ServerChoice) -> int | None:
    """Count servers; null above what is counted."""
    return await count_of(snapshot, _chosen(choice))


async def camera_counts(snapshot: Snapshot, server_ids: Sequence[UUID]) -> list[int]:
    """Count the cameras that stand on each of these servers, those that are `removing` too."""
    query = (
        select(col(Camera.server_id), func.count().label("cameras"))
        .where(in_ids(col(Camera.server_id), server_ids))
        .group_by(col(Camera.server_id))
    )
    found = {row["server_id"]: row["cameras"] for row in await snapshot.select(query)}
    return [found.get(server_id, 0) for server_id in server_ids]


async def memberships(snapshot: Snapshot, server_ids: Sequence[UUID]) -> list[Row | None]:
    """Return the places of these servers in their pairings; null for those that are in none."""
    query = select(PairingMember).where(in_ids(col(PairingMember.server_id), server_ids))
    return in_order(server_ids, await snapshot.select(query), "server_id")


async def members(snapshot: Snapshot, pairing_ids: Sequence[UUID]) -> list[list[Row]]:
    """Return the members of these pairings, by the names of their servers."""
    query = (
        select(PairingMember)
        .join(Server, col(Server.id) == col(PairingMember.server_id))
        .where(in_ids(col(PairingMember.pairing_id), pairing_ids))
        .order_by(col(Server.name), col(Server.id))
    )
    return in_groups(pairing_ids, await snapshot.select(query), "pairing_id")


def _chosen(choice: ServerChoice) -> Query:
    query = select(Server).where(col(Server.site_id) == choice.site_id)
    if choice.label is not None:
        query = query.where(col(Server.label) == choice.label.value)
    if choice.search is not None:
        tests = [*starts_with(col(Server.name), choice.search), col(Server.external_id) == choice.search]
        if choice.address is not None:
            tests.append(col(Server.address) == choice.address)
        query = query.where(or_(*tests))
    return query
