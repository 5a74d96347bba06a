from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    SQLColumnExpression,
    Uuid,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from service.model.vocabulary import Protection, Side
from service.store.read.protection import has_protection, with_protection
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
from service.store.tables import Camera, Link


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """Which cameras of a site; `search` with the MAC and the address that it may be, normalised."""

    site_id: UUID
    side: Side | None = None
    server_ids: tuple[UUID, ...] | None = None
    protections: tuple[Protection, ...] | None = None
    search: str | None = None
    mac_address: str | None = None
    address: str | None = None


async def cameras_page(snapshot: Snapshot, choice: CameraChoice, window: Window) -> Page:
    """Return cameras by name, id."""
    query = windowed(_chosen(choice), (col(Camera.name), col(Camera.id)), window)
    return page_of(await snapshot.select(query), window)


async def count_cameras(snapshot: Snapshot, choice: CameraChoice) -> int | None:
    """Count cameras; null above what is counted."""
    return await count_of(snapshot, _chosen(choice))


async def cameras_of_servers(snapshot: Snapshot, server_ids: Sequence[UUID], window: Window) -> list[Page]:
    """Return the same window of the cameras of each of these servers, by name, id."""
    unnested = func.unnest(literal(list(server_ids), ARRAY(Uuid)))
    servers = unnested.table_valued(column("id", Uuid), name="wanted").render_derived()
    here = aliased(Camera, name="here")
    cameras = windowed(
        select(here).where(col(here.server_id) == servers.c.id), (col(here.name), col(here.id)), window
    )
    found = cameras.lateral("found")
    rows = await snapshot.select(select(found).select_from(servers.join(found, true())))
    return [page_of(group, window) for group in in_groups(server_ids, rows, "server_id")]


async def counterparts(snapshot: Snapshot, camera_ids: Sequence[UUID]) -> list[Row | None]:
    """Return the cameras at the other ends of these cameras' links; null where there is no link."""
    ends = (col(Link.primary_camera_id), col(Link.secondary_camera_id))
    both = union_all(*(_other_ends(here, there, camera_ids) for here, there in (ends, ends[::-1]))).subquery()
    query = select(Camera, both.c.of_camera_id).join(both, both.c.camera_id == col(Camera.id))
    return in_order(camera_ids, await snapshot.select(query), "of_camera_id")


def _other_ends(
    here: SQLColumnExpression[UUID], there: SQLColumnExpression[UUID], camera_ids: Sequence[UUID]
) -> Query:
    return select(here.label("of_camera_id"), there.label("camera_id")).where(in_ids(here, camera_ids))


def _chosen(choice: CameraChoice) -> Query:
    query = select(Camera).where(col(Camera.site_id) == choice.site_id)
    if choice.side is not None:
        query = query.where(col(Camera.side) == choice.side.value)
    if choice.server_ids is not None:
        query = query.where(in_ids(col(Camera.server_id), choice.server_ids))
    if choice.protections is not None:
        query = with_protection(query).where(*has_protection(choice.protections))
    if choice.search is not None:
        query = query.where(or_(*_found(choice, choice.search)))
    return query


def _found(choice: CameraChoice, search: str) -> list[SQLColumnExpression[bool]]:
    # An id of another recorder is not shown, so it is not found either.
    own_id = and_(col(Camera.external_id) == search, col(Camera.external_server_id) == col(Camera.server_id))
    tests = [*starts_with(col(Camera.name), search), own_id]
    if choice.mac_address is not None:
        tests.append(col(Camera.mac_address) == choice.mac_address)
    if choice.address is not None:
        tests.append(col(Camera.address) == choice.address)
    return tests
