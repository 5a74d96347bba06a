"""Refusals: typed data with a path into the input, all at once; nothing has changed (`refused` compares all rows)."""

import pytest

from tests.builders import Api, FaultError, Json, SiteBuilder, mac, new_site
from tests.changes.laid_out import CASES, Case, pooled, with_cameras

pytestmark = pytest.mark.asyncio(loop_scope="module")

Refused = list[tuple[str, tuple[str, ...]]]
NOWHERE = "0" * 32
LABELS = {"labels": [{"serverId": f"server_{NOWHERE}", "label": "PRIMARY"}]}


def invalid(*path: str) -> Refused:
    return [("INVALID_INPUT", path)]


def missing(*path: str) -> tuple[str, tuple[str, ...]]:
    return "NOT_FOUND", path


def elsewhere(site: SiteBuilder, site_id: str) -> SiteBuilder:
    """Asks another site for the same."""
    return SiteBuilder(site.api, site_id, site.servers, site.cameras, site.pairings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_an_unknown_site_is_not_found(api: Api, case: Case) -> None:
    servers = dict.fromkeys(("p1", "p2", "p3", "s1", "s2"), f"server_{NOWHERE}")
    cameras = dict.fromkeys(("Door", "Ramp"), f"camera_{NOWHERE}")
    lost = SiteBuilder(api, f"site_{NOWHERE}", servers, cameras, {"p1": f"pairing_{NOWHERE}"})
    assert await api.refused(case.change(lost)) == [missing("siteId")]


@pytest.mark.parametrize(
    ("mutation", "more"),
    [
        ("acknowledgeMirroredActions", {"results": [{"actionId": f"action_{NOWHERE}", "outcome": "FAILED"}]}),
        ("retryMirroredActions", {"actionIds": [f"action_{NOWHERE}"]}),
        ("abandonMirroredActions", {"actionIds": [f"action_{NOWHERE}"], "because": "No."}),
    ],
)
async def test_nor_are_its_actions(api: Api, mutation: str, more: Json) -> None:
    given = {"siteId": f"site_{NOWHERE}", **more}
    assert await api.refused(api.change(mutation, given)) == [missing("siteId")]


PLACES = {
    "updateServers": [missing("servers", "0", "serverId"), missing("servers", "1", "serverId")],
    "removeServers": [missing("serverIds", "0"), missing("serverIds", "1")],
    "labelServers": [missing("labels", "0", "serverId")],
    "pairServers": [
        missing("pairings", "0", "primaryIds", "0"),
        missing("pairings", "0", "primaryIds", "1"),
        missing("pairings", "0", "secondaryIds", "0"),
    ],
    "unpairServers": [missing("pairingIds", "0")],
    "mapCameras": [
        ("MODE_MISMATCH", ()),
        missing("mappings", "0", "cameraId"),
        missing("mappings", "0", "secondaryServerId"),
        missing("mappings", "1", "cameraId"),
        missing("mappings", "1", "secondaryServerId"),
    ],
    "unmapCameras": [missing("cameraIds", "0")],
    "addCamera": [missing("serverId")],
    "updateCamera": [missing("cameraId")],
    "moveCamera": [missing("cameraId"), missing("toServerId")],
    "deleteCamera": [missing("cameraId")],
    "replaceCamera": [missing("cameraId")],
    "updatePairing": [missing("pairingId"), missing("removeSecondaryIds", "0")],
    "reconcile": [missing("serverIds", "0")],
}


@pytest.mark.parametrize("case", [one for one in CASES if one.name in PLACES], ids=lambda case: case.name)
async def test_what_belongs_to_another_site_is_not_found(site: SiteBuilder, case: Case) -> None:
    await case.prepare(site)
    other = await new_site(site.api)
    await other.register("p", label="PRIMARY")
    await other.register("s", label="SECONDARY")
    assert await site.refused(case.change(elsewhere(site, other.id))) == PLACES[case.name]


async def test_an_id_of_another_kind_is_not_found(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    assert await site.refused(site.delete(site.servers["p1"])) == [missing("cameraId")]
    assert await site.refused(site.label("PRIMARY", site.id)) == [missing("labels", "0", "serverId")]


@pytest.mark.parametrize("malformed", ["", "p1", f"server_{NOWHERE}0", f"rack_{NOWHERE}", "server_\u0661"])
async def test_a_malformed_id_is_a_fault(site: SiteBuilder, malformed: str) -> None:
    before = await site.api.rows()
    with pytest.raises(FaultError) as caught:
        await site.change("labelServers", labels=[{"serverId": malformed, "label": "PRIMARY"}])
    (error,) = caught.value.args[0]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert await site.api.rows() == before


NAMES = ["", "  \t ", "x" * 201, "Door\u0007", "Do\nor"]


@pytest.mark.parametrize("name", NAMES)
async def test_names_have_1_to_200_characters_and_no_control(api: Api, site: SiteBuilder, name: str) -> None:
    assert await api.refused(api.change("createSite", {"name": name})) == invalid("name")
    assert await site.refused(site.register("n1", name)) == invalid("servers", "1", "name")
    assert await site.refused(site.add("p1", name)) == invalid("name")


async def test_names_are_trimmed(api: Api) -> None:
    answer = await api.change("createSite", {"name": f"  {'x' * 200}\t"})
    assert answer.body["site"]["name"] == "x" * 200


async def test_names_of_sites_are_unique(api: Api) -> None:
    await new_site(api, "Harbour")
    assert await api.refused(api.change("createSite", {"name": " Harbour "})) == [("NAME_TAKEN", ("name",))]
    assert (await new_site(api, "harbour")).id


async def test_names_of_servers_are_unique_in_their_site(site: SiteBuilder) -> None:
    assert await site.refused(site.register("n1", "p1", "n2", " n1 ")) == [
        ("NAME_TAKEN", ("servers", "1", "name")),
        ("NAME_TAKEN", ("servers", "3", "name")),
    ]
    other = await new_site(site.api)
    await other.register("p1")


async def test_names_of_cameras_are_free(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    assert (await site.add("p1", "Door", 2)).camera is not None


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"maxCameras": 0}, "maxCameras"),
        ({"maxCameras": -1}, "maxCameras"),
        ({"address": "http://"}, "address"),
        ({"address": "not a host"}, "address"),
        ({"externalId": " "}, "externalId"),
    ],
)
async def test_what_a_server_cannot_have(site: SiteBuilder, given: Json, place: str) -> None:
    registered = site.change("registerServers", servers=[{"name": "n1", **given}])
    assert await site.refused(registered) == invalid("servers", "0", place)


