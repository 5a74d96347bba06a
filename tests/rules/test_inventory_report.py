"""What a recorder reports, against the inventory: what is new, gone, other, moved; what is not compared."""

from typing import Any

import pytest

from tests.builders import Answer, Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNTS = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")


def counts(answer: Answer) -> dict[str, int]:
    """What the report found, without what it found nothing of."""
    return {name: answer.body[name] for name in COUNTS if answer.body[name]}


def device(name: str, number: int | None = None, **given: Any) -> Json:
    """A reported camera; `address`, `externalId`, `channel` and so on as in GraphQL."""
    hardware = {"address": given.pop("address", None), "model": given.pop("model", None)}
    if number is not None:
        hardware["macAddress"] = mac(number)
    return {"name": name, "hardware": hardware, **given}


async def paired(site: SiteBuilder, *cameras: tuple[str, int]) -> None:
    """p1 and p2 on s1, with these cameras on p1, and all mirrored."""
    for name, number in cameras:
        await site.add("p1", name, number)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.settle()


async def names(site: SiteBuilder, *servers: str) -> list[str]:
    return [one.name for one in await site.inventory(*servers)]


async def test_a_new_camera_of_a_primary_is_added_and_mirrored(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    answer = await site.report("p1", ("Door", 1), device("Gate", 2, externalId="7", channel=3))
    assert (counts(answer), answer.queued) == ({"added": 1, "unchanged": 1}, 1)
    (planned,) = answer.planned
    assert planned.verdict == ("ADD", "BACKUP", "QUEUED", None, "s1")
    assert planned.cause == "DEVICE_ACTION"
    gate = next(one for one in await site.inventory("p1") if one.name == "Gate")
    assert (gate.mac, gate.channel, gate.external_id) == (mac(2), 3, "7")


async def test_what_is_as_the_inventory_has_it_changes_nothing(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    before = await site.api.rows()
    answer = await site.report("p1", ("Door", 1))
    assert (counts(answer), answer.change_id) == ({"unchanged": 1}, None)
    assert await site.api.rows() == before


async def test_other_hardware_under_the_same_external_id_is_a_replacement(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="7")
    await paired(site)
    door = await site.camera("Door")
    report = site.reported("p1", device("New door", 2, externalId="7"), complete=False)
    answer = await site.report_all(report)
    assert counts(answer) == {"replaced": 1}
    assert answer.planned[0].verdict == ("REPLACE", "BACKUP", "QUEUED", None, "s1")
    now = await site.camera("Door")
    assert (now.id, now.name, now.mac, now.external_id) == (door.id, "New door", mac(2), "7")
    assert (await site.twin("Door")).mac == mac(2)


async def test_other_hardware_under_the_same_name_and_channel_is_a_replacement(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    assert counts(await site.report("p1", ("Door", 2), confirmSuspicious=True)) == {"replaced": 1}
    assert (await site.camera("Door")).mac == mac(2)


@pytest.mark.parametrize(
    ("held", "reported", "found"),
    [
        ([("Door", 1), ("Door", 2)], [("Door", 1), ("Door", 3)], {"unchanged": 1, "added": 1, "deleted": 1}),
        ([("Door", 1)], [("Door", 2), ("Door", 3)], {"added": 2, "deleted": 1}),
        ([("Door", 1)], [("Door", 2), ("Gate", 1)], {"added": 1, "updated": 1}),
        ([("Door", 1)], [("Gate", 2)], {"added": 1, "deleted": 1}),
    ],
    ids=["twice in the inventory", "twice reported", "the old hardware is there", "another name"],
)
async def test_a_name_is_a_sign_only_where_it_is_unique_and_the_old_hardware_absent(
    site: SiteBuilder, held: list[tuple[str, int]], reported: list[tuple[str, int]], found: dict[str, int]
) -> None:
    await paired(site, *held)
    assert counts(await site.report("p1", *reported, dryRun=True)) == found


async def test_a_name_is_no_sign_in_a_report_that_is_not_complete(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    report = site.reported("p1", ("Door", 2), complete=False)
    assert counts(await site.report_all(report)) == {"added": 1}
    assert await names(site, "p1") == ["Door", "Door"]


async def test_what_is_gone_is_deleted_only_by_a_complete_report(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1), ("Gate", 2))
    assert counts(await site.report_all(site.reported("p1", ("Door", 1), complete=False))) == {"unchanged": 1}
    answer = await site.report("p1", ("Door", 1))
    assert counts(answer) == {"unchanged": 1, "deleted": 1}
    assert answer.planned[0].verdict == ("DELETE", "BACKUP", "QUEUED", None, "s1")
    assert await names(site, "p1") == ["Door"]


async def test_what_is_gone_here_and_new_there_has_moved(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="7")
    await site.add("p1", "Gate", 2)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.pair("SYMMETRIC", ["p2"], ["s2"])
    await site.settle()
    here, there = site.reported("p1", ("Gate", 2)), site.reported("p2", device("Old door", 1, externalId="8"))
    answer = await site.report_all(here, there)
    assert counts(answer) == {"unchanged": 1, "moved": 1}
    assert answer.planned[0].verdict == ("MOVE", "BACKUP", "QUEUED", None, "s2")
    door = await site.camera("Door")
    assert (door.name, door.server, door.external_id) == ("Old door", "p2", "8")


@pytest.mark.parametrize(("here", "there"), [(True, False), (False, True)])
async def test_a_move_shows_only_between_complete_reports(site: SiteBuilder, here: bool, there: bool) -> None:
    await paired(site, ("Door", 1), ("Gate", 2))
    answer = await site.report_all(
        site.reported("p1", ("Gate", 2), complete=here),
        site.reported("p2", ("Door", 1), complete=there),
        dryRun=True,
    )
    assert counts(answer) == {"unchanged": 1, "added": 1} | ({"deleted": 1} if here else {})


async def test_a_move_is_known_by_hardware_never_by_the_recorders_id(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="7")
    await paired(site, ("Gate", 2))
    answer = await site.report_all(
        site.reported("p1", ("Gate", 2)), site.reported("p2", device("Door", 3, externalId="7")), dryRun=True
    )
    assert counts(answer) == {"unchanged": 1, "added": 1, "deleted": 1}


async def test_a_reported_move_to_an_unpaired_server_is_recorded(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1), ("Gate", 2))
    answer = await site.report_all(site.reported("p1", ("Gate", 2)), site.reported("p3", ("Door", 1)))
    assert answer.planned[0].verdict == ("MOVE", "BACKUP", "SUPPRESSED", "DESTINATION_UNPAIRED", None)
    assert (await site.camera("Door")).server == "p3"
    assert await site.protection("Door") == "UNPROTECTED"


async def test_a_twin_that_is_missing_is_added_again_and_nothing_is_deleted(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1), ("Gate", 2))
    twin = await site.twin("Door")
    answer = await site.report("s1", ("Gate", 2))
    assert (counts(answer), answer.queued) == ({"unchanged": 1, "requeued": 1}, 1)
    (planned,) = answer.planned
    assert (planned.verdict, planned.cause, planned.source) == (
        ("ADD", "BACKUP", "QUEUED", None, "s1"),
        "RECONCILE",
        "p1",
    )
    assert await names(site, "p1") == ["Door", "Gate"]
    assert (await site.protection("Door"), (await site.twin("Door")).id) == ("PENDING", twin.id)
    await site.settle()
    assert await site.protection("Door") == "PROTECTED"


async def test_a_missing_twin_whose_link_does_not_count_is_passed_over(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1), ("Gate", 2))
    await site.mode("MANUAL")
    await site.mode("AUTO")
    assert counts(await site.report("s1", ("Gate", 2))) == {"unchanged": 1, "skipped": 1}
    assert await names(site, "s1") == ["Door", "Gate"]


