from typing import Annotated, TypeAlias

import strawberry

from service.api.change import Change, ChangeInput, Input, SiteAnswer, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.commands import site
from service.model.inputs import SyncPolicyInput


@strawberry.input(description="A new site.")
class CreateSiteInput:
    """What createSite takes."""

    name: str = strawberry.field(description="1 to 200 characters, unique among sites.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="1 to 200 characters that stand for this input: the same again within 24 hours answers the same "
        "and makes no other site.",
    )


@strawberry.input(description="Which switches to set. Null or absent: leave as it is.")
class SetSyncPolicyInput(ChangeInput):
    """What setSyncPolicy takes."""

    backup: bool | None = strawberry.field(default=None, description="Mirror what happens on primaries.")
    restore: bool | None = strawberry.field(default=None, description="Mirror what happens on secondaries.")
    add: bool | None = strawberry.field(default=None, description="Mirror added cameras.")
    move: bool | None = strawberry.field(default=None, description="Mirror moved cameras.")
    delete: bool | None = strawberry.field(default=None, description="Mirror deleted cameras.")
    replace: bool | None = strawberry.field(default=None, description="Mirror replaced cameras.")

    def parsed(self) -> SyncPolicyInput:
        """Return the switches."""
        return SyncPolicyInput(self.backup, self.restore, self.add, self.move, self.delete, self.replace)


@strawberry.type(description="The site was made.")
class SiteCreated(SiteAnswer):
    """The answer to createSite."""


@strawberry.type(description="The switches were set.")
class SyncPolicySet(Change):
    """The answer to setSyncPolicy."""


CreateSiteResult: TypeAlias = Annotated[
    SiteCreated | Refused, strawberry.union("CreateSiteResult", description="The answer to createSite.")
]
SetSyncPolicyResult: TypeAlias = Annotated[
    SyncPolicySet | Refused,
    strawberry.union("SetSyncPolicyResult", description="The answer to setSyncPolicy."),
]


async def create_site(info: Info, given: Input[CreateSiteInput]) -> CreateSiteResult:
    """Make an empty site."""
    request = await begin(info, given)
    outcome = await site.create_site(info.context.database, request, given.name)
    return SiteCreated.of(outcome, info.context.reader)


async def set_sync_policy(info: Info, given: Input[SetSyncPolicyInput]) -> SetSyncPolicyResult:
    """Set switches."""
    request = await begin(info, given)
    outcome = await site.set_sync_policy(info.context.database, request, given.site, given.parsed())
    return SyncPolicySet.of(outcome, info.context.reader)
