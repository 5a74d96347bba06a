"""registerServers and labelServers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from service.model.hardware import clean_name, clean_text, normalize_address
from service.model.inputs import ServerInput, ServerLabelInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Refusal, collect, refuse_if
from service.model.vocabulary import RefusalCode as Code
from service.store import server as store
from service.store.database import Database
from service.store.transaction import SiteTransaction, change_site

MOST_CAMERAS = 1_000_000


async def register_servers(
    database: Database, request: Request, site_id: UUID, servers: Sequence[ServerInput]
) -> Outcome:
    """Add servers to the site; they hold no cameras yet."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals: list[Refusal] = []
        cleaned = [_clean(refusals, index, one) for index, one in enumerate(servers)]
        refusals += _repeated(cleaned, set(await store.by_name(tx, [one.name for one in cleaned])))
        refuse_if(refusals)
        return {"serverIds": [str(one) for one in await store.insert(tx, cleaned)]}

    return await change_site(database, site_id, request, work)


def _clean(refusals: list[Refusal], index: int, given: ServerInput) -> ServerInput:
    path = ("servers", str(index))
    if given.max_cameras is not None and not 1 <= given.max_cameras <= MOST_CAMERAS:
        message = f"maxCameras is a number from 1 to {MOST_CAMERAS}, or absent for no limit."
        refusals.append(Refusal(Code.INVALID_INPUT, message, (*path, "maxCameras")))
    address, external_id = given.address, given.external_id
    if address is not None:
        address = collect(refusals, (*path, "address"), normalize_address, address)
    if external_id is not None:
        external_id = collect(refusals, (*path, "externalId"), clean_text, external_id, "externalId")
    name = collect(refusals, (*path, "name"), clean_name, given.name) or given.name
    return replace(given, name=name, address=address, external_id=external_id)


def _repeated(servers: Sequence[ServerInput], taken: set[str]) -> list[Refusal]:
    refusals, seen = [], set(taken)
    for index, one in enumerate(servers):
        if one.name in seen:
            message = (
                f"The site has a server named {one.name!r}, or this call names it twice; choose another name."
            )
            refusals.append(Refusal(Code.NAME_TAKEN, message, ("servers", str(index), "name")))
        seen.add(one.name)
    return refusals


async def label_servers(
    database: Database, request: Request, site_id: UUID, labels: Sequence[ServerLabelInput]
) -> Outcome:
    """Say which servers capture live and which stand in."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        servers = await store.states(tx, [one.server_id for one in labels])
        refuse_if(_label_refusals(labels, servers, await store.uses(tx, list(servers))))
        changed = [
            (servers[one.server_id], one) for one in labels if servers[one.server_id].label != one.label
        ]
        if changed:
            await store.set_labels(tx, changed)
        return {"serverIds": [str(one.server_id) for one in labels]}

    return await change_site(database, site_id, request, work)


def _label_refusals(
    labels: Sequence[ServerLabelInput],
    servers: dict[UUID, store.ServerState],
    uses: dict[UUID, store.ServerUse],
) -> list[Refusal]:
    refusals: list[Refusal] = []
    seen: set[UUID] = set()
    for index, one in enumerate(labels):
        path = ("labels", str(index), "serverId")
        server = servers.get(one.server_id)
        if server is None:
            refusals.append(
                Refusal(Code.NOT_FOUND, "There is no such server in this site; check the id.", path)
            )
        elif one.server_id in seen:
            refusals.append(
                Refusal(Code.INVALID_INPUT, "This call names the server twice; name it once.", path)
            )
        elif server.label != one.label:
            refusals += [
                Refusal(Code.LABEL_IN_USE, message, path) for message in _uses(server, uses[server.id])
            ]
        seen.add(one.server_id)
    return refusals


def _uses(server: store.ServerState, use: store.ServerUse) -> list[str]:
    """Whatever needs the present label."""
    needs = (
        (server.pairing_id is not None, "is paired; unpair it"),
        (use.holds_links, "holds linked cameras; end their links"),
        (use.held_by_actions, "is named by unresolved actions; let them be applied or abandon them"),
    )
    return [f"The server {server.name!r} {need} before its label changes." for holds, need in needs if holds]
