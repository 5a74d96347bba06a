from typing import Annotated

import strawberry

from service.api import ids
from service.api.context import Info
from service.api.paging import After, First
from service.api.types import camera as cameras
from service.api.types import mirrored_action as mirrored_actions
from service.api.types import pairing as pairings
from service.api.types import server as servers
from service.api.types import site as sites
from service.api.types.mirror_rule import MirrorRule
from service.api.types.mode import ModeOption, mode_options
from service.api.types.node import Node
from service.api.types.site import Site, SiteConnection
from service.store.read.sites import mirror_rules

_FIND = {
    ids.SITE: sites.find,
    ids.SERVER: servers.find,
    ids.CAMERA: cameras.find,
    ids.PAIRING: pairings.find,
    ids.ACTION: mirrored_actions.find,
}


async def node(
    info: Info, wanted: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its id.")]
) -> Node | None:
    """Return anything that has an id, by it."""
    kind, value = ids.parse_id(wanted)
    find = _FIND.get(kind)
    return await find(info.context.reader, value) if find else None


async def site(
    info: Info, wanted: Annotated[strawberry.ID, strawberry.argument(name="id", description="The site's id.")]
) -> Site | None:
    """Return a site by its id."""
    return await sites.find(info.context.reader, ids.uuid_of(ids.SITE, wanted))


async def all_sites(info: Info, first: First = 50, after: After = None) -> SiteConnection:
    """Return a page of all sites."""
    return await sites.page(info.context.reader, first, after)


async def all_mirror_rules(info: Info) -> list[MirrorRule]:
    """Return the matrix."""
    return [MirrorRule.of(row) for row in await mirror_rules(info.context.reader.snapshot)]


@strawberry.type(description="What can be read. All of one operation's answer is of one moment.")
class Query:
    """The queries."""

    node: Node | None = strawberry.field(
        resolver=node, description="Anything that has an id; null when there is no such thing."
    )
    site: Site | None = strawberry.field(
        resolver=site, description="A site; null when there is no such site."
    )
    sites: SiteConnection = strawberry.field(resolver=all_sites, description="All sites by name, id.")
    mode_options: list[ModeOption] = strawberry.field(
        resolver=mode_options, description="Text behind the '?' of the mode toggle: one entry per mode."
    )
    mirror_rules: list[MirrorRule] = strawberry.field(
        resolver=all_mirror_rules,
        description="The whole rule matrix, as the engine holds it: mode x style x direction x action, 24 rows.",
    )
