"""A FAILED action is tried again, made anew."""

from tests.builders import mac
from tests.lifecycle.sides import Estate, made


async def test_a_failed_one_is_queued_again(estate: Estate) -> None:
    action = await estate.door()
    await estate.site.fail(action, error="No disk.")
    assert (await estate.site.retry(action)).body["accepted"] == 1
    now = await estate.site.action(action)
    assert now.verdict == ("ADD", estate.sides.direction, "QUEUED", None, estate.sides.there)
    assert (now.attempts, now.error, now.note) == (2, None, None)


async def test_attempts_count_how_often_it_was_queued(backup: Estate) -> None:
    action = await backup.door()
    for _ in range(3):
        await backup.site.fail(action)
        await backup.site.retry(action)
    assert (await backup.site.action(action)).attempts == 4


async def test_it_can_fail_again_with_other_words(backup: Estate) -> None:
    action = await backup.door()
    await backup.site.fail(action, error="No disk.")
    await backup.site.retry(action)
    await backup.site.fail(action, error="No licence.")
    now = await backup.site.action(action)
    assert (now.status, now.error, now.attempts) == ("FAILED", "No licence.", 2)


async def test_it_is_made_anew_with_the_id_and_hardware_of_now(backup: Estate) -> None:
    await backup.mirrored_door(1, "t-1")
    action = await backup.replace(2)
    await backup.site.fail(action)
    await backup.site.ack(made(await backup.site.add("p1", "Gate", 3)), external_id="t-1")
    await backup.site.retry(action)
    now = await backup.site.action(action)
    assert (now.action, now.mac, now.device["externalId"]) == ("REPLACE", mac(2), None)


async def test_only_a_failed_one_is_tried_again(backup: Estate) -> None:
    queued, waiting = await backup.door(1), await backup.replace(2)
    lone = made(await backup.site.add("p3", "Lone"))
    before = await backup.site.revision()
    answer = await backup.site.retry(queued, waiting, lone)
    assert answer.body["accepted"] == 0
    assert {one["actionId"]: one["status"] for one in answer.body["rejected"]} == {
        queued.id: "QUEUED",
        waiting.id: "BLOCKED",
        lone.id: "SUPPRESSED",
    }
    assert answer.revision == before


async def test_named_twice_it_is_queued_once(backup: Estate) -> None:
    action = await backup.door()
    await backup.site.fail(action)
    answer = await backup.site.retry(action, action)
    assert answer.body["accepted"] == 1
    assert [one["status"] for one in answer.body["rejected"]] == ["QUEUED"]
    assert (await backup.site.action(action)).attempts == 2


async def test_several_at_once_are_queued_and_the_others_rejected(backup: Estate) -> None:
    actions = [made(await backup.site.add("p1", f"Camera {number}")) for number in range(3)]
    await backup.site.fail(*actions[:2])
    answer = await backup.site.retry(*actions)
    assert answer.body["accepted"] == 2
    assert [one["actionId"] for one in answer.body["rejected"]] == [actions[2].id]
