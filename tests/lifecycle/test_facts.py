"""A fact on the target camera itself: somebody replaced, moved or deleted it on its own recorder."""

from tests.builders import mac
from tests.lifecycle.sides import Estate, made

FACT = "The camera was changed on its own recorder."


async def test_replaced_there_supersedes_what_is_under_way(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.replace(2)
    await estate.site.replace(await estate.twin(), 3)
    now = await estate.site.action(action)
    assert (now.status, now.note) == ("SUPERSEDED", FACT)
    assert (await estate.site.twin("Door")).mac == mac(3)


async def test_replaced_there_as_it_was_wanted_nothing_is_left_to_do(estate: Estate) -> None:
    await estate.mirrored_door(1)
    await estate.replace(2)
    answer = await estate.site.replace(await estate.twin(), 2)
    assert answer.verdict[2:4] == ("SUPPRESSED", "ALREADY_SO")
    assert await estate.open() == []


async def test_replaced_there_supersedes_what_failed(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.replace(2)
    await backup.site.fail(action)
    await backup.site.replace(await backup.twin(), 2)
    assert await backup.states(action) == [("REPLACE", "SUPERSEDED")]
    assert await backup.open() == []


async def test_replaced_there_supersedes_what_waits(backup: Estate) -> None:
    await backup.mirrored_door(1)
    first, second = await backup.replace(2), await backup.replace(3)
    await backup.site.replace(await backup.twin(), 3)
    assert await backup.states(first, second) == [("REPLACE", "SUPERSEDED"), ("REPLACE", "SUPERSEDED")]
    assert await backup.open() == []


async def test_replaced_there_it_is_confirmed_even_if_the_add_was_never_answered(estate: Estate) -> None:
    action = await estate.door(1)
    await estate.site.replace(await estate.twin(), 1)
    assert await estate.states(action) == [("ADD", "SUPERSEDED")]
    assert await estate.open() == []
    assert (await estate.replace(2)).action == "REPLACE"


async def test_replaced_while_a_move_is_under_way_the_move_is_queued_anew(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.move()
    await estate.site.replace(await estate.twin(), 2)
    assert await estate.states(action) == [("MOVE", "SUPERSEDED")]
    anew = [one for one in await estate.site.unresolved() if one.direction == estate.sides.direction]
    assert [(one.verdict, one.left, one.mac) for one in anew] == [
        (
            ("MOVE", estate.sides.direction, "QUEUED", None, estate.sides.there_too),
            estate.sides.there,
            mac(2),
        )
    ]


async def test_moved_there_while_a_replace_is_under_way_the_replace_is_queued_anew(estate: Estate) -> None:
    await estate.mirrored_door(1)
    action = await estate.replace(2)
    twin = await estate.twin()
    await estate.site.move(twin, estate.sides.there_too)
    assert await estate.states(action) == [("REPLACE", "SUPERSEDED")]
    anew = [one for one in await estate.site.unresolved() if one.direction == estate.sides.direction]
    assert [(one.verdict, one.mac) for one in anew] == [
        (("REPLACE", estate.sides.direction, "QUEUED", None, estate.sides.there_too), mac(2))
    ]


async def test_moved_there_as_it_was_wanted_nothing_is_left_to_do(estate: Estate) -> None:
    await estate.mirrored_door(1)
    await estate.move()
    answer = await estate.site.move(await estate.twin(), estate.sides.there_too)
    assert answer.verdict[2:4] == ("SUPPRESSED", "ALREADY_SO")
    assert await estate.open() == []
    assert await estate.held(estate.sides.there) == []


async def test_moved_back_while_a_move_is_under_way_its_counterpart_follows(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.move()
    answer = await backup.site.move(await backup.twin(), backup.sides.there)
    assert await backup.states(action) == [("MOVE", "SUPERSEDED")]
    assert (answer.verdict[0], answer.verdict[4]) == ("MOVE", backup.sides.here)


async def test_moved_where_it_stands_already_is_refused(backup: Estate) -> None:
    await backup.mirrored_door(1)
    moving = backup.site.move(await backup.twin(), backup.sides.there)
    assert await backup.site.refused(moving) == [("SAME_SERVER", ("toServerId",))]


async def test_what_equals_both_changes_nothing(backup: Estate) -> None:
    await backup.mirrored_door(1)
    answer = await backup.site.replace(await backup.twin(), 1)
    assert (answer.change_id, answer.action) == (None, None)


async def test_deleted_there_ends_everything_and_is_mirrored_back(estate: Estate) -> None:
    await estate.mirrored_door(1)
    first, second = await estate.replace(2), await estate.move()
    answer = await estate.site.delete(await estate.twin())
    assert await estate.states(first, second) == [("REPLACE", "SUPERSEDED"), ("MOVE", "SUPERSEDED")]
    assert (await estate.site.action(first)).note == "The camera was deleted on its own recorder."
    assert (answer.verdict[0], answer.verdict[4]) == ("DELETE", estate.sides.here_too)
    await estate.site.settle()
    assert await estate.held() == []


async def test_deleted_there_after_the_add_failed(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.site.fail(action)
    await backup.site.delete(await backup.twin())
    assert await backup.states(action) == [("ADD", "SUPERSEDED")]
    assert await backup.open() == [("DELETE", "QUEUED")]


async def test_a_removing_camera_that_was_deleted_is_gone(backup: Estate) -> None:
    await backup.mirrored_door(1)
    twin = await backup.twin()
    deletion = await backup.delete()
    answer = await backup.site.delete(twin)
    assert answer.verdict[2:4] == ("SUPPRESSED", "NO_COUNTERPART")
    assert (await backup.states(deletion), await backup.held()) == ([("DELETE", "SUPERSEDED")], [])


async def test_of_a_removing_camera_that_was_moved_the_delete_is_queued_anew(estate: Estate) -> None:
    await estate.mirrored_door(1)
    twin = await estate.twin()
    deletion = await estate.delete()
    answer = await estate.site.move(twin, estate.sides.there_too)
    assert answer.verdict[2:4] == ("SUPPRESSED", "NO_COUNTERPART")
    assert await estate.states(deletion) == [("DELETE", "SUPERSEDED")]
    (anew,) = await estate.site.unresolved()
    assert anew.verdict == ("DELETE", estate.sides.direction, "QUEUED", None, estate.sides.there_too)
    await estate.site.ack(anew)
    assert await estate.held() == []


async def test_of_a_removing_camera_that_was_replaced_the_delete_is_queued_anew(backup: Estate) -> None:
    await backup.mirrored_door(1)
    twin = await backup.twin()
    deletion = await backup.delete()
    await backup.site.replace(twin, 2)
    assert await backup.states(deletion) == [("DELETE", "SUPERSEDED")]
    (anew,) = await backup.site.unresolved()
    assert (anew.action, anew.status, anew.mac) == ("DELETE", "QUEUED", mac(2))


async def test_a_new_address_under_the_same_mac_leaves_actions_alone(backup: Estate) -> None:
    await backup.site.add("p1", "Door", hardware={"macAddress": mac(1), "address": "192.0.2.1"})
    await backup.site.settle()
    action = await backup.move()
    twin = await backup.twin()
    answer = await backup.site.replace(twin, 1, address="192.0.2.9")
    assert answer.action is None
    assert made(await backup.site.replace("Door", 2)).status == "BLOCKED"
    assert await backup.states(action) == [("MOVE", "QUEUED")]