async def test_a_camera_that_stood_only_on_the_secondary_leaves_the_inventory(site: SiteBuilder) -> None:
    await site.add("s1", "Lobby", 8)
    await paired(site, ("Door", 1))
    answer = await site.report("s1", ("Door", 1))
    assert counts(answer) == {"unchanged": 1, "deleted": 1}
    assert answer.planned[0].verdict == ("DELETE", "RESTORE", "SUPPRESSED", "NO_COUNTERPART", None)
    assert await names(site, "s1") == ["Door"]


async def test_what_is_new_or_other_on_a_secondary_is_mirrored_back(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.settle()
    answer = await site.report("s1", ("Door", 2), ("Gate", 3), confirmSuspicious=True)
    assert counts(answer) == {"replaced": 1, "added": 1}
    assert [one.verdict for one in answer.planned] == [
        ("REPLACE", "RESTORE", "QUEUED", None, "p1"),
        ("ADD", "RESTORE", "QUEUED", None, "p1"),
    ]
    assert (await site.camera("Door")).mac == mac(2)


async def test_what_is_new_on_a_pooled_secondary_stays_there(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    answer = await site.report("s1", ("Door", 1), ("Gate", 3))
    assert answer.planned[0].verdict == ("ADD", "RESTORE", "SUPPRESSED", "ASYMMETRIC_RESTORE", None)


async def test_in_manual_mode_cameras_come_and_go_without_being_mirrored(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    answer = await site.report("p1", ("Door", 1), ("Gate", 2))
    assert answer.planned[0].verdict == ("ADD", "BACKUP", "SUPPRESSED", "MANUAL_MODE", None)
    answer = await site.report_all(site.reported("p1", ("Gate", 2)), site.reported("p2", ("Door", 1)))
    assert (counts(answer), answer.planned[0].reason) == ({"unchanged": 1, "moved": 1}, "MANUAL_MODE")
    answer = await site.report("p2", confirmSuspicious=True)
    assert answer.planned[0].verdict == ("DELETE", "BACKUP", "QUEUED", None, "s1")


async def test_a_name_an_address_or_an_external_id_is_updated_and_not_mirrored(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    report = device("Main door", 1, address="192.0.2.9", externalId="7", model="M1")
    answer = await site.report("p1", report)
    assert (counts(answer), answer.queued + answer.suppressed) == ({"updated": 1}, 0)
    door = await site.camera("Door")
    assert (door.name, door.address, door.external_id, door.model) == ("Main door", "192.0.2.9", "7", "M1")
    assert (await site.twin("Door")).name == "Door"
    # What is not reported stays as it was.
    assert counts(await site.report("p1", ("Main door", 1))) == {"unchanged": 1}


async def test_an_address_alone_is_the_same_device_if_only_one_has_it(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, address="192.0.2.1")
    await site.add("p1", "Gate", 2, address="192.0.2.2")
    await site.add("p1", "Same address", 3, address="192.0.2.2")
    door, gate = device("Door", address="192.0.2.1"), device("Ramp", address="192.0.2.2")
    report = site.reported("p1", door, gate, complete=False)
    assert counts(await site.report_all(report, dryRun=True)) == {"unchanged": 1, "added": 1}
    learned = device("Door", address="192.0.2.1") | {
        "hardware": {"macAddress": mac(1), "address": "192.0.2.5"}
    }
    assert counts(await site.report_all(site.reported("p1", learned, complete=False))) == {"updated": 1}


async def test_a_mac_address_is_learned(site: SiteBuilder) -> None:
    await site.add("p1", "Door", address="192.0.2.1")
    answer = await site.report("p1", device("Door", 1, address="192.0.2.1"))
    assert counts(answer) == {"updated": 1}
    assert (await site.camera("Door")).mac == mac(1)


async def test_two_cameras_may_swap_their_external_ids(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="1")
    await site.add("p1", "Gate", 2, externalId="2")
    swapped = [device("Door", 1, externalId="2"), device("Gate", 2, externalId="1")]
    assert counts(await site.report("p1", *swapped)) == {"updated": 2}
    held = [(one.name, one.external_id) for one in await site.inventory("p1")]
    assert held == [("Door", "2"), ("Gate", "1")]


async def test_who_held_a_reported_external_id_loses_it(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="1")
    await site.add("p1", "Gate", 2)
    report = site.reported("p1", device("Gate", 2, externalId="1"), complete=False)
    assert counts(await site.report_all(report)) == {"updated": 1}
    assert (await site.camera("Door")).external_id is None


async def test_an_unlabeled_server_changes_its_inventory_and_nothing_else(site: SiteBuilder) -> None:
    await site.register("u1")
    await site.report("u1", ("Door", 1), ("Gate", 2))
    answer = await site.report("u1", ("Door", 3), ("Lobby", 4), confirmSuspicious=True)
    assert counts(answer) == {"replaced": 1, "added": 1, "deleted": 1}
    assert (answer.planned, await site.actions()) == ((), [])
    assert [(one.name, one.mac) for one in await site.inventory("u1")] == [
        ("Door", mac(3)),
        ("Lobby", mac(4)),
    ]


async def test_a_complete_report_may_be_empty(site: SiteBuilder) -> None:
    await paired(site, ("Door", 1))
    assert counts(await site.report("p2")) == {}
    assert counts(await site.report("p1", confirmSuspicious=True)) == {"deleted": 1}


class TestNotCompared:
    """Cameras and devices with which something is under way, or that changed after the recorders were read."""

    async def test_the_target_of_an_unresolved_action(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1)
        await site.pair("SYMMETRIC", ["p1"], ["s1"])
        assert counts(await site.report("s1")) == {"skipped": 1}
        assert counts(await site.report("s1", ("Whatever", 1))) == {"skipped": 1}
        (add,) = await site.unresolved()
        await site.fail(add)
        assert counts(await site.report("s1")) == {"skipped": 1}

    async def test_a_camera_that_is_on_its_way_out(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1))
        await site.delete("Door")
        assert counts(await site.report("s1", ("Door", 1))) == {"skipped": 1}
        assert counts(await site.report("s1")) == {"skipped": 1}

    async def test_the_hardware_that_an_action_brings_or_takes_away(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1))
        await site.replace("Door", 2)
        # The twin is wanted with the new one; what is reported of the old one is a second thing that is passed over.
        for number, skipped in ((1, 2), (2, 1)):
            assert counts(await site.report("s1", ("Door", number))) == {"skipped": skipped}

    async def test_the_device_that_a_move_leaves_behind(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1)
        await site.pair("SYMMETRIC", ["p1"], ["s1"])
        await site.pair("SYMMETRIC", ["p2"], ["s2"])
        await site.settle()
        await site.move("Door", "p2")
        here, there = site.reported("s1", ("Door", 1)), site.reported("s2", ("Door", 1))
        assert counts(await site.report_all(here, there)) == {"skipped": 2}

    async def test_by_the_recorders_own_id_too(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1))
        await site.report("s1", device("Door", 1, externalId="t-1"))
        await site.replace("Door", 2)
        assert counts(await site.report("s1", device("Door", 9, externalId="t-1"))) == {"skipped": 2}
        assert await names(site, "s1") == ["Door"]

    async def test_a_stale_report_resurrects_nothing(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1), ("Gate", 2))
        then = await site.revision()
        await site.delete("Door")
        await site.add("p1", "Lobby", 3)
        stale = site.reported("p1", ("Door", 1), ("Gate", 2))
        assert counts(await site.report_all(stale, asOf=then)) == {"unchanged": 1, "skipped": 2}
        assert await names(site, "p1") == ["Gate", "Lobby"]
        # The same seen after the changes is news: the deleted camera is there again, the added one gone.
        now = await site.revision()
        assert counts(await site.report_all(stale, asOf=now, dryRun=True)) == {
            "unchanged": 1,
            "added": 1,
            "deleted": 1,
        }

    async def test_where_a_camera_was_moved_away_and_where_to(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1), ("Gate", 2))
        then = await site.revision()
        await site.move("Door", "p2")
        stale = [site.reported("p1", ("Door", 1), ("Gate", 2)), site.reported("p2")]
        assert counts(await site.report_all(*stale, asOf=then)) == {"unchanged": 1, "skipped": 2}
        assert (await site.camera("Door")).server == "p2"

    async def test_what_was_applied_after_the_recorder_was_read(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1)
        await site.pair("SYMMETRIC", ["p1"], ["s1"])
        then = await site.revision()
        await site.settle()
        assert counts(await site.report("s1", asOf=then)) == {"skipped": 1}
        assert await site.unresolved() == []

    async def test_the_hardware_that_was_replaced_after_the_recorder_was_read(
        self, site: SiteBuilder
    ) -> None:
        await paired(site, ("Door", 1))
        then = await site.revision()
        await site.replace("Door", 2)
        await site.settle()
        for server in ("p1", "s1"):
            assert counts(await site.report(server, ("Door", 1), asOf=then)) == {"skipped": 2}
            assert (await site.inventory(server))[0].mac == mac(2)


