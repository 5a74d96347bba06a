"""What all changes of a site take and answer."""

from collections.abc import Sequence
from typing import Annotated, Self, TypeAlias, TypeVar
from uuid import UUID

import strawberry

from service.api import ids
from service.api.context import Info
from service.api.faults import BadRequestError
from service.api.input_checks import check_input, input_hash
from service.api.reader import Reader
from service.api.scalars import Revision
from service.api.types import site as sites
from service.api.types.mirrored_action import PlannedAction
from service.api.types.site import Site
from service.model import outcome as outcomes
from service.model.outcome import Outcome, Request

T = TypeVar("T")

Input: TypeAlias = Annotated[T, strawberry.argument(name="input", description="What to do.")]


@strawberry.input(description="What changes of a site take beside what they are about.")
class SiteInput:
    """An input for one site."""

    site_id: strawberry.ID = strawberry.field(description="The site.")

    @property
    def site(self) -> UUID:
        """The site's UUID."""
        return ids.uuid_of(ids.SITE, self.site_id)


@strawberry.input(description="What changes of a site's design or inventory take beside what they are about.")
class ChangeInput(SiteInput):
    """An input that can be tried, repeated and made to depend on what was seen."""

    if_revision: Revision | None = strawberry.field(
        default=None,
        description="Refuse with STALE_REVISION when the site's design or inventory has changed after it.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="1 to 200 characters that stand for this input: the same again within 24 hours answers the same "
        "and changes nothing.",
    )
    dry_run: bool = strawberry.field(
        default=False, description="Do everything, answer what would be, commit nothing."
    )


async def begin(info: Info, given: object) -> Request:
    """Return what a change asks for beside its input; Refused when any change's input would be."""
    check_input(given)
    # What earlier mutations of this operation answered is complete: its connection would keep others waiting, and
    # what this one answers has to be read after it.
    await info.context.close_reader()
    key = getattr(given, "idempotency_key", None)
    return Request(
        actor=info.context.actor,
        mutation=info.field_name,
        if_revision=getattr(given, "if_revision", None),
        idempotency_key=key,
        input_hash=b"" if key is None else input_hash(given),
        dry_run=getattr(given, "dry_run", False),
    )


@strawberry.type(description="What a change set, or would set, in motion.")
class MirrorSummary:
    """The mirrored actions of a change."""

    queued: int = strawberry.field(description="How many actions are QUEUED.")
    blocked: int = strawberry.field(description="How many actions are BLOCKED.")
    suppressed: int = strawberry.field(description="How many actions are SUPPRESSED.")
    actions: list[PlannedAction] = strawberry.field(description="The first 500.")
    truncated: bool = strawberry.field(description="Whether there are more than these.")

    @classmethod
    def of(cls, mirrored: outcomes.MirrorSummary, reader: Reader) -> Self:
        """Make the summary."""
        return cls(
            queued=mirrored.queued,
            blocked=mirrored.blocked,
            suppressed=mirrored.suppressed,
            actions=[PlannedAction.of(row, reader) for row in mirrored.actions],
            truncated=mirrored.truncated,
        )


async def site_of(root: "SiteAnswer") -> Site:
    """Return the site that was changed."""
    site = await sites.find(root.reader, root.outcome.site_id)
    if site is None:
        raise BadRequestError("The site was deleted right after this change: there is nothing of it to read.")
    return site


@strawberry.type(description="What every successful mutation answers with.")
class SiteAnswer:
    """An outcome, and the reader of its Nodes; never in the schema by itself."""

    outcome: strawberry.Private[Outcome]
    reader: strawberry.Private[Reader]
    site: Site = strawberry.field(resolver=site_of, description="The site, as it stands now.")
    revision: Revision = strawberry.field(
        description="The site's revision after the change; the present one on a dry run."
    )

    @classmethod
    def of(cls, outcome: Outcome, reader: Reader) -> Self:
        """Make the answer."""
        return cls(outcome=outcome, reader=reader, revision=Revision(outcome.revision))

    def uuids(self, name: str) -> Sequence[UUID]:
        """Return the UUIDs of Nodes in the answer."""
        return [UUID(value) for value in self.outcome.detail[name]]

    def uuid(self, name: str) -> UUID | None:
        """Return the UUID of a Node in the answer; null when there is none."""
        value = self.outcome.detail.get(name)
        return UUID(value) if value else None


@strawberry.interface(
    description="What every successful change answers with. On a dry run every Node in the answer is as it stands "
    "now, and what would be new is null."
)
class Change(SiteAnswer):
    """An answer with what was set in motion."""

    change_id: strawberry.ID | None = strawberry.field(
        description="Null on a dry run, and when there was nothing to change."
    )
    dry_run: bool = strawberry.field(description="Whether this only tells what would be.")
    mirrored: MirrorSummary = strawberry.field(description="What was, or would be, set in motion.")

    @classmethod
    def of(cls, outcome: Outcome, reader: Reader) -> Self:
        """Make the answer."""
        return cls(
            outcome=outcome,
            reader=reader,
            revision=Revision(outcome.revision),
            change_id=ids.id_or_null(ids.CHANGE, outcome.change_id),
            dry_run=outcome.dry_run,
            mirrored=MirrorSummary.of(outcome.mirrored, reader),
        )
