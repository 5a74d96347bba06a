"""What all events have in common, and the events of a site itself.

Values are read from what the event tells, never from the present state; what an older version did not write yet is
null. Fields of the same name have the same type in every kind, so that one document can ask for all of them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self, TypeAlias
from uuid import UUID

import strawberry

from service.api import ids
from service.api.reader import Reader
from service.api.scalars import Revision
from service.api.types import mirrored_action as mirrored_actions
from service.api.types import server as servers
from service.api.types.references import AMirroredAction, AServer
from service.api.types.site import SyncPolicy
from service.model.event_summary import summary
from service.model.vocabulary import EventKind, Mode
from service.store.event_page import LoggedEvent

Told: TypeAlias = Mapping[str, Any]
Resolver: TypeAlias = Callable[..., Any]


def after(noun: str, read: Callable[[Told], object]) -> Resolver:
    """Return what reads a thing's row as it was after the event; of a thing that goes, as it was last."""

    def resolve(root: "SiteEvent") -> object:
        row = root.event.payload.get(noun)
        return read(row) if row else None

    return resolve


def before(noun: str, read: Callable[[Told], object]) -> Resolver:
    """Return what reads a thing's row as it was before the event, which tells at least what changed of it."""

    def resolve(root: "SiteEvent") -> object:
        payload = root.event.payload
        return read({**payload.get(noun, {}), **payload["before"]}) if "before" in payload else None

    return resolve


def value(column: str) -> Callable[[Told], object]:
    """Read a column as it is."""
    return lambda row: row.get(column)


def word(enum: type[StrEnum], column: str) -> Callable[[Told], object]:
    """Read a column of a closed set; a word that only a newer version knows is null."""
    return lambda row: enum(row[column]) if row.get(column) in set(enum) else None


def id_in(kind: ids.Kind, column: str) -> Callable[[Told], object]:
    """Read a column that holds the id of a thing."""
    return lambda row: ids.id_or_null(kind, row.get(column))


def uuid_after(event: LoggedEvent, noun: str, column: str) -> UUID | None:
    """Return the UUID that a column holds after an event."""
    text = event.payload.get(noun, {}).get(column)
    return UUID(text) if text else None


def subject(kind: ids.Kind) -> Resolver:
    """Return what tells the id of the thing that the event is about."""
    return lambda root: ids.id_of(kind, root.event.subject_id)


def summary_of(root: "SiteEvent") -> str:
    """Return the event in words."""
    return summary(root.kind, root.event.payload)


@strawberry.interface(
    description="One thing that changed; those of one change share changeId and follow each other. Each kind has its "
    "own type: `old...` and `new...` are values as they were before and after the change; null is also what an "
    "older version of the service did not note."
)
class SiteEvent:
    """An event of a site's log."""

    event: strawberry.Private[LoggedEvent]
    reader: strawberry.Private[Reader]
    position: Revision = strawberry.field(description="Its number in the site's log, to go on after.")
    kind: EventKind = strawberry.field(description="What happened.")
    change_id: strawberry.ID = strawberry.field(description="Events of one change share it.")
    end_of_change: bool = strawberry.field(
        description="Whether it is the last event of its change, also when `kinds` lets others pass by."
    )
    at: datetime = strawberry.field(description="When the change was made.")
    actor: str = strawberry.field(description="Who made the change.")
    summary: str = strawberry.field(resolver=summary_of, description="What happened, in one sentence.")

    @classmethod
    def of(cls, event: LoggedEvent, reader: Reader) -> Self:
        """Make an event of its row in the log."""
        return cls(
            event=event,
            reader=reader,
            position=Revision(event.revision),
            kind=EventKind(event.kind),
            change_id=ids.id_of(ids.CHANGE, event.change_id),
            end_of_change=event.end_of_change,
            at=event.at,
            actor=event.actor,
        )


@strawberry.type(description="The site was made.")
class SiteCreatedEvent(SiteEvent):
    """SITE_CREATED."""

    new_name: str | None = strawberry.field(
        resolver=after("site", value("name")), description="The site's name."
    )


