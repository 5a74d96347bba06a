"""What servers can make a pairing, and which homes its primaries can have. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.model.inputs import AssignmentInput, PairingInput, PairingUpdateInput
from service.model.refusals import PairingShape, Path, Refusal
from service.model.vocabulary import PairingStyle
from service.model.vocabulary import RefusalCode as Code


@dataclass(frozen=True, slots=True)
class PairingState:
    """A pairing as it stands; `homes`: its primaries, each with its home secondary."""

    id: UUID
    style: PairingStyle
    homes: Mapping[UUID, UUID]
    secondary_ids: tuple[UUID, ...]

    @property
    def members(self) -> tuple[UUID, ...]:
        """All of its servers."""
        return *self.homes, *self.secondary_ids


def updated(before: PairingState, update: PairingUpdateInput) -> PairingInput:
    """Return the pairing that an update is to end with."""
    return PairingInput(
        update.style or before.style,
        _changed(before.homes, update.remove_primary_ids, update.add_primary_ids),
        _changed(before.secondary_ids, update.remove_secondary_ids, update.add_secondary_ids),
        update.assignments,
    )


def _changed(members: Iterable[UUID], removed: Sequence[UUID], added: Sequence[UUID]) -> tuple[UUID, ...]:
    leaving = set(removed)
    return tuple(dict.fromkeys([*(one for one in members if one not in leaving), *added]))


def kept_homes(before: PairingState, after: PairingInput) -> dict[UUID, UUID]:
    """Return the homes that stay: those of primaries and secondaries that stay, unless another one is assigned."""
    given = {one.primary_id: one.secondary_id for one in after.assignments}
    primaries, secondaries = set(after.primary_ids), set(after.secondary_ids)
    return {
        primary: home
        for primary, home in before.homes.items()
        if primary in primaries and home in secondaries and given.get(primary, home) == home
    }


def shape_refusals(style: PairingStyle, primaries: int, secondaries: int, path: Path) -> list[Refusal]:
    """Return the refusal of a style that does not fit the counts."""
    if style == PairingStyle.SYMMETRIC:
        fits, code = primaries == secondaries == 1, Code.SYMMETRIC_NEEDS_ONE_TO_ONE
        rule = "A symmetric pairing has exactly 1 primary and 1 secondary"
    else:
        fits, code = primaries > secondaries >= 1, Code.ASYMMETRIC_NEEDS_MORE_PRIMARIES
        rule = "An asymmetric pairing has more primaries than secondaries, and at least 1 secondary"
    if fits:
        return []
    message = f"{rule}; this one has {primaries} and {secondaries}."
    return [PairingShape(code, message, path, style=style, primaries=primaries, secondaries=secondaries)]


def assignment_refusals(
    assignments: Sequence[AssignmentInput],
    primary_ids: Collection[UUID],
    secondary_ids: Collection[UUID],
    path: Path,
) -> list[Refusal]:
    """Return the refusals of assignments that name no primary or no secondary of the pairing, or one primary twice."""
    refusals = []
    assigned: set[UUID] = set()
    for index, one in enumerate(assignments):
        place = (*path, "assignments", str(index))
        if one.primary_id not in primary_ids:
            message = "An assignment names a primary of this pairing; this one is none."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "primaryId")))
        elif one.primary_id in assigned:
            message = "The primary is assigned twice; it has one home secondary."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "primaryId")))
        if one.secondary_id not in secondary_ids:
            message = "An assignment names a secondary of this pairing; this one is none."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "secondaryId")))
        assigned.add(one.primary_id)
    return refusals
