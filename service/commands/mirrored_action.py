"""acknowledgeMirroredActions, retryMirroredActions, abandonMirroredActions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from service.model.acknowledgement import (
    ActionState,
    Rejected,
    Verdict,
    can_abandon,
    can_retry,
    judge,
    rejection,
    rounds,
)
from service.model.hardware import clean_text
from service.model.inputs import ResultInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Refusal, Refused, collect, refuse_if
from service.model.vocabulary import RefusalCode
from service.store import acknowledgement as store
from service.store import mirrored_action
from service.store.database import Database
from service.store.transaction import SiteTransaction, change_site

LONGEST_NOTE = 2000
TAKEN = "The place or the hardware to go back to is taken by another camera; resolve that one first."


async def acknowledge(
    database: Database, request: Request, site_id: UUID, results: Sequence[ResultInput]
) -> Outcome:
    """Take what connectors say became of actions, item by item."""
    results = _cleaned(results)

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        rejected: list[Rejected] = []
        states = await store.states(tx, [one.action_id for one in results])
        for said in rounds(((one.action_id, one) for one in results), states):
            rejected += await _acknowledge(tx, [one for _, one in said])
        tx.log.arrange(one.action_id for one in results)
        return _answer(len(results), rejected)

    return await change_site(database, site_id, request, work, moves_design=False)


def _cleaned(results: Sequence[ResultInput]) -> list[ResultInput]:
    """Return the results with ids of recorders as they are stored."""
    refusals: list[Refusal] = []
    cleaned: list[ResultInput] = []
    for index, one in enumerate(results):
        external_id = one.external_id
        if external_id is not None:
            path = ("results", str(index), "externalId")
            external_id = collect(refusals, path, clean_text, external_id, "externalId")
        cleaned.append(replace(one, external_id=external_id))
    refuse_if(refusals)
    return cleaned


async def _acknowledge(tx: SiteTransaction, results: Sequence[ResultInput]) -> list[Rejected]:
    states = await store.states(tx, [one.action_id for one in results])
    judged = [(states.get(one.action_id), one) for one in results]
    verdicts = [(state, one, judge(state, one.outcome)) for state, one in judged]

    def of(verdict: Verdict) -> list[tuple[ActionState, ResultInput]]:
        return [(state, one) for state, one, given in verdicts if given == verdict and state is not None]

    await store.apply(tx, of(Verdict.APPLIED))
    await store.fail(tx, of(Verdict.FAILED), of(Verdict.OVERTAKEN), of(Verdict.KEPT))
    await store.clear_late(tx, of(Verdict.LATE))
    refused = (Verdict.UNKNOWN, Verdict.LATE, Verdict.REJECTED)
    return [rejection(one.action_id, state, given) for state, one, given in verdicts if given in refused]


async def retry(database: Database, request: Request, site_id: UUID, action_ids: Sequence[UUID]) -> Outcome:
    """Queue failed actions again, made anew."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        rejected: list[Rejected] = []
        for group in rounds(((one, None) for one in action_ids), await store.states(tx, action_ids)):
            rejected += await _retry(tx, [one for one, _ in group])
        return _answer(len(action_ids), rejected)

    return await change_site(database, site_id, request, work, moves_design=False)


async def _retry(tx: SiteTransaction, action_ids: Sequence[UUID]) -> list[Rejected]:
    states = await store.states(tx, action_ids)
    chosen = [one for one in action_ids if can_retry(states.get(one))]
    await mirrored_action.queue_again(tx, chosen)
    return _rejected(action_ids, states, chosen, "only one that FAILED can be tried again")


async def abandon(
    database: Database, request: Request, site_id: UUID, action_ids: Sequence[UUID], because: str
) -> Outcome:
    """Give unresolved actions up, with a person's reason."""
    note = because.strip()
    if not 1 <= len(note) <= LONGEST_NOTE:
        message = f"Say why, in 1 to {LONGEST_NOTE} characters; the reason is kept with the actions."
        raise Refused(Refusal(RefusalCode.INVALID_INPUT, message, ("because",)))

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        rejected: list[Rejected] = []
        for group in rounds(((one, None) for one in action_ids), await store.states(tx, action_ids)):
            rejected += await _abandon(tx, [one for one, _ in group], note)
        tx.log.arrange(action_ids)
        return _answer(len(action_ids), rejected)

    return await change_site(database, site_id, request, work)


async def _abandon(tx: SiteTransaction, action_ids: Sequence[UUID], note: str) -> list[Rejected]:
    states = await store.states(tx, action_ids)
    chosen = [states[one] for one in action_ids if can_abandon(states.get(one))]
    stuck = await store.abandon(tx, chosen, note)
    ids = [one.id for one in chosen]
    return _rejected(action_ids, states, ids, "only an unresolved one can be abandoned") + [
        Rejected(one.id, one.status, TAKEN) for one in stuck
    ]


def _rejected(
    action_ids: Sequence[UUID], states: dict[UUID, ActionState], chosen: Sequence[UUID], rule: str
) -> list[Rejected]:
    taken = set(chosen)
    rejected = []
    for action_id in action_ids:
        state = states.get(action_id)
        if action_id in taken:
            continue
        unknown = "There is no such action in this site; check the id."
        message = f"The action is {state.status}; {rule}." if state else unknown
        rejected.append(Rejected(action_id, state.status if state else None, message))
    return rejected


def _answer(asked: int, rejected: Sequence[Rejected]) -> dict[str, Any]:
    return {
        "accepted": asked - len(rejected),
        "rejected": [
            {"actionId": str(one.action_id), "status": one.status, "message": one.message} for one in rejected
        ],
    }
