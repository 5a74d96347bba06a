"""reconcile: what makes recorders equal to the design is queued, in both directions, and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from service.store.check import check
from service.store.database import Database
from tests.builders import Action, Answer, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOWHERE = "0" * 32


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def sound(database: Database) -> AsyncIterator[None]:
    """Whatever the tests did, no invariant is broken by it."""
    yield
    async with database.pool.acquire() as connection:
        assert [found for found in await check(connection) if not found.is_fine] == []


async def paired(site: SiteBuilder) -> None:
    """Door and Gate on p1 with confirmed twins on s1, t-1 and t-2 there; p2 with s2, and p3 in no pairing."""
    await site.add("p1", "Door", 1)
    await site.add("p1", "Gate", 2)
    await site.pair_all(site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"]))
    door, gate = await site.unresolved()
    await site.ack(door, external_id="t-1")
    await site.ack(gate, external_id="t-2")


async def pooled(site: SiteBuilder) -> None:
    """Door on p1 with its confirmed twin on s1; p2 and p3 belong to s2."""
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1", "p2": "s2", "p3": "s2"})
    await site.settle()


def told(answer: Answer) -> list[tuple[str, str, str, str | None]]:
    """(action, device, status, target) of what is set in motion."""
    assert {one.cause for one in answer.planned} <= {"RECONCILE"}
    return [(one.action, one.device["name"], one.status, one.target) for one in answer.planned]


async def is_nothing(site: SiteBuilder, answer: Answer) -> None:
    assert (answer.change_id, answer.planned) == (None, ())
    assert answer.revision == await site.revision()


async def test_where_nothing_differs_nothing_is_queued_and_nothing_told(site: SiteBuilder) -> None:
    await paired(site)
    before = await site.revision()
    for direction in ("BACKUP", "RESTORE"):
        answer = await site.reconcile(direction=direction)
        await is_nothing(site, answer)
    assert await site.revision() == before


async def test_a_twin_recorder_that_lost_its_cameras_gets_them_all(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(restore=False)
    await site.add("s1", "Safe", 9)
    answer = await site.reconcile("s1")
    assert told(answer) == [
        ("ADD", "Door", "QUEUED", "s1"),
        ("ADD", "Gate", "QUEUED", "s1"),
        ("ADD", "Safe", "QUEUED", "s1"),
    ]
    assert [one.source for one in answer.planned] == ["p1", "p1", None]
    assert {one.direction for one in answer.planned} == {"BACKUP"}
    assert {one.because for one in answer.planned} == {
        "Mirrored: the recorder is taken to hold nothing for sure; one that has the camera as asked answers APPLIED."
    }
    assert answer.planned[0].device["sourceCameraId"] == site.cameras["Door"]
    assert (await site.protection("Door"), (await site.twin("Door")).external_id) == ("PENDING", None)


async def test_one_that_lost_only_some_answers_applied_to_all_and_names_them_anew(site: SiteBuilder) -> None:
    await paired(site)
    before = [await site.twin(one) for one in ("Door", "Gate")]
    await site.reconcile("s1")
    first, second = await site.unresolved()
    await site.ack(first, external_id="t-1")
    await site.ack(second, external_id="t-9")
    now = [await site.twin(one) for one in ("Door", "Gate")]
    assert now == [before[0], replace(before[1], external_id="t-9")]
    assert (await site.unresolved(), await site.protection("Gate")) == ([], "PROTECTED")


async def test_a_primary_that_was_rebuilt_empty_gets_what_is_wanted_there(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(backup=False)
    await site.add("p1", "Alone", 7)
    answer = await site.reconcile("p1", direction="RESTORE")
    assert told(answer) == [
        ("ADD", "Alone", "QUEUED", "p1"),
        ("ADD", "Door", "QUEUED", "p1"),
        ("ADD", "Gate", "QUEUED", "p1"),
    ]
    assert {one.direction for one in answer.planned} == {"RESTORE"}
    assert [one.source for one in answer.planned] == [None, "s1", "s1"]
    await site.settle()
    assert [one.mac for one in await site.inventory("p1")] == [mac(7), mac(1), mac(2)]


async def test_a_pairing_stands_for_its_servers_of_that_side(site: SiteBuilder) -> None:
    await paired(site)
    ids = [site.pairings["p1"]]
    backup = await site.reconcile(pairingIds=ids, dryRun=True)
    restore = await site.reconcile(direction="RESTORE", pairingIds=ids, dryRun=True)
    assert ([one.target for one in backup.planned], [one.target for one in restore.planned]) == (
        ["s1", "s1"],
        ["p1", "p1"],
    )


async def test_servers_and_pairings_are_named_together(site: SiteBuilder) -> None:
    await paired(site)
    await site.add("p2", "Ramp", 3)
    await site.settle()
    answer = await site.reconcile("s1", "s1", pairingIds=[site.pairings["p1"], site.pairings["p2"]])
    assert [one.target for one in answer.planned] == ["s1", "s1", "s2"]


async def test_missing_twins_are_added_whatever_the_policy_says(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(add=False, backup=False)
    await site.add("p1", "Yard", 3)
    answer = await site.reconcile()
    assert told(answer) == [("ADD", "Yard", "QUEUED", "s1")]
    assert answer.planned[0].because == (
        "Mirrored: the recorder differs from the design, and is to be made equal to it."
    )
    assert (answer.planned[0].direction, answer.planned[0].source) == ("BACKUP", "p1")


async def test_missing_twins_are_adopted_where_they_stand(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(add=False)
    await site.add("p1", "Yard", 3)
    await site.add("s1", "Copy of yard", 3)
    answer = await site.reconcile()
    assert (answer.planned, answer.change_id is None) == ((), False)
    assert (await site.twin("Yard")).id == site.cameras["Copy of yard"]


async def test_a_twin_in_another_place_is_moved_home(site: SiteBuilder) -> None:
    await pooled(site)
    await site.policy(move=False)
    await site.move("Door", "p2")
    answer = await site.reconcile()
    assert told(answer) == [("MOVE", "Door", "QUEUED", "s2")]
    assert answer.planned[0].left == "s1"


async def unlike(site: SiteBuilder) -> None:
    """Door has other hardware (5) on its primary than its twin has (1)."""
    await site.policy(replace=False)
    await site.replace("Door", 5)


async def test_other_hardware_is_replaced_on_the_secondary(site: SiteBuilder) -> None:
    await paired(site)
    await unlike(site)
    answer = await site.reconcile()
    assert told(answer) == [("REPLACE", "Door", "QUEUED", "s1")]
    assert (answer.planned[0].mac, (await site.twin("Door")).mac) == (mac(5), mac(5))
    await site.settle()
    assert await site.protection("Door") == "PROTECTED"


async def test_or_in_restore_on_the_primary(site: SiteBuilder) -> None:
    await paired(site)
    await unlike(site)
    answer = await site.reconcile(direction="RESTORE")
    assert told(answer) == [("REPLACE", "Door", "QUEUED", "p1")]
    assert (answer.planned[0].mac, answer.planned[0].direction) == (mac(1), "RESTORE")
    assert (await site.camera("Door")).mac == mac(1)


async def test_another_place_and_other_hardware_are_mended_one_after_the_other(site: SiteBuilder) -> None:
    await pooled(site)
    await unlike(site)
    await site.policy(move=False)
    await site.move("Door", "p2")
    answer = await site.reconcile()
    assert told(answer) == [("MOVE", "Door", "QUEUED", "s2"), ("REPLACE", "Door", "BLOCKED", "s2")]
    await site.settle()
    twin = await site.twin("Door")
    assert (twin.server, twin.mac, await site.protection("Door")) == ("s2", mac(5), "PROTECTED")


async def test_a_place_that_is_taken_is_told(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(replace=False)
    await site.replace("Gate", 5)
    await site.add("p1", "Yard", 2)
    answer = await site.reconcile()
    assert [(one.status, one.reason) for one in answer.planned if one.device["name"] == "Yard"] == [
        ("SUPPRESSED", "TARGET_OCCUPIED")
    ]


async def test_restore_adds_nothing_that_only_the_secondary_has(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(restore=False)
    await site.add("s1", "Safe", 9)
    await is_nothing(site, await site.reconcile(direction="RESTORE"))


async def test_unpaired_primaries_and_links_that_do_not_count_are_passed_over(site: SiteBuilder) -> None:
    await paired(site)
    await unlike(site)
    await site.add("p3", "Yard", 3)
    await site.mode("MANUAL")
    await site.mode("AUTO")
    await is_nothing(site, await site.reconcile())


async def test_in_manual_mode_mapped_cameras_are_made_alike_and_no_twins_made(site: SiteBuilder) -> None:
    await paired(site)
    await unlike(site)
    await site.policy(add=False)
    await site.add("p1", "Yard", 3)
    await site.mode("MANUAL")
    assert told(await site.reconcile()) == [("REPLACE", "Door", "QUEUED", "s1")]


async def test_only_homes_that_are_named_are_looked_at(site: SiteBuilder) -> None:
    await pooled(site)
    await site.policy(add=False)
    await site.add("p1", "Yard", 3)
    await site.add("p2", "Ramp", 4)
    assert told(await site.reconcile("s2")) == [("ADD", "Ramp", "QUEUED", "s2")]


async def test_what_is_queued_or_blocked_is_passed_over(site: SiteBuilder) -> None:
    await paired(site)
    await site.replace("Door", 5)
    await site.replace("Door", 6)
    await site.delete("Gate")
    before = await site.unresolved()
    assert [one.status for one in before] == ["QUEUED", "BLOCKED", "QUEUED"]
    await is_nothing(site, await site.reconcile())
    await is_nothing(site, await site.reconcile("s1"))
    assert await site.unresolved() == before


async def failed(site: SiteBuilder) -> list[Action]:
    """A REPLACE and a DELETE FAILED on s1, an ADD on s2."""
    await paired(site)
    await site.replace("Door", 5)
    await site.delete("Gate")
    await site.add("p2", "Ramp", 3)
    await site.fail(*await site.unresolved())
    return await site.unresolved()


async def test_what_failed_is_tried_again(site: SiteBuilder) -> None:
    actions = await failed(site)
    answer = await site.reconcile()
    assert [(one.action, one.status, one.target) for one in answer.planned] == [
        ("DELETE", "QUEUED", "s1"),
        ("REPLACE", "QUEUED", "s1"),
        ("ADD", "QUEUED", "s2"),
    ]
    assert answer.queued == 3
    now = [await site.action(one) for one in actions]
    assert [(one.status, one.attempts, one.error) for one in now] == [("QUEUED", 2, None)] * 3


async def test_only_in_that_direction(site: SiteBuilder) -> None:
    await failed(site)
    await is_nothing(site, await site.reconcile(direction="RESTORE"))


async def test_and_of_servers_that_are_named_made_anew_from_nothing(site: SiteBuilder) -> None:
    replaced, deleted, added = await failed(site)
    answer = await site.reconcile("s1")
    now = [await site.action(one) for one in (replaced, deleted, added)]
    assert [(one.action, one.status) for one in now] == [
        ("ADD", "QUEUED"),
        ("DELETE", "QUEUED"),
        ("ADD", "FAILED"),
    ]
    assert (answer.queued, now[0].mac, now[0].previous_hardware) == (2, mac(5), None)


async def test_servers_of_the_other_side_are_refused(site: SiteBuilder) -> None:
    await site.register("u1")
    assert await site.refused(site.reconcile("s1", "p1", "u1", f"server_{NOWHERE}")) == [
        ("WRONG_LABEL", ("serverIds", "1")),
        ("WRONG_LABEL", ("serverIds", "2")),
        ("NOT_FOUND", ("serverIds", "3")),
    ]
    assert await site.refused(site.reconcile("p1", "s1", direction="RESTORE")) == [
        ("WRONG_LABEL", ("serverIds", "1"))
    ]


async def test_pairings_that_the_site_does_not_have_are_not_found(site: SiteBuilder) -> None:
    await paired(site)
    ids = [site.pairings["p1"], f"pairing_{NOWHERE}"]
    assert await site.refused(site.reconcile("p1", pairingIds=ids)) == [
        ("WRONG_LABEL", ("serverIds", "0")),
        ("NOT_FOUND", ("pairingIds", "1")),
    ]
