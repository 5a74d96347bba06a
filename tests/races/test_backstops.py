"""Somebody with psql changes a site under a command that has checked already: the constraint speaks as the refusal.

The other's transaction is open when the command checks, and commits while the command waits for it.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from service.commands.camera import add_camera
from service.commands.link import map_cameras
from service.commands.pairing import pair_servers
from service.commands.server import label_servers, register_servers
from service.commands.site import set_mode
from service.model.inputs import MappingInput, ServerInput, ServerLabelInput
from service.model.vocabulary import Mode, RefusalCode, ServerLabel
from service.store.database import Database
from tests.races.conftest import Replicas
from tests.races.stage import Change, Connection, Stage, add, answer, asked, blocked, rows

MEMBERS = "INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id) VALUES"
PAIRING = "INSERT INTO pairing (id, site_id, style) VALUES (:new, :site, 'SYMMETRIC')"
PAIRED = f"""{PAIRING}; {MEMBERS} (:s2, :site, :new, 'SECONDARY', NULL), (:p1, :site, :new, 'PRIMARY', :s2)"""
HARDWARE = "mac_address, confirmed_server_id, confirmed_mac_address"
INTO_CAMERA = f"INSERT INTO camera (id, site_id, server_id, side, name, channel, {HARDWARE}) VALUES"
CAMERA = f"""{INTO_CAMERA}
  (:new, :site, :p1, 'PRIMARY', 'other', 0, '02:00:00:00:00:07', :p1, '02:00:00:00:00:07')"""
LINK = "INSERT INTO link (primary_camera_id, secondary_camera_id, site_id) VALUES (:camera, :new, :site)"
TWIN = f"""{INTO_CAMERA}
    (:new, :site, :s2, 'SECONDARY', 'twin', 0, '02:00:00:00:00:01', :s2, '02:00:00:00:00:01'); {LINK}"""
SERVER = "INSERT INTO server (id, site_id, name) VALUES (:new, :site, 'p9')"


def pair(database: Database, stage: Stage, _camera_id: UUID) -> Change:
    return pair_servers(database, asked("pairServers"), stage.site_id, stage.symmetric("p1", "s1"))


def label(database: Database, stage: Stage, _camera_id: UUID) -> Change:
    labels = [ServerLabelInput(stage.servers["p1"], ServerLabel.SECONDARY)]
    return label_servers(database, asked("labelServers"), stage.site_id, labels)


def register(database: Database, stage: Stage, _camera_id: UUID) -> Change:
    return register_servers(database, asked("registerServers"), stage.site_id, [ServerInput("p9")])


def camera(database: Database, stage: Stage, _camera_id: UUID) -> Change:
    return add_camera(database, asked("addCamera"), stage.site_id, stage.camera("p1", 7))


def mapped(database: Database, stage: Stage, camera_id: UUID) -> Change:
    mappings = [MappingInput(camera_id, stage.servers["s1"])]
    return map_cameras(database, asked("mapCameras"), stage.site_id, mappings)


def leave_auto(database: Database, stage: Stage, _camera_id: UUID) -> Change:
    return set_mode(database, asked("setMode"), stage.site_id, Mode.MANUAL, confirm_impact=True)


Ready = Callable[[Database, Stage, UUID], Change]
CASES: dict[str, tuple[Mode, str, Ready, RefusalCode]] = {
    "a server is paired while it is paired": (Mode.AUTO, PAIRED, pair, RefusalCode.SERVER_ALREADY_PAIRED),
    "a server is paired while it is labelled": (Mode.AUTO, PAIRED, label, RefusalCode.LABEL_IN_USE),
    "a label changes while its server is paired": (
        Mode.AUTO,
        "UPDATE server SET label = 'UNLABELED' WHERE id = :s1",
        pair,
        RefusalCode.LABEL_IN_USE,
    ),
    "servers are paired while the site leaves Auto": (
        Mode.AUTO,
        PAIRED,
        leave_auto,
        RefusalCode.MODE_MISMATCH,
    ),
    "a name is taken while a server is registered": (Mode.AUTO, SERVER, register, RefusalCode.NAME_TAKEN),
    "hardware is taken while a camera is added": (
        Mode.AUTO,
        CAMERA,
        camera,
        RefusalCode.CAMERA_ALREADY_EXISTS,
    ),
    "a label changes while a camera is added": (
        Mode.AUTO,
        "UPDATE server SET label = 'UNLABELED' WHERE id = :p1",
        camera,
        RefusalCode.WRONG_LABEL,
    ),
    "a camera is linked while it is mapped": (Mode.MANUAL, TWIN, mapped, RefusalCode.CAMERA_ALREADY_EXISTS),
    "a camera is linked while its server is labelled": (Mode.MANUAL, TWIN, label, RefusalCode.LABEL_IN_USE),
}


def by_hand(text: str, stage: Stage, camera_id: UUID) -> str:
    """Return SQL with ids in place of :site, :camera, :new and the names of servers."""
    for name, found in {**stage.servers, "site": stage.site_id, "camera": camera_id, "new": uuid4()}.items():
        text = text.replace(f":{name}", f"'{found}'")
    return text


@pytest.mark.parametrize("name", CASES)
async def test_what_is_committed_under_a_command_refuses_it(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection, name: str
) -> None:
    mode, text, ready, code = CASES[name]
    database = replicas[0]
    camera_id = await add(database, stage, "p1", 1)
    await set_mode(database, asked("setMode"), stage.site_id, mode, confirm_impact=True)
    async with raw.transaction():
        await raw.execute(by_hand(text, stage, camera_id))
        others = await rows(raw)
        task = asyncio.create_task(answer(ready(database, stage, camera_id)))
        await blocked(watcher, 1, [task])
    assert await task == (code,)
    assert await rows(raw) == others
