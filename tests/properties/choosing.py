"""Random commands: a name and four numbers choose among whatever there is at that moment, mostly what is allowed.

So any part of a list of steps is a list of steps again, and failures shrink.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from tests.oracle.state import UNRESOLVED, Action, Camera, Pairing, Server, Site
from tests.oracle.world import World

Item = TypeVar("Item")
Given = dict[str, Any]
Numbers = tuple[int, int, int, int]
Choice = Callable[[World, Site, Numbers], Given | None]

# Few devices, and some alike in part, so that they meet.
HARDWARE: tuple[Given, ...] = (
    {"macAddress": "02-00-00-00-00-0a", "address": "192.0.2.1"},
    {"macAddress": "02-00-00-00-00-0b", "address": "192.0.2.2"},
    {"address": "192.0.2.1"},
    {"macAddress": "02-00-00-00-00-0b", "address": "192.0.2.1"},
    {"macAddress": "02-00-00-00-00-0c", "manufacturer": "Maker", "model": "Model"},
    {"macAddress": "02-00-00-00-00-0d"},
    {"address": "192.0.2.3"},
)
TWINS = ("KEEP", "REMOVE")
LABELS = ("PRIMARY", "SECONDARY", "UNLABELED")
NAMES = ("Door", "Gate", "Lobby", "Ramp")


def pick(items: Sequence[Item], number: int) -> Item:
    return items[number % len(items)]


def some(items: Sequence[Item], mask: int) -> list[Item]:
    """The first few items by the bits of the mask, all of them if it has none."""
    return [one for n, one in enumerate(items) if mask >> (n % 8) & 1] or list(items)


def of_label(site: Site, label: str) -> list[Server]:
    return site.labelled(label) or list(site.servers.values())


def server(world: World, site: Site, number: int) -> str | None:
    """A server of the site; now and then of another one."""
    if number % 23 == 22:
        others = [one for other in world.sites.values() if other is not site for one in other.servers]
        return pick(others, number) if others else None
    return pick(list(site.servers), number) if site.servers else None


def camera(world: World, site: Site, number: int) -> str | None:
    """A camera of the site; now and then of another one."""
    if number % 23 == 22:
        others = [one for other in world.sites.values() if other is not site for one in other.cameras]
        return pick(others, number) if others else None
    return pick(list(site.cameras), number) if site.cameras else None


def cameras_of(site: Site, label: str) -> list[Camera]:
    return [one for one in site.cameras.values() if site.side(one) == label]


def external_id(number: int) -> Given:
    return {"externalId": f"e{number % 5}"} if number % 3 == 0 else {}


def create_site(world: World, numbers: Numbers) -> Given:
    a, b, c, _ = numbers
    name = pick(["Depot", " Depot ", *(one.name for one in world.sites.values())], a)
    keys: Given = {"idempotencyKey": f"key {c % 2}"} if b % 2 else {}
    return {"name": name, "as": f"N{a}", **keys}


def register_servers(_world: World, _site: Site, numbers: Numbers) -> Given:
    a, b, c, _ = numbers
    names = [f"n{a % 4}", f"n{b % 4}"][: 1 + b % 2]
    return {"servers": [{"name": one, "label": pick(LABELS, c)} for one in names]}


def update_servers(world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, d = numbers
    one, other = server(world, site, a), server(world, site, b)
    if one is None or other is None:
        return None
    first: Given = {"serverId": one, **pick(UPDATES, c)}
    if d % 2 or one == other or other not in site.servers or one not in site.servers:
        return {"servers": [first]}
    # Two names change hands in one call.
    names = (site.servers[other].name, site.servers[one].name)
    return {"servers": [{"serverId": one, "name": names[0]}, {"serverId": other, "name": names[1]}]}


UPDATES: tuple[Given, ...] = (
    {"name": "n0"},
    {"address": "recorder.example"},
    {"address": None, "externalId": "r1"},
    {"maxCameras": 16},
    {"maxCameras": None, "name": "renamed"},
)


def remove_servers(world: World, site: Site, numbers: Numbers) -> Given | None:
    free = [one for one in site.servers if not site.pairing_of(one)]
    one = pick(free, numbers[0]) if free and numbers[1] % 4 else server(world, site, numbers[0])
    return {"serverIds": [one]} if one else None


def label_servers(world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, d = numbers
    found = [one for one in (server(world, site, a), server(world, site, b))[: 1 + c % 2] if one]
    labels = [{"serverId": one, "label": pick(LABELS, d + n)} for n, one in enumerate(found)]
    return {"labels": labels} if labels else None


def set_mode(_world: World, site: Site, numbers: Numbers) -> Given:
    wanted = "MANUAL" if (site.mode == "AUTO") == bool(numbers[0] % 5) else "AUTO"
    return {"mode": wanted, "confirmImpact": bool(numbers[1] % 4)}


def set_sync_policy(_world: World, site: Site, numbers: Numbers) -> Given:
    return {pick(list(site.policy), numbers[0]): numbers[1] % 2 == 0}


def update_site(world: World, site: Site, numbers: Numbers) -> Given:
    names = [site.name, f"{site.name}!", *(one.name for one in world.sites.values())]
    return {"name": pick(names, numbers[0])}


def delete_site(_world: World, site: Site, numbers: Numbers) -> Given:
    return {"confirmName": site.name if numbers[0] % 3 else "Another"}


def pair_servers(_world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, d = numbers
    free = [one.id for one in of_label(site, "PRIMARY") if d % 7 == 0 or not site.pairing_of(one.id)]
    spare = [one.id for one in of_label(site, "SECONDARY") if d % 7 == 0 or not site.pairing_of(one.id)]
    if not free or not spare:
        return None
    count = 1 if c % 3 == 0 else 2 + c % 2
    primaries = [pick(free, a + n) for n in range(min(count, len(free)))]
    secondaries = [pick(spare, b + n) for n in range(1 + (len(primaries) == 3 and len(spare) > 1))]
    style = "SYMMETRIC" if len(primaries) == 1 else "ASYMMETRIC"
    given: Given = {"style": style, "primaryIds": primaries, "secondaryIds": secondaries}
    if d % 3 == 0:
        given["assignments"] = [{"primaryId": primaries[0], "secondaryId": secondaries[-1]}]
    both = len(free) > len(primaries) and len(spare) > len(secondaries) and d % 4 == 1
    more = {
        "style": "SYMMETRIC",
        "primaryIds": [pick(free, a + len(primaries))],
        "secondaryIds": [pick(spare, b + len(secondaries))],
    }
    return {"pairings": [given, more] if both else [given]}


def update_pairing(_world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, d = numbers
    if not site.pairings:
        return None
    one = pick(list(site.pairings.values()), a)
    free = [each.id for each in of_label(site, "PRIMARY") if each.id not in one.members]
    spare = [each.id for each in of_label(site, "SECONDARY") if each.id not in one.members]
    given: Given = {"pairingId": one.id, "twins": pick(TWINS, d), "secondaryLost": d % 3 == 0}
    if b % 4 in {0, 3} and free:
        given["addPrimaryIds"] = [pick(free, a)]
    if b % 4 == 1 and len(one.homes) > 1:
        given["removePrimaryIds"] = [pick(list(one.homes), c)]
    if c % 3 == 0 and spare:
        given["addSecondaryIds"] = [pick(spare, a)]
    if c % 3 < 2 and b % 4 > 1:
        given["removeSecondaryIds"] = [pick(sorted(one.secondaries), c)]
    if d % 4 == 0:
        given["assignments"] = [assignment(one, a, c)]
    return given | style_for(one, given)


def assignment(pairing: Pairing, a: int, c: int) -> Given:
    return {
        "primaryId": pick(list(pairing.homes), a),
        "secondaryId": pick(sorted(pairing.secondaries), c),
    }


def style_for(pairing: Pairing, given: Given) -> Given:
    """The style that the counts come to, so that most changes are allowed."""
    primaries = (
        len(pairing.homes) + len(given.get("addPrimaryIds", ())) - len(given.get("removePrimaryIds", ()))
    )
    return {"style": "SYMMETRIC" if primaries == 1 else "ASYMMETRIC"}


def unpair_servers(_world: World, site: Site, numbers: Numbers) -> Given | None:
    chosen = some(list(site.pairings), numbers[0])
    return {"pairingIds": chosen, "twins": pick(TWINS, numbers[1])} if chosen else None


def map_cameras(_world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, _ = numbers
    chosen = [one.id for one in some(cameras_of(site, "PRIMARY"), a)][:3]
    servers = [one.id for one in of_label(site, "SECONDARY")]
    if not chosen or not servers:
        return None
    return {
        "mappings": [
            {"cameraId": one, "secondaryServerId": pick(servers, b + n * (c % 2))}
            for n, one in enumerate(chosen)
        ]
    }


def unmap_cameras(world: World, site: Site, numbers: Numbers) -> Given | None:
    first = camera(world, site, numbers[0])
    chosen = some(list(site.cameras), numbers[1])[:2]
    found = ([first] if first else []) + chosen[: numbers[2] % 3]
    return {"cameraIds": found, "twins": pick(TWINS, numbers[3])} if found else None


def add_camera(world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, d = numbers
    at = server(world, site, a)
    if at is None:
        return None
    given = {"serverId": at, "name": pick(NAMES, c), "hardware": pick(HARDWARE, b), **external_id(d)}
    return given | ({"channel": 1} if c % 8 == 0 else {})


def move_camera(world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, _ = numbers
    one = camera(world, site, a)
    if one is None:
        return None
    side = site.side(site.cameras[one]) if one in site.cameras and c % 5 else None
    servers = [each.id for each in site.servers.values() if side in {None, each.label}]
    to = pick(servers, b) if servers else None
    return {"cameraId": one, "toServerId": to, "allowUnprotected": c % 2 == 0} if to else None


def delete_camera(world: World, site: Site, numbers: Numbers) -> Given | None:
    one = camera(world, site, numbers[0])
    return {"cameraId": one} if one else None


def replace_camera(world: World, site: Site, numbers: Numbers) -> Given | None:
    one = camera(world, site, numbers[0])
    return {"cameraId": one, "hardware": pick(HARDWARE, numbers[1])} if one else None


CAMERA_UPDATES: tuple[Given, ...] = (
    {"name": "Renamed"},
    {"address": "192.0.2.1"},
    {"address": "192.0.2.3", "name": "Door"},
    {"address": None},
    {"externalId": "e1"},
    {"externalId": None, "name": "Gate"},
)


def update_camera(world: World, site: Site, numbers: Numbers) -> Given | None:
    one = camera(world, site, numbers[0])
    return {"cameraId": one, **pick(CAMERA_UPDATES, numbers[1])} if one else None


def actions_of(site: Site, statuses: Iterable[str]) -> list[Action]:
    wanted = set(statuses)
    return [one for one in site.actions.values() if one.status in wanted]


def told_of(world: World, site: Site, numbers: Numbers) -> list[str]:
    """Most are told of what is under way; some of anything there ever was, of other sites, and of one twice."""
    a, b, c, _ = numbers
    statuses = ("QUEUED", "FAILED") if c % 4 else {one.status for one in site.actions.values()}
    chosen = [one.id for one in some(actions_of(site, statuses), a)][:6]
    others = [one for other in world.sites.values() if other is not site for one in other.actions]
    foreign = [pick(others, a)] if others and c % 11 == 0 else []
    ordered = chosen if a % 2 else chosen[::-1]
    return [*ordered, *ordered[: b % 2], *foreign]


def acknowledge(world: World, site: Site, numbers: Numbers) -> Given | None:
    _, b, _, d = numbers
    results = [
        {
            "actionId": one,
            "outcome": "FAILED" if (b // 2 + n * (b % 2)) % 3 == 0 else "APPLIED",
            "error": "No disk.",
            **external_id(d + n * (d % 2)),
        }
        for n, one in enumerate(told_of(world, site, numbers))
    ]
    return {"results": results} if results else None


def retry(_world: World, site: Site, numbers: Numbers) -> Given | None:
    statuses = ("FAILED",) if numbers[1] % 4 else UNRESOLVED
    chosen = [one.id for one in some(actions_of(site, statuses), numbers[0])]
    return {"actionIds": chosen} if chosen else None


def abandon(_world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, _, _ = numbers
    chosen = [one.id for one in some(actions_of(site, UNRESOLVED), a)]
    ordered = chosen if b % 2 else chosen[:1]
    return {"actionIds": ordered, "because": "Enough."} if ordered else None


def reconcile(world: World, site: Site, numbers: Numbers) -> Given | None:
    a, b, c, _ = numbers
    direction = "RESTORE" if c % 4 == 0 else "BACKUP"
    servers = of_label(site, "PRIMARY" if direction == "RESTORE" else "SECONDARY")
    given: Given = {"direction": direction}
    if b % 3 == 0 and servers:
        given["serverIds"] = [one.id for one in some(servers, a)][:2]
    elif b % 3 == 1 and site.pairings:
        given["pairingIds"] = [pick(list(site.pairings), a)]
    elif b % 7 == 0 and (one := server(world, site, a)):
        given["serverIds"] = [one]
    return given if site.servers else None


CHOICES: dict[str, Choice] = {
    "updateSite": update_site,
    "deleteSite": delete_site,
    "registerServers": register_servers,
    "updateServers": update_servers,
    "removeServers": remove_servers,
    "labelServers": label_servers,
    "setMode": set_mode,
    "setSyncPolicy": set_sync_policy,
    "pairServers": pair_servers,
    "updatePairing": update_pairing,
    "unpairServers": unpair_servers,
    "mapCameras": map_cameras,
    "unmapCameras": unmap_cameras,
    "addCamera": add_camera,
    "updateCamera": update_camera,
    "moveCamera": move_camera,
    "deleteCamera": delete_camera,
    "replaceCamera": replace_camera,
    "reconcile": reconcile,
    "acknowledgeMirroredActions": acknowledge,
    "retryMirroredActions": retry,
    "abandonMirroredActions": abandon,
}
