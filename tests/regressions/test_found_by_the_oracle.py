"""Each failure that the random machine found, as the plain story that it came down to."""

import pytest

from tests.builders import SiteBuilder, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

MISSING = ("NOT_FOUND", ("serverId",))


async def test_what_another_site_holds_is_not_told(site: SiteBuilder) -> None:
    other = await new_site(site.api)
    await other.register("p1", label="PRIMARY")
    await other.add("p1", "Door", 1, externalId="7")
    assert await site.refused(site.add(other.servers["p1"], "Gate", 1, externalId="7")) == [MISSING]


async def test_an_unlinked_camera_whose_repair_failed_stays(site: SiteBuilder) -> None:
    await site.add("s1", "Lobby", 1)
    await site.reconcile("s1")
    (addition,) = await site.unresolved()
    await site.fail(addition)
    assert (await site.action(addition)).status == "FAILED"
    assert [one.name for one in await site.inventory("s1")] == ["Lobby"]


async def test_a_mapping_in_the_way_is_told_with_all_others(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    assert await site.refused(site.map({"Same door": "s1", "camera_" + "0" * 32: "s1"})) == [
        ("NOT_FOUND", ("mappings", "1", "cameraId")),
        ("CAMERA_ALREADY_EXISTS", ("mappings", "0", "secondaryServerId")),
    ]


async def mapped_twice(site: SiteBuilder) -> None:
    """The same device on p1 and p2, with twins on s1 and s2."""
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1", "Same door": "s2"})
    await site.settle()


async def test_a_mapping_makes_room_for_another_of_the_same_call(site: SiteBuilder) -> None:
    await mapped_twice(site)
    await site.register("s3", label="SECONDARY")
    answer = await site.map({"Same door": "s1", "Door": "s3"})
    assert sorted((one.action, one.left, one.target) for one in answer.planned) == [
        ("MOVE", "s1", "s3"),
        ("MOVE", "s2", "s1"),
    ]


async def test_two_twins_of_one_device_can_change_places(site: SiteBuilder) -> None:
    await mapped_twice(site)
    answer = await site.map({"Door": "s2", "Same door": "s1"})
    assert sorted((one.action, one.left, one.target) for one in answer.planned) == [
        ("MOVE", "s1", "s2"),
        ("MOVE", "s2", "s1"),
    ]


async def test_a_removal_that_is_not_sent_counts_no_attempt(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.settle()
    replaced = await site.replace("Door", 2)
    await site.add("p1", "Same", 1)
    deleted = await site.delete("Door")
    assert replaced.action is not None
    assert deleted.action is not None
    await site.fail(replaced.action)
    now = await site.action(deleted.action)
    assert (now.status, now.attempts) == ("SUPERSEDED", 0)


async def test_twins_make_room_for_each_other_in_a_row(site: SiteBuilder) -> None:
    """Of three twins of one device the first goes to a free place, and each of the others to where one was."""
    await mapped_twice(site)
    await site.enroll(("s3", "SECONDARY"), ("s4", "SECONDARY"))
    await site.mode("AUTO")
    await site.add("p3", "Third", 1)
    await site.mode("MANUAL")
    await site.map({"Third": "s3"})
    await site.settle()
    answer = await site.map({"Door": "s2", "Same door": "s3", "Third": "s4"})
    assert sorted((one.action, one.left, one.target) for one in answer.planned) == [
        ("MOVE", "s1", "s2"),
        ("MOVE", "s2", "s3"),
        ("MOVE", "s3", "s4"),
    ]
