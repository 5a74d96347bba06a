"""APPLIED that comes after nobody wanted the ADD any more: nothing is left behind on a recorder."""

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_a_late_add_that_was_abandoned_is_taken_away_again(estate: Estate) -> None:
    action = await estate.door(1)
    await estate.site.abandon(action)
    answer = await estate.site.ack(action, external_id="late")
    assert [one["status"] for one in answer.body["rejected"]] == ["ABANDONED"]
    (left,) = await estate.site.inventory(estate.sides.there)
    assert (left.mac, left.external_id, left.removing, left.counterpart) == (mac(1), "late", True, None)
    (deletion,) = await estate.site.unresolved()
    assert deletion.verdict == ("DELETE", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (deletion.device["externalId"], deletion.counterpart) == ("late", left.id)
    await estate.site.ack(deletion)
    assert await estate.held(estate.sides.there) == []


async def test_a_late_add_that_was_superseded_is_taken_away_again(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.site.fail(action)
    await backup.replace(2)
    answer = await backup.site.ack(action)
    assert [one["status"] for one in answer.body["rejected"]] == ["SUPERSEDED"]
    assert await backup.held(backup.sides.there) == [
        (backup.sides.there, mac(1), True),
        (backup.sides.there, mac(2), False),
    ]
    assert await backup.open() == [("ADD", "QUEUED"), ("DELETE", "QUEUED")]


async def test_a_late_add_of_hardware_that_is_there_by_now_changes_nothing(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.site.fail(action)
    await backup.move()
    await backup.move(back=True)
    before = await backup.site.revision()
    answer = await backup.site.ack(action)
    assert [one["status"] for one in answer.body["rejected"]] == ["SUPERSEDED"]
    assert answer.revision == before
    assert await backup.open() == [("ADD", "QUEUED"), ("MOVE", "BLOCKED")]


async def test_a_late_add_told_twice_is_taken_away_once(backup: Estate) -> None:
    action = await backup.door()
    await backup.site.abandon(action)
    answer = await backup.site.ack(action, action, external_id="late")
    assert [one["status"] for one in answer.body["rejected"]] == ["ABANDONED", "ABANDONED"]
    assert await backup.open() == [("DELETE", "QUEUED")]


async def test_an_id_given_to_two_late_devices_belongs_to_the_last(site: SiteBuilder) -> None:
    actions = [made(await site.add("p1", f"Camera {number}", number)) for number in (1, 2)]
    await site.abandon(*actions)
    await site.ack(*actions, external_id="same")
    assert [(one.mac, one.external_id) for one in await site.inventory("s1")] == [
        (mac(1), None),
        (mac(2), "same"),
    ]


async def test_a_late_device_takes_its_id_from_the_camera_that_had_it(backup: Estate) -> None:
    await backup.mirrored_door(1, "same")
    late = made(await backup.site.add("p1", "Gate", 2))
    await backup.site.abandon(late)
    await backup.site.ack(late, external_id="same")
    assert (await backup.site.twin("Door")).external_id is None
    assert [one.external_id for one in await backup.site.inventory("s1") if one.removing] == ["same"]


async def test_a_late_replace_is_only_rejected(backup: Estate) -> None:
    await backup.mirrored_door(1)
    action = await backup.replace(2)
    await backup.site.abandon(action)
    await backup.site.ack(action)
    assert await backup.held("s1") == [("s1", mac(1), False)]
    assert await backup.open() == []
