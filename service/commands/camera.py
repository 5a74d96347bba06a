"""addCamera, moveCamera, deleteCamera and replaceCamera: facts about cameras, recorded and mirrored. updateCamera:
what is said of a camera on its own side.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from service.model.decision import DeviceAction
from service.model.hardware import (
    Hardware,
    check_channel,
    clean_name,
    clean_text,
    normalize_address,
    parse_hardware,
)
from service.model.inputs import CameraInput, CameraUpdateInput, HardwareInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Path, Refusal, Refused, collect, refuse_if
from service.model.vocabulary import DeviceActionKind as Kind
from service.model.vocabulary import EventKind, MirrorStatus, Mode, ServerLabel
from service.model.vocabulary import RefusalCode as Code
from service.store import camera as store
from service.store import link, mirrored_action, release
from service.store.database import Database
from service.store.mirroring import mirror
from service.store.server import ServerState
from service.store.server import states as server_states
from service.store.transaction import SiteTransaction, change_site

NO_CAMERA = Refusal(Code.NOT_FOUND, "There is no such camera in this site; check the id.", ("cameraId",))
UNLABELED = "The server {name!r} is UNLABELED and out of scope; label it first."
MANUAL = "In Manual mode cameras are neither added nor moved here; do it on the recorder, or map cameras."
NAMELESS = "A camera has a name; leave it out to keep the present one."
UNKNOWABLE = "A camera without a MAC address is known by its address; give another one, or leave it out."
ID_TAKEN = "Another camera of the server has this externalId; it is the recorder's own, and unique there."
PARSERS: Mapping[str, Callable[[str], str]] = {
    "name": clean_name,
    "address": normalize_address,
    "external_id": partial(clean_text, what="externalId"),
}
FIELDS = {"name": "name", "address": "address", "external_id": "externalId"}
GONE = "The camera was deleted on its own recorder."


async def add_camera(database: Database, request: Request, site_id: UUID, camera: CameraInput) -> Outcome:
    """Record that a camera was added on a server, and mirror it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        new = await _checked(tx, camera)
        (camera_id,) = await store.insert(tx, [new])
        return _answer(camera_id, await mirror(tx, [DeviceAction(Kind.ADD, camera_id)]))

    return await change_site(database, site_id, request, work)


async def _checked(tx: SiteTransaction, given: CameraInput) -> store.NewCamera:
    refusals = _manual_refusals(tx)
    name = collect(refusals, ("name",), clean_name, given.name)
    channel = collect(refusals, ("channel",), check_channel, given.channel)
    hardware = _parsed(refusals, given.hardware)
    external_id = given.external_id
    if external_id is not None:
        external_id = collect(refusals, ("externalId",), clean_text, external_id, "externalId")
    await _server_refusals(tx, refusals, given.server_id, ("serverId",))
    if hardware is not None and channel is not None:
        refusals += await _held_refusals(tx, given.server_id, hardware, channel, ("hardware",))
    if external_id is not None and await store.external_id_taken(tx, given.server_id, external_id):
        refusals.append(Refusal(Code.CAMERA_ALREADY_EXISTS, ID_TAKEN, ("externalId",)))
    if refusals or name is None or channel is None or hardware is None:
        raise Refused(*refusals)
    return store.NewCamera(given.server_id, name, channel, hardware, external_id)


async def update_camera(
    database: Database, request: Request, site_id: UUID, update: CameraUpdateInput
) -> Outcome:
    """Say something of a camera anew, on its own side: nothing is mirrored."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals: list[Refusal] = []
        said = _said(refusals, update.given)
        camera = (await store.states(tx, [update.camera_id])).get(update.camera_id)
        refusals += await _update_refusals(tx, camera, said) if camera else [NO_CAMERA]
        if refusals or camera is None:
            raise Refused(*refusals)
        await _update(tx, camera, said)
        return {"cameraId": str(camera.id)}

    return await change_site(database, site_id, request, work)


def _said(refusals: list[Refusal], given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return those of the columns that can be stored; the others are refused."""
    said: dict[str, str | None] = {}
    for column, text in given.items():
        path = (FIELDS[column],)
        if text is None and column == "name":
            refusals.append(Refusal(Code.INVALID_INPUT, NAMELESS, path))
        elif text is None:
            said[column] = None
        elif (parsed := collect(refusals, path, PARSERS[column], text)) is not None:
            said[column] = parsed
    return said


