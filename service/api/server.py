from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.input_checks import given_of
from service.api.refusal import Refused
from service.api.types import server as servers
from service.api.types.server import Server
from service.commands import server
from service.model import inputs
from service.model.vocabulary import ServerLabel


@strawberry.input(description="A server to register.")
class ServerInput:
    """A new server."""

    name: str = strawberry.field(description="1 to 200 characters, unique in the site.")
    address: str | None = strawberry.field(
        default=None, description="Where it is reached: host, host and port, or a URL with them."
    )
    external_id: str | None = strawberry.field(default=None, description="Its id in the VMS.")
    max_cameras: int | None = strawberry.field(
        default=None, description="How many cameras it may hold; null: no limit."
    )
    label: ServerLabel = strawberry.field(default=ServerLabel.UNLABELED, description="What it is for.")

    def parsed(self) -> inputs.ServerInput:
        """Return the server."""
        return inputs.ServerInput(self.name, self.address, self.external_id, self.max_cameras, self.label)


@strawberry.input(description="Servers to register.")
class RegisterServersInput(ChangeInput):
    """What registerServers takes."""

    servers: list[ServerInput] = strawberry.field(description="1 to 10,000 servers.")


@strawberry.input(description="What to change of a server. Absent: stays. Null: cleared (name: refused).")
class ServerUpdateInput:
    """What is said of a server anew."""

    server_id: strawberry.ID = strawberry.field(description="The server.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 200 characters, unique in the site once all are renamed."
    )
    address: str | None = strawberry.field(
        default=strawberry.UNSET, description="Where it is reached: host, host and port, or a URL with them."
    )
    external_id: str | None = strawberry.field(default=strawberry.UNSET, description="Its id in the VMS.")
    max_cameras: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many cameras it may hold; null: no limit."
    )

    def parsed(self) -> inputs.ServerUpdateInput:
        """Return what was given, with the server's UUID."""
        given = given_of(self, "name", "address", "external_id", "max_cameras")
        return inputs.ServerUpdateInput(ids.uuid_of(ids.SERVER, self.server_id), given)


@strawberry.input(description="Servers to change.")
class UpdateServersInput(ChangeInput):
    """What updateServers takes."""

    servers: list[ServerUpdateInput] = strawberry.field(description="1 to 10,000 servers, each once.")


@strawberry.input(description="Servers to remove.")
class RemoveServersInput(ChangeInput):
    """What removeServers takes."""

    server_ids: list[strawberry.ID] = strawberry.field(description="1 to 10,000 servers.")


@strawberry.input(description="A server's label.")
class ServerLabelInput:
    """Which server is for what."""

    server_id: strawberry.ID = strawberry.field(description="The server.")
    label: ServerLabel = strawberry.field(description="What it is for from now on.")

    def parsed(self) -> inputs.ServerLabelInput:
        """Return the label with the server's UUID."""
        return inputs.ServerLabelInput(ids.uuid_of(ids.SERVER, self.server_id), self.label)


@strawberry.input(description="Labels to set.")
class LabelServersInput(ChangeInput):
    """What labelServers takes."""

    labels: list[ServerLabelInput] = strawberry.field(description="1 to 10,000 labels.")


async def registered_of(root: "ServersRegistered") -> list[Server] | None:
    """Return the servers that were registered."""
    return None if root.dry_run else await servers.load_many(root.reader, root.uuids("serverIds"))


async def named_of(root: "ServersLabeled | ServersUpdated") -> list[Server]:
    """Return the servers that were named."""
    return await servers.load_many(root.reader, root.uuids("serverIds"))


def removed_of(root: "ServersRemoved") -> list[strawberry.ID]:
    """Return the ids of the servers that are gone."""
    return [ids.id_of(ids.SERVER, one) for one in root.uuids("serverIds")]


@strawberry.type(description="The servers were registered.")
class ServersRegistered(Change):
    """The answer to registerServers."""

    servers: list[Server] | None = strawberry.field(
        resolver=registered_of, description="The new servers in input order; null on a dry run."
    )


@strawberry.type(description="The servers were changed.")
class ServersUpdated(Change):
    """The answer to updateServers."""

    servers: list[Server] = strawberry.field(
        resolver=named_of, description="The servers of the input in its order."
    )


@strawberry.type(description="The servers are gone, and the cameras that stood on them.")
class ServersRemoved(Change):
    """The answer to removeServers."""

    server_ids: list[strawberry.ID] = strawberry.field(
        resolver=removed_of, description="The servers that are, or would be, gone, each once."
    )


@strawberry.type(description="The servers were labelled.")
class ServersLabeled(Change):
    """The answer to labelServers."""

    servers: list[Server] = strawberry.field(
        resolver=named_of, description="The servers of the input in its order."
    )


RegisterServersResult: TypeAlias = Annotated[
    ServersRegistered | Refused,
    strawberry.union("RegisterServersResult", description="The answer to registerServers."),
]
UpdateServersResult: TypeAlias = Annotated[
    ServersUpdated | Refused,
    strawberry.union("UpdateServersResult", description="The answer to updateServers."),
]
RemoveServersResult: TypeAlias = Annotated[
    ServersRemoved | Refused,
    strawberry.union("RemoveServersResult", description="The answer to removeServers."),
]
LabelServersResult: TypeAlias = Annotated[
    ServersLabeled | Refused,
    strawberry.union("LabelServersResult", description="The answer to labelServers."),
]


async def register_servers(info: Info, given: Input[RegisterServersInput]) -> RegisterServersResult:
    """Register servers."""
    request = await begin(info, given)
    new = [one.parsed() for one in given.servers]
    outcome = await server.register_servers(info.context.database, request, given.site, new)
    return ServersRegistered.of(outcome, info.context.reader)


async def update_servers(info: Info, given: Input[UpdateServersInput]) -> UpdateServersResult:
    """Change servers."""
    request = await begin(info, given)
    updates = [one.parsed() for one in given.servers]
    outcome = await server.update_servers(info.context.database, request, given.site, updates)
    return ServersUpdated.of(outcome, info.context.reader)


async def remove_servers(info: Info, given: Input[RemoveServersInput]) -> RemoveServersResult:
    """Remove servers."""
    request = await begin(info, given)
    server_ids = ids.uuids_of(ids.SERVER, given.server_ids)
    outcome = await server.remove_servers(info.context.database, request, given.site, server_ids)
    return ServersRemoved.of(outcome, info.context.reader)


async def label_servers(info: Info, given: Input[LabelServersInput]) -> LabelServersResult:
    """Label servers."""
    request = await begin(info, given)
    labels = [one.parsed() for one in given.labels]
    outcome = await server.label_servers(info.context.database, request, given.site, labels)
    return ServersLabeled.of(outcome, info.context.reader)
