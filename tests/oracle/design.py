"""Changes of a site's design: its servers, labels, mode, policy and mappings."""

from typing import Any

from tests.oracle.deciding import Wanted, bring
from tests.oracle.lifecycle import Wish, release, wish
from tests.oracle.state import UNRESOLVED, Camera, Server, Site, links_that_count
from tests.oracle.verdicts import Given, Refusals, Values, repeated, trimmed

Done = tuple[Refusals, Values]


def register_servers(site: Site, given: Given) -> Done:
    refusals = Refusals()
    names = [one["name"].strip() for one in given["servers"]]
    held_names = {one.name for one in site.servers.values()}
    for place, name in enumerate(names):
        taken = name in held_names or name in names[:place]
        refusals.add_if(taken, "NAME_TAKEN", "servers", str(place), "name")
    if refusals.found:
        return refusals, {}
    made = []
    for name, one in zip(names, given["servers"], strict=True):
        server = Server(site.new_id("s"), name, one.get("label", "UNLABELED"))
        server.address, server.external_id = trimmed(one.get("address")), trimmed(one.get("externalId"))
        server.max_cameras = one.get("maxCameras")
        site.servers[server.id] = server
        made.append(server.id)
    return refusals, {"servers": made}


COLUMNS = {"name": "name", "address": "address", "externalId": "external_id", "maxCameras": "max_cameras"}


def update_servers(site: Site, given: Given) -> Done:
    refusals, updates = Refusals(), given["servers"]
    named = [one["serverId"] for one in updates]
    for place in repeated(named):
        refusals.add("INVALID_INPUT", "servers", str(place), "serverId")
    renamed = {one["serverId"]: (one["name"] or "").strip() for one in updates if "name" in one}
    kept = {one.name for one in site.servers.values() if one.id not in renamed}
    for place, one in enumerate(updates):
        refusals.server(site, one["serverId"], "servers", str(place), "serverId")
        if "name" in one:
            name = renamed[one["serverId"]]
            before = [renamed.get(other) for other in named[:place] if other != one["serverId"]]
            refusals.add_if(not name, "INVALID_INPUT", "servers", str(place), "name")
            refusals.add_if(name in kept or name in before, "NAME_TAKEN", "servers", str(place), "name")
    if refusals.found:
        return refusals, {}
    for one in updates:
        for key in COLUMNS.keys() & one.keys():
            value = one[key].strip() if isinstance(one[key], str) else one[key]
            setattr(site.servers[one["serverId"]], COLUMNS[key], value)
    return refusals, {"servers": named}


def uses(site: Site, server: str) -> list[str]:
    """What holds a server to its label and its place."""
    pairing, linked = site.pairing_of(server), any(site.counterpart(one) for one in site.on(server))
    busy = any(
        server in {one.target_server, one.left} for one in site.actions.values() if one.status in UNRESOLVED
    )
    return [name for name, holds in (("paired", pairing), ("linked", linked), ("busy", busy)) if holds]


def label_servers(site: Site, given: Given) -> Done:
    refusals = Refusals()
    labels = given["labels"]
    again = set(repeated([one["serverId"] for one in labels]))
    for place in again:
        refusals.add("INVALID_INPUT", "labels", str(place), "serverId")
    for place, one in enumerate(labels):
        if place in again:
            continue
        server = refusals.server(site, one["serverId"], "labels", str(place), "serverId")
        if server and server.label != one["label"]:
            refusals.add_if(uses(site, server.id), "LABEL_IN_USE", "labels", str(place), "serverId")
    if refusals.found:
        return refusals, {}
    for one in labels:
        site.servers[one["serverId"]].label = one["label"]
    return refusals, {"servers": [one["serverId"] for one in labels]}


def remove_servers(site: Site, given: Given) -> Done:
    refusals = Refusals()
    for place, one in enumerate(given["serverIds"]):
        if refusals.server(site, one, "serverIds", str(place)):
            refusals.add_if(uses(site, one), "SERVER_IN_USE", "serverIds", str(place))
    if refusals.found:
        return refusals, {}
    for one in set(given["serverIds"]):
        for camera in site.on(one):
            site.leave(camera)
        del site.servers[one]
    return refusals, {"serverIds": list(dict.fromkeys(given["serverIds"]))}


def impact_of(site: Site, mode: str) -> Values:
    """What choosing a mode costs."""
    other = mode != site.mode
    lost = sum(1 for _ in links_that_count(site)) if other and mode == "AUTO" else 0
    return {
        "from": site.mode,
        "to": mode,
        "pairingsDissolved": len(site.pairings) if other else 0,
        "linksKept": len(site.links),
        "camerasLosingProtection": lost,
    }


