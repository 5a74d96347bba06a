"""Why an action is not mirrored: each reason by its situation, and the first that applies."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.builders import Answer, SiteBuilder

pytestmark = pytest.mark.asyncio(loop_scope="module")

KINDS = ("ADD", "MOVE", "DELETE", "REPLACE")


async def paired(site: SiteBuilder) -> None:
    """Door on p1 with its twin on s1, and two symmetric pairings."""
    await site.add("p1", "Door", 1)
    await site.pair_all(site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"]))
    await site.settle()


async def pooled(site: SiteBuilder) -> None:
    """Door on p1 with its twin on s1; p1 and p2 both belong on s1, s2 is in no pairing."""
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.settle()


async def done(site: SiteBuilder, action: str, side: str = "p", **options: Any) -> Answer:
    camera = "Door" if side == "p" else (await site.twin("Door")).id
    if action == "ADD":
        return await site.add(f"{side}1", "Gate", 2, **options)
    if action == "MOVE":
        return await site.move(camera, f"{side}2", **options)
    return await (site.delete(camera) if action == "DELETE" else site.replace(camera, 3))


def suppressed(answer: Answer) -> str | None:
    action, direction, status, reason, target = answer.verdict
    assert (action in KINDS, direction in {"BACKUP", "RESTORE"}) == (True, True)
    assert (status, target) == ("SUPPRESSED", None)
    assert answer.action is not None
    assert answer.action.because.startswith("Not mirrored: ")
    return reason


@pytest.mark.parametrize("side", ["p", "s"])
@pytest.mark.parametrize("action", KINDS)
async def test_a_switched_off_action_is_not_mirrored(site: SiteBuilder, action: str, side: str) -> None:
    await paired(site)
    await site.policy(**{action.lower(): False})
    assert suppressed(await done(site, action, side)) == "ACTION_DISABLED"


@pytest.mark.parametrize(("side", "direction"), [("p", "backup"), ("s", "restore")])
@pytest.mark.parametrize("action", KINDS)
async def test_a_switched_off_direction_is_not_mirrored(
    site: SiteBuilder, action: str, side: str, direction: str
) -> None:
    await paired(site)
    await site.policy(**{direction: False})
    assert suppressed(await done(site, action, side)) == "DIRECTION_DISABLED"


@pytest.mark.parametrize(("side", "other"), [("p", "restore"), ("s", "backup")])
@pytest.mark.parametrize("action", KINDS)
async def test_other_switches_do_not_concern_it(
    site: SiteBuilder, action: str, side: str, other: str
) -> None:
    await paired(site)
    await site.policy(**{kind.lower(): kind == action for kind in KINDS}, **{other: False})
    assert (await done(site, action, side)).verdict[2] == "QUEUED"


async def test_the_policy_is_on_by_default_and_keeps_what_is_not_given(site: SiteBuilder) -> None:
    on = dict.fromkeys(("backup", "restore", "add", "move", "delete", "replace"), True)
    assert (await site.state())["syncPolicy"] == on
    await site.policy(add=False)
    await site.policy(restore=False, move=None)
    assert (await site.state())["syncPolicy"] == on | {"add": False, "restore": False}


async def test_the_policy_does_not_govern_pairing(site: SiteBuilder) -> None:
    await site.policy(backup=False, restore=False, add=False, move=False, delete=False, replace=False)
    await site.add("p1", "Door", 1)
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert [one.verdict for one in answer.planned] == [("ADD", "BACKUP", "QUEUED", None, "s1")]
    assert [one.cause for one in answer.planned] == ["PAIRING"]
    answer = await site.unpair("p1", twins="REMOVE")
    assert [one.verdict for one in answer.planned] == [("DELETE", "BACKUP", "BLOCKED", None, "s1")]


async def test_the_policy_does_not_govern_mapping(site: SiteBuilder) -> None:
    await site.policy(backup=False, add=False, move=False)
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    answer = await site.map({"Door": "s1"})
    assert [one.verdict for one in answer.planned] == [("ADD", "BACKUP", "QUEUED", None, "s1")]
    await site.settle()
    answer = await site.map({"Door": "s2"})
    assert [one.verdict for one in answer.planned] == [("MOVE", "BACKUP", "QUEUED", None, "s2")]


@pytest.mark.parametrize("action", ["ADD", "DELETE", "REPLACE"])
@pytest.mark.parametrize("side", ["p", "s"])
async def test_in_auto_an_unpaired_server_is_not_synced(site: SiteBuilder, action: str, side: str) -> None:
    await site.add(f"{side}1", "Door", 1)
    answer = await (
        site.add(f"{side}1", "Gate", 2)
        if action == "ADD"
        else site.delete("Door")
        if action == "DELETE"
        else site.replace("Door", 3)
    )
    assert suppressed(answer) == "SERVER_UNPAIRED"


async def test_a_move_between_unpaired_servers_is_not_synced(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    assert suppressed(await site.move("Door", "p2", allowUnprotected=True)) == "SERVER_UNPAIRED"


async def test_a_move_to_an_unpaired_server_is_not_mirrored(site: SiteBuilder) -> None:
    await paired(site)
    answer = await site.move("Door", "p3", allowUnprotected=True)
    assert suppressed(answer) == "DESTINATION_UNPAIRED"
    assert (await site.camera("Door")).server == "p3"
    assert await site.protection("Door") == "UNPROTECTED"
    assert (await site.twin("Door")).server == "s1"


async def test_a_mapped_cameras_side_without_a_link_has_no_counterpart(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s1", "Gate", 2)
    await site.mode("MANUAL")
    assert suppressed(await site.replace("Door", 3)) == "NO_COUNTERPART"
    assert suppressed(await site.delete("Gate")) == "NO_COUNTERPART"


@pytest.mark.parametrize("action", ["DELETE", "REPLACE"])
async def test_a_camera_only_on_the_secondary_has_no_counterpart(site: SiteBuilder, action: str) -> None:
    await site.add("s1", "Gate", 2)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    answer = await (site.delete("Gate") if action == "DELETE" else site.replace("Gate", 3))
    assert suppressed(answer) == "NO_COUNTERPART"


async def across_pairings(site: SiteBuilder) -> None:
    """Door stands on p2 of the pairing p2-s2, its twin on s1 of the pairing p1-s1."""
    await paired(site)
    await site.policy(move=False)
    await site.move("Door", "p2")


@pytest.mark.parametrize("action", ["DELETE", "REPLACE"])
@pytest.mark.parametrize("side", ["p", "s"])
async def test_a_link_across_pairings_does_not_count(site: SiteBuilder, action: str, side: str) -> None:
    await across_pairings(site)
    assert await site.protection("Door") == "UNPROTECTED"
    assert suppressed(await done(site, action, side)) == "NO_COUNTERPART"


def already_so(answer: Answer, action: str, target: str) -> bool:
    return answer.verdict == (action, "BACKUP", "SUPPRESSED", "ALREADY_SO", target)


async def test_a_twin_that_stands_where_the_destinations_cameras_belong_is_already_so(
    site: SiteBuilder,
) -> None:
    await pooled(site)
    answer = await site.move("Door", "p2")
    assert already_so(answer, "MOVE", "s1")
    assert await site.protection("Door") == "PROTECTED"


async def test_a_counterpart_that_has_the_hardware_is_already_so(site: SiteBuilder) -> None:
    await paired(site)
    await site.policy(restore=False)
    await done(site, "REPLACE", "s")
    assert already_so(await done(site, "REPLACE", "p"), "REPLACE", "s1")
    assert await site.protection("Door") == "PROTECTED"


@pytest.mark.parametrize("action", ["ADD", "REPLACE"])
async def test_hardware_that_is_linked_to_another_camera_occupies_the_target(
    site: SiteBuilder, action: str
) -> None:
    await pooled(site)
    if action == "ADD":
        answer = await site.add("p2", "Same door", 1)
    else:
        await site.add("p2", "Same door", 2)
        answer = await site.replace("Same door", 1)
    assert answer.verdict == (action, "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1")
    assert await site.protection("Same door") == "UNPROTECTED"


async def action_before_direction(site: SiteBuilder) -> Answer:
    await paired(site)
    await site.policy(add=False, backup=False)
    return await done(site, "ADD")


async def direction_before_unpaired(site: SiteBuilder) -> Answer:
    await site.policy(backup=False)
    return await done(site, "ADD")


async def unpaired_before_destination(site: SiteBuilder) -> Answer:
    await site.add("p1", "Door", 1)
    return await done(site, "MOVE", allowUnprotected=True)


async def unpaired_before_no_counterpart(site: SiteBuilder) -> Answer:
    await site.add("p1", "Door", 1)
    return await done(site, "DELETE")


async def destination_before_matrix(site: SiteBuilder) -> Answer:
    await pooled(site)
    return await done(site, "MOVE", "s", allowUnprotected=True)


async def matrix_before_occupied(site: SiteBuilder) -> Answer:
    await site.register("s3", label="SECONDARY")
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1"})
    return await site.add("s2", "Same door", 1)


async def no_counterpart_before_already_so(site: SiteBuilder) -> Answer:
    await across_pairings(site)
    await site.policy(replace=False)
    await done(site, "REPLACE", "s")
    await site.policy(replace=True)
    return await done(site, "REPLACE", "p")


@pytest.mark.parametrize(
    ("both_apply", "first"),
    [
        (action_before_direction, "ACTION_DISABLED"),
        (direction_before_unpaired, "DIRECTION_DISABLED"),
        (unpaired_before_destination, "SERVER_UNPAIRED"),
        (unpaired_before_no_counterpart, "SERVER_UNPAIRED"),
        (destination_before_matrix, "DESTINATION_UNPAIRED"),
        (matrix_before_occupied, "ASYMMETRIC_RESTORE"),
        (no_counterpart_before_already_so, "NO_COUNTERPART"),
    ],
)
async def test_of_two_gates_the_first_gives_the_reason(
    site: SiteBuilder, both_apply: Callable[[SiteBuilder], Awaitable[Answer]], first: str
) -> None:
    assert suppressed(await both_apply(site)) == first
