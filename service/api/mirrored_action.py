from collections.abc import Iterable, Mapping
from typing import Annotated, Self, TypeAlias
from uuid import UUID

import strawberry

from service.api import ids
from service.api.change import Input, SiteAnswer, SiteInput, begin
from service.api.context import Info
from service.api.reader import Reader
from service.api.refusal import Refused
from service.api.scalars import Revision
from service.commands import mirrored_action
from service.model import inputs
from service.model.outcome import Outcome
from service.model.vocabulary import MirrorOutcome, MirrorStatus

LONGEST_ERROR = 2_000


@strawberry.input(description="What became of an action on the recorder.")
class MirrorResultInput:
    """A connector's word on one action."""

    action_id: strawberry.ID = strawberry.field(description="The action.")
    outcome: MirrorOutcome = strawberry.field(
        description="What became of it. APPLIED also when the recorder was as asked already."
    )
    error: str | None = strawberry.field(
        default=None,
        description=f"Of FAILED: the recorder's words, of which the first {LONGEST_ERROR:,} characters are kept.",
    )
    external_id: str | None = strawberry.field(
        default=None, description="The recorder's own id for the device."
    )

    def parsed(self) -> inputs.ResultInput:
        """Return the result with UUIDs."""
        action_id = ids.uuid_of(ids.ACTION, self.action_id)
        error = self.error and self.error[:LONGEST_ERROR]
        return inputs.ResultInput(action_id, self.outcome, error, self.external_id)


@strawberry.input(description="What became of mirrored actions.")
class AcknowledgeMirroredActionsInput(SiteInput):
    """What acknowledgeMirroredActions takes."""

    results: list[MirrorResultInput] = strawberry.field(
        description="1 to 10,000 results, judged one by one in this order."
    )


@strawberry.input(description="Failed actions to try again.")
class RetryMirroredActionsInput(SiteInput):
    """What retryMirroredActions takes."""

    action_ids: list[strawberry.ID] = strawberry.field(description="1 to 10,000 actions that FAILED.")


@strawberry.input(description="Unresolved actions to give up.")
class AbandonMirroredActionsInput(SiteInput):
    """What abandonMirroredActions takes."""

    action_ids: list[strawberry.ID] = strawberry.field(description="1 to 10,000 unresolved actions.")
    because: str = strawberry.field(description="A person's reason; kept in `note`.")


@strawberry.type(description="An item that was not accepted.")
class RejectedAction:
    """One rejected item."""

    action_id: strawberry.ID = strawberry.field(description="The action, as it was named.")
    status: MirrorStatus | None = strawberry.field(
        description="Where the action stands. Null: there is no such action."
    )
    message: str = strawberry.field(description="Why it was not accepted.")


def accepted_of(root: "Judged") -> int:
    """Return how many items were accepted."""
    return int(root.outcome.detail["accepted"])


def rejected_of(root: "Judged") -> list[RejectedAction]:
    """Return which items were not accepted, and why."""
    return [
        RejectedAction(
            action_id=root.named[UUID(one["actionId"])],
            status=MirrorStatus(one["status"]) if one["status"] else None,
            message=one["message"],
        )
        for one in root.outcome.detail["rejected"]
    ]


@strawberry.type(description="Items that were judged one by one.")
class Judged(SiteAnswer):
    """What the three mutations answer; never in the schema by itself.

    `named`: the ids that were given, by their UUIDs.
    """

    named: strawberry.Private[Mapping[UUID, strawberry.ID]]

    accepted: int = strawberry.field(resolver=accepted_of, description="How many items were accepted.")
    rejected: list[RejectedAction] = strawberry.field(
        resolver=rejected_of, description="The others: a bad item never holds back the rest."
    )

    @classmethod
    def about(cls, action_ids: Iterable[strawberry.ID], outcome: Outcome, reader: Reader) -> Self:
        """Make the answer about these actions."""
        named = {ids.uuid_of(ids.ACTION, given): given for given in action_ids}
        return cls(outcome=outcome, reader=reader, revision=Revision(outcome.revision), named=named)


@strawberry.type(description="The results were judged.")
class MirroredActionsAcknowledged(Judged):
    """The answer to acknowledgeMirroredActions."""


@strawberry.type(description="The actions were queued again.")
class MirroredActionsRetried(Judged):
    """The answer to retryMirroredActions."""


@strawberry.type(description="The actions were given up.")
class MirroredActionsAbandoned(Judged):
    """The answer to abandonMirroredActions."""


AcknowledgeMirroredActionsResult: TypeAlias = Annotated[
    MirroredActionsAcknowledged | Refused,
    strawberry.union(
        "AcknowledgeMirroredActionsResult", description="The answer to acknowledgeMirroredActions."
    ),
]
RetryMirroredActionsResult: TypeAlias = Annotated[
    MirroredActionsRetried | Refused,
    strawberry.union("RetryMirroredActionsResult", description="The answer to retryMirroredActions."),
]
AbandonMirroredActionsResult: TypeAlias = Annotated[
    MirroredActionsAbandoned | Refused,
    strawberry.union("AbandonMirroredActionsResult", description="The answer to abandonMirroredActions."),
]


async def acknowledge(
    info: Info, given: Input[AcknowledgeMirroredActionsInput]
) -> AcknowledgeMirroredActionsResult:
    """Take what connectors say."""
    request = await begin(info, given)
    results = [one.parsed() for one in given.results]
    outcome = await mirrored_action.acknowledge(info.context.database, request, given.site, results)
    named = (one.action_id for one in given.results)
    return MirroredActionsAcknowledged.about(named, outcome, info.context.reader)


async def retry(info: Info, given: Input[RetryMirroredActionsInput]) -> RetryMirroredActionsResult:
    """Queue failed actions again."""
    request = await begin(info, given)
    wanted = ids.uuids_of(ids.ACTION, given.action_ids)
    outcome = await mirrored_action.retry(info.context.database, request, given.site, wanted)
    return MirroredActionsRetried.about(given.action_ids, outcome, info.context.reader)


async def abandon(info: Info, given: Input[AbandonMirroredActionsInput]) -> AbandonMirroredActionsResult:
    """Give actions up."""
    request = await begin(info, given)
    wanted = ids.uuids_of(ids.ACTION, given.action_ids)
    outcome = await mirrored_action.abandon(info.context.database, request, given.site, wanted, given.because)
    return MirroredActionsAbandoned.about(given.action_ids, outcome, info.context.reader)
