import strawberry

from service.api import ids
from service.api.types import server as servers
from service.api.types.references import AServer
from service.api.types.site_event import SiteEvent, after, before, subject, value, word
from service.model.vocabulary import ServerLabel


async def server_of(root: "AboutServer") -> AServer | None:
    """Return the server that an event is about."""
    return await servers.find(root.reader, root.event.subject_id)


@strawberry.type(description="What is told of a server.")
class AboutServer(SiteEvent):
    """What the events of a server have in common; never in the schema by itself."""

    server_id: strawberry.ID = strawberry.field(resolver=subject(ids.SERVER), description="The server.")
    name: str | None = strawberry.field(
        resolver=after("server", value("name")), description="Its name after the change."
    )
    server: AServer | None = strawberry.field(
        resolver=server_of, description="The server as it is now; null once it is gone."
    )


@strawberry.type(description="A server was registered.")
class ServerRegisteredEvent(AboutServer):
    """SERVER_REGISTERED."""

    new_name: str | None = strawberry.field(resolver=after("server", value("name")), description="Its name.")
    new_label: ServerLabel | None = strawberry.field(
        resolver=after("server", word(ServerLabel, "label")), description="Its label."
    )
    new_address: str | None = strawberry.field(
        resolver=after("server", value("address")), description="Its address."
    )
    new_external_id: str | None = strawberry.field(
        resolver=after("server", value("external_id")), description="Its id in the VMS."
    )
    new_max_cameras: int | None = strawberry.field(
        resolver=after("server", value("max_cameras")), description="How many cameras it may hold."
    )


@strawberry.type(description="What is known of a server changed; what did not is the same in old and new.")
class ServerUpdatedEvent(AboutServer):
    """SERVER_UPDATED."""

    old_name: str | None = strawberry.field(
        resolver=before("server", value("name")), description="Its name before."
    )
    new_name: str | None = strawberry.field(
        resolver=after("server", value("name")), description="Its name after."
    )
    old_address: str | None = strawberry.field(
        resolver=before("server", value("address")), description="Its address before."
    )
    new_address: str | None = strawberry.field(
        resolver=after("server", value("address")), description="Its address after."
    )
    old_external_id: str | None = strawberry.field(
        resolver=before("server", value("external_id")), description="Its id in the VMS before."
    )
    new_external_id: str | None = strawberry.field(
        resolver=after("server", value("external_id")), description="Its id in the VMS after."
    )
    old_max_cameras: int | None = strawberry.field(
        resolver=before("server", value("max_cameras")), description="How many cameras it might hold before."
    )
    new_max_cameras: int | None = strawberry.field(
        resolver=after("server", value("max_cameras")), description="How many cameras it may hold after."
    )


@strawberry.type(description="A server was labelled; the side of its cameras went with it.")
class ServerLabeledEvent(AboutServer):
    """SERVER_LABELED."""

    old_label: ServerLabel | None = strawberry.field(
        resolver=before("server", word(ServerLabel, "label")), description="Its label before."
    )
    new_label: ServerLabel | None = strawberry.field(
        resolver=after("server", word(ServerLabel, "label")), description="Its label after."
    )


@strawberry.type(description="A server was removed.")
class ServerRemovedEvent(AboutServer):
    """SERVER_REMOVED."""

    old_name: str | None = strawberry.field(resolver=after("server", value("name")), description="Its name.")
    old_label: ServerLabel | None = strawberry.field(
        resolver=after("server", word(ServerLabel, "label")), description="Its label."
    )
    old_address: str | None = strawberry.field(
        resolver=after("server", value("address")), description="Its address."
    )
    old_external_id: str | None = strawberry.field(
        resolver=after("server", value("external_id")), description="Its id in the VMS."
    )
    old_max_cameras: int | None = strawberry.field(
        resolver=after("server", value("max_cameras")), description="How many cameras it might hold."
    )
