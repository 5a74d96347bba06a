from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any, Self, TypeAlias
from uuid import UUID

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.reader import Reader
from service.api.refusal import Refused
from service.api.types import pairing as pairings
from service.api.types import server as servers
from service.api.types.pairing import PairedPrimary, Pairing
from service.api.types.server import Server
from service.commands import pairing
from service.model import inputs
from service.model.vocabulary import PairingStyle, TwinDisposal


@strawberry.input(description="A home secondary that a person chose.")
class PairingAssignmentInput:
    """Which secondary takes which primary's cameras."""

    primary_id: strawberry.ID = strawberry.field(description="The primary.")
    secondary_id: strawberry.ID = strawberry.field(description="The secondary that takes its cameras.")

    def parsed(self) -> inputs.AssignmentInput:
        """Return the assignment with UUIDs."""
        return inputs.AssignmentInput(
            ids.uuid_of(ids.SERVER, self.primary_id), ids.uuid_of(ids.SERVER, self.secondary_id)
        )


@strawberry.input(description="Servers that are to belong together.")
class PairingInput:
    """A pairing to make."""

    style: PairingStyle = strawberry.field(description="The style; it must fit the numbers of servers.")
    primary_ids: list[strawberry.ID] = strawberry.field(description="Its primaries.")
    secondary_ids: list[strawberry.ID] = strawberry.field(description="Its secondaries.")
    assignments: list[PairingAssignmentInput] | None = strawberry.field(
        default=None,
        description="Home secondaries; a primary that is not named gets the one with the fewest cameras.",
    )

    def parsed(self) -> inputs.PairingInput:
        """Return the pairing with UUIDs."""
        return inputs.PairingInput(
            self.style,
            ids.uuids_of(ids.SERVER, self.primary_ids),
            ids.uuids_of(ids.SERVER, self.secondary_ids),
            tuple(one.parsed() for one in self.assignments or ()),
        )


@strawberry.input(description="Pairings to make.")
class PairServersInput(ChangeInput):
    """What pairServers takes."""

    pairings: list[PairingInput] = strawberry.field(description="1 to 10,000 pairings.")


@strawberry.input(description="What of a pairing to change, all of it in one step.")
class UpdatePairingInput(ChangeInput):
    """What updatePairing takes."""

    pairing_id: strawberry.ID = strawberry.field(description="The pairing.")
    style: PairingStyle | None = strawberry.field(
        default=None, description="Its style from now on; absent: stays. The shape is judged at the end."
    )
    add_primary_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Primaries that come in; their cameras get twins."
    )
    remove_primary_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Primaries that leave; the links of their cameras end."
    )
    add_secondary_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Secondaries that come in."
    )
    remove_secondary_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Secondaries that leave; the twins on them go to other homes."
    )
    assignments: list[PairingAssignmentInput] | None = strawberry.field(
        default=None,
        description="Home secondaries of primaries that are to have another. A primary that is not named keeps its "
        "home if it can, else gets the one with the fewest cameras.",
    )
    twins: TwinDisposal = strawberry.field(
        default=TwinDisposal.KEEP, description="What becomes of the twins of removed primaries' cameras."
    )
    secondary_lost: bool = strawberry.field(
        default=False,
        description="The removed secondaries are dead: their twins are added anew elsewhere rather than moved.",
    )

    def parsed(self) -> inputs.PairingUpdateInput:
        """Return the update with UUIDs."""
        return inputs.PairingUpdateInput(
            ids.uuid_of(ids.PAIRING, self.pairing_id),
            self.style,
            ids.uuids_of(ids.SERVER, self.add_primary_ids or ()),
            ids.uuids_of(ids.SERVER, self.remove_primary_ids or ()),
            ids.uuids_of(ids.SERVER, self.add_secondary_ids or ()),
            ids.uuids_of(ids.SERVER, self.remove_secondary_ids or ()),
            tuple(one.parsed() for one in self.assignments or ()),
            self.twins,
            self.secondary_lost,
        )


@strawberry.input(description="Pairings to dissolve.")
class UnpairServersInput(ChangeInput):
    """What unpairServers takes."""

    pairing_ids: list[strawberry.ID] = strawberry.field(description="1 to 10,000 pairings.")
    twins: TwinDisposal = strawberry.field(
        default=TwinDisposal.KEEP, description="What becomes of the cameras on the secondaries."
    )


async def planned_primaries_of(root: "PlannedPairing") -> list[PairedPrimary]:
    """Return the primaries of a planned pairing; when it is answered again, servers may be gone."""
    there = {one.uuid for one in await servers.load_many(root.reader, [*chain.from_iterable(root.homes)])}
    return [
        PairedPrimary(server_id=primary, home_id=home, reader=root.reader)
        for primary, home in root.homes
        if {primary, home} <= there
    ]


async def planned_secondaries_of(root: "PlannedPairing") -> list[Server]:
    """Return the secondaries of a planned pairing."""
    return await servers.load_many(root.reader, root.secondary_ids)


