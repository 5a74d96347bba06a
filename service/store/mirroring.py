"""Carries decisions out: changes what is wanted of the counterparts and makes the mirrored actions for it."""

from collections.abc import Sequence
from uuid import UUID

from service.model.decision import Decision, DeviceAction, Wish
from service.model.vocabulary import DeviceActionKind, Direction, EventKind, MirrorCause, SuppressionReason
from service.store import link, mirrored_action
from service.store.decision import decide
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction

Kind = DeviceActionKind


async def mirror(tx: SiteTransaction, asked: Sequence[DeviceAction]) -> list[UUID]:
    """Decide device actions, carry the decisions out, and return the mirrored actions made for them.

    The cameras are as the actions left them, but deleted ones are still there: the caller removes them afterwards.
    """
    _, made = await decide_and_carry_out(tx, asked)
    return made


async def decide_and_carry_out(
    tx: SiteTransaction, asked: Sequence[DeviceAction]
) -> tuple[list[Decision], list[UUID]]:
    """Do both, and return the decisions and the mirrored actions made for them, in the order of carrying out.

    Where the counterpart of one stands in the way of another and leaves by the same set, it leaves first.
    """
    decided: list[Decision] = []
    made: list[UUID] = []
    waiting = list(asked)
    while waiting:
        decisions = await decide(tx, waiting)
        leaving = _leaving(decisions)
        later = [one.reason is not None and one.occupier_id in leaving for one in decisions]
        now = [one for one, waits in zip(decisions, later, strict=True) if not waits]
        made += await carry_out(tx, now)
        decided += now
        waiting = [one for one, waits in zip(waiting, later, strict=True) if waits]
    return decided, made


def _leaving(decisions: Sequence[Decision]) -> set[UUID]:
    """Return the counterparts that leave their places, at once or once another has left."""
    leaving = {one.counterpart_id for one in decisions if one.reason is None and one.counterpart_id}
    behind: dict[UUID, list[UUID]] = {}
    for one in decisions:
        if one.occupier_id and one.counterpart_id:
            behind.setdefault(one.occupier_id, []).append(one.counterpart_id)
    ends = list(leaving)
    while ends:
        more = set(behind.pop(ends.pop(), ())) - leaving
        leaving |= more
        ends += more
    return leaving


async def carry_out(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[UUID]:
    """Suppressed ones are recorded; the others change the counterpart as it is wanted, and wish for the action."""
    suppressed = await _record_suppressed(tx, [one for one in decisions if one.reason is not None])
    mirrored = [one for one in decisions if one.reason is None]
    adopting = [one for one in mirrored if one.adopted_id is not None]
    acting = [one for one in mirrored if one.adopted_id is None]
    wishes = await _adopt(tx, adopting)
    for kind, change in (
        (Kind.DELETE, _delete),
        (Kind.MOVE, _move),
        (Kind.REPLACE, _replace),
        (Kind.ADD, _add),
    ):
        chosen = [one for one in acting if one.action == kind]
        if chosen:
            wishes += await change(tx, chosen)
    return suppressed + await mirrored_action.wish(tx, wishes)


async def _record_suppressed(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[UUID]:
    # A twin that is where its pairing or mapping wants it is no news; a device action that needs nothing is.
    told = [
        one
        for one in decisions
        if one.cause == MirrorCause.DEVICE_ACTION or one.reason != SuppressionReason.ALREADY_SO
    ]
    recorded = await mirrored_action.record_suppressed(tx, told) if told else []
    left = [one for one in decisions if one.asked == Kind.DELETE and one.counterpart_id is not None]
    await link.end_keeping(tx, [one.camera_id for one in left], [_counterpart(one) for one in left])
    return recorded


async def _delete(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    return await link.end_removing(tx, decisions)


async def _move(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    cameras = [_counterpart(one) for one in decisions]
    left = await tx.write("rehome", cameras, [one.target_server_id for one in decisions])
    tx.log.note_changed(EventKind.CAMERA_MOVED, left)
    return [_wish(one, _counterpart(one)) for one in decisions]


async def _replace(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    cameras = [_counterpart(one) for one in decisions]
    before = await tx.write("copy_hardware", cameras, [one.camera_id for one in decisions])
    tx.log.note_changed(EventKind.CAMERA_REPLACED, before)
    return [_wish(one, _counterpart(one)) for one in decisions]


async def _add(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    rows = await tx.write(
        "insert_twins",
        tx.site_id,
        [one.camera_id for one in decisions],
        [one.target_server_id for one in decisions],
    )
    twins: list[UUID] = [row["id"] for row in all_of(rows, decisions)]
    tx.log.note_all(EventKind.CAMERA_ADDED, twins)
    link.note_linked(tx, [_ends(one, twin) for one, twin in zip(decisions, twins, strict=True)])
    return [_wish(one, twin) for one, twin in zip(decisions, twins, strict=True)]


async def _adopt(tx: SiteTransaction, decisions: Sequence[Decision]) -> list[Wish]:
    """Link what is there already; a twin left behind has to go, a camera on its way out is wanted again."""
    if not decisions:
        return []
    wishes = await link.end_removing(tx, [one for one in decisions if one.counterpart_id is not None])
    returning = [one for one in decisions if one.adopted_removing]
    await mirrored_action.want_again(tx, [_adopted(one) for one in returning])
    await link.make(tx, [_ends(one, _adopted(one)) for one in decisions])
    return wishes + [_wish(one, _adopted(one), Kind.ADD) for one in returning]


def _ends(decision: Decision, other_id: UUID) -> tuple[UUID, UUID]:
    """Return the ends of the link to another camera: that on the primary, that on the secondary."""
    backup = decision.direction == Direction.BACKUP
    return (decision.camera_id, other_id) if backup else (other_id, decision.camera_id)


def _counterpart(decision: Decision) -> UUID:
    if decision.counterpart_id is None:
        message = f"decided {decision.action} of {decision.camera_id}, which has no counterpart"
        raise ValueError(message)
    return decision.counterpart_id


def _adopted(decision: Decision) -> UUID:
    if decision.adopted_id is None:
        message = f"nothing to adopt for {decision.camera_id}"
        raise ValueError(message)
    return decision.adopted_id


def _wish(decision: Decision, camera_id: UUID, action: DeviceActionKind | None = None) -> Wish:
    return Wish(
        camera_id=camera_id,
        action=action or decision.action,
        direction=decision.direction,
        cause=decision.cause,
        because=decision.because,
        source_server_id=decision.source_server_id,
        source_camera_id=decision.camera_id,
    )
