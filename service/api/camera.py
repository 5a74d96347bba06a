from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.input_checks import given_of
from service.api.refusal import Refused
from service.api.types import camera as cameras
from service.api.types import mirrored_action as mirrored_actions
from service.api.types.camera import Camera
from service.api.types.mirrored_action import MirroredAction
from service.commands import camera
from service.model import inputs


@strawberry.input(description="A device. At least a MAC address or an address.")
class HardwareInput:
    """What a camera is made of."""

    mac_address: str | None = strawberry.field(default=None, description="In any usual notation.")
    address: str | None = strawberry.field(
        default=None, description="Where it is reached: host, host and port, or a URL with them."
    )
    manufacturer: str | None = strawberry.field(default=None, description="Who made it.")
    model: str | None = strawberry.field(default=None, description="What its maker calls it.")

    def parsed(self) -> inputs.HardwareInput:
        """Return the hardware."""
        return inputs.HardwareInput(self.mac_address, self.address, self.manufacturer, self.model)


@strawberry.input(description="A camera that was added on a server.")
class AddCameraInput(ChangeInput):
    """What addCamera takes."""

    server_id: strawberry.ID = strawberry.field(description="The server that it was added on.")
    name: str = strawberry.field(description="1 to 200 characters; need not be unique.")
    channel: int = strawberry.field(default=0, description="Which of the device's channels, counted from 0.")
    hardware: HardwareInput = strawberry.field(description="The device.")
    external_id: str | None = strawberry.field(
        default=None, description="The recorder's own id; unique on its server."
    )

    def parsed(self) -> inputs.CameraInput:
        """Return the camera with UUIDs."""
        server_id = ids.uuid_of(ids.SERVER, self.server_id)
        hardware = self.hardware.parsed()
        return inputs.CameraInput(server_id, self.name, hardware, self.channel, self.external_id)


@strawberry.input(description="A camera of an input.")
class CameraChangeInput(ChangeInput):
    """What changes of one camera have in common."""

    camera_id: strawberry.ID = strawberry.field(description="The camera.")


@strawberry.input(
    description="What to change of a camera. Absent: stays. Null: cleared (name: refused). Not mirrored: names and "
    "addresses may differ between the sides."
)
class UpdateCameraInput(CameraChangeInput):
    """What updateCamera takes."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 200 characters; need not be unique."
    )
    address: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where it is reached. Of a camera without a MAC address it is what it is known by: never cleared.",
    )
    external_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="The recorder's own id; unique on its server."
    )

    def parsed(self) -> inputs.CameraUpdateInput:
        """Return what was given, with the camera's UUID."""
        given = given_of(self, "name", "address", "external_id")
        return inputs.CameraUpdateInput(ids.uuid_of(ids.CAMERA, self.camera_id), given)


@strawberry.input(description="A camera that was moved to another server of its side.")
class MoveCameraInput(CameraChangeInput):
    """What moveCamera takes."""

    to_server_id: strawberry.ID = strawberry.field(description="The server that it was moved to.")
    allow_unprotected: bool = strawberry.field(
        default=False, description="In Auto mode: move it also to a server that is in no pairing."
    )


@strawberry.input(description="A camera that was deleted on its server.")
class DeleteCameraInput(CameraChangeInput):
    """What deleteCamera takes."""


@strawberry.input(description="A camera whose hardware was swapped in place.")
class ReplaceCameraInput(CameraChangeInput):
    """What replaceCamera takes."""

    hardware: HardwareInput = strawberry.field(description="The device that stands there now.")


async def camera_of(root: "CameraAdded | CameraUpdated | CameraMoved | CameraReplaced") -> Camera | None:
    """Return the camera of the change."""
    return await cameras.find(root.reader, root.uuid("cameraId"))


async def action_of(
    root: "CameraAdded | CameraMoved | CameraDeleted | CameraReplaced",
) -> MirroredAction | None:
    """Return what the change set in motion."""
    return await mirrored_actions.find(root.reader, root.uuid("actionId"))


def deleted_of(root: "CameraDeleted") -> strawberry.ID:
    """Return the id of the camera that is gone."""
    return ids.id_of(ids.CAMERA, root.outcome.detail["cameraId"])


_ACTION = "What it set in motion; null on a dry run, and when a camera that was already there was adopted."


