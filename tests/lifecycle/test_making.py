"""An action is made from what is confirmed to what is wanted, when its turn comes; few are open at a time."""

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_with_nothing_confirmed_it_is_an_add(estate: Estate) -> None:
    action = await estate.door()
    assert action.verdict == ("ADD", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (action.source, action.left, action.previous_hardware) == (estate.sides.here, None, None)
    assert (action.attempts, action.blocked, action.error, action.note) == (1, None, None, None)


async def test_an_add_tells_all_that_the_recorder_needs(backup: Estate) -> None:
    hardware = {"macAddress": mac(1), "address": "192.0.2.1", "manufacturer": "Maker", "model": "Dome"}
    answer = await backup.site.add(
        backup.sides.here, "Door", hardware=hardware, channel=3, externalId="source"
    )
    assert made(answer).device == {
        "targetCameraId": await backup.twin(),
        "sourceCameraId": backup.site.camera_id("Door"),
        "name": "Door",
        "channel": 3,
        "hardware": hardware,
        "externalId": None,
        "storageProfile": None,
    }


async def test_confirmed_on_another_server_it_is_a_move_from_there(estate: Estate) -> None:
    await estate.mirrored_door()
    action = await estate.move()
    assert action.verdict == ("MOVE", estate.sides.direction, "QUEUED", None, estate.sides.there_too)
    assert (action.left, action.device["externalId"]) == (estate.sides.there, None)


async def test_confirmed_with_other_hardware_it_is_a_replace(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    action = await estate.replace(2)
    assert action.verdict == ("REPLACE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (action.mac, action.device["externalId"]) == (mac(2), "t-1")
    assert action.previous_hardware is not None
    assert action.previous_hardware["macAddress"] == mac(1)


async def test_another_server_and_other_hardware_are_one_move(estate: Estate) -> None:
    await estate.mirrored_door(1)
    first = await estate.replace(2)
    second = await estate.move()
    await estate.site.fail(first)
    now = await estate.site.action(second)
    assert now.verdict == ("MOVE", estate.sides.direction, "QUEUED", None, estate.sides.there_too)
    assert (now.mac, now.left) == (mac(2), estate.sides.there)


async def test_no_difference_left_it_ends_as_superseded(backup: Estate) -> None:
    await backup.mirrored_door(1)
    away = await backup.replace(2)
    back = await backup.replace(1)
    await backup.site.fail(away)
    now = await backup.site.action(back)
    assert (now.status, now.attempts) == ("SUPERSEDED", 0)
    assert now.note == "The recorder is already as wanted: nothing is left to do."
    assert await backup.open() == []


async def test_a_wish_with_nothing_to_do_ends_at_once(backup: Estate) -> None:
    await backup.mirrored_door(1)
    away = await backup.replace(2)
    await backup.site.fail(away)
    back = await backup.replace(1)
    assert await backup.states(away, back) == [("REPLACE", "SUPERSEDED"), ("REPLACE", "SUPERSEDED")]
    assert await backup.site.protection((await backup.site.inventory("p1"))[0].id) == "PROTECTED"


async def test_a_chain_of_old_wishes_is_never_replayed(estate: Estate) -> None:
    await estate.mirrored_door(1)
    first, second = await estate.replace(2), await estate.replace(3)
    third, fourth = await estate.move(), await estate.replace(4)
    assert await estate.states(first, second, third, fourth) == [
        ("REPLACE", "QUEUED"),
        ("REPLACE", "SUPERSEDED"),
        ("MOVE", "SUPERSEDED"),
        ("REPLACE", "BLOCKED"),
    ]
    await estate.site.ack(first)
    now = await estate.site.action(fourth)
    assert now.verdict == ("MOVE", estate.sides.direction, "QUEUED", None, estate.sides.there_too)
    assert (now.left, now.mac) == (estate.sides.there, mac(4))
    await estate.site.settle()
    assert await estate.held(estate.sides.there, estate.sides.there_too) == [
        (estate.sides.there_too, mac(4), False)
    ]


async def test_a_wish_with_nothing_unresolved_is_queued(backup: Estate) -> None:
    await backup.mirrored_door()
    assert (await backup.replace(2)).status == "QUEUED"


async def test_a_wish_behind_a_queued_one_is_blocked_by_its_predecessor(estate: Estate) -> None:
    first = await estate.door(1)
    second = await estate.replace(2)
    assert (second.status, second.blocked, second.attempts) == ("BLOCKED", "PREDECESSOR", 0)
    assert await estate.states(first) == [("ADD", "QUEUED")]


async def test_a_queued_one_is_not_changed_by_a_wish(backup: Estate) -> None:
    first = await backup.door(1)
    await backup.replace(2)
    now = await backup.site.action(first)
    assert (now.mac, now.position) == (mac(1), first.position)


async def test_a_wish_takes_the_place_of_a_failed_one(estate: Estate) -> None:
    await estate.mirrored_door(1)
    first = await estate.replace(2)
    await estate.site.fail(first)
    second = await estate.replace(3)
    assert (second.status, second.mac) == ("QUEUED", mac(3))
    assert second.previous_hardware is not None
    assert second.previous_hardware["macAddress"] == mac(1)
    now = await estate.site.action(first)
    assert (now.status, now.note) == ("SUPERSEDED", "A newer wish for the same camera took its place.")


async def test_a_wish_takes_the_place_of_a_blocked_one(backup: Estate) -> None:
    first, second, third = await backup.door(1), await backup.replace(2), await backup.replace(3)
    assert await backup.states(first, second, third) == [
        ("ADD", "QUEUED"),
        ("REPLACE", "SUPERSEDED"),
        ("REPLACE", "BLOCKED"),
    ]


async def test_a_failed_add_is_overtaken_by_an_add(backup: Estate) -> None:
    await backup.site.fail(await backup.door(1))
    action = await backup.replace(2)
    assert (action.verdict[:3], action.mac) == (("ADD", backup.sides.direction, "QUEUED"), mac(2))


async def test_a_target_camera_has_one_open_and_one_waiting_at_most(backup: Estate) -> None:
    await backup.door(1)
    for number in (2, 3):
        await backup.replace(number)
        await backup.move()
        await backup.move(back=True)
    assert await backup.open() == [("ADD", "QUEUED"), ("MOVE", "BLOCKED")]
    failed = (await backup.site.unresolved())[0]
    await backup.site.fail(failed)
    assert await backup.open() == [("ADD", "QUEUED")]


async def test_cameras_do_not_wait_for_each_other(backup: Estate) -> None:
    await backup.site.add(backup.sides.here, "Door", 1)
    await backup.site.add(backup.sides.here, "Gate", 2)
    assert await backup.open() == [("ADD", "QUEUED"), ("ADD", "QUEUED")]


async def test_a_move_behind_a_move_leaves_where_the_first_goes(site: SiteBuilder, backup: Estate) -> None:
    await site.pair("SYMMETRIC", ["p3"], ["s3"])
    await backup.mirrored_door()
    first = made(await site.move("Door", "p2"))
    second = made(await site.move("Door", "p3"))
    assert (second.status, second.left, second.target) == ("BLOCKED", "s2", "s3")
    await site.ack(first)
    now = await site.action(second)
    assert (now.status, now.left, now.target) == ("QUEUED", "s2", "s3")
