"""What the event of each kind tells: its typed fields, all of them, and a sentence."""

from collections.abc import AsyncIterator
from typing import TypeAlias

import pytest
import pytest_asyncio

from service.feed.tail import Feed
from service.store.database import connect
from tests.builders import Api, SiteBuilder, api_of, mac, new_site
from tests.feed.conftest import NEVER
from tests.feed.site_events import COMMON, KINDS, Json, told

Scene: TypeAlias = tuple[SiteBuilder, list[Json]]

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def story(api: Api) -> SiteBuilder:
    """A site to which everything happens that has an event."""
    site = await new_site(api, "Harbour")
    await site.rename("Harbour East")
    recorder = {
        "name": "p1",
        "address": "192.0.2.100",
        "externalId": "vms-1",
        "maxCameras": 64,
        "label": "PRIMARY",
    }
    (p1,) = (await site.change("registerServers", servers=[recorder])).body["servers"]
    site.servers["p1"] = p1["id"]
    await site.enroll(("p2", "PRIMARY"), ("p3", "PRIMARY"), ("s1", "SECONDARY"), ("s2", "UNLABELED"))
    await site.label("SECONDARY", "s2")
    await site.update_servers({"p1": {"name": "Store 1", "maxCameras": None}})
    await site.policy(restore=False, add=False)
    await site.policy(add=True)
    await site.mode("MANUAL")
    await site.mode("AUTO")
    door = {"macAddress": mac(1), "address": "192.0.2.1", "manufacturer": "Acme", "model": "Dome"}
    await site.add("p1", "Door", hardware=door, channel=3, externalId="17")
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1", "p2": "s2", "p3": "s2"})
    await site.settle()
    await site.update("Door", name="Front door", externalId="18")
    await site.move("Door", "p2")
    await site.settle()
    await site.replace("Door", 2)
    await site.report("p3", ("Yard", 9))
    await site.update_pairing("p2", removeSecondaryIds=["s2"])
    await site.settle()
    await site.unpair("p2")
    await site.delete("Door")
    await site.remove_servers("p3")
    return site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(module_dsn: str) -> AsyncIterator[Scene]:
    """The site, and its events from the first to the last."""
    async with connect(module_dsn, pool_size=2) as database, api_of(database) as api:
        site = await story(api)
        feed = Feed(database, "", poll_interval=NEVER, heartbeat=NEVER)
        yield site, await told(feed, database, site.id, after=0, until=await site.revision())


