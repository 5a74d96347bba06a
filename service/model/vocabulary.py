"""The closed sets of words of the domain; their values are what the database stores and the API shows."""

from enum import StrEnum


class Mode(StrEnum):
    """How a site is made redundant: servers paired (AUTO) or cameras mapped (MANUAL)."""

    AUTO = "AUTO"
    MANUAL = "MANUAL"


class ServerLabel(StrEnum):
    """What a server is for: live capture (PRIMARY) or standing in (SECONDARY)."""

    UNLABELED = "UNLABELED"
    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"


class Side(StrEnum):
    """The side that a camera stands on."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"


class PairingStyle(StrEnum):
    """One primary to one secondary, or M primaries to N secondaries, M > N >= 1."""

    SYMMETRIC = "SYMMETRIC"
    ASYMMETRIC = "ASYMMETRIC"


class DeviceActionKind(StrEnum):
    """What happened to a camera on a server."""

    ADD = "ADD"
    MOVE = "MOVE"
    DELETE = "DELETE"
    REPLACE = "REPLACE"


class Direction(StrEnum):
    """BACKUP: it happened on a primary. RESTORE: it happened on a secondary."""

    BACKUP = "BACKUP"
    RESTORE = "RESTORE"


class MirrorStatus(StrEnum):
    """Where a mirrored action stands."""

    QUEUED = "QUEUED"
    BLOCKED = "BLOCKED"
    APPLIED = "APPLIED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"
    SUPERSEDED = "SUPERSEDED"
    SUPPRESSED = "SUPPRESSED"


class MirrorCause(StrEnum):
    """What brought a mirrored action about."""

    DEVICE_ACTION = "DEVICE_ACTION"
    PAIRING = "PAIRING"
    MAPPING = "MAPPING"
    RECONCILE = "RECONCILE"


class SuppressionReason(StrEnum):
    """Why the other side has nothing to do."""

    ACTION_DISABLED = "ACTION_DISABLED"
    DIRECTION_DISABLED = "DIRECTION_DISABLED"
    SERVER_UNPAIRED = "SERVER_UNPAIRED"
    MANUAL_MODE = "MANUAL_MODE"
    ASYMMETRIC_RESTORE = "ASYMMETRIC_RESTORE"
    NO_COUNTERPART = "NO_COUNTERPART"
    DESTINATION_UNPAIRED = "DESTINATION_UNPAIRED"
    ALREADY_SO = "ALREADY_SO"
    TARGET_OCCUPIED = "TARGET_OCCUPIED"


class BlockReason(StrEnum):
    """Why an action waits."""

    PREDECESSOR = "PREDECESSOR"
    CAPACITY = "CAPACITY"
    LICENSES = "LICENSES"


class Protection(StrEnum):
    """How well a primary's camera is covered."""

    PROTECTED = "PROTECTED"
    PENDING = "PENDING"
    FAILED = "FAILED"
    UNPROTECTED = "UNPROTECTED"


class MirrorOutcome(StrEnum):
    """What a connector says became of an action."""

    APPLIED = "APPLIED"
    FAILED = "FAILED"


class TwinDisposal(StrEnum):
    """What becomes of the cameras on the secondary when a link ends."""

    KEEP = "KEEP"
    REMOVE = "REMOVE"


class DashboardBlockKind(StrEnum):
    """A block of the configuration dashboard."""

    SERVER_LABELING = "SERVER_LABELING"
    MODE_SELECTION = "MODE_SELECTION"
    SERVER_PAIRING = "SERVER_PAIRING"
    CAMERA_MAPPING = "CAMERA_MAPPING"
    STORAGE_MAPPING = "STORAGE_MAPPING"
    LICENSING = "LICENSING"
    ADD_CAMERA = "ADD_CAMERA"
    MOVE_CAMERA = "MOVE_CAMERA"
    DELETE_CAMERA = "DELETE_CAMERA"
    REPLACE_CAMERA = "REPLACE_CAMERA"


class EventKind(StrEnum):
    """What an event of a site's log is about."""

    SITE_CREATED = "SITE_CREATED"
    SITE_UPDATED = "SITE_UPDATED"
    MODE_SET = "MODE_SET"
    SYNC_POLICY_SET = "SYNC_POLICY_SET"
    SERVER_REGISTERED = "SERVER_REGISTERED"
    SERVER_UPDATED = "SERVER_UPDATED"
    SERVER_LABELED = "SERVER_LABELED"
    SERVER_REMOVED = "SERVER_REMOVED"
    PAIRING_CREATED = "PAIRING_CREATED"
    PAIRING_UPDATED = "PAIRING_UPDATED"
    PAIRING_DISSOLVED = "PAIRING_DISSOLVED"
    CAMERA_ADDED = "CAMERA_ADDED"
    CAMERA_UPDATED = "CAMERA_UPDATED"
    CAMERA_MOVED = "CAMERA_MOVED"
    CAMERA_REPLACED = "CAMERA_REPLACED"
    CAMERA_REMOVED = "CAMERA_REMOVED"
    CAMERA_LINKED = "CAMERA_LINKED"
    CAMERA_UNLINKED = "CAMERA_UNLINKED"
    INVENTORY_REPORTED = "INVENTORY_REPORTED"
    MIRRORED_ACTION = "MIRRORED_ACTION"


class RefusalCode(StrEnum):
    """Why a change was not made."""

    NOT_FOUND = "NOT_FOUND"
    INVALID_INPUT = "INVALID_INPUT"
    NAME_TAKEN = "NAME_TAKEN"
    STALE_REVISION = "STALE_REVISION"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    SITE_BUSY = "SITE_BUSY"
    FORBIDDEN = "FORBIDDEN"
    LABELING_INCOMPLETE = "LABELING_INCOMPLETE"
    LABEL_IN_USE = "LABEL_IN_USE"
    SERVER_UNLABELED = "SERVER_UNLABELED"
    SERVER_IN_USE = "SERVER_IN_USE"
    WRONG_LABEL = "WRONG_LABEL"
    MODE_MISMATCH = "MODE_MISMATCH"
    MANUAL_MODE_RESTRICTED = "MANUAL_MODE_RESTRICTED"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    SYMMETRIC_NEEDS_ONE_TO_ONE = "SYMMETRIC_NEEDS_ONE_TO_ONE"
    ASYMMETRIC_NEEDS_MORE_PRIMARIES = "ASYMMETRIC_NEEDS_MORE_PRIMARIES"
    SERVER_ALREADY_PAIRED = "SERVER_ALREADY_PAIRED"
    CAMERA_ALREADY_EXISTS = "CAMERA_ALREADY_EXISTS"
    DESTINATION_WRONG_SIDE = "DESTINATION_WRONG_SIDE"
    SAME_SERVER = "SAME_SERVER"
    DESTINATION_UNPAIRED = "DESTINATION_UNPAIRED"
    CAPACITY_EXCEEDED = "CAPACITY_EXCEEDED"
    LICENSES_EXHAUSTED = "LICENSES_EXHAUSTED"
    SUSPICIOUS_CHANGE = "SUSPICIOUS_CHANGE"


UNRESOLVED = (MirrorStatus.QUEUED, MirrorStatus.BLOCKED, MirrorStatus.FAILED)
