from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, SiteAnswer, SiteInput, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.api.scalars import Revision
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


@strawberry.input(description="A site's new name.")
class UpdateSiteInput(ChangeInput):
    """What updateSite takes."""

    name: str = strawberry.field(description="1 to 200 characters, unique among sites.")


@strawberry.input(description="A site to delete, with everything of it.")
class DeleteSiteInput(SiteInput):
    """What deleteSite takes."""

    confirm_name: str = strawberry.field(description="The site's name, typed by the person.")
    if_revision: Revision | None = strawberry.field(
        default=None,
        description="Refuse with STALE_REVISION when the site's design or inventory has changed after it.",
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


@strawberry.type(description="The site was renamed.")
class SiteUpdated(Change):
    """The answer to updateSite."""


@strawberry.type(description="The site is gone, and everything of it.")
class SiteDeleted:
    """The answer to deleteSite."""

    site_id: strawberry.ID = strawberry.field(description="The id that the site had.")


@strawberry.type(description="The switches were set.")
class SyncPolicySet(Change):
    """The answer to setSyncPolicy."""


CreateSiteResult: TypeAlias = Annotated[
    SiteCreated | Refused, strawberry.union("CreateSiteResult", description="The answer to createSite.")
]
UpdateSiteResult: TypeAlias = Annotated[
    SiteUpdated | Refused, strawberry.union("UpdateSiteResult", description="The answer to updateSite.")
]
DeleteSiteResult: TypeAlias = Annotated[
    SiteDeleted | Refused, strawberry.union("DeleteSiteResult", description="The answer to deleteSite.")
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


async def update_site(info: Info, given: Input[UpdateSiteInput]) -> UpdateSiteResult:
    """Rename a site."""
    request = await begin(info, given)
    outcome = await site.update_site(info.context.database, request, given.site, given.name)
    return SiteUpdated.of(outcome, info.context.reader)


async def delete_site(info: Info, given: Input[DeleteSiteInput]) -> DeleteSiteResult:
    """Delete a site."""
    request = await begin(info, given)
    await site.delete_site(info.context.database, request, given.site, given.confirm_name)
    return SiteDeleted(site_id=ids.id_of(ids.SITE, given.site))


async def set_sync_policy(info: Info, given: Input[SetSyncPolicyInput]) -> SetSyncPolicyResult:
    """Set switches."""
    request = await begin(info, given)
    outcome = await site.set_sync_policy(info.context.database, request, given.site, given.parsed())
    return SyncPolicySet.of(outcome, info.context.reader)