@pytest.mark.parametrize(
    "hardware",
    [
        {},
        {"macAddress": " ", "address": ""},
        {"manufacturer": "Axis", "model": "P3245"},
        {"macAddress": "02:00:00:00:00"},
        {"macAddress": "ff:ff:ff:ff:ff:ff"},
        {"macAddress": "00:00:00:00:00:00"},
        {"address": "not a host"},
        {"macAddress": mac(1), "model": "x" * 201},
    ],
)
async def test_hardware_that_cannot_be(site: SiteBuilder, hardware: Json) -> None:
    await site.add("p1", "Door", 1)
    assert await site.refused(site.add("p1", "Gate", hardware=hardware)) == invalid("hardware")
    replaced = site.change("replaceCamera", cameraId=site.cameras["Door"], hardware=hardware)
    assert await site.refused(replaced) == invalid("hardware")


@pytest.mark.parametrize("channel", [-1, 10_000])
async def test_a_channel_that_cannot_be(site: SiteBuilder, channel: int) -> None:
    assert await site.refused(site.add("p1", "Door", channel=channel)) == invalid("channel")


async def test_a_server_holds_hardware_and_channel_once(site: SiteBuilder) -> None:
    await site.add("p1", "Door", hardware={"macAddress": mac(1), "address": "192.0.2.1"})
    await site.add("p1", "Gate", 2)
    exists = [("CAMERA_ALREADY_EXISTS", ("hardware",))]
    assert await site.refused(site.add("p1", "Door 2", 1)) == exists
    assert await site.refused(site.add("p1", "Door 2", address="192.0.2.1")) == exists
    assert await site.refused(site.replace("Gate", 1)) == exists
    await site.add("p1", "Second lens", 1, channel=1)
    await site.add("p2", "Door elsewhere", 1)


