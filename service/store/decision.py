"""Asks PostgreSQL what the other side has to do; the rules are in sql/decide.sql and the table mirror_rule."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from service.model.decision import CHOSEN, GATES, Decision, DeviceAction
from service.model.vocabulary import DeviceActionKind, Direction, MirrorCause, SuppressionReason
from service.store.statements import statement
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction


async def decide(tx: SiteTransaction, asked: Sequence[DeviceAction]) -> list[Decision]:
    """Decide all of them in one statement; the answers are in input order.

    Those that stand in each other's way in a ring, as when two devices were swapped, stand in nobody's.
    """
    rows = await tx.connection.fetch(
        statement("decide"),
        tx.site_id,
        [one.action.value for one in asked],
        [one.cause.value for one in asked],
        [one.camera_id for one in asked],
        [one.left_server_id for one in asked],
        [one.target_server_id for one in asked],
    )
    ring = _ring(all_of(rows, asked))
    return [_decision(row, in_ring=row["counterpart_id"] in ring) for row in rows]


def _ring(rows: Sequence[asyncpg.Record]) -> set[UUID]:
    """Return the counterparts that are to have the hardware, or the place, that another of them has.

    Of two that want the same of one, the first gets it.
    """
    claimed = {
        row["occupier_id"]: row["counterpart_id"]
        for row in reversed(rows)
        if row["action"] in (DeviceActionKind.REPLACE, DeviceActionKind.MOVE)
        and row["reason"] == SuppressionReason.TARGET_OCCUPIED
    }
    standing = {counterpart: occupier for occupier, counterpart in claimed.items()}
    ends = [one for one, occupier in standing.items() if occupier not in standing]
    while ends:
        end = ends.pop()
        del standing[end]
        if standing.get(claimed.get(end)) == end:
            ends.append(claimed[end])
    return set(standing)


def _decision(row: asyncpg.Record, *, in_ring: bool) -> Decision:
    cause = MirrorCause(row["cause"])
    reason = SuppressionReason(row["reason"]) if row["reason"] and not in_ring else None
    return Decision(
        camera_id=row["camera_id"],
        asked=DeviceActionKind(row["asked_action"]),
        action=DeviceActionKind(row["action"]),
        direction=Direction(row["direction"]),
        cause=cause,
        source_server_id=row["source_server_id"],
        counterpart_id=row["counterpart_id"],
        reason=reason,
        because=_because(cause, reason, row["rule"]),
        target_server_id=row["target_server_id"],
        adopted_id=row["adopted_id"],
        adopted_removing=row["adopted_removing"],
        occupier_id=row["occupier_id"],
    )


def _because(cause: MirrorCause, reason: SuppressionReason | None, rule: str | None) -> str:
    """The gate's sentence, else the chosen cause's, else the matrix's own."""
    if reason in GATES:
        return GATES[reason]
    return CHOSEN.get(cause) or rule or ""
