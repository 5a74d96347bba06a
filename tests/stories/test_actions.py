"""Mirrored actions fail, are given up, cross each other and overtake one another."""

import pytest

from tests.builders import mac
from tests.lifecycle.sides import made
from tests.stories.estate import Estate, planned

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED, PENDING, FAILED, UNPROTECTED = "PROTECTED", "PENDING", "FAILED", "UNPROTECTED"


async def test_an_add_fails_waits_and_is_retried(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    addition = made(await estate.add("Store 1", "Door"))
    assert await estate.open() == ["ADD Door on Headquarters: QUEUED"]
    await estate.site.fail(addition, error="No disk.")
    assert await estate.open() == ["ADD Door on Headquarters: FAILED"]
    assert (await estate.site.action(addition)).error == "No disk."
    assert await estate.protection() == {"Door": FAILED}
    assert await estate.work() == []

    await estate.site.retry(addition)
    assert (await estate.site.action(addition)).attempts == 2
    assert await estate.protection() == {"Door": PENDING}
    assert await estate.work() == ["ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_an_add_is_tried_again_and_overtaken_while_it_is_under_way(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    addition = made(await estate.add("Store 1", "Door", 1))
    await estate.site.fail(addition)
    await estate.site.retry(addition)
    assert planned(await estate.replace("Door", 2)) == ["REPLACE Door on Headquarters: BLOCKED"]
    await estate.site.fail(addition)
    assert await estate.open() == ["ADD Door on Headquarters: QUEUED"]
    assert await estate.work() == ["ADD Door on Headquarters"]
    assert estate.recorders["Headquarters"] == {mac(2): "Door"}
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_an_add_fails_and_the_camera_is_deleted(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    addition = made(await estate.add("Store 1", "Door"))
    await estate.site.fail(addition)
    assert planned(await estate.delete("Door")) == ["DELETE Door on Headquarters: QUEUED"]
    assert await estate.open() == ["DELETE Door on Headquarters: QUEUED"]
    assert (await estate.site.action(addition)).status == "SUPERSEDED"
    assert await estate.work() == ["DELETE Door on Headquarters"]
    assert await estate.site.inventory() == []
    assert await estate.is_in_step()


async def test_a_queued_action_is_abandoned(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    addition = made(await estate.add("Store 1", "Door"))
    await estate.site.abandon(addition, because="The store has no more room.")
    assert await estate.work() == []
    assert (await estate.site.action(addition)).note == "The store has no more room."
    assert await estate.site.inventory("Headquarters") == []
    assert await estate.protection() == {"Door": UNPROTECTED}
    assert await estate.is_in_step()

    assert planned(await estate.site.reconcile()) == ["ADD Door on Headquarters: QUEUED"]
    assert await estate.work() == ["ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_an_abandoned_action_is_applied_all_the_same(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    addition = made(await estate.add("Store 1", "Door"))
    await estate.site.abandon(addition)
    estate.recorders["Headquarters"][mac(1)] = "Door"
    late = await estate.site.ack(addition)
    assert [one["status"] for one in late.body["rejected"]] == ["ABANDONED"]
    assert await estate.open() == ["DELETE Door on Headquarters: QUEUED"]

    await estate.site.unpair("Store 1")
    assert planned(await estate.pair("Store 1", "Headquarters")) == ["ADD Door on Headquarters: BLOCKED"]
    assert await estate.work() == ["DELETE Door on Headquarters", "ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_camera_is_replaced_on_both_sides_at_once(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    await estate.add("Store 1", "Door", 1)
    await estate.work()
    twin = (await estate.site.twin("Door")).id
    here = await estate.replace("Door", 2)
    assert planned(here) == ["REPLACE Door on Headquarters: QUEUED"]
    # The twin is wanted to be the second device by now; on the recorder it still is the first.
    estate.recorders["Headquarters"] = {mac(3): "Door"}
    there = await estate.site.replace(twin, 3)
    assert planned(there) == ["REPLACE Door on Store 1: QUEUED"]
    assert await estate.open() == ["REPLACE Door on Store 1: QUEUED"]
    assert (await estate.site.action(made(here))).status == "SUPERSEDED"
    assert await estate.work() == ["REPLACE Door on Store 1"]
    assert estate.recorders["Store 1"] == estate.recorders["Headquarters"] == {mac(3): "Door"}
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_camera_is_replaced_on_both_sides_by_the_same(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    await estate.add("Store 1", "Door", 1)
    await estate.work()
    twin = (await estate.site.twin("Door")).id
    await estate.replace("Door", 2)
    estate.recorders["Headquarters"] = {mac(2): "Door"}
    await estate.site.replace(twin, 2)
    assert await estate.work() == []
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_camera_goes_round_and_comes_home(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    await estate.pair("Store 2", "Annex")
    await estate.add("Store 1", "Door")
    await estate.work()
    for store in ("Store 2", "Store 1", "Store 2", "Store 1"):
        await estate.move("Door", store)
    assert await estate.open() == [
        "MOVE Door from Headquarters on Annex: QUEUED",
        "MOVE Door from Annex on Headquarters: BLOCKED",
    ]
    assert await estate.work() == [
        "MOVE Door from Headquarters on Annex",
        "MOVE Door from Annex on Headquarters",
        "DELETE Door on Annex",
    ]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_move_fails_and_the_camera_is_deleted_and_added_again(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    await estate.pair("Store 2", "Annex")
    await estate.add("Store 1", "Door", 1)
    await estate.work()
    await estate.site.fail(made(await estate.move("Door", "Store 2")))
    assert planned(await estate.delete("Door")) == ["DELETE Door on Headquarters: QUEUED"]
    assert planned(await estate.add("Store 1", "Door", 1)) == ["ADD Door on Headquarters: BLOCKED"]
    assert await estate.work() == ["DELETE Door on Headquarters", "ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_device_that_another_camera_has_by_now_is_not_deleted(estate: Estate) -> None:
    await estate.pair("Store 1", "Headquarters")
    await estate.add("Store 1", "Door", 1)
    await estate.work()
    await estate.site.fail(made(await estate.replace("Door", 2)))
    await estate.add("Store 1", "Gate", 1)
    assert await estate.work() == ["ADD Gate on Headquarters"]
    answer = await estate.delete("Door")
    assert (answer.queued, answer.planned) == (0, ())
    ended = made(answer)
    assert (ended.status, ended.note) == ("SUPERSEDED", "Another camera is wanted in the place of this one.")
    assert await estate.work() == []
    assert await estate.protection() == {"Gate": PROTECTED}
    assert await estate.is_in_step()
