"""setMode: what it asks before, what it changes, and what stays."""

import pytest

from tests.builders import Api, SiteBuilder, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def paired(site: SiteBuilder) -> None:
    """Door and Gate on p1 with confirmed twins on s1."""
    await site.add("p1", "Door", 1)
    await site.add("p1", "Gate", 2)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.settle()


async def mapped(site: SiteBuilder) -> None:
    """Door on p1 and Gate on p2 with confirmed twins on s1."""
    await site.add("p1", "Door", 1)
    await site.add("p2", "Gate", 2)
    await site.mode("MANUAL")
    await site.map({"Door": "s1", "Gate": "s1"})
    await site.settle()


async def test_a_site_is_in_auto_until_chosen_otherwise(api: Api) -> None:
    state = await (await new_site(api)).state()
    assert (state["mode"], state["modeChosenAt"]) == ("AUTO", None)


async def test_the_first_explicit_choice_of_the_present_mode_is_recorded(api: Api) -> None:
    site = await new_site(api)
    first = await site.mode("AUTO", confirm=False)
    assert first.change_id is not None
    chosen_at = (await site.state())["modeChosenAt"]
    assert chosen_at is not None
    second = await site.mode("AUTO", confirm=False)
    assert (second.change_id, second.revision) == (None, first.revision)
    assert (await site.state())["modeChosenAt"] == chosen_at


async def test_the_present_mode_dissolves_nothing(site: SiteBuilder) -> None:
    await paired(site)
    answer = await site.mode("AUTO", confirm=False)
    impact = answer.body["impact"]
    assert (impact["from"], impact["to"], impact["pairingsDissolved"]) == ("AUTO", "AUTO", 0)
    assert (impact["linksKept"], impact["camerasLosingProtection"]) == (2, 0)
    assert len((await site.state())["pairings"]["nodes"]) == 1


async def test_without_impact_no_confirmation_is_needed(site: SiteBuilder) -> None:
    answer = await site.mode("MANUAL", confirm=False)
    assert answer.body["dissolvedPairingIds"] == []
    assert (await site.state())["mode"] == "MANUAL"
    assert (await site.mode("AUTO", confirm=False)).body["impact"]["camerasLosingProtection"] == 0


async def test_dissolving_pairings_needs_confirmation(site: SiteBuilder) -> None:
    await paired(site)
    (refusal,) = await site.refusals(site.mode("MANUAL", confirm=False))
    assert (refusal.kind, refusal.code) == ("ConfirmationRequired", "CONFIRMATION_REQUIRED")
    assert refusal.path == ("confirmImpact",)
    answer = await site.mode("MANUAL")
    impact = answer.body["impact"]
    assert refusal.body["impact"] == impact
    assert (impact["from"], impact["to"], impact["pairingsDissolved"]) == ("AUTO", "MANUAL", 1)
    assert (impact["linksKept"], impact["camerasLosingProtection"]) == (2, 0)
    assert impact["summary"][0].startswith("1 pairing")
    assert answer.body["dissolvedPairingIds"] == [site.pairings["p1"]]


async def test_to_manual_nothing_loses_protection_and_nothing_is_queued(site: SiteBuilder) -> None:
    await paired(site)
    answer = await site.mode("MANUAL")
    assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert (await site.state())["pairings"]["nodes"] == []
    assert (await site.coverage())["protected"] == 2


async def test_losing_protection_needs_confirmation(site: SiteBuilder) -> None:
    await mapped(site)
    (refusal,) = await site.refusals(site.mode("AUTO", confirm=False))
    impact = refusal.body["impact"]
    assert (impact["from"], impact["to"], impact["pairingsDissolved"]) == ("MANUAL", "AUTO", 0)
    assert (impact["linksKept"], impact["camerasLosingProtection"]) == (2, 2)
    assert impact["summary"][0].startswith("2 cameras lose their protection")


async def test_to_auto_links_are_kept_but_do_not_count_until_paired(site: SiteBuilder) -> None:
    await mapped(site)
    twin = (await site.twin("Door")).id
    answer = await site.mode("AUTO")
    assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert (await site.twin("Door")).id == twin
    assert (await site.coverage())["unprotected"] == 2
    assert (await site.replace("Gate", 3)).verdict == (
        "REPLACE",
        "BACKUP",
        "SUPPRESSED",
        "SERVER_UNPAIRED",
        None,
    )
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert answer.queued == 0
    assert await site.protection("Door") == "PROTECTED"


async def test_to_manual_and_back_the_same_pairing_queues_nothing(site: SiteBuilder) -> None:
    await paired(site)
    twins = [(await site.twin(name)).id for name in ("Door", "Gate")]
    await site.mode("MANUAL")
    await site.mode("AUTO")
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert [(await site.twin(name)).id for name in ("Door", "Gate")] == twins
    assert (await site.coverage())["protected"] == 2


async def test_unresolved_actions_stay_as_they_are(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p1", "Gate", 2)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.replace("Door", 3)
    await site.fail((await site.unresolved())[1])
    before = await site.unresolved()
    assert {one.status for one in before} == {"QUEUED", "BLOCKED", "FAILED"}
    await site.mode("MANUAL")
    assert await site.unresolved() == before
    await site.mode("AUTO")
    assert await site.unresolved() == before


async def test_the_way_back_needs_labels_too(site: SiteBuilder) -> None:
    await site.mode("MANUAL")
    await site.label("UNLABELED", "s1", "s2")
    assert await site.refused(site.mode("AUTO")) == [("LABELING_INCOMPLETE", ())]
    assert (await site.mode("MANUAL")).change_id is None


async def test_in_manual_mode_cameras_are_neither_added_nor_moved_here(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    assert await site.refused(site.add("p1", "Gate")) == [("MANUAL_MODE_RESTRICTED", ())]
    assert await site.refused(site.move("Door", "p2")) == [("MANUAL_MODE_RESTRICTED", ())]
    assert await site.refused(site.move("Door", "s1")) == [
        ("MANUAL_MODE_RESTRICTED", ()),
        ("DESTINATION_WRONG_SIDE", ("toServerId",)),
    ]
