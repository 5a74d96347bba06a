"""Device actions to decide, and what was decided of each."""

from dataclasses import dataclass
from uuid import UUID

from service.model.vocabulary import DeviceActionKind, Direction, MirrorCause, SuppressionReason


@dataclass(frozen=True, slots=True)
class DeviceAction:
    """Something to decide. `left_server_id`: of a move, where the camera was. `target_server_id`: given by a pairing,
    a mapping or a reconciliation, which pass over the gates.
    """

    action: DeviceActionKind
    camera_id: UUID
    cause: MirrorCause = MirrorCause.DEVICE_ACTION
    left_server_id: UUID | None = None
    target_server_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict: `reason` says why nothing is to be done; else `action` is for `counterpart_id`, or for a new twin
    on `target_server_id`, or `adopted_id` there is linked instead. `occupier_id`: what stands there, of
    TARGET_OCCUPIED.
    """

    camera_id: UUID
    asked: DeviceActionKind
    action: DeviceActionKind
    direction: Direction
    cause: MirrorCause
    source_server_id: UUID
    counterpart_id: UUID | None
    reason: SuppressionReason | None
    because: str
    target_server_id: UUID | None
    adopted_id: UUID | None
    adopted_removing: bool
    occupier_id: UUID | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that a target camera's recorder has to be brought to; what exactly is derived from the camera."""

    camera_id: UUID
    action: DeviceActionKind
    direction: Direction
    cause: MirrorCause
    because: str
    source_server_id: UUID | None = None
    source_camera_id: UUID | None = None


GATES: dict[SuppressionReason, str] = {
    SuppressionReason.ACTION_DISABLED: "Not mirrored: the site's sync policy switches this action off.",
    SuppressionReason.DIRECTION_DISABLED: "Not mirrored: the site's sync policy switches this direction off.",
    SuppressionReason.SERVER_UNPAIRED: "Not mirrored: in Auto mode only paired servers are synced, and this one is in "
    "no pairing.",
    SuppressionReason.DESTINATION_UNPAIRED: "Not mirrored: the camera was moved to a server that is in no pairing.",
    SuppressionReason.NO_COUNTERPART: "Not mirrored: the camera has no counterpart that counts.",
    SuppressionReason.ALREADY_SO: "Not mirrored: the counterpart is already as it should be.",
    SuppressionReason.TARGET_OCCUPIED: "Not mirrored: the target server holds this hardware, linked to another camera.",
}
PAIRED = "Mirrored: every camera of a paired primary has its twin on the home secondary."
MAPPED = "Mirrored: the camera was mapped to this secondary."
RECONCILED = "Mirrored: the recorder differs from the design, and is to be made equal to it."
CHOSEN = {
    MirrorCause.PAIRING: PAIRED,
    MirrorCause.MAPPING: MAPPED,
    MirrorCause.RECONCILE: RECONCILED,
}
