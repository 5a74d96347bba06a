from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.commands.reconciliation import reconcile as carry_out
from service.model import inputs
from service.model.vocabulary import Direction


@strawberry.input(
    description="Queue whatever makes recorders equal to the design. Named servers or pairings: their recorders are "
    "taken to hold nothing for sure. None named: the whole site, only what the inventory knows to differ."
)
class ReconcileInput(ChangeInput):
    """What reconcile takes."""

    server_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Servers of the side that the direction leads to."
    )
    pairing_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Pairings, for their servers of that side."
    )
    direction: Direction = strawberry.field(
        default=Direction.BACKUP, description="BACKUP: secondaries. RESTORE: primaries."
    )

    def parsed(self) -> inputs.ReconcileInput:
        """Return the same with UUIDs."""
        return inputs.ReconcileInput(
            ids.uuids_of(ids.SERVER, self.server_ids or ()),
            ids.uuids_of(ids.PAIRING, self.pairing_ids or ()),
            self.direction,
        )


@strawberry.type(description="What makes recorders equal to the design is queued.")
class Reconciled(Change):
    """The answer to reconcile."""


ReconcileResult: TypeAlias = Annotated[
    Reconciled | Refused, strawberry.union("ReconcileResult", description="The answer to reconcile.")
]


async def reconcile(info: Info, given: Input[ReconcileInput]) -> ReconcileResult:
    """Make recorders equal to the design."""
    request = await begin(info, given)
    outcome = await carry_out(info.context.database, request, given.site, given.parsed())
    return Reconciled.of(outcome, info.context.reader)
