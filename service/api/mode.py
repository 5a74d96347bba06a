from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.api.types.mode import ModeChangeImpact
from service.commands import site
from service.model.vocabulary import Mode


@strawberry.input(description="The mode to choose.")
class SetModeInput(ChangeInput):
    """What setMode takes."""

    mode: Mode = strawberry.field(description="The mode.")
    confirm_impact: bool = strawberry.field(
        default=False,
        description="A person has seen the impact and wants it. Needed when pairings are dissolved or cameras lose "
        "protection; a dry run needs none and tells it.",
    )


def impact_of(root: "ModeSet") -> ModeChangeImpact:
    """Return what the change did."""
    return ModeChangeImpact.of_json(root.outcome.detail["impact"])


def dissolved_of(root: "ModeSet") -> list[strawberry.ID]:
    """Return which pairings ended."""
    return [ids.id_of(ids.PAIRING, value) for value in root.outcome.detail["dissolvedPairingIds"]]


@strawberry.type(description="The mode was chosen.")
class ModeSet(Change):
    """The answer to setMode."""

    impact: ModeChangeImpact = strawberry.field(resolver=impact_of, description="What it did, or would do.")
    dissolved_pairing_ids: list[strawberry.ID] = strawberry.field(
        resolver=dissolved_of, description="The pairings that ended, or would end."
    )


SetModeResult: TypeAlias = Annotated[
    ModeSet | Refused, strawberry.union("SetModeResult", description="The answer to setMode.")
]


async def set_mode(info: Info, given: Input[SetModeInput]) -> SetModeResult:
    """Choose the mode."""
    request = await begin(info, given)
    outcome = await site.set_mode(
        info.context.database, request, given.site, given.mode, confirm_impact=given.confirm_impact
    )
    return ModeSet.of(outcome, info.context.reader)
