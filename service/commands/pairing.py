"""pairServers and unpairServers."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from service.model.decision import Decision
from service.model.homes import Load, choose_homes
from service.model.inputs import PairingInput
from service.model.outcome import Outcome, Request
from service.model.refusals import PairingShape, Path, Refusal, refuse_if
from service.model.vocabulary import DeviceActionKind, Mode, PairingStyle, ServerLabel, TwinDisposal
from service.model.vocabulary import RefusalCode as Code
from service.store import pairing as store
from service.store.database import Database
from service.store.mirroring import carry_out
from service.store.server import ServerState, camera_counts, labeling_refusals, states
from service.store.transaction import SiteTransaction, change_site

MANUAL = "Servers are paired only in Auto mode; set the mode to AUTO, or map the cameras."
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
    counts = await camera_counts(tx, [*pairing.primary_ids, *pairing.secondary_ids])
    primaries, secondaries = (
        [Load(one, servers[one].name, counts.get(one, 0)) for one in ids]
        for ids in (pairing.primary_ids, pairing.secondary_ids)
    )
    homes = choose_homes(
        primaries, secondaries, {one.primary_id: one.secondary_id for one in pairing.assignments}
    )
    pairing_id = await store.insert(tx, pairing, homes)
    decisions = await store.decide_twins(tx, homes)
    await carry_out(tx, decisions)
    return pairing_id, homes, decisions


def _planned(pairing: PairingInput, homes: dict[UUID, UUID], decisions: Sequence[Decision]) -> dict[str, Any]:
    acting = [one for one in decisions if one.reason is None]
    adopted = [one for one in acting if one.adopted_id is not None]
    kinds = [one.action for one in acting if one.adopted_id is None]
    return {
        "style": pairing.style.value,
        "primaries": [[str(one), str(homes[one])] for one in pairing.primary_ids],
        "secondaries": [str(one) for one in pairing.secondary_ids],
        "camerasAdopted": len(adopted),
        "camerasAdded": kinds.count(DeviceActionKind.ADD),
        "camerasMoved": kinds.count(DeviceActionKind.MOVE),
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
                message = "This call pairs the server twice; a server is in one pairing."
                refusals.append(Refusal(Code.SERVER_ALREADY_PAIRED, message, place))
            seen.add(server_id)
        refusals += _shape_refusals(pairing, path)
        refusals += _assignment_refusals(pairing, path)
    return refusals


def _members(pairing: PairingInput, path: Path) -> Iterator[tuple[UUID, ServerLabel, Path]]:
    for index, server_id in enumerate(pairing.primary_ids):
        yield server_id, ServerLabel.PRIMARY, (*path, "primaryIds", str(index))
    for index, server_id in enumerate(pairing.secondary_ids):
        yield server_id, ServerLabel.SECONDARY, (*path, "secondaryIds", str(index))


def _member_refusals(server: ServerState | None, label: ServerLabel, path: Path) -> list[Refusal]:
    if server is None:
        return [Refusal(Code.NOT_FOUND, "There is no such server in this site; check the id.", path)]
    refusals = []
    if server.label != label:
        message = f"The server {server.name!r} is labelled {server.label}, not {label}; label it first."
        code = Code.SERVER_UNLABELED if server.label == ServerLabel.UNLABELED else Code.WRONG_LABEL
        refusals.append(Refusal(code, message, path))
    if server.pairing_id is not None:
        message = f"The server {server.name!r} is in another pairing; unpair it first."
        refusals.append(Refusal(Code.SERVER_ALREADY_PAIRED, message, path))
    return refusals


def _shape_refusals(pairing: PairingInput, path: Path) -> list[Refusal]:
    primaries, secondaries = len(set(pairing.primary_ids)), len(set(pairing.secondary_ids))
    if pairing.style == PairingStyle.SYMMETRIC:
        fits, code = primaries == secondaries == 1, Code.SYMMETRIC_NEEDS_ONE_TO_ONE
        rule = "A symmetric pairing has exactly 1 primary and 1 secondary"
    else:
        fits, code = primaries > secondaries >= 1, Code.ASYMMETRIC_NEEDS_MORE_PRIMARIES
        rule = "An asymmetric pairing has more primaries than secondaries, and at least 1 secondary"
    if fits:
        return []
    message = f"{rule}; this one has {primaries} and {secondaries}."
    return [
        PairingShape(code, message, path, style=pairing.style, primaries=primaries, secondaries=secondaries)
    ]


def _assignment_refusals(pairing: PairingInput, path: Path) -> list[Refusal]:
    refusals = []
    assigned: set[UUID] = set()
    for index, one in enumerate(pairing.assignments):
        place = (*path, "assignments", str(index))
        if one.primary_id not in pairing.primary_ids:
            message = "An assignment names a primary of this pairing; this one is none."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "primaryId")))
        elif one.primary_id in assigned:
            message = "The primary is assigned twice; it has one home secondary."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "primaryId")))
        if one.secondary_id not in pairing.secondary_ids:
            message = "An assignment names a secondary of this pairing; this one is none."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "secondaryId")))
        assigned.add(one.primary_id)
    return refusals


async def unpair_servers(
    database: Database, request: Request, site_id: UUID, pairing_ids: Sequence[UUID], twins: TwinDisposal
) -> Outcome:
    """Dissolve pairings; their links end, and the twins are kept or removed."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        known = await store.known(tx, pairing_ids)
        refuse_if(
            [
                Refusal(
                    Code.NOT_FOUND,
                    "There is no such pairing in this site; check the id.",
                    ("pairingIds", str(index)),
                )
                for index, one in enumerate(pairing_ids)
                if one not in known
            ]
        )
        await store.dissolve(tx, pairing_ids, twins)
        return {"pairingIds": [str(one) for one in dict.fromkeys(pairing_ids)]}

    return await change_site(database, site_id, request, work)
