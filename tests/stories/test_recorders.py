"""Recorders die, come back empty, and are mistaken for one another."""

import pytest

from tests.builders import mac
from tests.stories.estate import Estate, found, planned

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED, PENDING = "PROTECTED", "PENDING"


async def test_a_secondary_dies_and_is_rebuilt_empty(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.add("Store 2", "Yard")
    await estate.pool("Store 1", "Store 2")
    await estate.work()
    estate.recorders["Headquarters"].clear()
    assert set((await estate.protection()).values()) == {PROTECTED}

    answer = await estate.site.reconcile("Headquarters")
    additions = ["ADD Door on Headquarters", "ADD Gate on Headquarters", "ADD Yard on Headquarters"]
    assert sorted(planned(answer)) == [f"{addition}: QUEUED" for addition in additions]
    assert {one.cause for one in answer.planned} == {"RECONCILE"}
    assert set((await estate.protection()).values()) == {PENDING}
    assert sorted(await estate.work()) == additions
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED, "Yard": PROTECTED}
    assert await estate.is_in_step()


async def test_a_primary_dies_and_is_rebuilt_empty(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.add("Store 2", "Yard")
    await estate.pool("Store 1", "Store 2")
    await estate.work()
    estate.recorders["Store 1"].clear()

    refused = await estate.site.refusals(estate.report("Store 1"))
    assert [(one.code, one.path) for one in refused] == [("SUSPICIOUS_CHANGE", ("reports", "0"))]
    assert (refused[0].body["deletes"], refused[0].body["of"]) == (2, 2)

    answer = await estate.site.reconcile("Store 1", direction="RESTORE")
    additions = ["ADD Door on Store 1", "ADD Gate on Store 1"]
    assert sorted(planned(answer)) == [f"{addition}: QUEUED" for addition in additions]
    assert found(await estate.report("Store 1")) == {"skipped": 2}
    assert sorted(await estate.work()) == additions
    assert found(await estate.report("Store 1")) == {"unchanged": 2}
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED, "Yard": PROTECTED}
    assert await estate.is_in_step()


async def test_the_secondary_of_a_pairing_is_lost_and_another_takes_over(estate: Estate) -> None:
    await estate.add("Store 1", "Door")
    await estate.add("Store 2", "Yard")
    await estate.pool("Store 1", "Store 2")
    await estate.work()
    await estate.add("Store 1", "Gate")
    assert await estate.open() == ["ADD Gate on Headquarters: QUEUED"]
    del estate.recorders["Headquarters"]

    answer = await estate.site.update_pairing(
        "Store 1", removeSecondaryIds=["Headquarters"], addSecondaryIds=["Annex"], secondaryLost=True
    )
    additions = ["ADD Door on Annex", "ADD Gate on Annex", "ADD Yard on Annex"]
    assert sorted(planned(answer)) == [f"{addition}: QUEUED" for addition in additions]
    assert sorted(await estate.open()) == [f"{addition}: QUEUED" for addition in additions]
    assert set((await estate.protection()).values()) == {PENDING}
    await estate.site.remove_servers("Headquarters")
    assert sorted(await estate.work()) == additions
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED, "Yard": PROTECTED}
    assert await estate.is_in_step()


async def test_a_pooled_recorder_reports_half_of_its_twins_missing(estate: Estate) -> None:
    await estate.add_all("Store 1", *(f"One {number}" for number in range(6)))
    await estate.add_all("Store 2", *(f"Two {number}" for number in range(6)))
    await estate.pool("Store 1", "Store 2")
    await estate.work()
    lost = {address for address, name in estate.recorders["Headquarters"].items() if name[-1] in "024"}
    for address in lost:
        del estate.recorders["Headquarters"][address]

    (refused,) = await estate.site.refusals(estate.report("Headquarters"))
    assert refused.code == "SUSPICIOUS_CHANGE"
    assert [refused.body[name] for name in ("adds", "deletes", "requeues", "of")] == [0, 0, 6, 12]
    answer = await estate.report("Headquarters", confirm=True)
    assert found(answer) == {"unchanged": 6, "requeued": 6}
    additions = [f"ADD {store} {number} on Headquarters" for store in ("One", "Two") for number in (0, 2, 4)]
    assert sorted(planned(answer)) == [f"{addition}: QUEUED" for addition in additions]
    assert {name for name, one in (await estate.protection()).items() if one == PENDING} == {
        f"{store} {number}" for store in ("One", "Two") for number in (0, 2, 4)
    }
    assert len(await estate.site.inventory("Store 1", "Store 2")) == 12
    assert sorted(await estate.work()) == additions
    assert set((await estate.protection()).values()) == {PROTECTED}
    assert await estate.is_in_step()


