"""mapCameras and unmapCameras: links that a person makes and ends, one by one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from service.model.decision import Decision, DeviceAction
from service.model.inputs import MappingInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Path, Refusal, refuse_if
from service.model.vocabulary import (
    DeviceActionKind,
    MirrorCause,
    Mode,
    ServerLabel,
    SuppressionReason,
    TwinDisposal,
)
from service.model.vocabulary import RefusalCode as Code
from service.store import camera as cameras
from service.store import link as store
from service.store import mirrored_action
from service.store import server as servers
from service.store.database import Database
from service.store.mirroring import decide_and_carry_out
from service.store.transaction import SiteTransaction, change_site

AUTO = "Cameras are mapped only in Manual mode; set the mode to MANUAL, or pair their servers."
PAIRED = (
    "In Auto mode the link of a paired camera follows its servers; unpair them, or set the mode to MANUAL."
)
UNMAPPED = "Mirrored: the camera was unmapped, and its twin is to be removed."
OCCUPIED = "The secondary already holds this hardware, linked to another camera; unmap that one first."


async def map_cameras(
    database: Database, request: Request, site_id: UUID, mappings: Sequence[MappingInput]
) -> Outcome:
    """Give each camera its twin on the secondary that a person chose for it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals = [] if tx.site.mode == Mode.MANUAL else [Refusal(Code.MODE_MISMATCH, AUTO)]
        refusals += await servers.labeling_refusals(tx)
        # Where nothing can be mapped, nothing is in the way of a mapping.
        mappable, wrong = not refusals, await _mapping_refusals(tx, mappings)
        places = _unrefused(len(mappings), wrong) if mappable else []
        decisions, _ = await decide_and_carry_out(tx, [_wanted(mappings[place]) for place in places])
        refuse_if(refusals + wrong + _occupied_refusals(mappings, places, decisions))
        return {"cameraIds": [str(one.camera_id) for one in mappings]}

    return await change_site(database, site_id, request, work)


def _wanted(mapping: MappingInput) -> DeviceAction:
    return DeviceAction(
        DeviceActionKind.ADD,
        mapping.camera_id,
        MirrorCause.MAPPING,
        target_server_id=mapping.secondary_server_id,
    )


def _unrefused(count: int, refusals: Sequence[Refusal]) -> list[int]:
    """Where the mappings stand that nothing is refused of."""
    wrong = {refusal.path[1] for refusal in refusals}
    return [place for place in range(count) if str(place) not in wrong]


def _occupied_refusals(
    mappings: Sequence[MappingInput], places: Sequence[int], decisions: Sequence[Decision]
) -> list[Refusal]:
    occupied = {one.camera_id for one in decisions if one.reason == SuppressionReason.TARGET_OCCUPIED}
    return [
        Refusal(Code.CAMERA_ALREADY_EXISTS, OCCUPIED, ("mappings", str(place), "secondaryServerId"))
        for place in places
        if mappings[place].camera_id in occupied
    ]


async def _mapping_refusals(tx: SiteTransaction, mappings: Sequence[MappingInput]) -> list[Refusal]:
    known = await cameras.states(tx, [one.camera_id for one in mappings])
    targets = await servers.states(tx, [one.secondary_server_id for one in mappings])
    refusals: list[Refusal] = []
    seen: set[UUID] = set()
    for index, one in enumerate(mappings):
        path = ("mappings", str(index))
        refusals += _camera_refusals(known.get(one.camera_id), (*path, "cameraId"))
        refusals += _target_refusals(targets.get(one.secondary_server_id), (*path, "secondaryServerId"))
        if one.camera_id in seen:
            message = "This call maps the camera twice; a camera has one twin."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*path, "cameraId")))
        seen.add(one.camera_id)
    return refusals


def _camera_refusals(camera: cameras.CameraState | None, path: Path) -> list[Refusal]:
    if camera is None:
        return [Refusal(Code.NOT_FOUND, "There is no such camera in this site; check the id.", path)]
    if camera.side != ServerLabel.PRIMARY:
        message = f"Cameras on primaries are mapped to secondaries; {camera.name!r} stands on no primary."
        code = Code.SERVER_UNLABELED if camera.side == ServerLabel.UNLABELED else Code.WRONG_LABEL
        return [Refusal(code, message, path)]
    if camera.removing:
        message = f"The camera {camera.name!r} is on its way out; abandon its removal first."
        return [Refusal(Code.INVALID_INPUT, message, path)]
    return []


def _target_refusals(server: servers.ServerState | None, path: Path) -> list[Refusal]:
    if server is None:
        return [Refusal(Code.NOT_FOUND, "There is no such server in this site; check the id.", path)]
    if server.label != ServerLabel.SECONDARY:
        message = f"A twin stands on a secondary; {server.name!r} is {server.label}."
        code = Code.SERVER_UNLABELED if server.label == ServerLabel.UNLABELED else Code.WRONG_LABEL
        return [Refusal(code, message, path)]
    return []


async def unmap_cameras(
    database: Database, request: Request, site_id: UUID, camera_ids: Sequence[UUID], twins: TwinDisposal
) -> Outcome:
    """End links, named by either end; the twins are kept or removed."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        known = await cameras.states(tx, camera_ids)
        refuse_if(_unmap_refusals(tx, camera_ids, known))
        ended = {_ends(known[one]) for one in camera_ids if known[one].counterpart_id is not None}
        wishes = await store.dispose(tx, sorted(ended), MirrorCause.MAPPING, UNMAPPED, twins)
        await mirrored_action.wish(tx, wishes)
        return {"cameraIds": [str(one) for one in dict.fromkeys(camera_ids)]}

    return await change_site(database, site_id, request, work)


def _ends(camera: cameras.CameraState) -> tuple[UUID, UUID, UUID]:
    """A linked camera's link as (primary's camera, primary, twin)."""
    if camera.counterpart_id is None or camera.counterpart_server_id is None:
        message = f"the camera {camera.id} has no link"
        raise ValueError(message)
    if camera.side == ServerLabel.PRIMARY:
        return camera.id, camera.server_id, camera.counterpart_id
    return camera.counterpart_id, camera.counterpart_server_id, camera.id


def _unmap_refusals(
    tx: SiteTransaction, camera_ids: Sequence[UUID], known: dict[UUID, cameras.CameraState]
) -> list[Refusal]:
    refusals = []
    for index, camera_id in enumerate(camera_ids):
        path = ("cameraIds", str(index))
        camera = known.get(camera_id)
        if camera is None:
            refusals.append(
                Refusal(Code.NOT_FOUND, "There is no such camera in this site; check the id.", path)
            )
        elif tx.site.mode == Mode.AUTO and camera.linked_within_pairing:
            refusals.append(Refusal(Code.MODE_MISMATCH, PAIRED, path))
    return refusals
