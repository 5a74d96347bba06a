from typing import Self

import strawberry

from service.api import ids
from service.api.types import pairing as pairings
from service.api.types.references import APairing
from service.api.types.site_event import SiteEvent, Told, after, before, subject
from service.model.vocabulary import PairingStyle, ServerLabel


@strawberry.type(description="A primary and its home secondary, as an event tells them.")
class PairedPrimarySnapshot:
    """A primary's place in a pairing."""

    server_id: strawberry.ID = strawberry.field(description="The primary.")
    secondary_id: strawberry.ID = strawberry.field(
        description="The secondary that takes this primary's cameras."
    )


@strawberry.type(description="A pairing as it stood at an event. A value: it has no id.")
class PairingSnapshot:
    """Style, members and homes."""

    style: PairingStyle = strawberry.field(description="How many belong together, and so what is mirrored.")
    primaries: list[PairedPrimarySnapshot] = strawberry.field(description="Its primaries with their homes.")
    secondary_ids: list[strawberry.ID] = strawberry.field(description="Its secondaries.")

    @classmethod
    def of(cls, told: Told) -> Self:
        """Make the snapshot of what an event tells; members by id."""
        members = sorted(told["members"], key=lambda one: str(one["server_id"]))
        return cls(
            style=PairingStyle(told["style"]),
            primaries=[
                PairedPrimarySnapshot(
                    server_id=ids.id_of(ids.SERVER, one["server_id"]),
                    secondary_id=ids.id_of(ids.SERVER, one["home_id"]),
                )
                for one in members
                if one["label"] == ServerLabel.PRIMARY
            ],
            secondary_ids=[
                ids.id_of(ids.SERVER, one["server_id"])
                for one in members
                if one["label"] == ServerLabel.SECONDARY
            ],
        )


async def pairing_of(root: "AboutPairing") -> APairing | None:
    """Return the pairing that an event is about."""
    return await pairings.find(root.reader, root.event.subject_id)


@strawberry.type(description="What is told of a pairing.")
class AboutPairing(SiteEvent):
    """What the events of a pairing have in common; never in the schema by itself."""

    pairing_id: strawberry.ID = strawberry.field(resolver=subject(ids.PAIRING), description="The pairing.")
    pairing: APairing | None = strawberry.field(
        resolver=pairing_of, description="The pairing as it is now; null once it is gone."
    )


@strawberry.type(description="Servers were paired.")
class PairingCreatedEvent(AboutPairing):
    """PAIRING_CREATED."""

    new_pairing: PairingSnapshot | None = strawberry.field(
        resolver=after("pairing", PairingSnapshot.of), description="The pairing as it was made."
    )


@strawberry.type(description="The members, homes or style of a pairing changed.")
class PairingUpdatedEvent(AboutPairing):
    """PAIRING_UPDATED."""

    old_pairing: PairingSnapshot | None = strawberry.field(
        resolver=before("pairing", PairingSnapshot.of), description="The pairing before."
    )
    new_pairing: PairingSnapshot | None = strawberry.field(
        resolver=after("pairing", PairingSnapshot.of), description="The pairing after."
    )


@strawberry.type(description="A pairing was dissolved.")
class PairingDissolvedEvent(AboutPairing):
    """PAIRING_DISSOLVED."""

    old_pairing: PairingSnapshot | None = strawberry.field(
        resolver=after("pairing", PairingSnapshot.of), description="The pairing as it was."
    )
