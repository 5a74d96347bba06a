"""pairServers, updatePairing and unpairServers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from service.model.decision import Decision
from service.model.homes import Load, choose_homes
from service.model.inputs import PairingInput, PairingUpdateInput
from service.model.outcome import Outcome, Request
from service.model.pairing_shape import (
    PairingState,
    assignment_refusals,
    kept_homes,
    shape_refusals,
    updated,
)
from service.model.refusals import Path, Refusal, Refused, refuse_if
from service.model.vocabulary import DeviceActionKind, Mode, ServerLabel, TwinDisposal
from service.model.vocabulary import RefusalCode as Code
from service.store import lost_server
from service.store import pairing as store
from service.store.database import Database
from service.store.server import ServerState, camera_counts, labeling_refusals, states
from service.store.taken_away import all_of
from service.store.transaction import SiteTransaction, change_site

MANUAL = "Servers are paired only in Auto mode; set the mode to AUTO, or map the cameras."
NO_SERVER = "There is no such server in this site; check the id."
NO_PAIRING = "There is no such pairing in this site; check the id."
TWICE = "This call pairs the server twice; a server is in one pairing."
Servers = dict[UUID, ServerState]


async def pair_servers(
    database: Database, request: Request, site_id: UUID, pairings: Sequence[PairingInput]
) -> Outcome:
    """Pair servers, give every primary a home secondary and each of its cameras a twin there."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        asked = [server for one in pairings for server in (*one.primary_ids, *one.secondary_ids)]
        servers = await states(tx, asked)
        refuse_if([*_mode_refusals(tx), *await labeling_refusals(tx), *_refusals(pairings, servers)])
        done = [(one, *await _pair(tx, one, servers)) for one in pairings]
        made = {} if tx.request.dry_run else {"pairingIds": [str(pairing_id) for _, pairing_id, _, _ in done]}
        return {**made, "planned": [_planned(one, homes, decisions) for one, _, homes, decisions in done]}

    return await change_site(database, site_id, request, work)


async def _pair(
    tx: SiteTransaction, pairing: PairingInput, servers: Servers
) -> tuple[UUID, dict[UUID, UUID], list[Decision]]:
    homes = await _homes(tx, pairing, servers, {})
    pairing_id = await store.insert(tx, pairing, homes)
    decisions = await store.give_twins(tx, homes)
    return pairing_id, homes, decisions


async def _homes(
    tx: SiteTransaction, pairing: PairingInput, servers: Servers, kept: Mapping[UUID, UUID]
) -> dict[UUID, UUID]:
    counts = await camera_counts(tx, [*pairing.primary_ids, *pairing.secondary_ids])
    primaries, secondaries = (
        [Load(one, servers[one].name, counts.get(one, 0)) for one in ids if one not in kept]
        for ids in (pairing.primary_ids, pairing.secondary_ids)
    )
    given = {one.primary_id: one.secondary_id for one in pairing.assignments}
    chosen = {**kept, **choose_homes(primaries, secondaries, given)}
    return {one: chosen[one] for one in pairing.primary_ids}


def _planned(
    pairing: PairingInput,
    homes: Mapping[UUID, UUID],
    decisions: Sequence[Decision],
    lost: Collection[UUID] = (),
) -> dict[str, Any]:
    """The pairing in values; `lost`: twins that no recorder holds any more, which are added anew where they move."""
    acting = [one for one in decisions if one.reason is None]
    adopted = [one for one in acting if one.adopted_id is not None]
    moved = [
        one
        for one in acting
        if (one.action, one.adopted_id) == (DeviceActionKind.MOVE, None) and one.counterpart_id not in lost
    ]
    return {
        "style": pairing.style.value,
        "primaries": [[str(one), str(homes[one])] for one in pairing.primary_ids],
        "secondaries": [str(one) for one in pairing.secondary_ids],
        "camerasAdopted": len(adopted),
        "camerasAdded": len(acting) - len(adopted) - len(moved),
        "camerasMoved": len(moved),
    }


def _mode_refusals(tx: SiteTransaction) -> list[Refusal]:
    return [] if tx.site.mode == Mode.AUTO else [Refusal(Code.MODE_MISMATCH, MANUAL)]


def _refusals(pairings: Sequence[PairingInput], servers: Servers) -> list[Refusal]:
    refusals: list[Refusal] = []
    seen: set[UUID] = set()
    for index, pairing in enumerate(pairings):
        path = ("pairings", str(index))
        for server_id, label, place in _members(pairing, path):
            refusals += _member_refusals(servers.get(server_id), label, place)
            if server_id in seen:
                refusals.append(Refusal(Code.SERVER_ALREADY_PAIRED, TWICE, place))
            seen.add(server_id)
        primary_ids, secondary_ids = set(pairing.primary_ids), set(pairing.secondary_ids)
        refusals += shape_refusals(pairing.style, len(primary_ids), len(secondary_ids), path)
        refusals += assignment_refusals(pairing.assignments, primary_ids, secondary_ids, path)
    return refusals


def _members(pairing: PairingInput, path: Path) -> Iterator[tuple[UUID, ServerLabel, Path]]:
    for index, server_id in enumerate(pairing.primary_ids):
        yield server_id, ServerLabel.PRIMARY, (*path, "primaryIds", str(index))
    for index, server_id in enumerate(pairing.secondary_ids):
        yield server_id, ServerLabel.SECONDARY, (*path, "secondaryIds", str(index))


