from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import SQLColumnExpression, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from service.model.vocabulary import DeviceActionKind, Direction, MirrorStatus
from service.store.read.rows import Page, Window, count_of, in_ids, in_order, in_words, page_of, windowed
from service.store.snapshot import Query, Row, Snapshot
from service.store.tables import MirroredAction


@dataclass(frozen=True, slots=True)
class ActionFilter:
    """Which mirrored actions; null passes all."""

    statuses: tuple[MirrorStatus, ...] | None = None
    actions: tuple[DeviceActionKind, ...] | None = None
    directions: tuple[Direction, ...] | None = None
    target_server_ids: tuple[UUID, ...] | None = None
    source_server_ids: tuple[UUID, ...] | None = None
    camera_ids: tuple[UUID, ...] | None = None
    change_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActionChoice:
    """Which mirrored actions of a site, and in which order."""

    site_id: UUID
    passing: ActionFilter
    newest_first: bool = False


async def actions_page(snapshot: Snapshot, choice: ActionChoice, window: Window) -> Page:
    """Return mirrored actions by creation."""
    keys = (col(MirroredAction.created_position),)
    query = windowed(_chosen(choice), keys, window, descending=choice.newest_first)
    return page_of(await snapshot.select(query), window)


async def count_actions(snapshot: Snapshot, choice: ActionChoice) -> int | None:
    """Count mirrored actions; null above what is counted."""
    return await count_of(snapshot, _chosen(choice))


async def last_actions(snapshot: Snapshot, camera_ids: Sequence[UUID]) -> list[Row | None]:
    """Return for each of these cameras the newest action whose target it is; null where there is none."""
    target = col(MirroredAction.target_camera_id)
    query = (
        select(MirroredAction)
        .ext(distinct_on(target))
        .where(in_ids(target, camera_ids))
        .order_by(target, col(MirroredAction.created_position).desc())
    )
    return in_order(camera_ids, await snapshot.select(query), "target_camera_id")


def _chosen(choice: ActionChoice) -> Query:
    query = select(MirroredAction).where(col(MirroredAction.site_id) == choice.site_id)
    return query.where(*_passes(choice.passing))


def _passes(passing: ActionFilter) -> list[SQLColumnExpression[bool]]:
    words = (
        (col(MirroredAction.status), passing.statuses),
        (col(MirroredAction.action), passing.actions),
        (col(MirroredAction.direction), passing.directions),
    )
    tests = [in_words(column, given) for column, given in words if given is not None]
    servers = (
        (col(MirroredAction.target_server_id), passing.target_server_ids),
        (col(MirroredAction.source_server_id), passing.source_server_ids),
    )
    tests += [in_ids(column, given) for column, given in servers if given is not None]
    if passing.camera_ids is not None:
        ends = (col(MirroredAction.source_camera_id), col(MirroredAction.target_camera_id))
        tests.append(or_(*(in_ids(end, passing.camera_ids) for end in ends)))
    if passing.change_id is not None:
        tests.append(col(MirroredAction.change_id) == passing.change_id)
    return tests
