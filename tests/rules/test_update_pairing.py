"""updatePairing: members, homes and style change in one step; what becomes of twins, and of recorders that are lost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from service.store.check import check
from service.store.database import Database
from tests.builders import Action, Answer, Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOWHERE = "0" * 32
HOMES = {"p1": "s1", "p2": "s2", "p3": "s1"}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def sound(database: Database) -> AsyncIterator[None]:
    """Whatever the tests did, no invariant is broken by it."""
    yield
    async with database.pool.acquire() as connection:
        assert [found for found in await check(connection) if not found.is_fine] == []


async def pooled(site: SiteBuilder) -> None:
    """Door on p1 and Ramp on p3 with their twins on s1, Gate on p2 with its twin on s2; all confirmed."""
    for number, (server, name) in enumerate({"p1": "Door", "p2": "Gate", "p3": "Ramp"}.items(), 1):
        await site.add(server, name, number)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], HOMES)
    await site.settle()


def homes(shown: Json) -> dict[str, str]:
    return {one["server"]["name"]: one["secondary"]["name"] for one in shown["primaries"]}


def counts(answer: Answer) -> tuple[int, int, int]:
    """Cameras adopted, added, moved."""
    planned = answer.body["planned"]
    return planned["camerasAdopted"], planned["camerasAdded"], planned["camerasMoved"]


def told(answer: Answer) -> list[tuple[str, str, str | None, str | None]]:
    """(action, device, target, server left) of what is QUEUED."""
    assert {(one.direction, one.cause, one.status) for one in answer.planned} <= {
        ("BACKUP", "PAIRING", "QUEUED")
    }
    return [(one.action, one.device["name"], one.target, one.left) for one in answer.planned]


async def kinds_after(site: SiteBuilder, revision: int) -> list[str]:
    query = "SELECT kind FROM event WHERE site_id = $1 AND revision > $2 ORDER BY revision"
    return [row["kind"] for row in await site.api.database.pool.fetch(query, site.uuid, revision)]


async def test_members_come_in_and_the_new_primarys_cameras_get_their_twins(site: SiteBuilder) -> None:
    for server in ("p1", "p2", "p3"):
        await site.add(server, f"Door of {server}")
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.settle()
    answer = await site.update_pairing("p1", addPrimaryIds=["p3"], addSecondaryIds=["s2"])
    changed = answer.body["pairing"]
    assert (changed["id"], changed["style"]) == (site.pairings["p1"], "ASYMMETRIC")
    assert homes(changed) == homes(answer.body["planned"]) == {"p1": "s1", "p2": "s1", "p3": "s2"}
    assert [one["name"] for one in changed["secondaries"]] == ["s1", "s2"]
    assert (counts(answer), told(answer)) == ((0, 1, 0), [("ADD", "Door of p3", "s2", None)])
    assert (await site.state())["pairings"]["nodes"] == [changed]


async def test_the_shape_is_judged_at_the_end(site: SiteBuilder) -> None:
    await pooled(site)
    await site.register("s3", label="SECONDARY")
    answer = await site.update_pairing("p1", addSecondaryIds=["s3"], removeSecondaryIds=["s2"])
    assert homes(answer.body["pairing"]) == {"p1": "s1", "p2": "s3", "p3": "s1"}


async def test_3_to_2_less_one_primary_is_refused_with_2_and_2(site: SiteBuilder) -> None:
    await pooled(site)
    (refusal,) = await site.refusals(site.update_pairing("p1", removePrimaryIds=["p3"]))
    assert (refusal.kind, refusal.code) == ("PairingShape", "ASYMMETRIC_NEEDS_MORE_PRIMARIES")
    assert refusal.path == ("pairingId",)
    shown = (refusal.body["style"], refusal.body["primaries"], refusal.body["secondaries"])
    assert shown == ("ASYMMETRIC", 2, 2)


async def test_the_style_changes_with_the_shape(site: SiteBuilder) -> None:
    await pooled(site)
    less: Json = {"removePrimaryIds": ["p1", "p3"], "removeSecondaryIds": ["s1"]}
    (refusal,) = await site.refusals(site.update_pairing("p1", **less))
    assert (refusal.body["style"], refusal.body["primaries"], refusal.body["secondaries"]) == (
        "ASYMMETRIC",
        1,
        1,
    )
    answer = await site.update_pairing("p1", style="SYMMETRIC", **less)
    assert (answer.body["pairing"]["style"], homes(answer.body["pairing"])) == ("SYMMETRIC", {"p2": "s2"})
    assert (answer.body["planned"]["style"], answer.planned) == ("SYMMETRIC", ())
    (refusal,) = await site.refusals(site.update_pairing("p1", style="ASYMMETRIC"))
    assert (refusal.body["style"], refusal.body["primaries"], refusal.body["secondaries"]) == (
        "ASYMMETRIC",
        1,
        1,
    )


async def test_homes_are_sticky(site: SiteBuilder) -> None:
    for number in range(3):
        await site.add("p1", f"Door {number}")
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1"])
    await site.settle()
    before = await site.revision()
    answer = await site.update_pairing("p1", addSecondaryIds=["s2"])
    assert homes(answer.body["pairing"]) == dict.fromkeys(("p1", "p2", "p3"), "s1")
    assert (counts(answer), answer.planned) == ((0, 0, 0), ())
    assert await kinds_after(site, before) == ["PAIRING_UPDATED"]


async def test_a_given_assignment_re_homes_by_a_move(site: SiteBuilder) -> None:
    await pooled(site)
    answer = await site.update_pairing("p1", {"p1": "s2"})
    assert homes(answer.body["pairing"]) == HOMES | {"p1": "s2"}
    assert (counts(answer), told(answer)) == ((0, 0, 1), [("MOVE", "Door", "s2", "s1")])
    assert (await site.twin("Door")).server == "s2"


async def test_who_has_no_home_gets_the_least_loaded_the_largest_first(site: SiteBuilder) -> None:
    await pooled(site)
    primaries = [(f"q{number}", number) for number in (1, 2, 3)]
    await site.enroll(*((name, "PRIMARY") for name, _ in primaries), ("s3", "SECONDARY"))
    for name, number in primaries:
        for index in range(number):
            await site.add(name, f"{name} {index}")
    # s1 holds 2, s2 holds 1, s3 none. q3 (3) to s3, q2 (2) to s2, q1 (1) to s1, for 2 are less than 3 and 3.
    answer = await site.update_pairing("p1", addPrimaryIds=["q1", "q2", "q3"], addSecondaryIds=["s3"])
    assert homes(answer.body["planned"]) == HOMES | {"q1": "s1", "q2": "s2", "q3": "s3"}


async def test_a_given_assignment_counts_as_load_and_a_kept_home_only_once(site: SiteBuilder) -> None:
    await pooled(site)
    await site.register("q1", "q2", label="PRIMARY")
    for name in ("q1", "q2"):
        await site.add(name, f"Door of {name}")
    # s1 holds 2, s2 holds 1 and gets the one of q1: q2 has the choice of 2 and 2.
    answer = await site.update_pairing("p1", {"q1": "s2", "p1": "s1"}, addPrimaryIds=["q1", "q2"])
    assert homes(answer.body["planned"]) == HOMES | {"q1": "s2", "q2": "s1"}


async def test_primaries_whose_secondary_goes_are_re_homed_by_moves(site: SiteBuilder) -> None:
    await pooled(site)
    answer = await site.update_pairing("p1", removeSecondaryIds=["s1"])
    assert homes(answer.body["pairing"]) == dict.fromkeys(HOMES, "s2")
    assert counts(answer) == (0, 0, 2)
    assert told(answer) == [("MOVE", "Door", "s2", "s1"), ("MOVE", "Ramp", "s2", "s1")]
    assert await site.refused(site.label("PRIMARY", "s1")) == [("LABEL_IN_USE", ("labels", "0", "serverId"))]
    assert [one.action for one in await site.settle()] == ["MOVE", "MOVE", "DELETE", "DELETE"]
    assert await site.inventory("s1") == []
    await site.label("PRIMARY", "s1")


async def test_a_twin_on_the_removed_secondary_is_re_homed_whoever_its_primary_is(site: SiteBuilder) -> None:
    await pooled(site)
    await site.policy(move=False)
    await site.move("Door", "p2")
    assert (await site.twin("Door")).server == "s1"
    answer = await site.update_pairing("p1", removeSecondaryIds=["s1"], removePrimaryIds=["p1"])
    assert told(answer) == [("MOVE", "Door", "s2", "s1"), ("MOVE", "Ramp", "s2", "s1")]


async def test_a_new_primarys_cameras_are_adopted_moved_or_added(site: SiteBuilder) -> None:
    for number, name in enumerate(("Yard", "Lobby", "Lift"), 1):
        await site.add("p3", name, number)
    await site.add("s1", "Copy of yard", 1)
    await site.mode("MANUAL")
    await site.map({"Lobby": "s2"})
    await site.settle()
    await site.mode("AUTO")
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    answer = await site.update_pairing("p1", addPrimaryIds=["p3"])
    assert counts(answer) == (1, 1, 1)
    assert told(answer) == [("MOVE", "Lobby", "s1", "s2"), ("ADD", "Lift", "s1", None)]
    assert (await site.twin("Yard")).id == site.cameras["Copy of yard"]


async def test_cameras_only_on_secondaries_are_left_alone(site: SiteBuilder) -> None:
    await pooled(site)
    await site.add("s1", "Safe", 9)
    await site.update_pairing("p1", removeSecondaryIds=["s1"])
    assert (await site.camera("Safe")).server == "s1"


async def test_twins_of_removed_primaries_are_kept(site: SiteBuilder) -> None:
    await pooled(site)
    twin = (await site.twin("Ramp")).id
    answer = await site.update_pairing("p1", removePrimaryIds=["p3"], removeSecondaryIds=["s2"])
    assert told(answer) == [("MOVE", "Gate", "s1", "s2")]
    kept = await site.camera(twin)
    assert (kept.server, kept.counterpart, kept.removing) == ("s1", None, False)
    assert (await site.protection("Ramp"), await site.protection("Door")) == ("UNPROTECTED", "PROTECTED")


async def test_twins_of_removed_primaries_are_removed_if_asked(site: SiteBuilder) -> None:
    await pooled(site)
    answer = await site.update_pairing(
        "p1", removePrimaryIds=["p3"], removeSecondaryIds=["s2"], twins="REMOVE"
    )
    assert told(answer) == [("DELETE", "Ramp", "s1", None), ("MOVE", "Gate", "s1", "s2")]


async def test_a_link_of_a_removed_primary_that_does_not_count_stays(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Door seen from p2", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s2"})
    await site.settle()
    await site.mode("AUTO")
    await site.pair("ASYMMETRIC", ["p2", "p3"], ["s1"])
    (occupied,) = (await site.update_pairing("p2", addPrimaryIds=["p1"])).planned
    assert occupied.reason == "TARGET_OCCUPIED"
    answer = await site.update_pairing("p2", removePrimaryIds=["p1"], twins="REMOVE")
    assert (answer.planned, (await site.twin("Door")).server) == ((), "s2")


async def test_the_event_tells_the_pairing_before_and_after(site: SiteBuilder) -> None:
    await pooled(site)
    before = await site.revision()
    await site.update_pairing("p1", {"p1": "s2"}, removePrimaryIds=["p3"], removeSecondaryIds=["s1"])
    query = "SELECT kind, payload FROM event WHERE site_id = $1 AND revision = $2"
    event = await site.api.database.pool.fetchrow(query, site.uuid, before + 1)
    assert event is not None
    assert event["kind"] == "PAIRING_UPDATED"
    names = {
        one["id"].removeprefix("server_"): one["name"] for one in (await site.state())["servers"]["nodes"]
    }

    def members(pairing: Json) -> dict[str, str | None]:
        shown = {one["server_id"]: one["home_id"] for one in pairing["members"]}
        return {
            names[server.replace("-", "")]: home and names[home.replace("-", "")]
            for server, home in shown.items()
        }

    payload = event["payload"]
    assert members(payload["before"]) == {**HOMES, "s1": None, "s2": None}
    assert members(payload["pairing"]) == {"p1": "s2", "p2": "s2", "s2": None}
    assert payload["pairing"]["style"] == payload["before"]["style"] == "ASYMMETRIC"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"style": "ASYMMETRIC"},
        {"addPrimaryIds": ["p2"], "addSecondaryIds": ["s1"]},
        {"removePrimaryIds": ["s1", "other"], "removeSecondaryIds": ["p1", "p1"]},
        {"secondaryLost": True, "twins": "REMOVE"},
    ],
    ids=lambda change: " ".join(change) or "nothing",
)
async def test_what_is_so_already_is_no_event(site: SiteBuilder, change: Json) -> None:
    await pooled(site)
    await site.register("other")
    before = await site.revision()
    answer = await site.update_pairing("p1", {"p1": "s1", "p2": "s2"}, **change)
    assert (answer.change_id, answer.revision) == (None, before)
    assert (homes(answer.body["pairing"]), counts(answer)) == (HOMES, (0, 0, 0))


async def test_on_a_dry_run_the_pairing_is_as_it_stands_and_the_plan_as_it_would_be(
    site: SiteBuilder,
) -> None:
    await pooled(site)
    answer = await site.update_pairing("p1", removeSecondaryIds=["s1"], dryRun=True)
    assert homes(answer.body["pairing"]) == HOMES
    assert homes(answer.body["planned"]) == dict.fromkeys(HOMES, "s2")


async def test_in_manual_mode_only_the_mode_is_refused(site: SiteBuilder) -> None:
    await site.mode("MANUAL")
    refused = site.update_pairing(f"pairing_{NOWHERE}", addPrimaryIds=["s1"])
    assert await site.refused(refused) == [("MODE_MISMATCH", ())]


async def test_every_refusal_is_told_at_once_with_its_path(site: SiteBuilder) -> None:
    await site.register("u1")
    await site.register("p4", label="PRIMARY")
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.pair("SYMMETRIC", ["p3"], ["s2"])
    unknown = f"server_{NOWHERE}"
    refused = site.update_pairing(
        "p1",
        {"p3": "s2"},
        addPrimaryIds=["p3", "u1", unknown, "p4", "p4"],
        addSecondaryIds=["s1", "p4"],
        removePrimaryIds=[unknown],
        removeSecondaryIds=["s1", unknown],
        style="SYMMETRIC",
    )
    assert await site.refused(refused) == [
        ("SERVER_ALREADY_PAIRED", ("addPrimaryIds", "0")),
        ("SERVER_UNLABELED", ("addPrimaryIds", "1")),
        ("NOT_FOUND", ("addPrimaryIds", "2")),
        ("INVALID_INPUT", ("addPrimaryIds", "2")),
        ("SERVER_ALREADY_PAIRED", ("addPrimaryIds", "4")),
        ("INVALID_INPUT", ("addSecondaryIds", "0")),
        ("WRONG_LABEL", ("addSecondaryIds", "1")),
        ("SERVER_ALREADY_PAIRED", ("addSecondaryIds", "1")),
        ("NOT_FOUND", ("removePrimaryIds", "0")),
        ("NOT_FOUND", ("removeSecondaryIds", "1")),
        ("SYMMETRIC_NEEDS_ONE_TO_ONE", ("pairingId",)),
        ("INVALID_INPUT", ("assignments", "0", "secondaryId")),
    ]


async def test_an_unknown_pairing_is_not_found_nor_what_else_is_wrong_kept_back(site: SiteBuilder) -> None:
    refused = site.update_pairing(f"pairing_{NOWHERE}", {"p1": "s1"}, addPrimaryIds=["s1"])
    assert await site.refused(refused) == [
        ("NOT_FOUND", ("pairingId",)),
        ("WRONG_LABEL", ("addPrimaryIds", "0")),
    ]


async def test_assignments_name_members_of_the_final_pairing_each_primary_once(site: SiteBuilder) -> None:
    await pooled(site)
    twice = [{"primaryId": site.servers["p1"], "secondaryId": site.servers[one]} for one in ("s1", "s2")]
    refused = site.change(
        "updatePairing",
        pairingId=site.pairings["p1"],
        removeSecondaryIds=[site.servers["s1"]],
        assignments=twice,
    )
    assert await site.refused(refused) == [
        ("INVALID_INPUT", ("assignments", "0", "secondaryId")),
        ("INVALID_INPUT", ("assignments", "1", "primaryId")),
    ]


@pytest.mark.parametrize("name", ["addPrimaryIds", "removePrimaryIds", "assignments"])
async def test_a_list_that_is_given_is_not_empty(site: SiteBuilder, name: str) -> None:
    refused = site.change("updatePairing", pairingId=f"pairing_{NOWHERE}", **{name: []})
    assert await site.refused(refused) == [("INVALID_INPUT", (name,))]


async def lose(site: SiteBuilder, **more: Any) -> Answer:
    """The secondary s1 is dead; p2 and its home s2 go on, and take the others' cameras."""
    return await site.update_pairing("p1", removeSecondaryIds=["s1"], secondaryLost=True, **more)


