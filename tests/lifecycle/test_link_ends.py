"""A link ends and its twin is kept, or is to be removed; and what becomes of actions then."""

import pytest

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made

ENDED = "The link ended and the camera was kept as it is."


async def unpair(estate: Estate, twins: str = "KEEP") -> None:
    await estate.site.unpair("p1", twins=twins)


async def test_a_kept_twin_is_only_unlinked(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    twin = await backup.twin()
    await unpair(backup)
    camera = await backup.site.camera(twin)
    assert (camera.counterpart, camera.removing, camera.external_id) == (None, False, "t-1")
    assert await backup.open() == []


async def test_kept_with_a_failed_add_the_camera_leaves(estate: Estate) -> None:
    action = await estate.door(1)
    await estate.site.fail(action)
    await unpair(estate)
    assert await estate.held() == [(estate.sides.here, mac(1), False)]
    now = await estate.site.action(action)
    assert (now.status, now.note, now.error) == ("ABANDONED", ENDED, "No disk.")


async def test_kept_with_a_failed_replace_it_has_its_old_hardware(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.replace(2)
    await estate.site.fail(action)
    await unpair(estate)
    assert await estate.held(estate.sides.there) == [(estate.sides.there, mac(1), False)]
    assert await estate.states(action) == [("REPLACE", "ABANDONED")]


async def test_kept_with_one_waiting_it_is_as_the_one_under_way_leaves_it(backup: Estate) -> None:
    first, second = await backup.door(1), await backup.replace(2)
    await unpair(backup)
    assert await backup.states(first, second) == [("ADD", "QUEUED"), ("REPLACE", "ABANDONED")]
    assert await backup.held(backup.sides.there) == [(backup.sides.there, mac(1), False)]


async def test_an_action_under_way_is_let_finish(backup: Estate) -> None:
    action = await backup.door(1)
    await unpair(backup)
    await backup.site.ack(action, external_id="t-1")
    (kept,) = await backup.site.inventory(backup.sides.there)
    assert (kept.mac, kept.external_id, kept.counterpart) == (mac(1), "t-1", None)


async def test_an_add_under_way_that_fails_then_takes_the_camera_out(estate: Estate) -> None:
    action = await estate.door(1)
    await unpair(estate)
    await estate.site.fail(action)
    now = await estate.site.action(action)
    assert (now.status, now.note, now.error) == ("ABANDONED", ENDED, "No disk.")
    assert await estate.held() == [(estate.sides.here, mac(1), False)]


async def test_a_replace_under_way_that_fails_then_leaves_the_old_hardware(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.replace(2)
    await unpair(backup)
    assert await backup.held(backup.sides.there) == [(backup.sides.there, mac(2), False)]
    await backup.site.fail(action)
    assert await backup.held(backup.sides.there) == [(backup.sides.there, mac(1), False)]
    assert await backup.open() == []


async def test_a_kept_camera_that_is_linked_again_fails_as_any_other(backup: Estate) -> None:
    action = await backup.door(1)
    await unpair(backup)
    assert (await backup.site.pair("SYMMETRIC", ["p1"], ["s1"])).queued == 0
    await backup.site.fail(action)
    assert await backup.states(action) == [("ADD", "FAILED")]


async def test_kept_while_a_delete_is_under_way_it_goes_after_all(backup: Estate) -> None:
    await backup.mirrored_door(1)
    deletion, addition = await backup.delete(), await backup.door(1)
    await unpair(backup)
    assert await backup.states(deletion, addition) == [("DELETE", "QUEUED"), ("ADD", "ABANDONED")]
    assert await backup.held("s1") == [("s1", mac(1), True)]
    await backup.site.ack(deletion)
    assert await backup.held("s1") == []


async def test_kept_where_another_camera_took_its_place_it_leaves(backup: Estate) -> None:
    await backup.mirrored_door(1)
    await backup.site.fail(await backup.replace(2))
    await backup.site.add("p1", "Same", 1)
    await unpair(backup)
    assert await backup.held("s1") == [("s1", mac(1), False)]
    await backup.site.settle()
    assert await backup.held("s1") == [("s1", mac(1), False)]


async def test_a_removed_twin_gets_a_delete(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    answer = await backup.site.unpair("p1", twins="REMOVE")
    assert [(one.verdict, one.cause) for one in answer.planned] == [
        (("DELETE", "BACKUP", "QUEUED", None, "s1"), "PAIRING")
    ]
    assert await backup.held("s1") == [("s1", mac(1), True)]
    await backup.site.settle()
    assert await backup.held("s1") == []


async def test_the_delete_of_a_removed_twin_waits_behind_what_is_under_way(backup: Estate) -> None:
    await backup.door(1)
    answer = await backup.site.unpair("p1", twins="REMOVE")
    assert [one.verdict[2] for one in answer.planned] == ["BLOCKED"]
    assert await backup.open() == [("ADD", "QUEUED"), ("DELETE", "BLOCKED")]
    await backup.site.settle()
    assert await backup.held("s1") == []


async def test_of_a_removed_twin_that_failed_the_delete_takes_the_place(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.site.fail(action)
    await unpair(backup, "REMOVE")
    assert await backup.open() == [("DELETE", "QUEUED")]
    assert await backup.states(action) == [("ADD", "SUPERSEDED")]


@pytest.mark.parametrize("twins", ["KEEP", "REMOVE"])
async def test_a_primarys_camera_that_failed_is_as_it_was(site: SiteBuilder, twins: str) -> None:
    await site.ack(made(await site.add("s1", "Door", 1)))
    action = made(await site.replace("Door", 2))
    await site.fail(action)
    await site.unpair("p1", twins=twins)
    (camera,) = await site.inventory("p1")
    assert (camera.mac, camera.counterpart) == (mac(1), None)
    assert (await site.action(action)).status == "ABANDONED"


async def test_a_suppressed_delete_ends_the_link_and_leaves_the_other_camera(estate: Estate) -> None:
    await estate.mirrored_door(1)
    twin = await estate.twin()
    await estate.site.policy(delete=False)
    action = await estate.delete()
    assert (action.status, action.reason) == ("SUPPRESSED", "ACTION_DISABLED")
    camera = await estate.site.camera(twin)
    assert (camera.counterpart, camera.removing, camera.server) == (None, False, estate.sides.there)
    assert await estate.open() == []


async def test_a_suppressed_delete_of_one_that_failed_lets_the_camera_go(estate: Estate) -> None:
    action = await estate.door()
    await estate.site.fail(action)
    await estate.site.policy(delete=False)
    await estate.delete()
    assert await estate.held() == []
    assert await estate.states(action) == [("ADD", "ABANDONED")]


async def test_a_suppressed_replace_leaves_the_link_and_different_hardware(
    site: SiteBuilder, backup: Estate
) -> None:
    await backup.mirrored_door(1)
    await site.policy(replace=False)
    assert made(await site.replace("Door", 2)).status == "SUPPRESSED"
    twin = await site.twin("Door")
    assert (twin.mac, await site.protection("Door")) == (mac(1), "UNPROTECTED")


async def test_actions_stay_when_the_mode_changes(backup: Estate) -> None:
    first, second = await backup.door(1), await backup.replace(2)
    await backup.site.mode("MANUAL")
    assert await backup.states(first, second) == [("ADD", "QUEUED"), ("REPLACE", "BLOCKED")]
    await backup.site.fail(first)
    assert await backup.states(first, second) == [("ADD", "SUPERSEDED"), ("ADD", "QUEUED")]


async def test_unmapping_keeps_or_removes_as_unpairing_does(site: SiteBuilder) -> None:
    for number, name in enumerate(("Door", "Gate"), 1):
        await site.add("p3", name, number)
    await site.mode("MANUAL")
    await site.map({"Door": "s3", "Gate": "s3"})
    await site.settle()
    kept = await site.twin("Door")
    await site.unmap(kept.id)
    answer = await site.unmap("Gate", twins="REMOVE")
    assert [(one.verdict, one.cause) for one in answer.planned] == [
        (("DELETE", "BACKUP", "QUEUED", None, "s3"), "MAPPING")
    ]
    await site.settle()
    assert [one.id for one in await site.inventory("s3")] == [kept.id]
