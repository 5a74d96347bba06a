"""What connectors say became of actions: APPLIED and FAILED."""

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_applied_confirms_what_was_sent(estate: Estate) -> None:
    action = await estate.door()
    assert (await estate.site.ack(action)).body["accepted"] == 1
    now = await estate.site.action(action)
    assert (now.status, now.attempts, now.error, now.note) == ("APPLIED", 1, None, None)
    assert await estate.open() == []


async def test_applied_makes_a_camera_protected(site: SiteBuilder, backup: Estate) -> None:
    action = await backup.door()
    assert await site.protection("Door") == "PENDING"
    await site.ack(action)
    assert await site.protection("Door") == "PROTECTED"


async def test_failed_stays_with_the_words_of_the_recorder(site: SiteBuilder, backup: Estate) -> None:
    action = await backup.door()
    assert (await site.fail(action, error="No licence.")).body["accepted"] == 1
    now = await site.action(action)
    assert (now.status, now.error, now.note, now.attempts) == ("FAILED", "No licence.", None, 1)
    assert await site.protection("Door") == "FAILED"


async def test_of_endless_words_of_a_recorder_the_first_are_kept(backup: Estate) -> None:
    action = await backup.door()
    assert (await backup.site.fail(action, error="No!" * 10_000)).body["accepted"] == 1
    assert (await backup.site.action(action)).error == ("No!" * 10_000)[:2_000]


async def test_a_failed_one_can_still_turn_out_applied(backup: Estate) -> None:
    action = await backup.door()
    await backup.site.fail(action)
    await backup.site.ack(action)
    now = await backup.site.action(action)
    assert (now.status, now.error) == ("APPLIED", None)


