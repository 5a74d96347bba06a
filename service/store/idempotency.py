"""Remembered answers: the same key and input get the first answer, for KEPT hours."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from service.model.outcome import MirrorSummary, Outcome, Request
from service.model.refusals import Refusal, Refused
from service.model.vocabulary import RefusalCode
from service.store.database import Connection
from service.store.statements import statement

KEPT = 24
LONGEST_KEY = 200


async def recall(connection: Connection, site_id: UUID | None, request: Request) -> Outcome | None:
    """Return the answer that the request's key had; the caller holds the lock under which keys are written."""
    if request.idempotency_key is None or request.dry_run:
        return None
    if not 1 <= len(request.idempotency_key) <= LONGEST_KEY:
        raise Refused(
            Refusal(
                RefusalCode.INVALID_INPUT,
                f"An idempotency key has 1 to {LONGEST_KEY} characters.",
                ("idempotencyKey",),
            )
        )
    row = await connection.fetchrow(
        statement("recall_answer"), site_id, request.actor, request.mutation, request.idempotency_key, KEPT
    )
    if row is None:
        return None
    if row["input_hash"] != request.input_hash:
        raise Refused(
            Refusal(
                RefusalCode.IDEMPOTENCY_KEY_REUSED,
                "This idempotency key was used with another input; take a new key for a new change.",
                ("idempotencyKey",),
            )
        )
    return _outcome(row["answer"])


async def remember(connection: Connection, site_id: UUID | None, request: Request, outcome: Outcome) -> None:
    """Keep the answer with the change that it belongs to."""
    if request.idempotency_key is None or request.dry_run:
        return
    await connection.execute(
        statement("remember_answer"),
        site_id,
        outcome.site_id,
        request.actor,
        request.mutation,
        request.idempotency_key,
        request.input_hash,
        _answer(outcome),
    )


def _answer(outcome: Outcome) -> dict[str, Any]:
    change_id = None if outcome.change_id is None else str(outcome.change_id)
    return {**asdict(outcome), "site_id": str(outcome.site_id), "change_id": change_id}


def _outcome(answer: dict[str, Any]) -> Outcome:
    mirrored = answer["mirrored"]
    return Outcome(
        site_id=UUID(answer["site_id"]),
        revision=answer["revision"],
        change_id=UUID(answer["change_id"]) if answer["change_id"] else None,
        dry_run=False,
        mirrored=MirrorSummary(**{**mirrored, "actions": tuple(mirrored["actions"])}),
        detail=answer["detail"],
    )
