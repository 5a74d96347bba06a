"""Facts of single cameras: added, moved, deleted, replaced, updated."""

from tests.oracle.deciding import Deed, mirror_delete, mirror_place, mirror_replace
from tests.oracle.lifecycle import own_fact
from tests.oracle.state import Action, Camera, Hardware, Place, Site, alike, held, same_device
from tests.oracle.verdicts import Given, Refusals, Values, hardware_of, trimmed

Done = tuple[Refusals, Values]


def in_scope(site: Site, camera: Camera) -> bool:
    return site.side(camera) != "UNLABELED"


def put(site: Site, server: str, name: str, channel: int, hardware: Hardware) -> Camera:
    """A camera is on a recorder: it says so itself."""
    place = Place(server, hardware)
    camera = Camera(site.new_id("c"), server, name, channel, hardware, confirmed=place)
    site.cameras[camera.id] = camera
    return camera


def relocate(site: Site, camera: Camera, server: str) -> Deed:
    """A camera was moved to another server by its own recorder."""
    left, owner = camera.server, camera.owner
    hardware = camera.confirmed.hardware if camera.confirmed else camera.hardware
    camera.server, camera.confirmed = server, Place(server, hardware)
    if owner != server:
        camera.external_id = None
    site.facts.append(("CAMERA_MOVED", camera.id))
    own_fact(site, camera)
    return Deed("MOVE", server, left)


def is_update(camera: Camera, hardware: Hardware) -> bool:
    """Whether it is the same device as is wanted and confirmed: then only what is told of it may be new."""
    confirmed = camera.confirmed
    return bool(
        same_device(camera.hardware, hardware) and confirmed and same_device(confirmed.hardware, hardware)
    )


def swap(site: Site, camera: Camera, hardware: Hardware) -> None:
    """The hardware of a camera was swapped on its own recorder."""
    camera.hardware = hardware
    server = camera.confirmed.server if camera.confirmed else camera.server
    camera.confirmed = Place(server, hardware)
    site.facts.append(("CAMERA_REPLACED", camera.id))
    own_fact(site, camera)


def remove(site: Site, camera: Camera) -> Action:
    """A camera was deleted on its own recorder."""
    for one in site.unresolved(camera):
        one.status, one.note, one.blocked = "SUPERSEDED", "deleted there", None
    made = mirror_delete(site, camera)
    site.leave(camera)
    return made


def add_camera(site: Site, given: Given) -> Done:
    refusals = Refusals()
    refusals.add_if(site.mode == "MANUAL", "MANUAL_MODE_RESTRICTED")
    server = refusals.server(site, given["serverId"], "serverId")
    hardware, channel = hardware_of(given["hardware"]), given.get("channel", 0)
    external_id = trimmed(given.get("externalId"))
    if server:
        place = Place(server.id, hardware)
        refusals.add_if(server.label == "UNLABELED", "SERVER_UNLABELED", "serverId")
        refusals.add_if(held(site, place, channel), "CAMERA_ALREADY_EXISTS", "hardware")
        owned = [one.external_id for one in site.cameras.values() if one.owner == server.id]
        taken = external_id is not None and external_id in owned
        refusals.add_if(taken, "CAMERA_ALREADY_EXISTS", "externalId")
    if refusals.found or not server:
        return refusals, {}
    camera = put(site, server.id, given["name"].strip(), channel, hardware)
    camera.external_id = external_id
    action = mirror_place(site, camera, Deed("ADD", server.id))
    return refusals, {"camera": camera.id, "mirroredAction": action and action.id}


def move_camera(site: Site, given: Given) -> Done:
    refusals = Refusals()
    refusals.add_if(site.mode == "MANUAL", "MANUAL_MODE_RESTRICTED")
    camera = refusals.camera(site, given["cameraId"], "cameraId")
    server = refusals.server(site, given["toServerId"], "toServerId")
    refusals.add_if(server and server.label == "UNLABELED", "SERVER_UNLABELED", "toServerId")
    if camera and server:
        alone = site.mode == "AUTO" and site.pairing_of(server.id) is None
        unwilling = alone and not given.get("allowUnprotected")
        refusals.add_if(unwilling, "DESTINATION_UNPAIRED", "toServerId")
        may_move(site, camera, server.id, refusals)
    if refusals.found or not camera or not server:
        return refusals, {}
    action = mirror_place(site, camera, relocate(site, camera, server.id))
    return refusals, {"camera": camera.id, "mirroredAction": action and action.id}


