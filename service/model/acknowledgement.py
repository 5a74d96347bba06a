"""Verdicts on what connectors and persons say of mirrored actions, item by item. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar
from uuid import UUID

from service.model.vocabulary import UNRESOLVED, DeviceActionKind, MirrorOutcome, MirrorStatus

Item = TypeVar("Item")


class Verdict(Enum):
    """What an item does."""

    UNKNOWN = auto()
    REPEATED = auto()
    APPLIED = auto()
    FAILED = auto()
    OVERTAKEN = auto()
    KEPT = auto()
    LATE = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class ActionState:
    """What a verdict depends on. `removing`: of the target camera, null once it is gone. `waiting_id`: the action
    BLOCKED behind this one.
    """

    id: UUID
    status: MirrorStatus
    outcome: MirrorOutcome | None
    action: DeviceActionKind
    target_camera_id: UUID | None
    removing: bool | None
    linked: bool
    waiting_id: UUID | None
    waiting_action: DeviceActionKind | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that was not accepted, and the action's present status (null: there is no such action)."""

    action_id: UUID
    status: MirrorStatus | None
    message: str


def judge(state: ActionState | None, outcome: MirrorOutcome) -> Verdict:
    """Tell what an acknowledged outcome does to an action."""
    if state is None:
        return Verdict.UNKNOWN
    if state.outcome == outcome:
        return Verdict.REPEATED
    if outcome == MirrorOutcome.APPLIED:
        return _judge_applied(state)
    if state.status != MirrorStatus.QUEUED:
        return Verdict.REJECTED
    if state.waiting_id is not None:
        return Verdict.OVERTAKEN
    ended = not state.linked and state.action != DeviceActionKind.DELETE
    return Verdict.KEPT if ended else Verdict.FAILED


def _judge_applied(state: ActionState) -> Verdict:
    if state.status in (MirrorStatus.QUEUED, MirrorStatus.FAILED):
        return Verdict.APPLIED
    ended = state.status in (MirrorStatus.ABANDONED, MirrorStatus.SUPERSEDED)
    return Verdict.LATE if ended and state.action == DeviceActionKind.ADD else Verdict.REJECTED


def rejection(action_id: UUID, state: ActionState | None, verdict: Verdict) -> Rejected:
    """Say why an acknowledgement was not accepted."""
    if state is None:
        return Rejected(action_id, None, "There is no such action in this site; check the id.")
    if verdict == Verdict.LATE:
        message = (
            f"The action was {state.status} before it was applied; "
            "if the device is not wanted on that server, its removal is queued."
        )
    else:
        message = f"The action is {state.status}; only one that was sent and is not decided yet can be acknowledged."
    return Rejected(action_id, state.status, message)


def can_retry(state: ActionState | None) -> bool:
    """Only a failed action is tried again."""
    return state is not None and state.status == MirrorStatus.FAILED


def can_abandon(state: ActionState | None) -> bool:
    """Only what is unresolved is abandoned."""
    return state is not None and state.status in UNRESOLVED


def rounds(
    items: Iterable[tuple[UUID, Item]], states: Mapping[UUID, ActionState]
) -> list[list[tuple[UUID, Item]]]:
    """Split items, keeping their order, so that no round speaks twice of one target camera: a round is judged and
    done in sets, and the next one sees what it did.
    """
    said: dict[UUID, int] = {}
    split: list[list[tuple[UUID, Item]]] = []
    for action_id, item in items:
        state = states.get(action_id)
        subject = (state.target_camera_id if state else None) or action_id
        place = said.get(subject, 0)
        said[subject] = place + 1
        if place == len(split):
            split.append([])
        split[place].append((action_id, item))
    return split
