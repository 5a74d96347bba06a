"""Acknowledgements are judged item by item, in input order."""

import pytest

from tests.builders import SiteBuilder, new_site
from tests.lifecycle.sides import Estate, made

UNKNOWN = "There is no such action in this site; check the id."


def verdicts(body: dict[str, object]) -> tuple[object, list[tuple[str, str | None]]]:
    rejected = body["rejected"]
    assert isinstance(rejected, list)
    return body["accepted"], [(one["actionId"], one["status"]) for one in rejected]


@pytest.mark.parametrize("outcome", ["APPLIED", "FAILED"])
async def test_the_same_outcome_again_is_accepted_and_makes_no_event(backup: Estate, outcome: str) -> None:
    action = await backup.door()
    first = await backup.site.ack(action, outcome=outcome, error="No disk.")
    again = await backup.site.ack(action, outcome=outcome, error="Other words.")
    assert verdicts(again.body) == (1, [])
    assert again.revision == first.revision
    assert (await backup.site.action(action)).error == ("No disk." if outcome == "FAILED" else None)


async def test_the_outcome_of_one_that_gave_way_is_accepted_again(backup: Estate) -> None:
    action = await backup.door(1)
    await backup.replace(2)
    before = await backup.site.fail(action)
    again = await backup.site.fail(action)
    assert (verdicts(again.body), again.revision) == ((1, []), before.revision)


async def test_one_action_twice_in_a_call_is_accepted_twice(backup: Estate) -> None:
    action = await backup.door()
    before = await backup.site.revision()
    answer = await backup.site.ack(action, action)
    assert (verdicts(answer.body), answer.revision) == ((2, []), before + 1)


async def test_two_outcomes_in_a_call_are_taken_in_their_order(backup: Estate) -> None:
    action = await backup.door()
    applied, failed = ({"actionId": action.id, "outcome": one} for one in ("APPLIED", "FAILED"))
    assert verdicts((await backup.site.acknowledge(failed, applied)).body) == (2, [])
    assert (await backup.site.action(action)).status == "APPLIED"
    assert verdicts((await backup.site.acknowledge(applied, failed)).body) == (1, [(action.id, "APPLIED")])


async def test_one_that_has_its_turn_by_the_call_can_be_acknowledged_in_it(backup: Estate) -> None:
    first, second = await backup.door(1), await backup.replace(2)
    assert verdicts((await backup.site.ack(first, second)).body) == (2, [])
    assert await backup.states(first, second) == [("ADD", "APPLIED"), ("REPLACE", "APPLIED")]


async def test_an_unknown_id_is_rejected_without_a_status(backup: Estate) -> None:
    action = await backup.door()
    unknown = await _unknown(backup.site)
    answer = await backup.site.ack(unknown, action)
    assert verdicts(answer.body) == (1, [(unknown, None)])
    assert answer.body["rejected"][0]["message"] == UNKNOWN
    assert (await backup.site.action(action)).status == "APPLIED"


async def _unknown(site: SiteBuilder) -> str:
    """The id of an action of another site."""
    other = await new_site(site.api, f"Beside {site.id}")
    await other.register("p1", label="PRIMARY")
    await other.register("s1", label="SECONDARY")
    await other.pair("SYMMETRIC", ["p1"], ["s1"])
    return made(await other.add("p1", "Door")).id


async def test_an_action_of_another_site_stays_as_it_is(backup: Estate) -> None:
    other = await _unknown(backup.site)
    await backup.site.ack(other)
    assert (await backup.site.action(other)).status == "QUEUED"


@pytest.mark.parametrize("outcome", ["APPLIED", "FAILED"])
async def test_a_blocked_one_was_not_sent_and_is_rejected(backup: Estate, outcome: str) -> None:
    await backup.door(1)
    waiting = await backup.replace(2)
    answer = await backup.site.ack(waiting, outcome=outcome)
    assert verdicts(answer.body) == (0, [(waiting.id, "BLOCKED")])
    assert answer.revision == waiting.position


@pytest.mark.parametrize("outcome", ["APPLIED", "FAILED"])
async def test_a_suppressed_one_is_final(backup: Estate, outcome: str) -> None:
    action = made(await backup.site.add("p3", "Lone"))
    answer = await backup.site.ack(action, outcome=outcome)
    assert verdicts(answer.body) == (0, [(action.id, "SUPPRESSED")])
    assert await backup.states(action) == [("ADD", "SUPPRESSED")]


async def test_failed_after_applied_is_rejected(backup: Estate) -> None:
    action = await backup.door()
    await backup.site.ack(action)
    assert verdicts((await backup.site.fail(action)).body) == (0, [(action.id, "APPLIED")])
    assert (await backup.site.action(action)).error is None


@pytest.mark.parametrize("outcome", ["APPLIED", "FAILED"])
async def test_an_abandoned_one_is_rejected(backup: Estate, outcome: str) -> None:
    await backup.mirrored_door(1)
    action = await backup.replace(2)
    await backup.site.abandon(action)
    answer = await backup.site.ack(action, outcome=outcome)
    assert verdicts(answer.body) == (0, [(action.id, "ABANDONED")])


async def test_a_bad_item_holds_back_nothing_else(backup: Estate) -> None:
    lone = made(await backup.site.add("p3", "Lone"))
    actions = [made(await backup.site.add("p1", f"Camera {number}")) for number in range(3)]
    answer = await backup.site.ack(actions[0], lone, actions[1], await _unknown(backup.site), actions[2])
    assert answer.body["accepted"] == 3
    assert [one["status"] for one in answer.body["rejected"]] == ["SUPPRESSED", None]
    assert {status for _, status in await backup.states(*actions)} == {"APPLIED"}


async def test_acknowledging_does_not_spoil_a_preview(backup: Estate) -> None:
    action = await backup.door()
    preview = await backup.site.add("p1", "Gate", dryRun=True)
    await backup.site.fail(action)
    await backup.site.retry(action)
    assert (await backup.site.add("p1", "Gate", ifRevision=preview.revision)).queued == 1