async def test_an_external_id_is_unique_on_its_server(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="7")
    taken = [("CAMERA_ALREADY_EXISTS", ("externalId",))]
    assert await site.refused(site.add("p1", "Gate", 2, externalId="7")) == taken
    await site.add("p2", "Gate", 2, externalId="7")


async def test_all_that_stands_against_a_camera_is_told(site: SiteBuilder) -> None:
    await site.mode("MANUAL")
    added = site.add(f"server_{NOWHERE}", "", channel=-1, hardware={}, externalId="\u0001")
    assert await site.refused(added) == [
        ("MANUAL_MODE_RESTRICTED", ()),
        *invalid("name"),
        *invalid("channel"),
        *invalid("hardware"),
        *invalid("externalId"),
        missing("serverId"),
    ]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("registerServers", {"servers": []}),
        ("labelServers", {"labels": []}),
        ("pairServers", {"pairings": []}),
        ("unpairServers", {"pairingIds": []}),
        ("mapCameras", {"mappings": []}),
        ("unmapCameras", {"cameraIds": []}),
        ("acknowledgeMirroredActions", {"results": []}),
        ("retryMirroredActions", {"actionIds": []}),
        ("abandonMirroredActions", {"actionIds": [], "because": "No."}),
    ],
)
async def test_an_empty_list_is_refused(site: SiteBuilder, mutation: str, given: Json) -> None:
    assert await site.refused(site.change(mutation, **given)) == invalid(next(iter(given)))


@pytest.mark.parametrize("place", ["primaryIds", "secondaryIds", "assignments"])
async def test_an_empty_list_of_a_pairing_is_refused(site: SiteBuilder, place: str) -> None:
    given = site.pairing("ASYMMETRIC", ["p1", "p2"], ["s1"]) | {place: []}
    assert await site.refused(site.pair_all(given)) == invalid("pairings", "0", place)


async def test_a_list_has_10_000_items_at_most(site: SiteBuilder) -> None:
    camera_ids = [f"camera_{NOWHERE}"] * 10_001
    assert await site.refused(site.change("unmapCameras", cameraIds=camera_ids)) == invalid("cameraIds")


@pytest.mark.parametrize("because", ["", "  \n", "x" * 2001])
async def test_a_person_says_why_an_action_is_abandoned(site: SiteBuilder, because: str) -> None:
    await pooled(site)
    (queued,) = await site.unresolved()
    assert await site.refused(site.abandon(queued, because=because)) == invalid("because")


async def test_the_address_of_the_same_device_is_an_update_and_mirrors_nothing(site: SiteBuilder) -> None:
    await with_cameras(site)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.settle()
    answer = await site.replace("Door", 1, address="192.0.2.9")
    assert (answer.action, answer.queued, answer.suppressed) == (None, 0, 0)
    assert answer.change_id is not None
    assert answer.camera is not None
    assert (answer.camera.address, answer.camera.protection) == ("192.0.2.9", "PROTECTED")


async def test_the_same_hardware_again_is_no_change(site: SiteBuilder) -> None:
    await with_cameras(site)
    revision = await site.revision()
    answer = await site.replace("Door", 1)
    assert (answer.change_id, answer.revision, answer.action) == (None, revision, None)


async def test_the_same_policy_again_is_no_change(site: SiteBuilder) -> None:
    revision = await site.revision()
    answer = await site.policy(add=True, backup=None)
    assert (answer.change_id, answer.revision) == (None, revision)
