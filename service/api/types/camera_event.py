from uuid import UUID

import strawberry

from service.api import ids
from service.api.types import camera as cameras
from service.api.types import server as servers
from service.api.types.hardware import Hardware
from service.api.types.references import ACamera, AServer
from service.api.types.site_event import SiteEvent, Told, after, before, id_in, subject, uuid_after, value


def _hardware(row: Told) -> Hardware | None:
    return Hardware.of(row) if "mac_address" in row else None


def _external_id(row: Told) -> str | None:
    """Return the recorder's own id for a camera, if it is that of the server where the camera is wanted."""
    external_id: str | None = row.get("external_id")
    return external_id if row.get("external_server_id") == row.get("server_id") else None


async def camera_of(root: "AboutCamera") -> ACamera | None:
    """Return the camera that an event is about."""
    return await cameras.find(root.reader, root.event.subject_id)


@strawberry.type(description="What is told of a camera.")
class AboutCamera(SiteEvent):
    """What the events of a camera have in common; never in the schema by itself."""

    camera_id: strawberry.ID = strawberry.field(resolver=subject(ids.CAMERA), description="The camera.")
    name: str | None = strawberry.field(
        resolver=after("camera", value("name")), description="Its name after the change."
    )
    channel: int | None = strawberry.field(
        resolver=after("camera", value("channel")),
        description="Which of the device's channels, counted from 0.",
    )
    camera: ACamera | None = strawberry.field(
        resolver=camera_of, description="The camera as it is now; null once it is gone."
    )


async def server_after_of(root: AboutCamera) -> AServer | None:
    """Return the server on which a camera stood after an event."""
    return await servers.find(root.reader, uuid_after(root.event, "camera", "server_id"))


async def server_before_of(root: AboutCamera) -> AServer | None:
    """Return the server on which a camera stood before an event."""
    left = root.event.payload.get("before", {}).get("server_id")
    return await servers.find(root.reader, UUID(left) if left else None)


@strawberry.type(
    description="A camera came into the inventory: it was added on its server, or is wanted there."
)
class CameraAddedEvent(AboutCamera):
    """CAMERA_ADDED."""

    new_name: str | None = strawberry.field(resolver=after("camera", value("name")), description="Its name.")
    new_server_id: strawberry.ID | None = strawberry.field(
        resolver=after("camera", id_in(ids.SERVER, "server_id")), description="The server that it stands on."
    )
    new_server: AServer | None = strawberry.field(
        resolver=server_after_of, description="That server as it is now; null once it is gone."
    )
    new_hardware: Hardware | None = strawberry.field(
        resolver=after("camera", _hardware), description="The device."
    )
    new_external_id: str | None = strawberry.field(
        resolver=after("camera", _external_id), description="The recorder's own id."
    )
    new_removing: bool | None = strawberry.field(
        resolver=after("camera", value("removing")),
        description="Whether it is on its way out already: a device that nobody wants there.",
    )


@strawberry.type(
    description="What is shown of a camera changed beside its server and its device, of which CAMERA_MOVED and "
    "CAMERA_REPLACED tell; what did not change is the same in old and new."
)
class CameraUpdatedEvent(AboutCamera):
    """CAMERA_UPDATED."""

    old_name: str | None = strawberry.field(
        resolver=before("camera", value("name")), description="Its name before."
    )
    new_name: str | None = strawberry.field(
        resolver=after("camera", value("name")), description="Its name after."
    )
    old_hardware: Hardware | None = strawberry.field(
        resolver=before("camera", _hardware), description="What was known of its device before."
    )
    new_hardware: Hardware | None = strawberry.field(
        resolver=after("camera", _hardware), description="What is known of its device after."
    )
    old_external_id: str | None = strawberry.field(
        resolver=before("camera", _external_id), description="The recorder's own id before."
    )
    new_external_id: str | None = strawberry.field(
        resolver=after("camera", _external_id), description="The recorder's own id after."
    )
    old_removing: bool | None = strawberry.field(
        resolver=before("camera", value("removing")), description="Whether it was on its way out before."
    )
    new_removing: bool | None = strawberry.field(
        resolver=after("camera", value("removing")), description="Whether it is on its way out after."
    )


@strawberry.type(description="A camera was moved to another server, or is wanted there.")
class CameraMovedEvent(AboutCamera):
    """CAMERA_MOVED."""

    old_server_id: strawberry.ID | None = strawberry.field(
        resolver=before("camera", id_in(ids.SERVER, "server_id")), description="The server that it left."
    )
    old_server: AServer | None = strawberry.field(
        resolver=server_before_of, description="That server as it is now; null once it is gone."
    )
    new_server_id: strawberry.ID | None = strawberry.field(
        resolver=after("camera", id_in(ids.SERVER, "server_id")), description="The server that it came to."
    )
    new_server: AServer | None = strawberry.field(
        resolver=server_after_of, description="That server as it is now; null once it is gone."
    )
    new_external_id: str | None = strawberry.field(
        resolver=after("camera", _external_id),
        description="The recorder's own id there; null as long as it is not known.",
    )


@strawberry.type(description="The device behind a camera was replaced, or another one is wanted.")
class CameraReplacedEvent(AboutCamera):
    """CAMERA_REPLACED."""

    old_hardware: Hardware | None = strawberry.field(
        resolver=before("camera", _hardware), description="The device before."
    )
    new_hardware: Hardware | None = strawberry.field(
        resolver=after("camera", _hardware), description="The device after."
    )


@strawberry.type(description="A camera left the inventory.")
class CameraRemovedEvent(AboutCamera):
    """CAMERA_REMOVED."""

    old_name: str | None = strawberry.field(resolver=after("camera", value("name")), description="Its name.")
    old_server_id: strawberry.ID | None = strawberry.field(
        resolver=after("camera", id_in(ids.SERVER, "server_id")), description="The server that it stood on."
    )
    old_server: AServer | None = strawberry.field(
        resolver=server_after_of, description="That server as it is now; null once it is gone."
    )
    old_hardware: Hardware | None = strawberry.field(
        resolver=after("camera", _hardware), description="The device."
    )
    old_external_id: str | None = strawberry.field(
        resolver=after("camera", _external_id), description="The recorder's own id."
    )
    old_removing: bool | None = strawberry.field(
        resolver=after("camera", value("removing")), description="Whether it was on its way out."
    )


async def twin_of(root: "AboutLink") -> ACamera | None:
    """Return the twin that an event tells of."""
    return await cameras.find(root.reader, UUID(root.event.payload["counterpart_id"]))


@strawberry.type(description="What is told of a link; the camera is the one on the primary.")
class AboutLink(AboutCamera):
    """What the events of a link have in common; never in the schema by itself."""

    primary_camera_id: strawberry.ID = strawberry.field(
        resolver=subject(ids.CAMERA), description="The camera on the primary."
    )
    twin_id: strawberry.ID = strawberry.field(
        resolver=lambda root: ids.id_of(ids.CAMERA, root.event.payload["counterpart_id"]),
        description="The camera on the secondary.",
    )
    twin: ACamera | None = strawberry.field(
        resolver=twin_of, description="The camera on the secondary as it is now; null once it is gone."
    )


@strawberry.type(description="A camera and its twin were linked.")
class CameraLinkedEvent(AboutLink):
    """CAMERA_LINKED."""


@strawberry.type(description="The link between a camera and its twin ended.")
class CameraUnlinkedEvent(AboutLink):
    """CAMERA_UNLINKED."""
