"""The type of each kind of event."""

from collections.abc import Mapping

from service.api.reader import Reader
from service.api.types import camera_event, pairing_event, server_event, site_event
from service.api.types.site_event import SiteEvent
from service.model.vocabulary import EventKind
from service.store.event_page import LoggedEvent

TYPES: Mapping[EventKind, type[SiteEvent]] = {
    EventKind.SITE_CREATED: site_event.SiteCreatedEvent,
    EventKind.SITE_UPDATED: site_event.SiteUpdatedEvent,
    EventKind.MODE_SET: site_event.ModeSetEvent,
    EventKind.SYNC_POLICY_SET: site_event.SyncPolicySetEvent,
    EventKind.SERVER_REGISTERED: server_event.ServerRegisteredEvent,
    EventKind.SERVER_UPDATED: server_event.ServerUpdatedEvent,
    EventKind.SERVER_LABELED: server_event.ServerLabeledEvent,
    EventKind.SERVER_REMOVED: server_event.ServerRemovedEvent,
    EventKind.PAIRING_CREATED: pairing_event.PairingCreatedEvent,
    EventKind.PAIRING_UPDATED: pairing_event.PairingUpdatedEvent,
    EventKind.PAIRING_DISSOLVED: pairing_event.PairingDissolvedEvent,
    EventKind.CAMERA_ADDED: camera_event.CameraAddedEvent,
    EventKind.CAMERA_UPDATED: camera_event.CameraUpdatedEvent,
    EventKind.CAMERA_MOVED: camera_event.CameraMovedEvent,
    EventKind.CAMERA_REPLACED: camera_event.CameraReplacedEvent,
    EventKind.CAMERA_REMOVED: camera_event.CameraRemovedEvent,
    EventKind.CAMERA_LINKED: camera_event.CameraLinkedEvent,
    EventKind.CAMERA_UNLINKED: camera_event.CameraUnlinkedEvent,
    EventKind.INVENTORY_REPORTED: site_event.InventoryReportedEvent,
    EventKind.MIRRORED_ACTION: site_event.MirroredActionEvent,
}


def typed(event: LoggedEvent, reader: Reader) -> SiteEvent:
    """Return an event as the type of its kind."""
    return TYPES[EventKind(event.kind)].of(event, reader)
