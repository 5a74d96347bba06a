"""A whole site as one document shows it, and as the oracle would show it: rows that can be compared."""

from collections.abc import Mapping
from typing import Any

from tests.builders import Json
from tests.documents import HARDWARE
from tests.oracle.state import Action, Camera, Hardware, Pairing, Server, Site, protection

Names = Mapping[str, str]
Rows = dict[str, Any]

SITE = """name mode modeChosenAt revision syncPolicy { backup restore add move delete replace }
  labeling { complete primaries secondaries unlabeled }"""
PAIRINGS = """pairings(first: 500) {
  nodes { id style primaries { server { id } secondary { id } } secondaries { id } } }"""
SERVER = "id name label address externalId maxCameras"
CAMERA = f"""id name channel hardware {{ {HARDWARE} }} externalId server {{ id }} side counterpart {{ id }}
  protection removing"""
ACTION = f"""id action direction cause status reason blocked
  sourceServer {{ id }} targetServer {{ id }} targetFromServer {{ id }}
  device {{ targetCameraId sourceCameraId name channel hardware {{ {HARDWARE} }} externalId }}
  previousHardware {{ {HARDWARE} }} attempts error note"""
WHOLE = f"""query ($id: ID!) {{ site(id: $id) {{ {SITE}
  coverage {{ cameras protected pending failed unprotected }} {PAIRINGS}
  servers(first: 500) {{ nodes {{ {SERVER} cameraCount pairing {{ id }} homeSecondary {{ id }} }} }}
  cameras(first: 500) {{ nodes {{ {CAMERA} lastAction {{ id }} }} }}
  mirroredActions(first: 500) {{ nodes {{ {ACTION} camera {{ id }} counterpart {{ id }} }} }} }} }}"""


def step(changed: int, *, design: bool) -> str:
    """After a step not all is read in full, for reading costs more than all else: servers and pairings if anything
    was told of them; of the actions the `$recent` that are new and those that changed, for the position of each other
    shows that it did not.
    """
    whole = f"{PAIRINGS} servers(first: 500) {{ nodes {{ {SERVER} }} }}" if design else ""
    names = [f"$changed{number}: ID!" for number in range(changed)]
    actions = [
        f"changed{number}: node(id: $changed{number}) {{ ... on MirroredAction {{ {ACTION} }} }}"
        for number in range(changed)
    ]
    return f"""query ({", ".join(["$id: ID!", "$recent: Int!", *names])}) {{ site(id: $id) {{ {SITE} {whole}
      cameras(first: 500) {{ nodes {{ {CAMERA} }} }}
      recent: mirroredActions(first: $recent, newestFirst: true) {{ nodes {{ {ACTION} }} }}
      mirroredActions(first: 500) {{ nodes {{ id status position }} }} }} {" ".join(actions)} }}"""


def nodes(site: Json, name: str) -> list[Json]:
    found: list[Json] = site[name]["nodes"]
    return found


def hardware_in(node: Json | None) -> Hardware | None:
    if node is None:
        return None
    return Hardware(node["macAddress"], node["address"], node["manufacturer"], node["model"])


def place_of(node: Json, ours: Names) -> tuple[str, str | None, int]:
    """By what a camera is known where the ids are not: server, identity and channel."""
    hardware = hardware_in(node["hardware"])
    return ours[node["server"]["id"]], hardware and hardware.identity, node["channel"]


def our_place(camera: Camera) -> tuple[str, str | None, int]:
    return camera.server, camera.hardware.identity, camera.channel


def one_id(node: Json | None, ours: Names) -> str | None:
    return ours.get(node["id"], "?") if node else None


def site_row(node: Json) -> Rows:
    return {
        "name": node["name"],
        "mode": node["mode"],
        "chosen": node["modeChosenAt"] is not None,
        "revision": node["revision"],
        "policy": node["syncPolicy"],
        "labeling": node["labeling"],
    } | ({"coverage": node["coverage"]} if "coverage" in node else {})


def our_coverage(site: Site) -> Rows:
    found = [value for one in site.cameras.values() if (value := protection(site, one))]
    levels = {one: found.count(one.upper()) for one in ("protected", "pending", "failed", "unprotected")}
    return {"coverage": {"cameras": len(found), **levels}}


def our_site_row(site: Site, *, whole: bool) -> Rows:
    count = {one: len(site.labelled(one)) for one in ("PRIMARY", "SECONDARY", "UNLABELED")}
    return (our_coverage(site) if whole else {}) | {
        "name": site.name,
        "mode": site.mode,
        "chosen": site.chosen,
        "revision": site.revision,
        "policy": site.policy,
        "labeling": {
            "complete": site.labeling_complete,
            "primaries": count["PRIMARY"],
            "secondaries": count["SECONDARY"],
            "unlabeled": count["UNLABELED"],
        },
    }


