"""How well the cameras on primaries are covered: one expression for a camera, a filter and the counts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Boolean, SQLColumnExpression, Text, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from service.model.vocabulary import MirrorStatus, Mode, Protection, Side
from service.store.read.rows import in_ids, in_words
from service.store.snapshot import Query, Snapshot
from service.store.tables import Camera, Link, MirroredAction, PairingMember, Site

_twin = aliased(Camera, name="twin")
_member = aliased(PairingMember, name="member")
_twin_member = aliased(PairingMember, name="twin_member")
# At most one of each per target camera, held by two unique indexes, so that the joins add no rows.
_under_way = aliased(MirroredAction, name="under_way")
_waiting = aliased(MirroredAction, name="waiting")

_link_counts = or_(
    col(Site.mode) == Mode.MANUAL.value, col(_member.pairing_id) == col(_twin_member.pairing_id)
)
_same_device = and_(
    func.same_hardware(
        col(Camera.mac_address),
        col(Camera.address),
        col(_twin.mac_address),
        col(_twin.address),
        type_=Boolean,
    ),
    col(Camera.channel) == col(_twin.channel),
)
_has_failed = col(_under_way.status) == MirrorStatus.FAILED.value


def _word(protection: Protection) -> SQLColumnExpression[str]:
    return literal(protection.value, Text)


protection: SQLColumnExpression[str] = case(
    (and_(_link_counts, _same_device).is_not(True), _word(Protection.UNPROTECTED)),
    (_has_failed, _word(Protection.FAILED)),
    (
        or_(
            col(_under_way.id).is_not(None),
            col(_waiting.id).is_not(None),
            col(_twin.confirmed_server_id).is_(None),
        ),
        _word(Protection.PENDING),
    ),
    else_=_word(Protection.PROTECTED),
)


def with_protection(query: Query) -> Query:
    """Join to a query over cameras what `protection` needs, and leave only those that have one."""
    unresolved = (MirrorStatus.QUEUED.value, MirrorStatus.FAILED.value)
    under_way = or_(*(col(_under_way.status) == status for status in unresolved))
    return (
        query.join(Site, col(Site.id) == col(Camera.site_id))
        .outerjoin(Link, col(Link.primary_camera_id) == col(Camera.id))
        .outerjoin(_twin, col(_twin.id) == col(Link.secondary_camera_id))
        .outerjoin(_member, col(_member.server_id) == col(Camera.server_id))
        .outerjoin(_twin_member, col(_twin_member.server_id) == col(_twin.server_id))
        .outerjoin(_under_way, and_(col(_under_way.target_camera_id) == col(_twin.id), under_way))
        .outerjoin(
            _waiting,
            and_(
                col(_waiting.target_camera_id) == col(_twin.id),
                col(_waiting.status) == MirrorStatus.BLOCKED.value,
            ),
        )
        .where(col(Camera.side) == Side.PRIMARY.value, col(Camera.removing).is_(False))
    )


def has_protection(protections: Sequence[Protection]) -> list[SQLColumnExpression[bool]]:
    """Test for one of these protections, in a query that `with_protection` has made."""
    tests = [in_words(protection, protections)]
    if set(protections) == {Protection.FAILED}:
        # Follows from the above; said apart it lets the plan start at the few actions that failed.
        tests.append(_has_failed)
    return tests


async def protections(snapshot: Snapshot, camera_ids: Sequence[UUID]) -> list[str | None]:
    """Return the protection of these cameras; null for those that have none."""
    query: Query = select(col(Camera.id), protection.label("protection"))
    rows = await snapshot.select(with_protection(query).where(in_ids(col(Camera.id), camera_ids)))
    found = {row["id"]: row["protection"] for row in rows}
    return [found.get(camera_id) for camera_id in camera_ids]


async def coverages(snapshot: Snapshot, site_ids: Sequence[UUID]) -> list[dict[str, int]]:
    """Return how many cameras of each protection these sites have; what no camera has is left out."""
    query: Query = select(col(Camera.site_id), protection.label("protection"))
    judged = with_protection(query).where(in_ids(col(Camera.site_id), site_ids)).subquery()
    keys = (judged.c.site_id, judged.c.protection)
    found: dict[UUID, dict[str, int]] = {site_id: {} for site_id in site_ids}
    for row in await snapshot.select(select(*keys, func.count().label("cameras")).group_by(*keys)):
        found[row["site_id"]][row["protection"]] = row["cameras"]
    return [found[site_id] for site_id in site_ids]
