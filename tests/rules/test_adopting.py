"""Adopting instead of adding: hardware that the target server holds already is linked, not added twice."""

import pytest

from tests.builders import Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def pair(site: SiteBuilder, number: int) -> None:
    await site.pair("SYMMETRIC", [f"p{number}"], [f"s{number}"])


async def test_pairing_adopts_what_the_secondary_holds_unlinked(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s1", "Old copy", 1)
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    (planned,) = answer.body["planned"]
    assert (planned["camerasAdopted"], planned["camerasAdded"]) == (1, 0)
    assert (answer.queued, answer.planned) == (0, ())
    twin = await site.twin("Door")
    assert (twin.id, twin.name) == (site.cameras["Old copy"], "Old copy")
    assert await site.protection("Door") == "PROTECTED"


async def test_adding_adopts_and_makes_no_mirrored_action(site: SiteBuilder) -> None:
    await site.add("s1", "Old copy", 1)
    await pair(site, 1)
    answer = await site.add("p1", "Door", 1)
    assert (answer.action, answer.queued, answer.suppressed) == (None, 0, 0)
    assert (await site.twin("Door")).id == site.cameras["Old copy"]


async def test_adding_on_the_secondary_adopts_what_the_primary_holds(site: SiteBuilder) -> None:
    await pair(site, 1)
    await site.policy(backup=False)
    await site.add("p1", "Door", 1)
    answer = await site.add("s1", "Copy", 1)
    assert answer.action is None
    assert (await site.twin("Door")).id == site.cameras["Copy"]


BY_ADDRESS = "192.0.2.1"
BOTH: Json = {"macAddress": mac(1), "address": BY_ADDRESS}
OTHER_MAC: Json = {"macAddress": mac(2), "address": BY_ADDRESS}
OTHER_ADDRESS: Json = {"macAddress": mac(1), "address": "192.0.2.2"}
ONLY_ADDRESS: Json = {"address": BY_ADDRESS}


@pytest.mark.parametrize(
    ("held", "added", "same"),
    [
        (BOTH, OTHER_ADDRESS, True),
        (BOTH, ONLY_ADDRESS, True),
        (ONLY_ADDRESS, BOTH, True),
        (ONLY_ADDRESS, ONLY_ADDRESS, True),
        (ONLY_ADDRESS, {"address": f"http://{BY_ADDRESS}:80/stream"}, True),
        (BOTH, {"macAddress": mac(1).upper().replace(":", "-")}, True),
        (BOTH, OTHER_MAC, False),
        (ONLY_ADDRESS, {"address": "192.0.2.2"}, False),
    ],
)
async def test_the_same_hardware_has_the_same_mac_or_lacking_it_the_same_address(
    site: SiteBuilder, held: Json, added: Json, *, same: bool
) -> None:
    await site.add("s1", "Held", hardware=held)
    await pair(site, 1)
    answer = await site.add("p1", "Door", hardware=added)
    assert (answer.action is None) == same
    assert ((await site.twin("Door")).id == site.cameras["Held"]) == same


async def test_an_address_that_two_candidates_have_names_neither(site: SiteBuilder) -> None:
    await site.add("s1", "One", hardware=BOTH)
    await site.add("s1", "Two", hardware=OTHER_MAC)
    await pair(site, 1)
    answer = await site.add("p1", "Door", hardware=ONLY_ADDRESS)
    assert answer.verdict == ("ADD", "BACKUP", "QUEUED", None, "s1")
    assert (await site.twin("Door")).id not in site.cameras.values()


async def test_another_channel_is_another_camera(site: SiteBuilder) -> None:
    await site.add("s1", "Held", 1, channel=1)
    await pair(site, 1)
    answer = await site.add("p1", "Door", 1, channel=2)
    assert answer.verdict == ("ADD", "BACKUP", "QUEUED", None, "s1")


async def test_a_camera_on_its_way_out_is_wanted_again_and_its_add_waits(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await pair(site, 1)
    await site.settle()
    twin = await site.twin("Door")
    deleted = await site.delete("Door")
    assert (await site.camera(twin.id)).removing
    answer = await site.add("p1", "New door", 1)
    assert answer.verdict == ("ADD", "BACKUP", "BLOCKED", None, "s1")
    assert answer.action is not None
    assert answer.action.blocked == "PREDECESSOR"
    linked = await site.twin("New door")
    assert (linked.id, linked.removing) == (twin.id, False)
    assert await site.protection("New door") == "PENDING"
    assert deleted.action is not None
    await site.ack(deleted.action)
    assert [one.verdict for one in await site.settle()] == [("ADD", "BACKUP", "QUEUED", None, "s1")]
    assert await site.protection("New door") == "PROTECTED"


async def test_a_delete_that_is_not_queued_is_superseded_by_adopting(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await pair(site, 1)
    await site.settle()
    deleted = await site.delete("Door")
    assert deleted.action is not None
    await site.fail(deleted.action)
    await site.add("p1", "New door", 1)
    assert (await site.action(deleted.action)).status == "SUPERSEDED"
    assert await site.unresolved() == []
    assert await site.protection("New door") == "PROTECTED"


async def test_hardware_that_is_linked_already_occupies_the_target(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    answer = await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    assert [(one.verdict, one.cause, one.source) for one in answer.planned] == [
        (("ADD", "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1"), "PAIRING", "p2"),
        (("ADD", "BACKUP", "QUEUED", None, "s1"), "PAIRING", "p1"),
    ]
    (planned,) = answer.body["planned"]
    assert (planned["camerasAdded"], planned["camerasAdopted"]) == (1, 0)
    assert await site.protection("Same door") == "UNPROTECTED"


async def test_a_mapping_onto_linked_hardware_is_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    path = ("mappings", "0", "secondaryServerId")
    assert await site.refused(site.map({"Same door": "s1"})) == [("CAMERA_ALREADY_EXISTS", path)]


async def test_a_mapping_that_would_move_onto_linked_hardware_is_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.map({"Same door": "s2"})
    path = ("mappings", "0", "secondaryServerId")
    assert await site.refused(site.map({"Same door": "s1"})) == [("CAMERA_ALREADY_EXISTS", path)]


async def test_two_mappings_of_one_device_to_one_secondary_are_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    await site.mode("MANUAL")
    both = site.map({"Door": "s1", "Same door": "s1"})
    path = ("mappings", "1", "secondaryServerId")
    assert await site.refused(both) == [("CAMERA_ALREADY_EXISTS", path)]


async def test_a_mapping_adopts(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s1", "Held", 1)
    await site.mode("MANUAL")
    answer = await site.map({"Door": "s1"})
    assert (answer.queued, answer.planned) == (0, ())
    assert (await site.twin("Door")).id == site.cameras["Held"]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_move_that_adopts_becomes_a_delete_of_the_old_twin(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s2", "Held", 1)
    await pair(site, 1)
    await pair(site, 2)
    await site.settle()
    old = await site.twin("Door")
    answer = await site.move("Door", "p2")
    assert [one.verdict for one in answer.planned] == [("DELETE", "BACKUP", "QUEUED", None, "s1")]
    assert (await site.camera(old.id)).removing
    assert (await site.twin("Door")).id == site.cameras["Held"]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_replacement_that_adopts_becomes_a_delete_of_the_old_twin(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s1", "Held", 2)
    await pair(site, 1)
    await site.settle()
    old = await site.twin("Door")
    answer = await site.replace("Door", 2)
    assert [one.verdict for one in answer.planned] == [("DELETE", "BACKUP", "QUEUED", None, "s1")]
    assert (await site.camera(old.id)).removing
    assert (await site.twin("Door")).id == site.cameras["Held"]


async def test_a_replacement_with_hardware_in_use_leaves_the_link_and_different_hardware(
    site: SiteBuilder,
) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Gate", 2)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.settle()
    answer = await site.replace("Gate", 1)
    assert answer.verdict == ("REPLACE", "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1")
    assert (await site.twin("Gate")).mac == mac(2)
    assert await site.protection("Gate") == "UNPROTECTED"
    assert await site.protection("Door") == "PROTECTED"


async def test_pairing_again_wants_the_twins_again_that_are_on_their_way_out(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await pair(site, 1)
    await site.settle()
    twin = (await site.twin("Door")).id
    await site.unpair("p1", twins="REMOVE")
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert [(one.verdict, one.blocked) for one in answer.planned] == [
        (("ADD", "BACKUP", "BLOCKED", None, "s1"), "PREDECESSOR")
    ]
    assert answer.body["planned"][0]["camerasAdopted"] == 1
    assert (await site.twin("Door")).id == twin
    assert [one.action for one in await site.settle()] == ["DELETE", "ADD"]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_delete_that_waits_is_superseded_by_adopting(site: SiteBuilder) -> None:
    await pair(site, 1)
    added = await site.add("p1", "Door", 1)
    deleted = await site.delete("Door")
    assert deleted.verdict == ("DELETE", "BACKUP", "BLOCKED", None, "s1")
    await site.add("p1", "New door", 1)
    assert deleted.action is not None
    assert (await site.action(deleted.action)).status == "SUPERSEDED"
    assert added.action is not None
    await site.ack(added.action)
    assert await site.unresolved() == []
    assert await site.protection("New door") == "PROTECTED"
