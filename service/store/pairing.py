"""The rows of pairings, and what making and dissolving one does to links and twins."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from service.model.decision import Decision, DeviceAction
from service.model.inputs import PairingInput
from service.model.vocabulary import DeviceActionKind, EventKind, MirrorCause, TwinDisposal
from service.store import link, mirrored_action
from service.store.decision import decide
from service.store.statements import statement
from service.store.transaction import SiteTransaction

UNPAIRED = "Mirrored: the servers were unpaired, and the twins are to be removed."


async def known(tx: SiteTransaction, pairing_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of these pairings that the site has."""
    rows = await tx.connection.fetch(
        "SELECT id FROM pairing WHERE site_id = $1 AND id = ANY ($2::uuid[])", tx.site_id, pairing_ids
    )
    return {row["id"] for row in rows}


async def insert(tx: SiteTransaction, pairing: PairingInput, homes: Mapping[UUID, UUID]) -> UUID:
    """Pair servers."""
    row = await tx.connection.fetchrow(
        statement("insert_pairing"),
        tx.site_id,
        pairing.style.value,
        pairing.primary_ids,
        [homes[one] for one in pairing.primary_ids],
        pairing.secondary_ids,
    )
    if row is None:
        message = "INSERT ... RETURNING returned no row"
        raise LookupError(message)
    tx.log.note(EventKind.PAIRING_CREATED, row["id"], pairing=row["pairing"])
    pairing_id: UUID = row["id"]
    return pairing_id


async def decide_twins(tx: SiteTransaction, homes: Mapping[UUID, UUID]) -> list[Decision]:
    """Decide the twins that the cameras of these primaries need on their home secondaries."""
    rows = await tx.connection.fetch(statement("cameras_to_pair"), list(homes))
    wanted = [
        DeviceAction(
            DeviceActionKind.ADD, row["id"], MirrorCause.PAIRING, target_server_id=homes[row["server_id"]]
        )
        for row in rows
    ]
    return await decide(tx, wanted)


async def dissolve(tx: SiteTransaction, pairing_ids: Sequence[UUID], twins: TwinDisposal) -> None:
    """Dissolve pairings and end the links within them; the twins are kept as confirmed, or removed."""
    linked = await tx.connection.fetch(statement("links_of_pairings"), tx.site_id, pairing_ids)
    for row in await tx.connection.fetch(statement("dissolve_pairings"), tx.site_id, pairing_ids):
        tx.log.note(EventKind.PAIRING_DISSOLVED, row["id"], pairing=row["pairing"])
    ended = [(row["primary_camera_id"], row["primary_server_id"], row["twin_id"]) for row in linked]
    wishes = await link.dispose(tx, ended, MirrorCause.PAIRING, UNPAIRED, twins)
    await mirrored_action.wish(tx, wishes)