@strawberry.type(description="The camera was added.")
class CameraAdded(Change):
    """The answer to addCamera."""

    camera: Camera | None = strawberry.field(
        resolver=camera_of, description="The new camera; null on a dry run."
    )
    mirrored_action: MirroredAction | None = strawberry.field(resolver=action_of, description=_ACTION)


@strawberry.type(description="The camera was changed, on its own side only.")
class CameraUpdated(Change):
    """The answer to updateCamera."""

    camera: Camera | None = strawberry.field(
        resolver=camera_of, description="The camera as it stands; null when it is gone by now."
    )


@strawberry.type(description="The camera was moved.")
class CameraMoved(Change):
    """The answer to moveCamera."""

    camera: Camera | None = strawberry.field(
        resolver=camera_of, description="The camera as it stands; null when it is gone by now."
    )
    mirrored_action: MirroredAction | None = strawberry.field(resolver=action_of, description=_ACTION)


@strawberry.type(description="The camera was deleted.")
class CameraDeleted(Change):
    """The answer to deleteCamera."""

    camera_id: strawberry.ID = strawberry.field(
        resolver=deleted_of, description="The camera that is, or would be, gone."
    )
    mirrored_action: MirroredAction | None = strawberry.field(resolver=action_of, description=_ACTION)


@strawberry.type(description="The camera's hardware was replaced.")
class CameraReplaced(Change):
    """The answer to replaceCamera."""

    camera: Camera | None = strawberry.field(
        resolver=camera_of, description="The camera as it stands; null when it is gone by now."
    )
    mirrored_action: MirroredAction | None = strawberry.field(resolver=action_of, description=_ACTION)


AddCameraResult: TypeAlias = Annotated[
    CameraAdded | Refused, strawberry.union("AddCameraResult", description="The answer to addCamera.")
]
UpdateCameraResult: TypeAlias = Annotated[
    CameraUpdated | Refused, strawberry.union("UpdateCameraResult", description="The answer to updateCamera.")
]
MoveCameraResult: TypeAlias = Annotated[
    CameraMoved | Refused, strawberry.union("MoveCameraResult", description="The answer to moveCamera.")
]
DeleteCameraResult: TypeAlias = Annotated[
    CameraDeleted | Refused, strawberry.union("DeleteCameraResult", description="The answer to deleteCamera.")
]
ReplaceCameraResult: TypeAlias = Annotated[
    CameraReplaced | Refused,
    strawberry.union("ReplaceCameraResult", description="The answer to replaceCamera."),
]


async def add_camera(info: Info, given: Input[AddCameraInput]) -> AddCameraResult:
    """Record that a camera was added."""
    request = await begin(info, given)
    outcome = await camera.add_camera(info.context.database, request, given.site, given.parsed())
    return CameraAdded.of(outcome, info.context.reader)


async def update_camera(info: Info, given: Input[UpdateCameraInput]) -> UpdateCameraResult:
    """Say something of a camera anew."""
    request = await begin(info, given)
    outcome = await camera.update_camera(info.context.database, request, given.site, given.parsed())
    return CameraUpdated.of(outcome, info.context.reader)


async def move_camera(info: Info, given: Input[MoveCameraInput]) -> MoveCameraResult:
    """Record that a camera was moved."""
    request = await begin(info, given)
    outcome = await camera.move_camera(
        info.context.database,
        request,
        given.site,
        ids.uuid_of(ids.CAMERA, given.camera_id),
        ids.uuid_of(ids.SERVER, given.to_server_id),
        allow_unprotected=given.allow_unprotected,
    )
    return CameraMoved.of(outcome, info.context.reader)


async def delete_camera(info: Info, given: Input[DeleteCameraInput]) -> DeleteCameraResult:
    """Record that a camera was deleted."""
    request = await begin(info, given)
    camera_id = ids.uuid_of(ids.CAMERA, given.camera_id)
    outcome = await camera.delete_camera(info.context.database, request, given.site, camera_id)
    return CameraDeleted.of(outcome, info.context.reader)


async def replace_camera(info: Info, given: Input[ReplaceCameraInput]) -> ReplaceCameraResult:
    """Record that a camera's hardware was replaced."""
    request = await begin(info, given)
    camera_id = ids.uuid_of(ids.CAMERA, given.camera_id)
    hardware = given.hardware.parsed()
    outcome = await camera.replace_camera(info.context.database, request, given.site, camera_id, hardware)
    return CameraReplaced.of(outcome, info.context.reader)
