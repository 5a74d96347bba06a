"""The words of the domain as GraphQL enums, each value described. Enums may grow: clients treat others as other."""

from enum import StrEnum
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from service.model import vocabulary


def _publish(enum: type[StrEnum], description: str, *, called: str | None = None, **values: str) -> None:
    published: Any = strawberry.enum(enum, name=called, description=description)
    definition: StrawberryEnumDefinition = published.__strawberry_definition__
    for value in definition.values:
        value.description = values[value.name]


_publish(
    vocabulary.Mode,
    "How a site is made redundant.",
    AUTO="Servers are paired, and what happens to the cameras of a primary is mirrored to its home secondary.",
    MANUAL="Single cameras are mapped to secondaries; only deletions and replacements are mirrored.",
)
_publish(
    vocabulary.ServerLabel,
    "What a server is for.",
    UNLABELED="Not decided: out of the redundancy design's scope.",
    PRIMARY="Live capture.",
    SECONDARY="Stands in for primaries.",
)
_publish(
    vocabulary.Side,
    "The side that a camera stands on.",
    PRIMARY="On a primary server.",
    SECONDARY="On a secondary server.",
)
_publish(
    vocabulary.PairingStyle,
    "How many servers belong together.",
    SYMMETRIC="One primary and one secondary.",
    ASYMMETRIC="M primaries and N secondaries, M > N >= 1: each secondary serves several primaries.",
)
_publish(
    vocabulary.DeviceActionKind,
    "What happened, or is to be done, to a camera on a server.",
    ADD="The camera is put on the server.",
    MOVE="The camera goes from one server to another of the same side.",
    DELETE="The camera is taken off the server.",
    REPLACE="The camera stays, its hardware is another.",
)
_publish(
    vocabulary.Direction,
    "From which side to which an action is mirrored.",
    BACKUP="It happened on a primary and is mirrored to the secondary.",
    RESTORE="It happened on a secondary and is mirrored back to the primary.",
)
_publish(
    vocabulary.MirrorStatus,
    "Where a mirrored action stands.",
    QUEUED="To be carried out now; it may be under way.",
    BLOCKED="Waits for its turn.",
    APPLIED="Carried out.",
    FAILED="The recorder could not do it; to be retried or abandoned.",
    ABANDONED="Given up: by a person, or because its link ended.",
    SUPERSEDED="A newer wish or fact took its place.",
    SUPPRESSED="There is nothing to be done, for a reason.",
)
_publish(
    vocabulary.MirrorCause,
    "What brought a mirrored action about.",
    DEVICE_ACTION="A camera was added, moved, deleted or replaced.",
    PAIRING="Servers were paired or unpaired.",
    MAPPING="A camera was mapped or unmapped.",
    RECONCILE="A recorder was found, or taken, to differ from the design.",
)
_publish(
    vocabulary.SuppressionReason,
    "Why the other side has nothing to do.",
    ACTION_DISABLED="The site's sync policy switches this action off.",
    DIRECTION_DISABLED="The site's sync policy switches this direction off.",
    SERVER_UNPAIRED="Auto mode, and the server is in no pairing.",
    MANUAL_MODE="Add and move are not synced in Manual mode.",
    ASYMMETRIC_RESTORE="Add and move are not mirrored back from a pooled secondary.",
    NO_COUNTERPART="No link that counts: unmapped, only on the secondary, or across pairings.",
    DESTINATION_UNPAIRED="Moved to a server that is in no pairing.",
    ALREADY_SO="The counterpart already stands there, or has this hardware.",
    TARGET_OCCUPIED="The target already holds this hardware, linked to another camera.",
)
_publish(
    vocabulary.BlockReason,
    "Why an action waits.",
    PREDECESSOR="An earlier action on the same camera is under way.",
    CAPACITY="The target has no room for another camera.",
    LICENSES="There is no license for another camera.",
)
_publish(
    vocabulary.Protection,
    "How well a camera of a primary is covered.",
    PROTECTED="Its twin stands in for it.",
    PENDING="Its twin is on its way, or has a change to come.",
    FAILED="An action on its twin has failed.",
    UNPROTECTED="It has no twin that counts, or one with other hardware.",
)
_publish(
    vocabulary.MirrorOutcome,
    "What became of a mirrored action on the recorder.",
    APPLIED="The recorder is as asked; also when it was so already.",
    FAILED="The recorder could not do it.",
)
_publish(
    vocabulary.TwinDisposal,
    "What becomes of the cameras on the secondary when a link ends.",
    KEEP="They stay there, on their own.",
    REMOVE="They are deleted there.",
)
_publish(
    vocabulary.DashboardBlockKind,
    "A block of the configuration dashboard.",
    SERVER_LABELING="Say which servers are primaries and which are secondaries.",
    MODE_SELECTION="Choose between Auto and Manual.",
    SERVER_PAIRING="Pair primaries with secondaries.",
    CAMERA_MAPPING="Map cameras to secondaries.",
    STORAGE_MAPPING="Map storages; not there yet.",
    LICENSING="Licenses; not there yet.",
    ADD_CAMERA="Add a camera.",
    MOVE_CAMERA="Move a camera.",
    DELETE_CAMERA="Delete a camera.",
    REPLACE_CAMERA="Replace a camera.",
)
_publish(
    vocabulary.EventKind,
    "What an event of a site's log is about. One event per thing that changed; those of one change share changeId and "
    "follow each other.",
    called="SiteEventKind",
    SITE_CREATED="The site was made.",
    SITE_UPDATED="The site was given another name.",
    MODE_SET="The mode was set, or explicitly chosen.",
    SYNC_POLICY_SET="What of device actions is mirrored was set.",
    SERVER_REGISTERED="A server was registered.",
    SERVER_UPDATED="A server's name, address, externalId or maxCameras changed.",
    SERVER_LABELED="A server was labelled.",
    SERVER_REMOVED="A server was removed.",
    PAIRING_CREATED="Servers were paired.",
    PAIRING_UPDATED="A pairing's members, homes or style changed.",
    PAIRING_DISSOLVED="Servers were unpaired.",
    CAMERA_ADDED="A camera came into the inventory.",
    CAMERA_UPDATED="A camera's name, externalId or what is known of its device changed, or it is to be removed, or "
    "wanted again.",
    CAMERA_MOVED="A camera was moved to another server, or is wanted there.",
    CAMERA_REPLACED="The device behind a camera was replaced, or another one is wanted.",
    CAMERA_REMOVED="A camera left the inventory.",
    CAMERA_LINKED="A camera and its twin were linked.",
    CAMERA_UNLINKED="The link between a camera and its twin ended.",
    INVENTORY_REPORTED="The inventory of recorders was reported, and differed.",
    MIRRORED_ACTION="A mirrored action was made, or its state changed.",
)
_publish(
    vocabulary.RefusalCode,
    "Why a change was not made.",
    NOT_FOUND="There is no such thing, or not in this site.",
    INVALID_INPUT="A value that cannot be.",
    NAME_TAKEN="Another one has this name already.",
    STALE_REVISION="The site has changed after ifRevision.",
    IDEMPOTENCY_KEY_REUSED="The idempotency key stands for other input.",
    SITE_BUSY="Another change of the site takes too long; try again.",
    FORBIDDEN="The caller may not do this.",
    LABELING_INCOMPLETE="First label at least one primary and one secondary.",
    LABEL_IN_USE="Something depends on the server's label.",
    SERVER_UNLABELED="The server has no label yet.",
    SERVER_IN_USE="Something depends on the server.",
    WRONG_LABEL="The server has another label than this takes.",
    MODE_MISMATCH="The site is in the other mode.",
    MANUAL_MODE_RESTRICTED="Not available in Manual mode.",
    CONFIRMATION_REQUIRED="The change has an impact that must be confirmed.",
    SYMMETRIC_NEEDS_ONE_TO_ONE="A symmetric pairing takes one primary and one secondary.",
    ASYMMETRIC_NEEDS_MORE_PRIMARIES="An asymmetric pairing takes more primaries than secondaries, and at least "
    "one secondary.",
    SERVER_ALREADY_PAIRED="The server is in a pairing already.",
    CAMERA_ALREADY_EXISTS="The server holds this hardware, or a camera of this externalId, already.",
    DESTINATION_WRONG_SIDE="The destination is on the other side.",
    SAME_SERVER="The camera stands there already.",
    DESTINATION_UNPAIRED="The destination is in no pairing.",
    CAPACITY_EXCEEDED="The server has no room for it.",
    LICENSES_EXHAUSTED="There are no licenses left.",
    SUSPICIOUS_CHANGE="So large a change must be confirmed.",
)