def server_row(node: Json, ours: Names) -> Rows:
    row = {key: node[key] for key in ("name", "label", "address", "externalId", "maxCameras")}
    if "cameraCount" not in node:
        return row
    ends = {"pairing": one_id(node["pairing"], ours), "home": one_id(node["homeSecondary"], ours)}
    return row | ends | {"cameraCount": node["cameraCount"]}


def our_server_row(site: Site, server: Server, *, whole: bool) -> Rows:
    pairing = site.pairing_of(server.id)
    row = {
        "name": server.name,
        "label": server.label,
        "address": server.address,
        "externalId": server.external_id,
        "maxCameras": server.max_cameras,
    }
    if not whole:
        return row
    return row | {
        "cameraCount": len(site.on(server.id)),
        "pairing": pairing.id if pairing else None,
        "home": pairing.homes.get(server.id) if pairing else None,
    }


def pairing_row(node: Json, ours: Names) -> Rows:
    return {
        "style": node["style"],
        "homes": {ours[one["server"]["id"]]: ours[one["secondary"]["id"]] for one in node["primaries"]},
        "secondaries": {ours[one["id"]] for one in node["secondaries"]},
    }


def our_pairing_row(pairing: Pairing) -> Rows:
    return {"style": pairing.style, "homes": pairing.homes, "secondaries": pairing.secondaries}


def camera_row(node: Json, ours: Names) -> Rows:
    return {
        "place": place_of(node, ours),
        "name": node["name"],
        "hardware": hardware_in(node["hardware"]),
        "externalId": node["externalId"],
        "side": node["side"],
        "counterpart": one_id(node["counterpart"], ours),
        "protection": node["protection"],
        "removing": node["removing"],
    } | ({"lastAction": one_id(node["lastAction"], ours)} if "lastAction" in node else {})


def our_camera_row(site: Site, camera: Camera, *, whole: bool) -> Rows:
    other, last = site.counterpart(camera), site.last_action(camera)
    side = site.side(camera)
    row = {
        "place": our_place(camera),
        "name": camera.name,
        "hardware": camera.hardware,
        "externalId": camera.shown_external_id,
        "side": None if side == "UNLABELED" else side,
        "counterpart": other.id if other else None,
        "protection": protection(site, camera),
        "removing": camera.removing,
    }
    return row | ({"lastAction": last.id if last else None} if whole else {})


def planned_row(node: Json, ours: Names) -> Rows:
    """What a planned action and a mirrored one have in common."""
    device = node["device"]
    keys = ("action", "direction", "cause", "status", "reason", "blocked")
    return {key: node[key] for key in keys} | {
        "name": device["name"],
        "channel": device["channel"],
        "hardware": hardware_in(device["hardware"]),
        "externalId": device["externalId"],
        "source": ours.get(device["sourceCameraId"], "?") if device["sourceCameraId"] else None,
        "target": ours.get(device["targetCameraId"], "?") if device["targetCameraId"] else None,
    }


def our_planned_row(action: Action, known: Names) -> Rows:
    device = action.device
    return {
        "action": action.action,
        "direction": action.direction,
        "cause": action.cause,
        "status": action.status,
        "reason": action.reason,
        "blocked": action.blocked,
        "name": device.name,
        "channel": device.channel,
        "hardware": device.hardware,
        "externalId": device.external_id,
        "source": (action.source if action.source in known else "?") if action.source else None,
        "target": (action.target if action.target in known else "?") if action.target else None,
    }


def action_row(node: Json, ours: Names) -> Rows:
    return (
        planned_row(node, ours)
        | {
            "sourceServer": one_id(node["sourceServer"], ours),
            "targetServer": one_id(node["targetServer"], ours),
            "left": one_id(node["targetFromServer"], ours),
            "previous": hardware_in(node["previousHardware"]),
            "attempts": node["attempts"],
            "error": node["error"],
            "note": bool(node["note"]),
        }
        | {end: one_id(node[end], ours) for end in ("camera", "counterpart") if end in node}
    )


def our_action_row(site: Site, action: Action, known: Names, *, whole: bool) -> Rows:
    def server(one: str | None) -> str | None:
        return one if one in site.servers else None

    def camera(one: str | None) -> str | None:
        return one if one in site.cameras else None

    ends = {"camera": camera(action.source), "counterpart": camera(action.target)} if whole else {}
    return (
        our_planned_row(action, known)
        | ends
        | {
            "sourceServer": server(action.source_server),
            "targetServer": server(action.target_server),
            "left": server(action.left),
            "previous": action.previous,
            "attempts": action.attempts,
            "error": action.error,
            "note": bool(action.note),
        }
    )
