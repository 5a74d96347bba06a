"""The rows of pairings, and what making, changing and dissolving one does to links and twins."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from service.model.decision import Decision, DeviceAction
from service.model.inputs import PairingInput
from service.model.pairing_shape import PairingState
from service.model.vocabulary import (
    DeviceActionKind,
    EventKind,
    MirrorCause,
    PairingStyle,
    ServerLabel,
    TwinDisposal,
)
from service.store import link, mirrored_action
from service.store.mirroring import decide_and_carry_out
from service.store.statements import statement
from service.store.transaction import SiteTransaction

UNPAIRED = "Mirrored: the servers were unpaired, and the twins are to be removed."


async def known(tx: SiteTransaction, pairing_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of these pairings that the site has."""
    rows = await tx.connection.fetch(
        "SELECT id FROM pairing WHERE site_id = $1 AND id = ANY ($2::uuid[])", tx.site_id, pairing_ids
    )
    return {row["id"] for row in rows}


async def members(
    tx: SiteTransaction, pairing_ids: Sequence[UUID], label: ServerLabel
) -> dict[UUID, list[UUID]]:
    """Return the servers of this label of those of these pairings that the site has; each has at least one."""
    rows = await tx.connection.fetch(
        "SELECT pairing_id, server_id FROM pairing_member"
        " WHERE site_id = $1 AND pairing_id = ANY ($2::uuid[]) AND label = $3",
        tx.site_id,
        pairing_ids,
        label.value,
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["pairing_id"], []).append(row["server_id"])
    return found


async def find(tx: SiteTransaction, pairing_id: UUID) -> PairingState | None:
    """Return a pairing of the site as it stands."""
    whole = await _whole(tx, pairing_id)
    if whole is None:
        return None
    members = whole["members"]
    homes = {
        UUID(one["server_id"]): UUID(one["home_id"]) for one in members if one["label"] == ServerLabel.PRIMARY
    }
    secondaries = [UUID(one["server_id"]) for one in members if one["label"] == ServerLabel.SECONDARY]
    return PairingState(pairing_id, PairingStyle(whole["style"]), homes, tuple(secondaries))


async def _whole(tx: SiteTransaction, pairing_id: UUID) -> dict[str, Any] | None:
    whole: dict[str, Any] | None = await tx.connection.fetchval(
        statement("pairing_whole"), tx.site_id, pairing_id
    )
    return whole


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


async def update(
    tx: SiteTransaction, before: PairingState, after: PairingInput, homes: Mapping[UUID, UUID]
) -> None:
    """Give a pairing these members, homes and style; that it is so already is no event."""
    staying = {*after.primary_ids, *after.secondary_ids}
    told = await _whole(tx, before.id)
    await tx.write(
        "update_pairing",
        tx.site_id,
        before.id,
        after.style.value,
        [one for one in before.members if one not in staying],
        after.primary_ids,
        [homes[one] for one in after.primary_ids],
        after.secondary_ids,
    )
    whole = await _whole(tx, before.id)
    if whole != told:
        tx.log.note(EventKind.PAIRING_UPDATED, before.id, pairing=whole, before=told)


async def give_twins(
    tx: SiteTransaction,
    homes: Mapping[UUID, UUID],
    kept: Collection[UUID] = (),
    left_ids: Sequence[UUID] = (),
) -> list[Decision]:
    """Give the cameras of these primaries their twins on the home secondaries, and return what was decided; of the
    `kept` ones, only the cameras whose twin stands on a secondary that leaves.
    """
    every = [one not in kept for one in homes]
    rows = await tx.connection.fetch(statement("cameras_to_pair"), list(homes), every, left_ids)
    wanted = [
        DeviceAction(
            DeviceActionKind.ADD, row["id"], MirrorCause.PAIRING, target_server_id=homes[row["server_id"]]
        )
        for row in rows
    ]
    decisions, _ = await decide_and_carry_out(tx, wanted)
    return decisions


async def part(
    tx: SiteTransaction,
    pairing_ids: Sequence[UUID],
    twins: TwinDisposal,
    primary_ids: Sequence[UUID] | None = None,
    lost: Collection[UUID] = (),
) -> None:
    """End the links within pairings, or only those of some primaries; the twins are kept as confirmed, or removed.
    `lost`: twins that no recorder holds any more.
    """
    linked = await tx.connection.fetch(statement("links_of_pairings"), tx.site_id, pairing_ids, primary_ids)
    ended = [
        (row["primary_camera_id"], row["primary_server_id"], row["twin_id"])
        for row in linked
        if row["twin_id"] not in lost
    ]
    await mirrored_action.wish(tx, await link.dispose(tx, ended, MirrorCause.PAIRING, UNPAIRED, twins))


async def dissolve(tx: SiteTransaction, pairing_ids: Sequence[UUID], twins: TwinDisposal) -> None:
    """Dissolve pairings and end the links within them."""
    await part(tx, pairing_ids, twins)
    for row in await tx.connection.fetch(statement("dissolve_pairings"), tx.site_id, pairing_ids):
        tx.log.note(EventKind.PAIRING_DISSOLVED, row["id"], pairing=row["pairing"])