async def test_applied_gives_the_waiting_one_its_turn_made_anew(estate: Estate) -> None:
    first, second = await estate.door(1), await estate.replace(2)
    await estate.site.ack(first, external_id="t-1")
    now = await estate.site.action(second)
    assert now.verdict == ("REPLACE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (now.attempts, now.blocked, now.mac) == (1, None, mac(2))
    assert now.device["externalId"] == "t-1"
    assert now.previous_hardware is not None
    assert now.previous_hardware["macAddress"] == mac(1)


async def test_failed_with_one_waiting_gives_way_to_it(estate: Estate) -> None:
    first, second = await estate.door(1), await estate.replace(2)
    await estate.site.fail(first, error="No disk.")
    ended, begun = await estate.site.action(first), await estate.site.action(second)
    assert (ended.status, ended.error) == ("SUPERSEDED", "No disk.")
    assert ended.note == "It failed, and a newer wish for the same camera was waiting behind it."
    assert (begun.action, begun.status, begun.mac) == ("ADD", "QUEUED", mac(2))


async def test_an_applied_move_leaves_the_old_device_removing(estate: Estate) -> None:
    await estate.mirrored_door(1, "old")
    action = await estate.move()
    answer = await estate.site.ack(action, external_id="new")
    (left,) = await estate.site.inventory(estate.sides.there)
    assert (left.mac, left.external_id, left.removing, left.counterpart) == (mac(1), "old", True, None)
    (deletion,) = await estate.site.unresolved()
    assert deletion.verdict == ("DELETE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (deletion.counterpart, deletion.device["externalId"]) == (left.id, "old")
    assert (deletion.position, (await estate.site.twin("Door")).external_id) == (answer.revision, "new")


async def test_a_move_leaves_nothing_where_the_hardware_is_wanted_again(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.move()
    back = await estate.move(back=True)
    await estate.site.ack(action)
    assert await estate.held(estate.sides.there, estate.sides.there_too) == [
        (estate.sides.there, mac(1), False)
    ]
    now = await estate.site.action(back)
    assert (now.action, now.status, now.left) == ("MOVE", "QUEUED", estate.sides.there_too)


async def test_a_move_leaves_nothing_where_another_camera_has_the_device(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.move()
    again = made(await backup.site.add(backup.sides.here, "Same", 1))
    assert again.verdict[2] == "QUEUED"
    await backup.site.ack(action)
    assert await backup.open() == [("ADD", "QUEUED")]
    assert await backup.held(backup.sides.there) == [(backup.sides.there, mac(1), False)]


async def test_two_moves_that_leave_one_device_leave_it_once(site: SiteBuilder, backup: Estate) -> None:
    await site.pair("SYMMETRIC", ["p3"], ["s3"])
    await backup.mirrored_door(1)
    first = made(await site.move("Door", "p2"))
    await site.ack(made(await site.add("p1", "Same", 1)))
    second = made(await site.move("Same", "p3"))
    assert (await site.ack(first, second)).body["accepted"] == 2
    assert await backup.held("s1") == [("s1", mac(1), True)]
    assert await backup.open() == [("DELETE", "QUEUED")]


async def test_an_applied_delete_takes_the_camera_out(estate: Estate) -> None:
    await estate.mirrored_door()
    action = await estate.delete()
    await estate.site.ack(action)
    assert await estate.held() == []
    now = await estate.site.action(action)
    assert (now.status, now.counterpart, now.camera) == ("APPLIED", None, None)


async def test_a_deleted_camera_that_is_wanted_again_stays_and_is_added(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    twin = await estate.twin()
    deletion = await estate.delete()
    addition = await estate.door(1)
    assert (addition.action, addition.status) == ("ADD", "BLOCKED")
    await estate.site.ack(deletion)
    now = await estate.site.action(addition)
    assert (now.action, now.status, now.device["externalId"]) == ("ADD", "QUEUED", None)
    assert (await estate.site.twin("Door")).id == twin
    assert (await estate.site.camera(twin)).external_id is None


async def test_a_delete_is_sent_to_the_server_that_was_confirmed(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    move, deletion = await estate.move(), await estate.delete()
    await estate.site.fail(move)
    now = await estate.site.action(deletion)
    assert now.verdict == ("DELETE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (now.device["externalId"], now.mac) == ("t-1", mac(1))


async def test_a_delete_of_something_unconfirmed_is_sent_to_the_last_target(estate: Estate) -> None:
    addition = await estate.door(1)
    await estate.move()
    await estate.replace(2)
    deletion = await estate.delete()
    await estate.site.fail(addition)
    now = await estate.site.action(deletion)
    assert now.verdict == ("DELETE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert now.mac == mac(1)


async def test_a_delete_is_sent_even_if_nothing_was_ever_added(backup: Estate) -> None:
    await backup.site.fail(await backup.door(1))
    deletion = await backup.delete()
    assert deletion.verdict[2:] == ("QUEUED", None, backup.sides.there)


async def test_the_link_ends_when_the_delete_is_made(backup: Estate) -> None:
    await backup.mirrored_door()
    twin = await backup.twin()
    await backup.delete()
    camera = await backup.site.camera(twin)
    assert (camera.removing, camera.counterpart, camera.protection) == (True, None, None)


async def test_a_camera_is_removing_until_its_delete_is_applied(estate: Estate) -> None:
    await estate.mirrored_door()
    twin = await estate.twin()
    deletion = await estate.delete()
    await estate.site.fail(deletion)
    assert (await estate.site.camera(twin)).removing is True
    await estate.site.retry(deletion)
    assert (await estate.site.camera(twin)).removing is True
    await estate.site.ack(deletion)
    assert await estate.held() == []


async def test_a_failed_delete_of_a_camera_wanted_again_leaves_nothing_to_do(estate: Estate) -> None:
    await estate.mirrored_door(1)
    deletion, addition = await estate.delete(), await estate.door(1)
    await estate.site.fail(deletion)
    assert await estate.states(deletion, addition) == [("DELETE", "SUPERSEDED"), ("ADD", "SUPERSEDED")]
    assert len(await estate.held()) == 2


async def test_a_delete_behind_a_delete_under_way_ends_at_once(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1)
    deletion = await backup.delete()
    await backup.door(1)
    await site.unpair("p1", twins="REMOVE")
    assert await backup.open() == [("DELETE", "QUEUED")]
    ended = (await site.actions())[-1]
    assert (ended.status, ended.note) == ("SUPERSEDED", "Its removal is under way already.")
    await site.ack(deletion)
    assert await backup.held() == [("p1", mac(1), False)]