async def _update_refusals(
    tx: SiteTransaction, camera: store.CameraState, said: Mapping[str, str | None]
) -> list[Refusal]:
    refusals = []
    hardware = _addressed(camera.hardware, said)
    if hardware.mac_address is None and hardware.address is None:
        refusals.append(Refusal(Code.INVALID_INPUT, UNKNOWABLE, ("address",)))
    elif hardware != camera.hardware:
        held = (camera.server_id, hardware, camera.channel, ("address",))
        refusals += await _held_refusals(tx, *held, besides=camera.id)
    external_id = said.get("external_id")
    if external_id not in (None, camera.external_id) and await store.external_id_taken(
        tx, camera.recorder_id, external_id
    ):
        refusals.append(Refusal(Code.CAMERA_ALREADY_EXISTS, ID_TAKEN, ("externalId",)))
    return refusals


def _addressed(hardware: Hardware, said: Mapping[str, str | None]) -> Hardware:
    return replace(hardware, address=said.get("address", hardware.address))


async def _update(tx: SiteTransaction, camera: store.CameraState, said: Mapping[str, str | None]) -> None:
    """Without a MAC address the address is what the camera is known by: another one is a fact."""
    hardware = _addressed(camera.hardware, said)
    known_by_address = hardware.mac_address is None and hardware != camera.hardware
    after = replace(
        camera,
        name=said.get("name") or camera.name,
        external_id=said.get("external_id", camera.external_id),
        hardware=hardware,
        confirmed=(camera.recorder_id, hardware) if known_by_address else _confirmed(camera, hardware),
    )
    if after != camera:
        await store.update(tx, after)
    if known_by_address:
        await mirrored_action.overtake_by_fact(tx, camera.id)


def _confirmed(camera: store.CameraState, hardware: Hardware) -> tuple[UUID, Hardware] | None:
    """A new address is what is confirmed too, where that is the same device."""
    if camera.confirmed is None or hardware == camera.hardware:
        return camera.confirmed
    server_id, confirmed = camera.confirmed
    if not camera.hardware.same_device(confirmed):
        return camera.confirmed
    return server_id, replace(confirmed, mac_address=hardware.mac_address, address=hardware.address)


async def move_camera(
    database: Database,
    request: Request,
    site_id: UUID,
    camera_id: UUID,
    to_server_id: UUID,
    *,
    allow_unprotected: bool,
) -> Outcome:
    """Record that a camera was moved to another server of its side, and mirror it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        camera = (await store.states(tx, [camera_id])).get(camera_id)
        refusals = _manual_refusals(tx) + ([] if camera else [NO_CAMERA])
        to = await _server_refusals(tx, refusals, to_server_id, ("toServerId",))
        if camera and to:
            refusals += _move_refusals(tx, camera, to, allow_unprotected=allow_unprotected)
            if camera.server_id != to.id:
                held = (to.id, camera.hardware, camera.channel, ("toServerId",))
                refusals += await _held_refusals(tx, *held, besides=camera.id)
        refuse_if(refusals)
        left = camera.server_id if camera else to_server_id
        await store.move(tx, [(camera_id, to_server_id)])
        await mirrored_action.overtake_by_fact(tx, camera_id)
        asked = DeviceAction(Kind.MOVE, camera_id, left_server_id=left)
        return _answer(camera_id, await mirror(tx, [asked]))

    return await change_site(database, site_id, request, work)


def _move_refusals(
    tx: SiteTransaction, camera: store.CameraState, to: ServerState, *, allow_unprotected: bool
) -> list[Refusal]:
    path = ("toServerId",)
    refusals = _label_refusals(camera)
    if not refusals and to.label not in (camera.side, ServerLabel.UNLABELED):
        message = f"A camera moves between servers of its side; {to.name!r} is {to.label}, the camera {camera.side}."
        refusals.append(Refusal(Code.DESTINATION_WRONG_SIDE, message, path))
    if camera.server_id == to.id and camera.confirmed is not None and camera.confirmed[0] == to.id:
        refusals.append(Refusal(Code.SAME_SERVER, "The camera stands on this server already.", path))
    if tx.site.mode == Mode.AUTO and to.pairing_id is None and not allow_unprotected:
        message = (
            f"The server {to.name!r} is in no pairing, so the camera would lose its protection there; "
            "pair it first, or allow it with allowUnprotected: true."
        )
        refusals.append(Refusal(Code.DESTINATION_UNPAIRED, message, path))
    return refusals


async def delete_camera(database: Database, request: Request, site_id: UUID, camera_id: UUID) -> Outcome:
    """Record that a camera was deleted on its server, and mirror it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refuse_if(_label_refusals(await _found(tx, camera_id)))
        unresolved = (MirrorStatus.QUEUED, MirrorStatus.BLOCKED, MirrorStatus.FAILED)
        await release.end_actions(tx, [camera_id], unresolved, MirrorStatus.SUPERSEDED, GONE)
        made = await mirror(tx, [DeviceAction(Kind.DELETE, camera_id)])
        await link.end(tx, [camera_id])
        await store.remove(tx, [camera_id])
        return _answer(camera_id, made)

    return await change_site(database, site_id, request, work)