OLD_DOOR = {"macAddress": mac(1), "address": "192.0.2.1", "manufacturer": "Acme", "model": "Dome"}
NEW_DOOR = {"macAddress": mac(2), "address": None, "manufacturer": None, "model": None}
ALL_ON = dict.fromkeys(("backup", "restore", "add", "move", "delete", "replace"), True)
POOL = {
    "style": "ASYMMETRIC",
    "primaries": [
        {"serverId": "p1", "secondaryId": "s1"},
        {"serverId": "p2", "secondaryId": "s2"},
        {"serverId": "p3", "secondaryId": "s2"},
    ],
    "secondaryIds": ["s1", "s2"],
}
SMALLER_POOL = {
    "style": "ASYMMETRIC",
    "primaries": [{"serverId": one, "secondaryId": "s1"} for one in ("p1", "p2", "p3")],
    "secondaryIds": ["s1"],
}
OF_DOOR = {"cameraId": "door", "name": "Front door", "channel": 3, "camera": None}
OF_LINK = {**OF_DOOR, "primaryCameraId": "door", "twinId": "twin", "twin": {"id": "twin"}}
# Of each kind, what its first event tells: the sentence, then the fields. Nodes are as at the end of the story.
EXPECTED: dict[str, tuple[str, Json]] = {
    "SITE_CREATED": ("The site 'Harbour' was made.", {"newName": "Harbour"}),
    "SITE_UPDATED": (
        "The site 'Harbour' is named 'Harbour East' now.",
        {"oldName": "Harbour", "newName": "Harbour East"},
    ),
    "MODE_SET": ("The mode was set from AUTO to MANUAL.", {"oldMode": "AUTO", "newMode": "MANUAL"}),
    "SYNC_POLICY_SET": (
        "The sync policy was set: restore off, add off.",
        {"oldPolicy": ALL_ON, "newPolicy": {**ALL_ON, "restore": False, "add": False}},
    ),
    "SERVER_REGISTERED": (
        "The server 'p1' was registered as PRIMARY.",
        {
            "serverId": "p1",
            "server": {"id": "p1"},
            "name": "p1",
            "newName": "p1",
            "newLabel": "PRIMARY",
            "newAddress": "192.0.2.100",
            "newExternalId": "vms-1",
            "newMaxCameras": 64,
        },
    ),
    "SERVER_UPDATED": (
        "The server 'Store 1' was updated: name, maxCameras.",
        {
            "serverId": "p1",
            "server": {"id": "p1"},
            "name": "Store 1",
            "oldName": "p1",
            "newName": "Store 1",
            "oldAddress": "192.0.2.100",
            "newAddress": "192.0.2.100",
            "oldExternalId": "vms-1",
            "newExternalId": "vms-1",
            "oldMaxCameras": 64,
            "newMaxCameras": None,
        },
    ),
    "SERVER_LABELED": (
        "The server 's2' was labelled SECONDARY; it was UNLABELED.",
        {
            "serverId": "s2",
            "server": {"id": "s2"},
            "name": "s2",
            "oldLabel": "UNLABELED",
            "newLabel": "SECONDARY",
        },
    ),
    "SERVER_REMOVED": (
        "The server 'p3' was removed.",
        {
            "serverId": "p3",
            "server": None,
            "name": "p3",
            "oldName": "p3",
            "oldLabel": "PRIMARY",
            "oldAddress": None,
            "oldExternalId": None,
            "oldMaxCameras": None,
        },
    ),
    "PAIRING_CREATED": (
        "Servers were paired: ASYMMETRIC, 3 primaries and 2 secondaries.",
        {"pairingId": "pairing", "pairing": None, "newPairing": POOL},
    ),
    "PAIRING_UPDATED": (
        (
            "A pairing was changed: ASYMMETRIC, 3 primaries and 1 secondary; "
            "it was ASYMMETRIC, 3 primaries and 2 secondaries."
        ),
        {"pairingId": "pairing", "pairing": None, "oldPairing": POOL, "newPairing": SMALLER_POOL},
    ),
    "PAIRING_DISSOLVED": (
        "Servers were unpaired: ASYMMETRIC, 3 primaries and 1 secondary.",
        {"pairingId": "pairing", "pairing": None, "oldPairing": SMALLER_POOL},
    ),
    "CAMERA_ADDED": (
        "The camera 'Door' was added.",
        {
            **OF_DOOR,
            "name": "Door",
            "newName": "Door",
            "newServerId": "p1",
            "newServer": {"id": "p1"},
            "newHardware": OLD_DOOR,
            "newExternalId": "17",
            "newRemoving": False,
        },
    ),
    "CAMERA_UPDATED": (
        "The camera 'Front door' was updated: name, externalId.",
        {
            **OF_DOOR,
            "oldName": "Door",
            "newName": "Front door",
            "oldHardware": OLD_DOOR,
            "newHardware": OLD_DOOR,
            "oldExternalId": "17",
            "newExternalId": "18",
            "oldRemoving": False,
            "newRemoving": False,
        },
    ),
    "CAMERA_MOVED": (
        "The camera 'Front door' was moved to another server.",
        {
            **OF_DOOR,
            "oldServerId": "p1",
            "oldServer": {"id": "p1"},
            "newServerId": "p2",
            "newServer": {"id": "p2"},
            "newExternalId": None,
        },
    ),
    "CAMERA_REPLACED": (
        f"The camera 'Front door' has other hardware now: MAC address {mac(2)}.",
        {**OF_DOOR, "oldHardware": OLD_DOOR, "newHardware": NEW_DOOR},
    ),
    "CAMERA_REMOVED": (
        "The camera 'Door' left the inventory.",
        {
            "cameraId": "left behind",
            "name": "Door",
            "channel": 3,
            "camera": None,
            "oldName": "Door",
            "oldServerId": "s1",
            "oldServer": {"id": "s1"},
            "oldHardware": OLD_DOOR,
            "oldExternalId": None,
            "oldRemoving": True,
        },
    ),
    "CAMERA_LINKED": ("The camera 'Door' was linked with its twin.", {**OF_LINK, "name": "Door"}),
    "CAMERA_UNLINKED": ("The camera 'Front door' and its twin are linked no longer.", OF_LINK),
    "INVENTORY_REPORTED": (
        "The inventory of 1 server was reported: 1 added.",
        {
            "serverIds": ["p3"],
            "servers": [],
            "completeServerIds": ["p3"],
            "asOf": None,
            "added": 1,
            "deleted": 0,
            "replaced": 0,
            "moved": 0,
            "updated": 0,
            "unchanged": 0,
            "skipped": 0,
            "requeued": 0,
        },
    ),
}


