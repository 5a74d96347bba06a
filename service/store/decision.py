"""Asks PostgreSQL what the other side has to do; the rules are in sql/decide.sql and the table mirror_rule."""

from collections.abc import Sequence

import asyncpg

from service.model.decision import CHOSEN, GATES, Decision, DeviceAction
from service.model.vocabulary import DeviceActionKind, Direction, MirrorCause, SuppressionReason
from service.store.statements import statement
from service.store.transaction import SiteTransaction


async def decide(tx: SiteTransaction, asked: Sequence[DeviceAction]) -> list[Decision]:
    """Decide all of them in one statement; the answers are in input order."""
    rows = await tx.connection.fetch(
        statement("decide"),
        tx.site_id,
        [one.action.value for one in asked],
        [one.cause.value for one in asked],
        [one.camera_id for one in asked],
        [one.left_server_id for one in asked],
        [one.target_server_id for one in asked],
    )
    return [_decision(row) for row in rows]


def _decision(row: asyncpg.Record) -> Decision:
    cause = MirrorCause(row["cause"])
    reason = SuppressionReason(row["reason"]) if row["reason"] else None
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
    )


def _because(cause: MirrorCause, reason: SuppressionReason | None, rule: str | None) -> str:
    """The gate's sentence, else the chosen cause's, else the matrix's own."""
    if reason in GATES:
        return GATES[reason]
    return CHOSEN.get(cause) or rule or ""