async def replace_camera(
    database: Database, request: Request, site_id: UUID, camera_id: UUID, hardware: HardwareInput
) -> Outcome:
    """Record that a camera's hardware was swapped in place, and mirror it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals: list[Refusal] = []
        new = _parsed(refusals, hardware)
        camera = (await store.states(tx, [camera_id])).get(camera_id)
        refusals += [] if camera else [NO_CAMERA]
        if camera and new:
            held = (camera.server_id, new, camera.channel, ("hardware",))
            refusals += await _held_refusals(tx, *held, besides=camera_id)
        refusals += _label_refusals(camera) if camera else []
        if refusals or camera is None or new is None:
            raise Refused(*refusals)
        return _answer(camera_id, await _replace(tx, camera, new))

    return await change_site(database, site_id, request, work)


async def _replace(tx: SiteTransaction, camera: store.CameraState, new: Hardware) -> list[UUID]:
    """An address that changes under the same MAC is an update; hardware that is wanted and confirmed is nothing."""
    old = camera.hardware
    if camera.confirmed is not None and old == new == camera.confirmed[1]:
        return []
    confirmed = camera.confirmed is not None and old.same_device(camera.confirmed[1])
    if confirmed and old.same_device(new):
        await store.replace(tx, [(camera.id, new)], EventKind.CAMERA_UPDATED)
        return []
    await store.replace(tx, [(camera.id, new)], EventKind.CAMERA_REPLACED)
    await mirrored_action.overtake_by_fact(tx, camera.id)
    return await mirror(tx, [DeviceAction(Kind.REPLACE, camera.id)])


def _manual_refusals(tx: SiteTransaction) -> list[Refusal]:
    return [Refusal(Code.MANUAL_MODE_RESTRICTED, MANUAL)] if tx.site.mode == Mode.MANUAL else []


def _parsed(refusals: list[Refusal], given: HardwareInput) -> Hardware | None:
    texts = (given.mac_address, given.address, given.manufacturer, given.model)
    return collect(refusals, ("hardware",), parse_hardware, *texts)


async def _server_refusals(
    tx: SiteTransaction, refusals: list[Refusal], server_id: UUID, path: Path
) -> ServerState | None:
    server = (await server_states(tx, [server_id])).get(server_id)
    if server is None:
        refusals.append(Refusal(Code.NOT_FOUND, "There is no such server in this site; check the id.", path))
    elif server.label == ServerLabel.UNLABELED:
        refusals.append(Refusal(Code.SERVER_UNLABELED, UNLABELED.format(name=server.name), path))
    return server


async def _held_refusals(
    tx: SiteTransaction,
    server_id: UUID,
    hardware: Hardware,
    channel: int,
    path: Path,
    *,
    besides: UUID | None = None,
) -> list[Refusal]:
    held = await store.same_device(tx, server_id, hardware, channel, besides)
    if held is None:
        return []
    message = f"The server already holds this hardware on channel {channel}, as the camera {held!r}."
    return [Refusal(Code.CAMERA_ALREADY_EXISTS, message, path)]


async def _found(tx: SiteTransaction, camera_id: UUID) -> store.CameraState:
    camera = (await store.states(tx, [camera_id])).get(camera_id)
    if camera is None:
        raise Refused(NO_CAMERA)
    return camera


def _label_refusals(camera: store.CameraState) -> list[Refusal]:
    if camera.side != ServerLabel.UNLABELED:
        return []
    message = "The camera's server is UNLABELED and out of scope; label it first."
    return [Refusal(Code.SERVER_UNLABELED, message, ("cameraId",))]


def _answer(camera_id: UUID, actions: list[UUID]) -> dict[str, Any]:
    return {"cameraId": str(camera_id), "actionId": str(actions[-1]) if actions else None}