class TestSuspicious:
    """A report that changes very much must be confirmed."""

    async def test_all_cameras_of_a_server_gone(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1), ("Gate", 2))
        (refusal,) = await site.refusals(site.report("p1"))
        assert (refusal.kind, refusal.code, refusal.path) == (
            "SuspiciousChange",
            "SUSPICIOUS_CHANGE",
            ("reports", "0"),
        )
        numbers = {
            name: refusal.body[name] for name in ("adds", "deletes", "replaces", "moves", "requeues", "of")
        }
        assert numbers == {"adds": 0, "deletes": 2, "replaces": 0, "moves": 0, "requeues": 0, "of": 2}
        assert refusal.body["serverId"] == site.servers["p1"]
        assert counts(await site.report("p1", confirmSuspicious=True)) == {"deleted": 2}

    async def test_all_twins_of_a_recorder_gone(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1))
        assert await site.refused(site.report("s1")) == [("SUSPICIOUS_CHANGE", ("reports", "0"))]

    async def test_a_dry_run_needs_no_confirmation(self, site: SiteBuilder) -> None:
        await paired(site, ("Door", 1))
        assert counts(await site.report("p1", dryRun=True)) == {"deleted": 1}

    @pytest.mark.parametrize(("gone", "suspicious"), [(5, False), (6, True)])
    async def test_more_than_a_tenth_and_more_than_five(
        self, site: SiteBuilder, gone: int, suspicious: bool
    ) -> None:
        cameras = [(f"Camera {number}", number) for number in range(20)]
        await site.report("p1", *cameras)
        report = site.report("p1", *cameras[gone:])
        if suspicious:
            assert await site.refused(report) == [("SUSPICIOUS_CHANGE", ("reports", "0"))]
        else:
            assert counts(await report) == {"unchanged": 15, "deleted": 5}

    async def test_six_of_sixty_are_no_more_than_a_tenth(self, site: SiteBuilder) -> None:
        cameras = [(f"Camera {number}", number) for number in range(60)]
        await site.report("p1", *cameras)
        assert counts(await site.report("p1", *cameras[6:], dryRun=False)) == {"unchanged": 54, "deleted": 6}

    async def test_the_wrong_recorder(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1)
        others = [(f"Other {number}", 100 + number) for number in range(6)]
        wrong = site.reported("p1", *others, complete=False)
        assert await site.refused(site.report_all(wrong)) == [("SUSPICIOUS_CHANGE", ("reports", "0"))]
        five = site.reported("p1", *others[:5], complete=False)
        assert counts(await site.report_all(five)) == {"added": 5}

    async def test_the_first_report_of_an_empty_server_is_not(self, site: SiteBuilder) -> None:
        cameras = [(f"Camera {number}", number) for number in range(7)]
        assert counts(await site.report("p1", *cameras)) == {"added": 7}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"cameras": [], "complete": False}, ("cameras",)),
        ({"cameras": [device("", 1)]}, ("cameras", "0", "name")),
        ({"cameras": [device("Door", 1, channel=-1)]}, ("cameras", "0", "channel")),
        ({"cameras": [device("Door")]}, ("cameras", "0", "hardware")),
        ({"cameras": [device("Door", 1, externalId="")]}, ("cameras", "0", "externalId")),
        ({"cameras": [device("Door", 1), device("Gate", 1)]}, ("cameras", "1", "hardware")),
        (
            {"cameras": [device("Door", 1, externalId="7"), device("Gate", 2, externalId="7")]},
            ("cameras", "1", "externalId"),
        ),
    ],
)
async def test_a_bad_report_is_refused_where_it_is_bad(
    site: SiteBuilder, given: Json, path: tuple[str, ...]
) -> None:
    report = {"serverId": site.servers["p1"], **given}
    assert await site.refused(site.report_all(report)) == [("INVALID_INPUT", ("reports", "0", *path))]