def named(value: object, names: dict[str, str]) -> object:
    """A value with names instead of ids; what has no order stands by name."""
    if isinstance(value, dict):
        return {key: named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((named(one, names) for one in value), key=str)
    return names.get(value, value) if isinstance(value, str) else value


def names_in(site: SiteBuilder, events: list[Json]) -> dict[str, str]:
    ids = {server_id: name for name, server_id in site.servers.items()}
    pairing = next(one["pairingId"] for one in events if one["kind"] == "PAIRING_CREATED")
    door, twin, left_behind, *_ = (one["cameraId"] for one in events if one["kind"] == "CAMERA_ADDED")
    return {**ids, pairing: "pairing", door: "door", twin: "twin", left_behind: "left behind"}


@pytest.mark.parametrize("kind", EXPECTED)
async def test_an_event_tells_what_was_and_what_is(scene: Scene, kind: str) -> None:
    site, events = scene
    event = next(one for one in events if one["kind"] == kind)
    sentence, fields = EXPECTED[kind]
    own = {key: value for key, value in event.items() if key not in {*COMMON, "__typename"}}
    assert named(own, names_in(site, events)) == named(fields, {})
    assert event["summary"] == sentence


async def test_an_event_tells_a_mirrored_action_as_it_stood(scene: Scene) -> None:
    site, events = scene
    names = names_in(site, events)
    told_of = [(one, one["mirroredAction"]) for one in events if one["kind"] == "MIRRORED_ACTION"]
    (suppressed, why), (queued, _), (applied, how), *_ = told_of
    assert (why["status"], why["reason"]) == ("SUPPRESSED", "SERVER_UNPAIRED")
    assert suppressed["summary"] == "The ADD of 'Door' is not mirrored: SERVER_UNPAIRED."
    assert queued["summary"] == "The mirrored ADD of 'Door' is QUEUED."
    assert applied["summary"] == "The mirrored ADD of 'Door' is APPLIED."
    assert (how["status"], how["position"]) == ("APPLIED", applied["position"])
    assert named(how["targetServer"], names) == {"id": "s1"}
    assert named(how["device"]["targetCameraId"], names) == "twin"
    assert how["createdAt"] == queued["at"] < how["updatedAt"] == applied["at"]


def camel(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


async def test_each_kind_has_a_type_of_its_name(scene: Scene) -> None:
    _, events = scene
    types = {one["kind"]: one["__typename"] for one in events}
    assert types == {kind: f"{camel(kind)}Event" for kind in [*EXPECTED, "MIRRORED_ACTION"]}
    assert sorted(types.values()) == sorted(kind.name for kind in KINDS)
