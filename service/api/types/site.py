from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from service.api import ids
from service.api.paging import After, Connection, First, Keys, filled, parts
from service.api.reader import Reader
from service.api.scalars import Revision
from service.api.search import search_terms
from service.api.types import camera as cameras
from service.api.types import mirrored_action as mirrored_actions
from service.api.types import pairing as pairings
from service.api.types import server as servers
from service.api.types.dashboard import Dashboard, LabelingStatus
from service.api.types.mirrored_action_filter import MirroredActionFilter
from service.api.types.node import Node
from service.api.types.references import Cameras, MirroredActions, Pairings, Servers
from service.model.dashboard import labeling_of
from service.model.vocabulary import Mode, Protection, ServerLabel, Side
from service.store.read.cameras import CameraChoice
from service.store.read.mirrored_actions import ActionChoice, ActionFilter
from service.store.read.servers import ServerChoice
from service.store.read.sites import sites_page
from service.store.snapshot import Row

KEYS = Keys("sites", "name", "id")


@strawberry.type(description="What of device actions is mirrored; all of it unless somebody says otherwise.")
class SyncPolicy:
    """The switches of a site."""

    backup: bool = strawberry.field(description="What happens on primaries.")
    restore: bool = strawberry.field(description="What happens on secondaries.")
    add: bool = strawberry.field(description="Added cameras.")
    move: bool = strawberry.field(description="Moved cameras.")
    delete: bool = strawberry.field(description="Deleted cameras.")
    replace: bool = strawberry.field(description="Replaced cameras.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Make the policy of a site's row."""
        return cls(
            backup=row["sync_backup"],
            restore=row["sync_restore"],
            add=row["sync_add"],
            move=row["sync_move"],
            delete=row["sync_delete"],
            replace=row["sync_replace"],
        )


@strawberry.type(description="Counts the cameras on primary servers that are not being removed.")
class Coverage:
    """How well the cameras of a site are covered."""

    cameras: int = strawberry.field(description="How many there are.")
    protected: int = strawberry.field(description="How many are PROTECTED.")
    pending: int = strawberry.field(description="How many are PENDING.")
    failed: int = strawberry.field(description="How many are FAILED.")
    unprotected: int = strawberry.field(description="How many are UNPROTECTED.")

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Make the coverage of the number of cameras of each protection."""
        return cls(
            cameras=sum(counts.values()),
            protected=counts.get(Protection.PROTECTED, 0),
            pending=counts.get(Protection.PENDING, 0),
            failed=counts.get(Protection.FAILED, 0),
            unprotected=counts.get(Protection.UNPROTECTED, 0),
        )


async def labeling_of_site(root: "Site") -> LabelingStatus:
    """Return how far the labeling is."""
    return LabelingStatus.of(labeling_of(await root.reader.labelings.load(root.uuid)))


async def dashboard_of(root: "Site") -> Dashboard:
    """Return what the dashboard shows."""
    return Dashboard.of(root.mode, labeling_of(await root.reader.labelings.load(root.uuid)))


async def coverage_of(root: "Site") -> Coverage:
    """Return how well the cameras are covered."""
    return Coverage.of(await root.reader.coverages.load(root.uuid))


LabelArgument = Annotated[
    ServerLabel | None, strawberry.argument(description="Only servers with this label.")
]
ServerSearch = Annotated[
    str | None,
    strawberry.argument(description="Start of the name, any case, or exactly the address or externalId."),
]
CameraSearch = Annotated[
    str | None,
    strawberry.argument(
        description="Start of the name, any case, or exactly the MAC, address or externalId."
    ),
]


async def servers_of(
    root: "Site",
    first: First = 50,
    after: After = None,
    label: LabelArgument = None,
    search: ServerSearch = None,
) -> Servers:
    """Return a page of the servers of a site."""
    terms = search_terms(search)
    choice = ServerChoice(root.uuid, label, terms.text, terms.address)
    return await servers.of_site(root.reader, choice, first, after)


async def cameras_of(
    root: "Site",
    first: First = 50,
    after: After = None,
    side: Annotated[Side | None, strawberry.argument(description="Only cameras on this side.")] = None,
    server_ids: Annotated[
        list[strawberry.ID] | None, strawberry.argument(description="Only cameras on one of these servers.")
    ] = None,
    protection: Annotated[
        list[Protection] | None,
        strawberry.argument(description="Only cameras on primaries with one of these protections."),
    ] = None,
    search: CameraSearch = None,
) -> Cameras:
    """Return a page of the cameras of a site."""
    wanted = filled(server_ids, "serverIds")
    terms = search_terms(search)
    choice = CameraChoice(
        root.uuid,
        side=side,
        server_ids=None if wanted is None else ids.uuids_of(ids.SERVER, wanted),
        protections=filled(protection, "protection"),
        search=terms.text,
        mac_address=terms.mac_address,
        address=terms.address,
    )
    return await cameras.of_site(root.reader, choice, first, after)


async def pairings_of(root: "Site", first: First = 50, after: After = None) -> Pairings:
    """Return a page of the pairings of a site."""
    return await pairings.of_site(root.reader, root.uuid, first, after)


async def mirrored_actions_of(
    root: "Site",
    first: First = 50,
    after: After = None,
    passing: Annotated[
        MirroredActionFilter | None,
        strawberry.argument(name="filter", description="Only mirrored actions that pass this."),
    ] = None,
    newest_first: Annotated[
        bool, strawberry.argument(description="The other way round: the newest at the top.")
    ] = False,
) -> MirroredActions:
    """Return a page of the mirrored actions of a site."""
    parsed = passing.parsed() if passing else ActionFilter()
    choice = ActionChoice(root.uuid, parsed, newest_first=newest_first)
    return await mirrored_actions.of_site(root.reader, choice, first, after)


@strawberry.type(description="What one redundancy design covers; it may span many buildings.")
class Site(Node):
    """A site as the reader's snapshot shows it."""

    uuid: strawberry.Private[UUID]
    reader: strawberry.Private[Reader]
    name: str = strawberry.field(description="Unique among sites.")
    mode: Mode = strawberry.field(description="How it is made redundant: AUTO until chosen otherwise.")
    mode_chosen_at: datetime | None = strawberry.field(
        description="When somebody first chose a mode, or last changed it; null: nobody has yet."
    )
    revision: Revision = strawberry.field(
        description="Number of its last event: all of this answer is the state exactly at this revision, and a "
        "subscription after it continues exactly from there."
    )
    epoch: strawberry.ID = strawberry.field(
        description="Changes when the site's history does, for instance after a restore from backup: positions of "
        "another epoch mean nothing."
    )
    labeling: LabelingStatus = strawberry.field(
        resolver=labeling_of_site, description="How far the labeling of its servers is."
    )
    sync_policy: SyncPolicy = strawberry.field(description="What of device actions is mirrored.")
    dashboard: Dashboard = strawberry.field(
        resolver=dashboard_of, description="Which blocks the configuration dashboard shows."
    )
    coverage: Coverage = strawberry.field(
        resolver=coverage_of, description="How well its cameras are covered."
    )
    servers: Servers = strawberry.field(resolver=servers_of, description="Its servers by name, id.")
    cameras: Cameras = strawberry.field(resolver=cameras_of, description="Its cameras by name, id.")
    pairings: Pairings = strawberry.field(
        resolver=pairings_of, description="Its pairings in the order in which they were made."
    )
    mirrored_actions: MirroredActions = strawberry.field(
        resolver=mirrored_actions_of, description="Its mirrored actions by creation."
    )

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make a site of its row."""
        return cls(
            id=ids.id_of(ids.SITE, row["id"]),
            uuid=row["id"],
            reader=reader,
            name=row["name"],
            mode=Mode(row["mode"]),
            mode_chosen_at=row["mode_chosen_at"],
            revision=Revision(row["revision"]),
            epoch=ids.id_of(ids.EPOCH, row["epoch"]),
            sync_policy=SyncPolicy.of(row),
        )


async def find(reader: Reader, site_id: UUID) -> Site | None:
    """Return a site; null when there is none (any more)."""
    row = await reader.sites.load(site_id)
    return Site.of(row, reader) if row else None


async def load(reader: Reader, site_id: UUID) -> Site:
    """Return a site that something in the same snapshot refers to."""
    site = await find(reader, site_id)
    if site is None:
        raise LookupError(f"Site {site_id} is referred to and not there.")
    return site


@strawberry.type(description="A page of sites.")
class SiteConnection(Connection[Site]):
    """All sites."""


async def page(reader: Reader, first: int, after: str | None) -> SiteConnection:
    """Return a page of all sites."""
    window = KEYS.window(first, after)
    found = await sites_page(reader.snapshot, window)
    return SiteConnection(**parts(KEYS, found, window, partial(Site.of, reader=reader)))