async def test_a_server_is_reported_once_and_is_of_the_site(site: SiteBuilder) -> None:
    report = site.reported("p1", ("Door", 1))
    unknown = {**report, "serverId": "server_" + "0" * 32}
    assert await site.refused(site.report_all(report, report, unknown)) == [
        ("INVALID_INPUT", ("reports", "1", "serverId")),
        ("NOT_FOUND", ("reports", "2", "serverId")),
    ]


async def test_as_of_is_not_in_the_future(site: SiteBuilder) -> None:
    future = await site.revision() + 1
    assert await site.refused(site.report("p1", asOf=future)) == [("INVALID_INPUT", ("asOf",))]


async def test_what_happened_after_as_of_must_still_be_known(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    query = "DELETE FROM event WHERE site_id = $1 AND revision <= 2"
    await site.api.database.pool.execute(query, site.uuid)
    assert await site.refused(site.report("p1", ("Door", 1), asOf=1)) == [("INVALID_INPUT", ("asOf",))]
    assert counts(await site.report("p1", ("Door", 1), asOf=2)) == {"skipped": 1}


async def test_what_a_report_found_is_told(site: SiteBuilder) -> None:
    before = await site.revision()
    await site.report("p1", ("Door", 1), ("Gate", 2))
    query = "SELECT kind, payload FROM event WHERE site_id = $1 AND revision > $2 ORDER BY revision"
    first, *others = await site.api.database.pool.fetch(query, site.uuid, before)
    assert [one["kind"] for one in others] == ["CAMERA_ADDED"] * 2 + ["MIRRORED_ACTION"] * 2
    p1 = str(site.servers["p1"].removeprefix("server_"))
    told = first["payload"]["report"]
    assert first["kind"] == "INVENTORY_REPORTED"
    assert [one.replace("-", "") for one in told["servers"]] == [p1]
    assert (told["added"], told["unchanged"], told["asOf"]) == (2, 0, None)