def _member_refusals(
    server: ServerState | None, label: ServerLabel, path: Path, pairing_id: UUID | None = None
) -> list[Refusal]:
    """What keeps a server out of a pairing: a new one, or the one of this id."""
    if server is None:
        return [Refusal(Code.NOT_FOUND, NO_SERVER, path)]
    refusals = []
    if server.label != label:
        message = f"The server {server.name!r} is labelled {server.label}, not {label}; label it first."
        code = Code.SERVER_UNLABELED if server.label == ServerLabel.UNLABELED else Code.WRONG_LABEL
        refusals.append(Refusal(code, message, path))
    if server.pairing_id not in (None, pairing_id):
        message = f"The server {server.name!r} is in another pairing; unpair it first."
        refusals.append(Refusal(Code.SERVER_ALREADY_PAIRED, message, path))
    return refusals


async def update_pairing(
    database: Database, request: Request, site_id: UUID, update: PairingUpdateInput
) -> Outcome:
    """Change a pairing's members, homes and style in one step; its shape is judged at the end."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refuse_if(_mode_refusals(tx))
        before = await store.find(tx, update.pairing_id)
        added = (*update.add_primary_ids, *update.add_secondary_ids)
        named = (*update.remove_primary_ids, *update.remove_secondary_ids, *added)
        members = before.members if before else ()
        servers = await states(tx, [*named, *members])
        all_of([one for one in members if one in servers], members)
        refusals = _update_refusals(update, before, servers)
        if refusals or before is None:
            raise Refused(*refusals)
        return await _update(tx, before, update, servers)

    return await change_site(database, site_id, request, work)


async def _update(
    tx: SiteTransaction, before: PairingState, update: PairingUpdateInput, servers: Servers
) -> dict[str, Any]:
    after = _by_name(updated(before, update), servers)
    kept = kept_homes(before, after)
    homes = await _homes(tx, after, servers, kept)
    staying = set(after.secondary_ids)
    left = [one for one in before.secondary_ids if one not in staying]
    lost = await lost_server.lose(tx, left) if update.secondary_lost else set[UUID]()
    unpaired = [one for one in before.homes if one not in homes]
    await store.part(tx, [before.id], update.twins, unpaired, lost)
    await store.update(tx, before, after, homes)
    decisions = await store.give_twins(tx, homes, kept, left)
    if update.secondary_lost:
        await lost_server.clear(tx, left)
    return {"pairingId": str(before.id), "planned": _planned(after, homes, decisions, lost)}


def _by_name(pairing: PairingInput, servers: Servers) -> PairingInput:
    primaries, secondaries = (
        tuple(sorted(ids, key=lambda one: servers[one].name))
        for ids in (pairing.primary_ids, pairing.secondary_ids)
    )
    return replace(pairing, primary_ids=primaries, secondary_ids=secondaries)


def _update_refusals(
    update: PairingUpdateInput, before: PairingState | None, servers: Servers
) -> list[Refusal]:
    refusals = _added_refusals(update, servers)
    removed = [
        ("removePrimaryIds", update.remove_primary_ids),
        ("removeSecondaryIds", update.remove_secondary_ids),
    ]
    refusals += [
        Refusal(Code.NOT_FOUND, NO_SERVER, (field, str(index)))
        for field, ids in removed
        for index, one in enumerate(ids)
        if one not in servers
    ]
    if before is None:
        return [Refusal(Code.NOT_FOUND, NO_PAIRING, ("pairingId",)), *refusals]
    after = updated(before, update)
    primaries, secondaries = set(after.primary_ids), set(after.secondary_ids)
    refusals += shape_refusals(after.style, len(primaries), len(secondaries), ("pairingId",))
    return refusals + assignment_refusals(after.assignments, primaries, secondaries, ())


def _added_refusals(update: PairingUpdateInput, servers: Servers) -> list[Refusal]:
    refusals: list[Refusal] = []
    removed = {*update.remove_primary_ids, *update.remove_secondary_ids}
    seen: set[UUID] = set()
    for server_id, label, path in _added(update):
        refusals += _member_refusals(servers.get(server_id), label, path, update.pairing_id)
        if server_id in removed:
            message = "This call adds the server and removes it; name it once."
            refusals.append(Refusal(Code.INVALID_INPUT, message, path))
        if server_id in seen:
            refusals.append(Refusal(Code.SERVER_ALREADY_PAIRED, TWICE, path))
        seen.add(server_id)
    return refusals


def _added(update: PairingUpdateInput) -> Iterator[tuple[UUID, ServerLabel, Path]]:
    for index, server_id in enumerate(update.add_primary_ids):
        yield server_id, ServerLabel.PRIMARY, ("addPrimaryIds", str(index))
    for index, server_id in enumerate(update.add_secondary_ids):
        yield server_id, ServerLabel.SECONDARY, ("addSecondaryIds", str(index))


async def unpair_servers(
    database: Database, request: Request, site_id: UUID, pairing_ids: Sequence[UUID], twins: TwinDisposal
) -> Outcome:
    """Dissolve pairings; their links end, and the twins are kept or removed."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        known = await store.known(tx, pairing_ids)
        refuse_if(
            [
                Refusal(Code.NOT_FOUND, NO_PAIRING, ("pairingIds", str(index)))
                for index, one in enumerate(pairing_ids)
                if one not in known
            ]
        )
        await store.dissolve(tx, pairing_ids, twins)
        return {"pairingIds": [str(one) for one in dict.fromkeys(pairing_ids)]}

    return await change_site(database, site_id, request, work)
