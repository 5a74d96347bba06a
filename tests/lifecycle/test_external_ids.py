"""The recorder's own id for a device belongs to one server, and to one camera there."""

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_an_acknowledgement_sets_it_for_the_target_server(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    assert (await estate.site.twin("Door")).external_id == "t-1"
    assert (await estate.site.camera("Door")).external_id is None


async def test_without_one_the_camera_keeps_what_it_has(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    await backup.site.ack(await backup.replace(2))
    assert (await backup.site.twin("Door")).external_id == "t-1"


async def test_a_replaced_device_may_get_another(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    await backup.site.ack(await backup.replace(2), external_id="t-2")
    assert (await backup.site.twin("Door")).external_id == "t-2"


async def test_an_applied_move_clears_it(estate: Estate) -> None:
    await estate.mirrored_door(1, "t-1")
    await estate.site.ack(await estate.move())
    assert (await estate.site.twin("Door")).external_id is None


async def test_a_move_that_failed_leaves_it(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    move = await backup.move()
    await backup.site.abandon(move)
    assert (await backup.site.twin("Door")).external_id == "t-1"


async def test_a_fact_that_moves_a_camera_clears_it(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="source")
    await site.move("Door", "p2")
    assert (await site.camera("Door")).external_id is None


async def test_a_camera_that_never_left_keeps_it(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    twin = await backup.twin()
    await backup.move()
    await backup.site.move(twin, "s1")
    assert (await backup.site.camera(twin)).external_id == "t-1"


async def test_another_camera_of_the_server_loses_it(backup: Estate) -> None:
    await backup.mirrored_door(1, "same")
    other = made(await backup.site.add("p1", "Gate", 2))
    await backup.site.ack(other, external_id="same")
    assert (await backup.site.twin("Door")).external_id is None
    assert (await backup.site.twin("Gate")).external_id == "same"


async def test_a_camera_of_another_server_keeps_it(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1, "same")
    await site.ack(made(await site.add("p2", "Gate", 2)), external_id="same")
    assert (await site.twin("Door")).external_id == "same"


async def test_two_cameras_can_swap_theirs_in_one_call(site: SiteBuilder) -> None:
    actions = [made(await site.add("p1", name, number)) for number, name in enumerate(("Door", "Gate"), 1)]
    for action, external_id in zip(actions, ("one", "two"), strict=True):
        await site.ack(action, external_id=external_id)
    again = [made(await site.replace(name, number)) for number, name in enumerate(("Door", "Gate"), 3)]
    swapped = [
        {"actionId": one.id, "outcome": "APPLIED", "externalId": external_id}
        for one, external_id in zip(again, ("two", "one"), strict=True)
    ]
    assert (await site.acknowledge(*swapped)).body["accepted"] == 2
    assert (await site.twin("Door")).external_id == "two"
    assert (await site.twin("Gate")).external_id == "one"


async def test_given_twice_in_a_call_the_last_has_it(site: SiteBuilder) -> None:
    actions = [made(await site.add("p1", name, number)) for number, name in enumerate(("Door", "Gate"), 1)]
    await site.ack(*actions, external_id="same")
    assert (await site.twin("Door")).external_id is None
    assert (await site.twin("Gate")).external_id == "same"


async def test_a_device_left_behind_loses_it_to_a_new_one(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1, "same")
    move = await backup.move()
    addition = made(await site.add("p1", "Gate", 2))
    await site.acknowledge(
        {"actionId": move.id, "outcome": "APPLIED", "externalId": "new"},
        {"actionId": addition.id, "outcome": "APPLIED", "externalId": "same"},
    )
    assert [(one.mac, one.external_id) for one in await site.inventory("s1")] == [
        (mac(1), None),
        (mac(2), "same"),
    ]
