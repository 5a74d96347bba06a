"""The inputs of the commands, parsed: ids as UUIDs, texts as they came (commands clean and judge them)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from service.model.vocabulary import Direction, MirrorOutcome, PairingStyle, ServerLabel, TwinDisposal


@dataclass(frozen=True, slots=True)
class ServerInput:
    """A server to register."""

    name: str
    address: str | None = None
    external_id: str | None = None
    max_cameras: int | None = None
    label: ServerLabel = ServerLabel.UNLABELED


@dataclass(frozen=True, slots=True)
class ServerUpdateInput:
    """What is said of a server anew: the columns that are given, null to clear one; the others stay."""

    server_id: UUID
    given: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class ServerLabelInput:
    """A server's new label."""

    server_id: UUID
    label: ServerLabel


@dataclass(frozen=True, slots=True)
class SyncPolicyInput:
    """What of the sync policy to set; null leaves it as it is."""

    backup: bool | None = None
    restore: bool | None = None
    add: bool | None = None
    move: bool | None = None
    delete: bool | None = None
    replace: bool | None = None


@dataclass(frozen=True, slots=True)
class AssignmentInput:
    """The home secondary that a person chose for a primary."""

    primary_id: UUID
    secondary_id: UUID


@dataclass(frozen=True, slots=True)
class PairingInput:
    """Servers to pair."""

    style: PairingStyle
    primary_ids: tuple[UUID, ...]
    secondary_ids: tuple[UUID, ...]
    assignments: tuple[AssignmentInput, ...] = ()


@dataclass(frozen=True, slots=True)
class PairingUpdateInput:
    """What of a pairing to change; no style: it stays."""

    pairing_id: UUID
    style: PairingStyle | None = None
    add_primary_ids: tuple[UUID, ...] = ()
    remove_primary_ids: tuple[UUID, ...] = ()
    add_secondary_ids: tuple[UUID, ...] = ()
    remove_secondary_ids: tuple[UUID, ...] = ()
    assignments: tuple[AssignmentInput, ...] = ()
    twins: TwinDisposal = TwinDisposal.KEEP
    secondary_lost: bool = False


@dataclass(frozen=True, slots=True)
class ReconcileInput:
    """Whose recorders to make equal to the design; without servers and pairings: everybody's."""

    server_ids: tuple[UUID, ...] = ()
    pairing_ids: tuple[UUID, ...] = ()
    direction: Direction = Direction.BACKUP


@dataclass(frozen=True, slots=True)
class MappingInput:
    """A primary's camera, and the secondary that is to hold its twin."""

    camera_id: UUID
    secondary_server_id: UUID


@dataclass(frozen=True, slots=True)
class HardwareInput:
    """A device as a client describes it."""

    mac_address: str | None = None
    address: str | None = None
    manufacturer: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class CameraInput:
    """A camera that was added on a server."""

    server_id: UUID
    name: str
    hardware: HardwareInput
    channel: int = 0
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class CameraUpdateInput:
    """What is said of a camera anew: the columns that are given, null to clear one; the others stay."""

    camera_id: UUID
    given: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ResultInput:
    """What a connector says became of an action."""

    action_id: UUID
    outcome: MirrorOutcome
    error: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedCameraInput:
    """A camera that a recorder holds."""

    name: str
    hardware: HardwareInput
    channel: int = 0
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServerInventoryInput:
    """What a recorder holds; `complete`: cameras that are not named are not on it."""

    server_id: UUID
    cameras: tuple[ReportedCameraInput, ...]
    complete: bool = False
