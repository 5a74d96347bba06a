"""What a change asks for beside its input, and what it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

PLANNED_ACTIONS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for a change and how; `input_hash` is of everything that the idempotency key stands for."""

    actor: str
    mutation: str
    if_revision: int | None = None
    idempotency_key: str | None = None
    input_hash: bytes = b""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class MirrorSummary:
    """What a change set in motion: counts, and the first PLANNED_ACTIONS_SHOWN actions as rows of
    `mirrored_action` in the order of their events (JSON of the columns).
    """

    queued: int = 0
    blocked: int = 0
    suppressed: int = 0
    actions: tuple[Mapping[str, Any], ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change's answer in values and ids, JSON throughout, so that an idempotency key can bring it back.

    `detail` holds what is particular to the mutation: ids of Nodes, counts, impact, planned pairings.
    """

    site_id: UUID
    revision: int
    change_id: UUID | None
    dry_run: bool
    mirrored: MirrorSummary
    detail: Mapping[str, Any] = field(default_factory=dict)