@strawberry.type(description="A pairing with its homes as they are, or would be. A value: it has no id.")
class PlannedPairing:
    """A pairing as the answers to pairServers and updatePairing show it."""

    reader: strawberry.Private[Reader]
    homes: strawberry.Private[list[tuple[UUID, UUID]]]
    secondary_ids: strawberry.Private[list[UUID]]
    style: PairingStyle = strawberry.field(description="Its style.")
    primaries: list[PairedPrimary] = strawberry.field(
        resolver=planned_primaries_of, description="Its primaries, each with its home secondary."
    )
    secondaries: list[Server] = strawberry.field(
        resolver=planned_secondaries_of, description="Its secondaries."
    )
    cameras_adopted: int = strawberry.field(
        description="How many cameras found their twin on the home secondary already."
    )
    cameras_added: int = strawberry.field(description="How many twins are to be added.")
    cameras_moved: int = strawberry.field(
        description="How many twins are to be moved from another secondary."
    )

    @classmethod
    def of(cls, planned: Mapping[str, Any], reader: Reader) -> Self:
        """Make a planned pairing of an outcome's detail."""
        return cls(
            reader=reader,
            homes=[(UUID(primary), UUID(home)) for primary, home in planned["primaries"]],
            secondary_ids=[UUID(value) for value in planned["secondaries"]],
            style=PairingStyle(planned["style"]),
            cameras_adopted=planned["camerasAdopted"],
            cameras_added=planned["camerasAdded"],
            cameras_moved=planned["camerasMoved"],
        )


async def made_of(root: "ServersPaired") -> list[Pairing] | None:
    """Return the pairings that were made."""
    return None if root.dry_run else await pairings.load_many(root.reader, root.uuids("pairingIds"))


def planned_of(root: "ServersPaired") -> list[PlannedPairing]:
    """Return the pairings in values."""
    return [PlannedPairing.of(planned, root.reader) for planned in root.outcome.detail["planned"]]


@strawberry.type(description="The servers were paired.")
class ServersPaired(Change):
    """The answer to pairServers."""

    pairings: list[Pairing] | None = strawberry.field(
        resolver=made_of, description="The new pairings in input order; null on a dry run."
    )
    planned: list[PlannedPairing] = strawberry.field(
        resolver=planned_of, description="The same in values, on a dry run too."
    )


async def updated_of(root: "PairingUpdated") -> Pairing | None:
    """Return the pairing that was changed."""
    return await pairings.find(root.reader, UUID(root.outcome.detail["pairingId"]))


def planned_update_of(root: "PairingUpdated") -> PlannedPairing:
    """Return the pairing in values."""
    return PlannedPairing.of(root.outcome.detail["planned"], root.reader)


@strawberry.type(description="The pairing was changed.")
class PairingUpdated(Change):
    """The answer to updatePairing."""

    pairing: Pairing | None = strawberry.field(
        resolver=updated_of, description="The pairing as it stands now; null once it is gone."
    )
    planned: PlannedPairing = strawberry.field(
        resolver=planned_update_of, description="The same in values: as it is, or on a dry run would be."
    )


def dissolved_of(root: "ServersUnpaired") -> list[strawberry.ID]:
    """Return which pairings ended."""
    return [ids.id_of(ids.PAIRING, value) for value in root.uuids("pairingIds")]


@strawberry.type(description="The pairings were dissolved.")
class ServersUnpaired(Change):
    """The answer to unpairServers."""

    pairing_ids: list[strawberry.ID] = strawberry.field(
        resolver=dissolved_of, description="The pairings that ended, or would end."
    )


PairServersResult: TypeAlias = Annotated[
    ServersPaired | Refused, strawberry.union("PairServersResult", description="The answer to pairServers.")
]
UpdatePairingResult: TypeAlias = Annotated[
    PairingUpdated | Refused,
    strawberry.union("UpdatePairingResult", description="The answer to updatePairing."),
]
UnpairServersResult: TypeAlias = Annotated[
    ServersUnpaired | Refused,
    strawberry.union("UnpairServersResult", description="The answer to unpairServers."),
]


async def pair_servers(info: Info, given: Input[PairServersInput]) -> PairServersResult:
    """Pair servers."""
    request = await begin(info, given)
    new = [one.parsed() for one in given.pairings]
    outcome = await pairing.pair_servers(info.context.database, request, given.site, new)
    return ServersPaired.of(outcome, info.context.reader)


async def update_pairing(info: Info, given: Input[UpdatePairingInput]) -> UpdatePairingResult:
    """Change a pairing."""
    request = await begin(info, given)
    outcome = await pairing.update_pairing(info.context.database, request, given.site, given.parsed())
    return PairingUpdated.of(outcome, info.context.reader)


async def unpair_servers(info: Info, given: Input[UnpairServersInput]) -> UnpairServersResult:
    """Dissolve pairings."""
    request = await begin(info, given)
    ended = ids.uuids_of(ids.PAIRING, given.pairing_ids)
    outcome = await pairing.unpair_servers(info.context.database, request, given.site, ended, given.twins)
    return ServersUnpaired.of(outcome, info.context.reader)
