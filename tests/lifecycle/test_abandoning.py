"""A person gives an action up: what is wanted becomes what is confirmed."""

import pytest

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_the_reason_is_kept(backup: Estate) -> None:
    action = await backup.door()
    assert (await backup.site.abandon(action, because=" The disk is full. ")).body["accepted"] == 1
    now = await backup.site.action(action)
    assert (now.status, now.note, now.error) == ("ABANDONED", "The disk is full.", None)


@pytest.mark.parametrize("because", ["", "  ", "x" * 2001])
async def test_a_reason_must_be_given(backup: Estate, because: str) -> None:
    action = await backup.door()
    assert await backup.site.refused(backup.site.abandon(action, because=because)) == [
        ("INVALID_INPUT", ("because",))
    ]


async def test_of_an_add_the_camera_leaves_the_inventory(estate: Estate) -> None:
    await estate.site.abandon(await estate.door(1))
    assert await estate.held() == [(estate.sides.here, mac(1), False)]
    assert (await estate.site.camera("Door")).counterpart is None


async def test_of_a_failed_add_too_and_the_error_stays(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.site.fail(action, error="No disk.")
    await backup.site.abandon(action)
    assert await backup.held(backup.sides.there) == []
    now = await backup.site.action(action)
    assert (now.status, now.error) == ("ABANDONED", "No disk.")


async def test_of_a_move_the_camera_stays_where_it_was(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.move()
    await estate.site.abandon(action)
    assert await estate.held(estate.sides.there, estate.sides.there_too) == [
        (estate.sides.there, mac(1), False)
    ]
    assert await estate.open() == []


async def test_of_a_replace_the_camera_keeps_its_hardware(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.replace(2)
    await site.fail(action)
    await site.abandon(action)
    twin = await site.twin("Door")
    assert (twin.mac, twin.server) == (mac(1), "s1")
    assert await site.protection("Door") == "UNPROTECTED"


async def test_of_a_delete_the_camera_stays_unlinked(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    twin = await estate.twin()
    await estate.site.abandon(await estate.delete())
    camera = await estate.site.camera(twin)
    assert (camera.removing, camera.counterpart, camera.external_id) == (False, None, "t-1")
    assert await estate.open() == []


async def test_of_a_delete_of_something_unconfirmed_the_camera_leaves(backup: Estate) -> None:
    await backup.site.fail(await backup.door())
    await backup.site.abandon(await backup.delete())
    assert await backup.held() == []


async def test_what_waits_behind_ends_too(estate: Estate) -> None:
    await estate.mirrored_door(1)
    first, second = await estate.replace(2), await estate.replace(3)
    await estate.site.abandon(first)
    assert await estate.states(first, second) == [("REPLACE", "ABANDONED"), ("REPLACE", "SUPERSEDED")]
    assert (await estate.site.action(second)).note == "The action that it waited for was abandoned."
    assert (await estate.site.twin("Door")).mac == mac(1)


async def test_a_delete_that_waits_behind_is_sent(estate: Estate) -> None:
    addition, deletion = await estate.door(1), await estate.delete()
    await estate.site.abandon(addition)
    assert await estate.states(addition, deletion) == [("ADD", "ABANDONED"), ("DELETE", "QUEUED")]
    assert (await estate.site.action(deletion)).target == estate.sides.there
    await estate.site.ack(deletion)
    assert await estate.held() == []


async def test_of_a_waiting_one_the_camera_is_as_the_one_ahead_leaves_it(estate: Estate) -> None:
    addition, waiting = await estate.door(1), await estate.replace(2)
    await estate.site.abandon(waiting)
    assert await estate.states(addition, waiting) == [("ADD", "QUEUED"), ("REPLACE", "ABANDONED")]
    twin = await estate.site.twin("Door")
    assert (twin.mac, twin.server) == (mac(1), estate.sides.there)
    await estate.site.ack(addition)
    assert await estate.open() == []


async def test_of_an_add_that_waits_behind_a_delete_the_camera_leaves(backup: Estate) -> None:
    await backup.mirrored_door(1)
    deletion, addition = await backup.delete(), await backup.door(1)
    await backup.site.abandon(addition)
    assert (await backup.site.camera("Door")).counterpart is None
    assert await backup.held(backup.sides.there) == [(backup.sides.there, mac(1), True)]
    await backup.site.ack(deletion)
    assert await backup.held(backup.sides.there) == []


async def test_of_a_delete_with_an_add_behind_it_the_camera_stays_linked(backup: Estate) -> None:
    await backup.mirrored_door(1)
    twin = await backup.twin()
    deletion, addition = await backup.delete(), await backup.door(1)
    await backup.site.abandon(deletion)
    assert await backup.states(deletion, addition) == [("DELETE", "ABANDONED"), ("ADD", "SUPERSEDED")]
    camera = await backup.site.twin("Door")
    assert (camera.id, camera.removing) == (twin, False)


async def test_it_is_rejected_where_the_hardware_to_go_back_to_is_taken(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.replace(2)
    await estate.site.add(estate.sides.here, "Same", 1)
    before = await estate.site.revision()
    answer = await estate.site.abandon(action)
    assert [(one["actionId"], one["status"]) for one in answer.body["rejected"]] == [(action.id, "QUEUED")]
    assert answer.body["rejected"][0]["message"].startswith(
        "The place or the hardware to go back to is taken"
    )
    assert answer.revision == before


async def test_it_is_rejected_where_the_place_to_go_back_to_is_taken(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.move()
    await backup.site.add(backup.sides.here, "Same", 1)
    answer = await backup.site.abandon(action)
    assert [one["status"] for one in answer.body["rejected"]] == ["QUEUED"]


async def test_two_that_go_back_into_each_others_place_can(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p1", "Gate", 2)
    await site.settle()
    actions = [made(await site.replace("Door", 3)), made(await site.replace("Gate", 1))]
    assert (await site.abandon(*actions)).body["accepted"] == 2
    assert [(await site.twin(one)).mac for one in ("Door", "Gate")] == [mac(1), mac(2)]


async def test_one_that_cannot_go_back_stands_in_the_way_of_the_next(site: SiteBuilder) -> None:
    for number, name in enumerate(("Door", "Gate"), 1):
        await site.add("p1", name, number)
    await site.settle()
    door = made(await site.replace("Door", 3))
    gate = made(await site.replace("Gate", 1))
    await site.add("p1", "Third", 2)
    answer = await site.abandon(door, gate)
    assert answer.body["accepted"] == 0
    assert {one["actionId"] for one in answer.body["rejected"]} == {door.id, gate.id}
    assert [(await site.twin(one)).mac for one in ("Door", "Gate")] == [mac(3), mac(1)]


async def test_only_an_unresolved_one_can_be_abandoned(backup: Estate) -> None:
    action, lone = await backup.door(), made(await backup.site.add("p3", "Lone"))
    await backup.site.ack(action)
    before = await backup.site.revision()
    answer = await backup.site.abandon(action, lone)
    assert [one["status"] for one in answer.body["rejected"]] == ["APPLIED", "SUPPRESSED"]
    assert answer.revision == before


async def test_one_and_the_one_behind_it_can_be_abandoned_in_a_call(backup: Estate) -> None:
    await backup.mirrored_door(1)
    first, second = await backup.replace(2), await backup.replace(3)
    answer = await backup.site.abandon(second, first)
    assert answer.body["accepted"] == 2
    assert await backup.states(first, second) == [("REPLACE", "ABANDONED"), ("REPLACE", "ABANDONED")]


async def test_named_twice_it_is_abandoned_once(backup: Estate) -> None:
    action = await backup.door()
    answer = await backup.site.abandon(action, action)
    assert answer.body["accepted"] == 1
    assert [one["status"] for one in answer.body["rejected"]] == ["ABANDONED"]


async def test_it_is_a_change_of_the_design(backup: Estate) -> None:
    preview = await backup.site.add("p1", "Gate", dryRun=True)
    await backup.site.abandon(await backup.door())
    assert await backup.site.refused(backup.site.add("p1", "Gate", ifRevision=preview.revision)) == [
        ("STALE_REVISION", ("ifRevision",))
    ]
