import strawberry

from service.api import ids
from service.api.paging import filled
from service.model.vocabulary import DeviceActionKind, Direction, MirrorStatus
from service.store.read.mirrored_actions import ActionFilter


@strawberry.input(description="Which mirrored actions. A list that is given must not be empty.")
class MirroredActionFilter:
    """What all must be true of an action that passes."""

    statuses: list[MirrorStatus] | None = strawberry.field(
        default=None, description="It stands at one of these."
    )
    actions: list[DeviceActionKind] | None = strawberry.field(default=None, description="It is one of these.")
    directions: list[Direction] | None = strawberry.field(
        default=None, description="It goes one of these ways."
    )
    target_server_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="One of these servers has to act."
    )
    source_server_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="It happened on one of these servers."
    )
    camera_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="One of these cameras is at either end."
    )
    change_id: strawberry.ID | None = strawberry.field(default=None, description="It belongs to this change.")

    def parsed(self) -> ActionFilter:
        """Return the filter with UUIDs; BAD_REQUEST when it is malformed."""
        targets = filled(self.target_server_ids, "targetServerIds")
        sources = filled(self.source_server_ids, "sourceServerIds")
        ends = filled(self.camera_ids, "cameraIds")
        return ActionFilter(
            statuses=filled(self.statuses, "statuses"),
            actions=filled(self.actions, "actions"),
            directions=filled(self.directions, "directions"),
            target_server_ids=None if targets is None else ids.uuids_of(ids.SERVER, targets),
            source_server_ids=None if sources is None else ids.uuids_of(ids.SERVER, sources),
            camera_ids=None if ends is None else ids.uuids_of(ids.CAMERA, ends),
            change_id=None if self.change_id is None else ids.uuid_of(ids.CHANGE, self.change_id),
        )