def set_mode(site: Site, given: Given) -> Done:
    refusals, mode = Refusals(), given["mode"]
    impact = impact_of(site, mode)
    if mode != site.mode:
        refusals.add_if(not site.labeling_complete, "LABELING_INCOMPLETE")
        costs = impact["pairingsDissolved"] or impact["camerasLosingProtection"]
        asked = given.get("confirmImpact") or given.get("dryRun")
        refusals.add_if(costs and not asked, "CONFIRMATION_REQUIRED", "confirmImpact")
    if refusals.found:
        return refusals, {"impact": impact}
    dissolved = set(site.pairings) if mode != site.mode else set()
    site.pairings = {} if dissolved else site.pairings
    site.mode, site.chosen = mode, True
    return refusals, {"impact": impact, "dissolvedPairingIds": dissolved}


def set_sync_policy(site: Site, given: Given) -> Done:
    site.policy |= {key: given[key] for key in site.policy if given.get(key) is not None}
    return Refusals(), {}


def update_site(site: Site, given: Given) -> Done:
    site.name = given["name"].strip()
    return Refusals(), {}


def dispose(site: Site, camera: Camera, twin: Camera, twins: str, cause: str) -> None:
    """A link ends by choice; the camera is as it is, and the twin is kept or has to go."""
    why = Wish("BACKUP", cause, camera.server, camera.id)
    site.unlink(camera)
    release(site, camera)
    if twins == "KEEP":
        return release(site, twin)
    twin.removing = True
    wish(site, twin, "DELETE", why)
    return None


def map_cameras(site: Site, given: Given) -> Done:
    refusals, mappings = Refusals(), given["mappings"]
    refusals.add_if(site.mode == "AUTO", "MODE_MISMATCH")
    refusals.add_if(not site.labeling_complete, "LABELING_INCOMPLETE")
    wanted = [mapping(site, one, str(place), refusals) for place, one in enumerate(mappings)]
    for place in repeated([one["cameraId"] for one in mappings]):
        refusals.add("INVALID_INPUT", "mappings", str(place), "cameraId")
        wanted[place] = None
    # Where nothing can be mapped at all there is nothing to collide.
    for place in collisions(site, wanted) if site.mode == "MANUAL" and site.labeling_complete else ():
        refusals.add("CAMERA_ALREADY_EXISTS", "mappings", str(place), "secondaryServerId")
    if refusals.found:
        return refusals, {}
    bring(site, [one for one in wanted if one], "MAPPING")
    return refusals, {"cameras": [one["cameraId"] for one in mappings]}


def mapping(site: Site, one: dict[str, Any], place: str, refusals: Refusals) -> Wanted | None:
    """Return what a mapping wants, if it may be."""
    camera = refusals.camera(site, one["cameraId"], "mappings", place, "cameraId")
    server = refusals.server(site, one["secondaryServerId"], "mappings", place, "secondaryServerId")
    good = refusals.labelled(server, "SECONDARY", "mappings", place, "secondaryServerId")
    if camera:
        here = site.servers[camera.server]
        good = refusals.labelled(here, "PRIMARY", "mappings", place, "cameraId") and good
        refusals.add_if(camera.removing, "INVALID_INPUT", "mappings", place, "cameraId")
    return Wanted(camera, server.id) if camera and server and good and not camera.removing else None


def collisions(site: Site, wanted: list[Wanted | None]) -> list[int]:
    """Where a mapping leads to hardware that is linked to another camera, or that one before it leads to."""
    trial = site.copy()
    places = [place for place, one in enumerate(wanted) if one]
    valid = [Wanted(trial.cameras[one.camera.id], one.server) for one in wanted if one]
    brought = zip(places, bring(trial, valid, "MAPPING"), strict=True)
    return [place for place, one in brought if one.result == "occupied"]


def unmap_cameras(site: Site, given: Given) -> Done:
    refusals = Refusals()
    named = []
    for place, camera_id in enumerate(given["cameraIds"]):
        camera = refusals.camera(site, camera_id, "cameraIds", str(place))
        other = camera and site.counterpart(camera)
        if camera and other:
            named.append(camera)
            counts = site.mode == "AUTO" and site.counts(camera, other)
            refusals.add_if(counts, "MODE_MISMATCH", "cameraIds", str(place))
    if refusals.found:
        return refusals, {}
    for camera in named:
        other = site.counterpart(camera) if camera.id in site.cameras else None
        if other:
            ends = (camera, other) if site.side(camera) == "PRIMARY" else (other, camera)
            dispose(site, *ends, given.get("twins", "KEEP"), "MAPPING")
    return refusals, {"cameras": [one for one in given["cameraIds"] if one in site.cameras]}