async def test_twins_on_a_lost_recorder_are_added_anew_elsewhere(site: SiteBuilder) -> None:
    await pooled(site)
    twin = (await site.twin("Door")).id
    answer = await lose(site)
    assert (counts(answer), told(answer)) == (
        (0, 2, 0),
        [("ADD", "Door", "s2", None), ("ADD", "Ramp", "s2", None)],
    )
    again = await site.twin("Door")
    assert (again.id, again.server, await site.protection("Door")) == (twin, "s2", "PENDING")
    assert [one.action for one in await site.settle()] == ["ADD", "ADD"]
    assert await site.protection("Door") == "PROTECTED"
    assert await site.inventory("s1") == []
    await site.label("PRIMARY", "s1")


async def test_the_lost_recorders_own_ids_are_forgotten(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1"})
    await site.ack(*await site.unresolved(), external_id="t-1")
    answer = await lose(site)
    assert answer.planned[0].device["externalId"] is None
    assert (await site.twin("Door")).external_id is None


async def stuck(site: SiteBuilder) -> list[Action]:
    """Before s1 is lost: a REPLACE QUEUED there with another BLOCKED behind, and an ADD that FAILED there."""
    await pooled(site)
    await site.replace("Door", 11)
    await site.replace("Door", 12)
    failed = (await site.add("p3", "Yard", 4)).action
    assert failed is not None
    await site.fail(failed)
    return await site.unresolved()


async def test_what_is_unresolved_at_a_lost_recorder_is_superseded(site: SiteBuilder) -> None:
    ended = await stuck(site)
    assert [(one.action, one.status) for one in ended] == [
        ("REPLACE", "QUEUED"),
        ("REPLACE", "BLOCKED"),
        ("ADD", "FAILED"),
    ]
    answer = await lose(site)
    assert [(await site.action(one)).status for one in ended] == ["SUPERSEDED"] * 3
    assert {(await site.action(one)).note for one in ended} == {"The recorder that was to do it is lost."}
    assert told(answer) == [
        ("ADD", "Door", "s2", None),
        ("ADD", "Ramp", "s2", None),
        ("ADD", "Yard", "s2", None),
    ]
    assert answer.planned[0].mac == mac(12)
    assert counts(answer) == (0, 3, 0)


async def test_what_waits_for_a_lost_recorder_elsewhere_has_its_turn(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1"})
    await site.update_pairing("p1", {"p1": "s2"})
    queued, waiting = await site.unresolved()
    assert (waiting.status, waiting.target) == ("BLOCKED", "s2")
    answer = await lose(site)
    assert (await site.action(queued)).status == "SUPERSEDED"
    begun = await site.action(waiting)
    assert (begun.action, begun.status, begun.target, begun.attempts) == ("ADD", "QUEUED", "s2", 1)
    assert (answer.queued, told(answer)) == (1, [("ADD", "Door", "s2", None)])


async def test_a_move_away_from_a_lost_recorder_goes_on_and_leaves_nothing_there(site: SiteBuilder) -> None:
    await pooled(site)
    (move,) = (await site.update_pairing("p1", {"p1": "s2"})).planned
    assert (move.action, move.left) == ("MOVE", "s1")
    answer = await lose(site)
    assert told(answer) == [("ADD", "Ramp", "s2", None)]
    assert [one.action for one in await site.settle()] == ["MOVE", "ADD"]
    assert (await site.protection("Door"), await site.inventory("s1")) == ("PROTECTED", [])


async def test_what_was_removed_from_a_lost_recorder_leaves_the_inventory(site: SiteBuilder) -> None:
    await pooled(site)
    delete = (await site.delete("Door")).action
    assert delete is not None
    assert [one.removing for one in await site.inventory("s1")] == [True, False]
    await lose(site)
    assert await site.inventory("s1") == []
    assert (await site.action(delete)).status == "SUPERSEDED"


async def test_a_removal_waits_on_where_the_device_may_come_to_stand(site: SiteBuilder) -> None:
    await pooled(site)
    await site.update_pairing("p1", {"p1": "s2"})
    (delete,) = (await site.delete("Door")).planned
    assert (delete.status, delete.target) == ("BLOCKED", "s1")
    await lose(site)
    assert [(one.action, one.target) for one in await site.settle()] == [
        ("MOVE", "s2"),
        ("ADD", "s2"),
        ("DELETE", "s2"),
    ]
    assert [one.name for one in await site.inventory("s1", "s2")] == ["Gate", "Ramp"]


async def test_what_only_stands_on_a_lost_recorder_is_left_alone(site: SiteBuilder) -> None:
    await pooled(site)
    await site.add("s1", "Safe", 9)
    await lose(site)
    assert [(one.name, one.removing) for one in await site.inventory("s1")] == [("Safe", False)]


@pytest.mark.parametrize("twins", ["KEEP", "REMOVE"])
async def test_a_removed_primarys_twins_are_gone_with_the_recorder(site: SiteBuilder, twins: str) -> None:
    await stuck(site)
    answer = await lose(site, removePrimaryIds=["p3"], twins=twins)
    assert told(answer) == [("ADD", "Door", "s2", None)]
    assert await site.inventory("s1") == []
    assert [(await site.camera(one)).counterpart for one in ("Ramp", "Yard")] == [None, None]


async def test_a_twin_that_another_secondary_still_holds_is_removed_there(site: SiteBuilder) -> None:
    await pooled(site)
    await site.update_pairing("p1", {"p2": "s1"})
    (move,) = await site.unresolved()
    assert (move.action, move.target, move.left) == ("MOVE", "s1", "s2")
    answer = await site.update_pairing(
        "p1",
        {"p1": "s2", "p3": "s2"},
        removePrimaryIds=["p2"],
        removeSecondaryIds=["s1"],
        secondaryLost=True,
        twins="REMOVE",
    )
    assert ("DELETE", "Gate", "s2", None) in told(answer)
    assert (await site.action(move)).status == "SUPERSEDED"


async def test_a_link_that_cannot_be_re_homed_ends_with_the_recorder(site: SiteBuilder) -> None:
    await pooled(site)
    await site.add("p1", "Gate seen from p1", 2)
    await site.settle()
    answer = await lose(site)
    (suppressed,) = [one for one in answer.planned if one.status == "SUPPRESSED"]
    assert (suppressed.reason, answer.suppressed) == ("TARGET_OCCUPIED", 1)
    assert (await site.camera("Gate seen from p1")).counterpart is None
    assert await site.inventory("s1") == []


async def test_a_link_that_does_not_count_ends_with_the_recorder(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.mode("AUTO")
    await site.pair("ASYMMETRIC", ["p2", "p3"], ["s1"])
    await site.update_pairing("p2", addSecondaryIds=["s2"], removeSecondaryIds=["s1"], secondaryLost=True)
    assert (await site.camera("Door")).counterpart is None
    assert await site.inventory("s1") == []
