from typing import Annotated, TypeAlias

import strawberry

from service.api import ids
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.api.types import camera as cameras
from service.api.types.camera import Camera
from service.commands import link
from service.model import inputs
from service.model.vocabulary import TwinDisposal


@strawberry.input(description="A camera and where its twin is to stand.")
class CameraMappingInput:
    """One mapping."""

    camera_id: strawberry.ID = strawberry.field(description="A camera of a primary.")
    secondary_server_id: strawberry.ID = strawberry.field(
        description="The secondary that is to hold its twin."
    )

    def parsed(self) -> inputs.MappingInput:
        """Return the mapping with UUIDs."""
        return inputs.MappingInput(
            ids.uuid_of(ids.CAMERA, self.camera_id), ids.uuid_of(ids.SERVER, self.secondary_server_id)
        )


@strawberry.input(description="Cameras to map.")
class MapCamerasInput(ChangeInput):
    """What mapCameras takes."""

    mappings: list[CameraMappingInput] = strawberry.field(description="1 to 10,000 mappings.")


@strawberry.input(description="Cameras whose mappings end.")
class UnmapCamerasInput(ChangeInput):
    """What unmapCameras takes."""

    camera_ids: list[strawberry.ID] = strawberry.field(
        description="1 to 10,000 cameras, at either end of their links."
    )
    twins: TwinDisposal = strawberry.field(
        default=TwinDisposal.KEEP, description="What becomes of the cameras on the secondaries."
    )


async def named_of(root: "CamerasMapped | CamerasUnmapped") -> list[Camera]:
    """Return the cameras that were named."""
    return await cameras.load_many(root.reader, root.uuids("cameraIds"))


@strawberry.type(description="The cameras were mapped.")
class CamerasMapped(Change):
    """The answer to mapCameras."""

    cameras: list[Camera] = strawberry.field(
        resolver=named_of, description="The cameras of the input in its order."
    )


@strawberry.type(description="The mappings ended.")
class CamerasUnmapped(Change):
    """The answer to unmapCameras."""

    cameras: list[Camera] = strawberry.field(
        resolver=named_of,
        description="The cameras of the input in its order; those that are gone are left out.",
    )


MapCamerasResult: TypeAlias = Annotated[
    CamerasMapped | Refused, strawberry.union("MapCamerasResult", description="The answer to mapCameras.")
]
UnmapCamerasResult: TypeAlias = Annotated[
    CamerasUnmapped | Refused,
    strawberry.union("UnmapCamerasResult", description="The answer to unmapCameras."),
]


async def map_cameras(info: Info, given: Input[MapCamerasInput]) -> MapCamerasResult:
    """Map cameras."""
    request = await begin(info, given)
    wanted = [one.parsed() for one in given.mappings]
    outcome = await link.map_cameras(info.context.database, request, given.site, wanted)
    return CamerasMapped.of(outcome, info.context.reader)


async def unmap_cameras(info: Info, given: Input[UnmapCamerasInput]) -> UnmapCamerasResult:
    """End mappings."""
    request = await begin(info, given)
    ended = ids.uuids_of(ids.CAMERA, given.camera_ids)
    outcome = await link.unmap_cameras(info.context.database, request, given.site, ended, given.twins)
    return CamerasUnmapped.of(outcome, info.context.reader)
