from datetime import datetime
from functools import partial
from typing import Any, Self
from uuid import UUID

import strawberry

from service.api import ids
from service.api.paging import CountedConnection, Keys, moment, parts
from service.api.reader import Reader
from service.api.scalars import Revision
from service.api.types import camera as cameras
from service.api.types import server as servers
from service.api.types.hardware import Hardware
from service.api.types.node import Node
from service.api.types.references import ACamera, AServer
from service.model.vocabulary import (
    BlockReason,
    DeviceActionKind,
    Direction,
    MirrorCause,
    MirrorStatus,
    SuppressionReason,
)
from service.store.read.mirrored_actions import ActionChoice, actions_page, count_actions
from service.store.snapshot import Row

KEYS = Keys("mirrored actions", "created_position")


@strawberry.type(
    description="A device as it must be on the target (without a target: as it is at the source)."
)
class DeviceSnapshot:
    """The device of an action."""

    target_camera_id: strawberry.ID | None = strawberry.field(
        description="Orders actions: at most one action per target camera is QUEUED at a time."
    )
    source_camera_id: strawberry.ID | None = strawberry.field(
        description="The camera on which the action happened."
    )
    name: str = strawberry.field(description="Its name.")
    channel: int = strawberry.field(description="Which of the device's channels, counted from 0.")
    hardware: Hardware = strawberry.field(description="What it is made of.")
    external_id: str | None = strawberry.field(
        description="The target recorder's own id for the device, once known."
    )
    storage_profile: str | None = strawberry.field(description="Null: the target's default.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Make the snapshot of an action's row."""
        device = row["device"]
        return cls(
            target_camera_id=ids.id_or_null(ids.CAMERA, row["target_camera_id"]),
            source_camera_id=ids.id_or_null(ids.CAMERA, row["source_camera_id"]),
            name=device["name"],
            channel=device["channel"],
            hardware=Hardware.of(device),
            external_id=device["external_id"],
            storage_profile=device["storage_profile"],
        )


async def source_server_of(root: "Ends") -> AServer | None:
    """Return the server on which it happened."""
    return await servers.find(root.reader, ids.uuid_in(root.row, "source_server_id"))


async def target_server_of(root: "Ends") -> AServer | None:
    """Return the server that has to act."""
    return await servers.find(root.reader, ids.uuid_in(root.row, "target_server_id"))


async def target_from_server_of(root: "Ends") -> AServer | None:
    """Return the server that the target camera leaves."""
    return await servers.find(root.reader, ids.uuid_in(root.row, "target_from_server_id"))


async def camera_of(root: "MirroredAction") -> ACamera | None:
    """Return the camera on which it happened."""
    return await cameras.find(root.reader, ids.uuid_in(root.row, "source_camera_id"))


async def counterpart_of(root: "MirroredAction") -> ACamera | None:
    """Return the camera on the target."""
    if root.status is MirrorStatus.SUPPRESSED:
        return None
    return await cameras.find(root.reader, ids.uuid_in(root.row, "target_camera_id"))


@strawberry.type(description="What is to be done, and where.")
class Ends:
    """What a mirrored action and a planned one have in common; never in the schema by itself."""

    row: strawberry.Private[Row]
    reader: strawberry.Private[Reader]
    action: DeviceActionKind = strawberry.field(description="What the target has to do.")
    direction: Direction = strawberry.field(description="From which side to which.")
    cause: MirrorCause = strawberry.field(description="What brought it about.")
    status: MirrorStatus = strawberry.field(description="Where it stands.")
    reason: SuppressionReason | None = strawberry.field(
        description="Why nothing is to be done; SUPPRESSED only."
    )
    blocked: BlockReason | None = strawberry.field(description="Why it waits; BLOCKED only.")
    because: str = strawberry.field(description="One sentence: the rule or gate that decided, in words.")
    source_server: AServer | None = strawberry.field(
        resolver=source_server_of, description="Where it happened; of a move, the server moved to."
    )
    target_server: AServer | None = strawberry.field(
        resolver=target_server_of, description="Who has to act; null when suppressed without a target."
    )
    target_from_server: AServer | None = strawberry.field(
        resolver=target_from_server_of,
        description="MOVE only: the server that the target camera leaves. A DELETE for that recorder follows when "
        "the move is APPLIED.",
    )
    device: DeviceSnapshot = strawberry.field(
        description="The device as it must be on the target (without a target: the source's): enough to apply the "
        "action with no further query."
    )


def _ends(row: Row, reader: Reader) -> dict[str, Any]:
    return {
        "row": row,
        "reader": reader,
        "action": DeviceActionKind(row["action"]),
        "direction": Direction(row["direction"]),
        "cause": MirrorCause(row["cause"]),
        "status": MirrorStatus(row["status"]),
        "reason": SuppressionReason(row["reason"]) if row["reason"] else None,
        "blocked": BlockReason(row["blocked"]) if row["blocked"] else None,
        "because": row["because"],
        "device": DeviceSnapshot.of(row),
    }


@strawberry.type(
    description="What a change sets, or on a dry run would set, in motion. A value: it has no id and never reaches "
    "a cache."
)
class PlannedAction(Ends):
    """An action as a change's answer shows it."""

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make a planned action of a row, or of its JSON."""
        return cls(**_ends(row, reader))


@strawberry.type(
    description="What the other side has to do; or the record that it has nothing to do, and why (SUPPRESSED)."
)
class MirroredAction(Node, Ends):
    """An action as a row shows it: the present one, or an event's; what it refers to is read by the reader."""

    position: Revision = strawberry.field(
        description="Position of this state of the action in the site's event log."
    )
    change_id: strawberry.ID = strawberry.field(description="Actions of one change share it.")
    camera: ACamera | None = strawberry.field(
        resolver=camera_of, description="The camera on which the action happened; null once it is gone."
    )
    counterpart: ACamera | None = strawberry.field(
        resolver=counterpart_of,
        description="The camera on the target; null once it is gone, or when suppressed.",
    )
    previous_hardware: Hardware | None = strawberry.field(
        description="REPLACE only: the target's hardware before."
    )
    attempts: int = strawberry.field(description="How often it became QUEUED.")
    error: str | None = strawberry.field(description="The recorder's words.")
    note: str | None = strawberry.field(description="Why it was abandoned or superseded.")
    actor: str = strawberry.field(description="Who made the change that it comes from.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When its state last changed.")

    @classmethod
    def of(cls, row: Row, reader: Reader) -> Self:
        """Make an action of its row, or of an event's payload."""
        before = row["previous_hardware"]
        return cls(
            **_ends(row, reader),
            id=ids.id_of(ids.ACTION, row["id"]),
            position=Revision(row["position"]),
            change_id=ids.id_of(ids.CHANGE, row["change_id"]),
            previous_hardware=Hardware.of(before) if before else None,
            attempts=row["attempts"],
            error=row["error"],
            note=row["note"],
            actor=row["actor"],
            created_at=moment(row["created_at"]),
            updated_at=moment(row["updated_at"]),
        )


async def find(reader: Reader, action_id: UUID | None) -> MirroredAction | None:
    """Return a mirrored action; null when there is none (any more)."""
    row = await reader.actions.load(action_id) if action_id else None
    return MirroredAction.of(row, reader) if row else None


@strawberry.type(description="A page of mirrored actions.")
class MirroredActionConnection(CountedConnection[MirroredAction]):
    """Mirrored actions of a site."""


async def of_site(
    reader: Reader, choice: ActionChoice, first: int, after: str | None
) -> MirroredActionConnection:
    """Return a page of a site's mirrored actions."""
    window = KEYS.window(first, after)
    page = await actions_page(reader.snapshot, choice, window)
    made = parts(KEYS, page, window, partial(MirroredAction.of, reader=reader))
    return MirroredActionConnection(count=partial(count_actions, reader.snapshot, choice), **made)
