"""The design of a site changes: stores close, labels are mended, modes come and go."""

import pytest

from tests.stories.estate import Estate, found, planned

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED, UNPROTECTED = "PROTECTED", "UNPROTECTED"


async def test_a_store_closes(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.pair("Store 1", "Annex")
    await estate.work()
    assert await estate.why_not(estate.site.remove_servers("Store 1")) == [
        "is paired",
        "holds linked cameras",
    ]

    answer = await estate.site.unpair("Store 1", twins="REMOVE")
    deletions = ["DELETE Door on Annex", "DELETE Gate on Annex"]
    assert sorted(planned(answer)) == [f"{deletion}: QUEUED" for deletion in deletions]
    await estate.site.remove_servers("Store 1")
    del estate.recorders["Store 1"]
    assert await estate.why_not(estate.site.remove_servers("Annex")) == ["is named by unresolved actions"]
    assert sorted(await estate.work()) == deletions
    assert await estate.is_in_step()
    await estate.site.remove_servers("Annex")
    left = [one["name"] for one in (await estate.site.state())["servers"]["nodes"]]
    assert (left, await estate.site.inventory()) == (["Headquarters", "Store 2", "Store 3"], [])


async def test_a_store_of_a_pool_closes(estate: Estate) -> None:
    for store, camera in (("Store 1", "Door"), ("Store 2", "Yard"), ("Store 3", "Loft")):
        await estate.add(store, camera)
    await estate.pool("Store 1", "Store 2", "Store 3")
    await estate.work()
    assert await estate.why_not(estate.site.remove_servers("Store 1")) == [
        "is paired",
        "holds linked cameras",
    ]

    answer = await estate.site.update_pairing("Store 1", removePrimaryIds=["Store 1"], twins="REMOVE")
    assert planned(answer) == ["DELETE Door on Headquarters: QUEUED"]
    await estate.site.remove_servers("Store 1")
    del estate.recorders["Store 1"]
    assert await estate.work() == ["DELETE Door on Headquarters"]
    assert await estate.protection() == {"Yard": PROTECTED, "Loft": PROTECTED}
    assert await estate.is_in_step()


async def test_a_label_is_wrong_and_must_change(estate: Estate) -> None:
    await estate.add("Store 1", "Door")
    await estate.pair("Store 1", "Annex")
    (addition,) = await estate.site.unresolved()
    await estate.site.fail(addition)
    assert await estate.why_not(estate.site.label("PRIMARY", "Annex")) == [
        "is paired",
        "holds linked cameras",
        "is named by unresolved actions",
    ]

    answer = await estate.site.unpair("Store 1", twins="REMOVE")
    assert planned(answer) == ["DELETE Door on Annex: QUEUED"]
    assert await estate.why_not(estate.site.label("PRIMARY", "Annex")) == ["is named by unresolved actions"]
    assert await estate.work() == ["DELETE Door on Annex"]
    await estate.site.label("PRIMARY", "Annex")
    await estate.site.pair("ASYMMETRIC", ["Store 1", "Annex"], ["Headquarters"])
    assert await estate.work() == ["ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_the_mode_goes_to_manual_and_back_on_an_unchanged_estate(estate: Estate) -> None:
    await estate.add("Store 1", "Door")
    await estate.add("Store 2", "Gate")
    await estate.pair("Store 1", "Headquarters")
    await estate.pair("Store 2", "Annex")
    await estate.work()
    links = [(one.id, one.counterpart) for one in await estate.site.inventory()]
    actions = await estate.site.actions()

    to_manual = await estate.site.mode("MANUAL")
    assert to_manual.body["impact"]["camerasLosingProtection"] == 0
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED}
    to_auto = await estate.site.mode("AUTO")
    assert await estate.protection() == {"Door": UNPROTECTED, "Gate": UNPROTECTED}
    paired = await estate.site.pair_all(
        estate.site.pairing("SYMMETRIC", ["Store 1"], ["Headquarters"]),
        estate.site.pairing("SYMMETRIC", ["Store 2"], ["Annex"]),
    )
    for answer in (to_manual, to_auto, paired):
        assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert await estate.site.actions() == actions
    assert [(one.id, one.counterpart) for one in await estate.site.inventory()] == links
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED}
    assert await estate.is_in_step()


async def test_two_primaries_of_one_secondary_hold_the_same_camera(estate: Estate) -> None:
    await estate.add("Store 1", "Door", 1)
    await estate.add("Store 2", "Same door", 1)
    answer = await estate.pool("Store 1", "Store 2")
    assert planned(answer) == [
        "ADD Same door on Headquarters: TARGET_OCCUPIED",
        "ADD Door on Headquarters: QUEUED",
    ]
    assert await estate.work() == ["ADD Door on Headquarters"]
    assert await estate.protection() == {"Door": PROTECTED, "Same door": UNPROTECTED}
    assert await estate.is_in_step()

    await estate.delete("Door")
    assert await estate.work() == ["DELETE Door on Headquarters"]
    assert await estate.protection() == {"Same door": UNPROTECTED}
    assert planned(await estate.site.reconcile()) == ["ADD Same door on Headquarters: QUEUED"]
    assert await estate.work() == ["ADD Same door on Headquarters"]
    assert await estate.protection() == {"Same door": PROTECTED}
    assert found(await estate.report("Store 1", "Store 2", "Headquarters")) == {"unchanged": 2}
    assert await estate.is_in_step()