def may_move(site: Site, camera: Camera, server: str, refusals: Refusals) -> None:
    here, there = site.side(camera), site.label(server)
    refusals.add_if(here == "UNLABELED", "SERVER_UNLABELED", "cameraId")
    same = camera.server == server and camera.confirmed and camera.confirmed.server == server
    refusals.add_if(same, "SAME_SERVER", "toServerId")
    across = here != there and "UNLABELED" not in {here, there}
    refusals.add_if(across, "DESTINATION_WRONG_SIDE", "toServerId")
    exists = camera.server != server and held(site, Place(server, camera.hardware), camera.channel)
    refusals.add_if(exists, "CAMERA_ALREADY_EXISTS", "toServerId")


def delete_camera(site: Site, given: Given) -> Done:
    refusals = Refusals()
    camera = refusals.camera(site, given["cameraId"], "cameraId")
    refusals.add_if(camera and not in_scope(site, camera), "SERVER_UNLABELED", "cameraId")
    if refusals.found or not camera:
        return refusals, {}
    return refusals, {"cameraId": camera.id, "mirroredAction": remove(site, camera).id}


def replace_camera(site: Site, given: Given) -> Done:
    refusals = Refusals()
    camera = refusals.camera(site, given["cameraId"], "cameraId")
    hardware = hardware_of(given["hardware"])
    if camera:
        refusals.add_if(not in_scope(site, camera), "SERVER_UNLABELED", "cameraId")
        exists = held(site, Place(camera.server, hardware), camera.channel, camera)
        refusals.add_if(exists, "CAMERA_ALREADY_EXISTS", "hardware")
    if refusals.found or not camera:
        return refusals, {}
    if is_update(camera, hardware):
        retell(camera, hardware)
        return refusals, {"camera": camera.id, "mirroredAction": None}
    swap(site, camera, hardware)
    action = mirror_replace(site, camera)
    return refusals, {"camera": camera.id, "mirroredAction": action and action.id}


def retell(camera: Camera, hardware: Hardware) -> None:
    """Something else is told of the same device: of what is wanted, and of what is confirmed if it is that."""
    camera.hardware = hardware
    if camera.confirmed and same_device(camera.confirmed.hardware, hardware):
        camera.confirmed = Place(camera.confirmed.server, hardware)


def update_camera(site: Site, given: Given) -> Done:
    refusals = Refusals()
    camera = refusals.camera(site, given["cameraId"], "cameraId")
    if "name" in given:
        refusals.add_if(not (given["name"] or "").strip(), "INVALID_INPUT", "name")
    external_id = trimmed(given.get("externalId"))
    hardware = camera.hardware if camera else Hardware(None, None)
    if camera and "address" in given:
        hardware = addressed(site, camera, given["address"], refusals)
    if camera and external_id:
        others = [one for one in site.cameras.values() if one is not camera and one.owner == camera.owner]
        taken = external_id in {one.external_id for one in others}
        refusals.add_if(taken, "CAMERA_ALREADY_EXISTS", "externalId")
    if refusals.found or not camera:
        return refusals, {}
    if "name" in given:
        camera.name = given["name"].strip()
    if "externalId" in given:
        camera.external_id = external_id
    if hardware != camera.hardware:
        readdress(site, camera, hardware)
    return refusals, {"camera": camera.id}


def addressed(site: Site, camera: Camera, address: str | None, refusals: Refusals) -> Hardware:
    """Return a camera's hardware at another address, if that may be."""
    hardware = camera.hardware._replace(address=address)
    if address is None:
        refusals.add_if(camera.hardware.mac is None, "INVALID_INPUT", "address")
        return hardware
    others = [one for one in site.on(camera.server) if one is not camera]
    exists = alike(others, hardware, camera.channel)
    refusals.add_if(exists, "CAMERA_ALREADY_EXISTS", "address")
    return hardware


def readdress(site: Site, camera: Camera, hardware: Hardware) -> None:
    """With a MAC address it is the same device elsewhere; without one the address is what it is known by."""
    if hardware.mac:
        return retell(camera, hardware)
    camera.hardware = hardware
    server = camera.confirmed.server if camera.confirmed else camera.server
    camera.confirmed = Place(server, hardware)
    site.facts.append(("CAMERA_UPDATED", camera.id))
    own_fact(site, camera)
    return None