async def test_a_stale_report_arrives_after_a_camera_was_added(estate: Estate) -> None:
    await estate.add("Store 1", "Door")
    await estate.pair("Store 1", "Headquarters")
    await estate.work()
    read_at, stale = await estate.site.revision(), estate.seen("Store 1")
    await estate.add("Store 1", "Gate")
    await estate.work()

    assert found(await estate.site.report_all(stale, asOf=read_at, dryRun=True)) == {
        "unchanged": 1,
        "skipped": 1,
    }
    answer = await estate.site.report_all(stale, asOf=read_at)
    assert (answer.change_id, answer.planned) == (None, ())
    assert found(await estate.site.report_all(stale, dryRun=True)) == {"unchanged": 1, "deleted": 1}
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED}
    assert await estate.is_in_step()


async def test_a_stale_report_arrives_after_a_camera_was_deleted(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.pair("Store 1", "Headquarters")
    await estate.work()
    read_at, stale = await estate.site.revision(), estate.seen("Store 1")
    await estate.delete("Gate")
    await estate.work()

    answer = await estate.site.report_all(stale, asOf=read_at)
    assert (found(answer), answer.change_id) == ({"unchanged": 1, "skipped": 1}, None)
    assert await estate.protection() == {"Door": PROTECTED}
    assert await estate.is_in_step()


async def test_a_connector_reports_the_wrong_recorder(estate: Estate) -> None:
    await estate.add_all("Store 1", *(f"One {number}" for number in range(6)))
    await estate.add_all("Store 2", *(f"Two {number}" for number in range(6)))
    await estate.pool("Store 1", "Store 2")
    await estate.work()
    wrong = estate.seen("Store 2") | {"serverId": estate.site.server_id("Store 1")}

    for complete, deletes in ((True, 6), (False, 0)):
        refused = await estate.site.refusals(estate.site.report_all(wrong | {"complete": complete}))
        assert [(one.code, one.path) for one in refused] == [("SUSPICIOUS_CHANGE", ("reports", "0"))]
        assert refused[0].body["serverId"] == estate.site.server_id("Store 1")
        assert [refused[0].body[name] for name in ("adds", "deletes", "of")] == [6, deletes, 6]
    assert found(await estate.report("Store 1", "Store 2")) == {"unchanged": 12}
    assert set((await estate.protection()).values()) == {PROTECTED}
    assert await estate.is_in_step()


async def test_both_recorders_report_that_a_camera_was_replaced(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.pair("Store 1", "Headquarters")
    await estate.work()
    for recorder in (estate.recorders["Store 1"], estate.recorders["Headquarters"]):
        recorder[mac(9)] = recorder.pop(mac(1))

    answer = await estate.report("Store 1", "Headquarters")
    assert (found(answer), answer.queued) == ({"unchanged": 2, "replaced": 2}, 0)
    assert (await estate.site.camera("Door")).mac == (await estate.site.twin("Door")).mac == mac(9)
    assert await estate.protection() == {"Door": PROTECTED, "Gate": PROTECTED}
    assert await estate.is_in_step()


async def test_a_camera_is_gone_from_both_recorders(estate: Estate) -> None:
    await estate.add_all("Store 1", "Door", "Gate")
    await estate.pair("Store 1", "Headquarters")
    await estate.work()
    for recorder in (estate.recorders["Store 1"], estate.recorders["Headquarters"]):
        del recorder[mac(1)]

    await estate.report("Store 1", "Headquarters")
    assert await estate.work() == ["DELETE Door on Headquarters"]
    assert [one.name for one in await estate.site.inventory()] == ["Gate", "Gate"]
    assert await estate.protection() == {"Gate": PROTECTED}
    assert await estate.is_in_step()
