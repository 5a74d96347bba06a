"""registerServers, updateServers, removeServers and labelServers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from service.model.hardware import clean_name, clean_text, normalize_address
from service.model.inputs import ServerInput, ServerLabelInput, ServerUpdateInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Path, Refusal, collect, refuse_if
from service.model.vocabulary import RefusalCode as Code
from service.store import camera as cameras
from service.store import server as store
from service.store.database import Database
from service.store.transaction import SiteTransaction, change_site

MOST_CAMERAS = 1_000_000
UNKNOWN = "There is no such server in this site; check the id."
TWICE = "This call names the server twice; name it once."
NAMELESS = "A server has a name; leave it out to keep the present one."


def _check_most(number: int) -> int:
    if not 1 <= number <= MOST_CAMERAS:
        raise ValueError(f"maxCameras is a number from 1 to {MOST_CAMERAS}, or null for no limit.")
    return number


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "max_cameras": _check_most,
    "address": normalize_address,
    "external_id": partial(clean_text, what="externalId"),
    "name": clean_name,
}
FIELDS = {"max_cameras": "maxCameras", "address": "address", "external_id": "externalId", "name": "name"}


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
    said = {column: getattr(given, column) for column in PARSERS}
    return replace(given, **_parsed(refusals, ("servers", str(index)), said))


def _parsed(refusals: list[Refusal], path: Path, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the columns that can be stored; the others are refused."""
    parsed: dict[str, Any] = {}
    for column, value in said.items():
        place = (*path, FIELDS[column])
        if value is None and column == "name":
            refusals.append(Refusal(Code.INVALID_INPUT, NAMELESS, place))
        elif value is None:
            parsed[column] = None
        elif (kept := collect(refusals, place, PARSERS[column], value)) is not None:
            parsed[column] = kept
    return parsed


def _repeated(servers: Sequence[ServerInput], taken: set[str]) -> list[Refusal]:
    refusals, seen = [], set(taken)
    for index, one in enumerate(servers):
        if one.name in seen:
            refusals.append(_taken(index, one.name))
        seen.add(one.name)
    return refusals


def _taken(index: int, name: str) -> Refusal:
    message = f"The site has a server named {name!r}, or this call names it twice; choose another name."
    return Refusal(Code.NAME_TAKEN, message, ("servers", str(index), "name"))


@dataclass(frozen=True, slots=True)
class _Update:
    """What is said of the server that the input names at `index`, before and after."""

    index: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


async def update_servers(
    database: Database, request: Request, site_id: UUID, updates: Sequence[ServerUpdateInput]
) -> Outcome:
    """Say something of servers anew; names are judged as they are once all servers have theirs."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals: list[Refusal] = []
        known = await store.details(tx, [one.server_id for one in updates])
        wanted = _wanted(refusals, updates, known)
        holders = await store.by_name(tx, [one.after["name"] for one in wanted])
        refuse_if(refusals + _names_taken(wanted, holders))
        changed = [(one.before, one.after) for one in wanted if one.before != one.after]
        if changed:
            await store.update(tx, changed)
        return {"serverIds": [str(one.server_id) for one in updates]}

    return await change_site(database, site_id, request, work)


def _wanted(
    refusals: list[Refusal], updates: Sequence[ServerUpdateInput], known: Mapping[UUID, Mapping[str, Any]]
) -> list[_Update]:
    wanted: list[_Update] = []
    seen: set[UUID] = set()
    for index, one in enumerate(updates):
        path = ("servers", str(index))
        parsed = _parsed(refusals, path, one.given)
        before = known.get(one.server_id)
        if before is None:
            refusals.append(Refusal(Code.NOT_FOUND, UNKNOWN, (*path, "serverId")))
        elif one.server_id in seen:
            refusals.append(Refusal(Code.INVALID_INPUT, TWICE, (*path, "serverId")))
        else:
            wanted.append(_Update(index, before, {**before, **parsed}))
        seen.add(one.server_id)
    return wanted


def _names_taken(wanted: Sequence[_Update], holders: Mapping[str, UUID]) -> list[Refusal]:
    """A name is free when its holder gives it up in the same call, and no other server takes it."""
    given_up = {one.before["name"] for one in wanted if one.before["name"] != one.after["name"]}
    taken = set(holders) - given_up
    refusals = []
    for one in wanted:
        name = one.after["name"]
        if name != one.before["name"] and name in taken:
            refusals.append(_taken(one.index, name))
        taken.add(name)
    return refusals


async def remove_servers(
    database: Database, request: Request, site_id: UUID, server_ids: Sequence[UUID]
) -> Outcome:
    """Remove servers that nothing needs any more, and the cameras that stand only there."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        servers = await store.states(tx, server_ids)
        refuse_if(_removal_refusals(server_ids, servers, await store.uses(tx, list(servers))))
        gone = list(dict.fromkeys(server_ids))
        await cameras.remove(tx, await cameras.on_servers(tx, gone))
        await store.remove(tx, gone)
        return {"serverIds": [str(one) for one in gone]}

    return await change_site(database, site_id, request, work)


def _removal_refusals(
    server_ids: Sequence[UUID], servers: dict[UUID, store.ServerState], uses: dict[UUID, store.ServerUse]
) -> list[Refusal]:
    refusals: list[Refusal] = []
    for index, server_id in enumerate(server_ids):
        path = ("serverIds", str(index))
        server = servers.get(server_id)
        if server is None:
            refusals.append(Refusal(Code.NOT_FOUND, UNKNOWN, path))
        else:
            needs = _uses(server, uses[server_id], "it is removed")
            refusals += [Refusal(Code.SERVER_IN_USE, message, path) for message in needs]
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
            refusals.append(Refusal(Code.NOT_FOUND, UNKNOWN, path))
        elif one.server_id in seen:
            refusals.append(Refusal(Code.INVALID_INPUT, TWICE, path))
        elif server.label != one.label:
            needs = _uses(server, uses[server.id], "its label changes")
            refusals += [Refusal(Code.LABEL_IN_USE, message, path) for message in needs]
        seen.add(one.server_id)
    return refusals


def _uses(server: store.ServerState, use: store.ServerUse, change: str) -> list[str]:
    """Whatever needs the server as it is."""
    needs = (
        (server.pairing_id is not None, "is paired; unpair it"),
        (use.holds_links, "holds linked cameras; end their links"),
        (use.held_by_actions, "is named by unresolved actions; let them be applied or abandon them"),
    )
    return [f"The server {server.name!r} {need} before {change}." for holds, need in needs if holds]