@strawberry.type(description="The site was given another name.")
class SiteUpdatedEvent(SiteEvent):
    """SITE_UPDATED."""

    old_name: str | None = strawberry.field(
        resolver=before("site", value("name")), description="The name before."
    )
    new_name: str | None = strawberry.field(
        resolver=after("site", value("name")), description="The name after."
    )


@strawberry.type(description="The mode was set, or explicitly chosen for the first time.")
class ModeSetEvent(SiteEvent):
    """MODE_SET."""

    old_mode: Mode | None = strawberry.field(
        resolver=before("site", word(Mode, "mode")), description="The mode before."
    )
    new_mode: Mode | None = strawberry.field(
        resolver=after("site", word(Mode, "mode")), description="The mode after."
    )


@strawberry.type(description="What of device actions is mirrored was set.")
class SyncPolicySetEvent(SiteEvent):
    """SYNC_POLICY_SET."""

    old_policy: SyncPolicy | None = strawberry.field(
        resolver=before("site", SyncPolicy.of), description="The sync policy before."
    )
    new_policy: SyncPolicy | None = strawberry.field(
        resolver=after("site", SyncPolicy.of), description="The sync policy after."
    )


def _report(root: SiteEvent) -> Told:
    report: Told = root.event.payload.get("report", {})
    return report


def _reported(which: str) -> Resolver:
    return lambda root: [ids.id_of(ids.SERVER, one) for one in _report(root).get(which, ())]


def _count(which: str) -> Resolver:
    return lambda root: _report(root).get(which, 0)


async def reported_servers_of(root: "InventoryReportedEvent") -> list[AServer]:
    """Return the servers whose inventory was reported."""
    return await servers.load_many(root.reader, [UUID(one) for one in _report(root).get("servers", ())])


@strawberry.type(
    description="The inventory of recorders was reported and differed; what follows is what changed."
)
class InventoryReportedEvent(SiteEvent):
    """INVENTORY_REPORTED."""

    server_ids: list[strawberry.ID] = strawberry.field(
        resolver=_reported("servers"), description="The servers whose inventory was reported."
    )
    servers: list[AServer] = strawberry.field(
        resolver=reported_servers_of, description="Those of them that there still are, as they are now."
    )
    complete_server_ids: list[strawberry.ID] = strawberry.field(
        resolver=_reported("complete"), description="Those of them whose report was complete."
    )
    as_of: Revision | None = strawberry.field(
        resolver=lambda root: _report(root).get("asOf"),
        description="The site's revision when the recorders were read, if it was said.",
    )
    added: int = strawberry.field(resolver=_count("added"), description="Cameras that were new.")
    deleted: int = strawberry.field(resolver=_count("deleted"), description="Cameras that were gone.")
    replaced: int = strawberry.field(resolver=_count("replaced"), description="Cameras with other hardware.")
    moved: int = strawberry.field(resolver=_count("moved"), description="Cameras that changed the server.")
    updated: int = strawberry.field(
        resolver=_count("updated"),
        description="Cameras with another name or externalId, or of whose device other things are known.",
    )
    unchanged: int = strawberry.field(resolver=_count("unchanged"), description="Cameras that were as known.")
    skipped: int = strawberry.field(resolver=_count("skipped"), description="Cameras that were not compared.")
    requeued: int = strawberry.field(
        resolver=_count("requeued"), description="Twins that were missing, and are added again."
    )


def mirrored_action_of(root: "MirroredActionEvent") -> AMirroredAction:
    """Return the action as it stood."""
    return mirrored_actions.MirroredAction.of(root.event.payload["mirrored_action"], root.reader)


@strawberry.type(description="A mirrored action was made, or its state changed.")
class MirroredActionEvent(SiteEvent):
    """MIRRORED_ACTION."""

    mirrored_action: AMirroredAction = strawberry.field(
        resolver=mirrored_action_of,
        description="The action as it stood at this position; what it is linked to is as of now.",
    )
