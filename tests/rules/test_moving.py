"""Moving a camera: what the other side has to do, and which moves are refused."""

import pytest

from tests.builders import SiteBuilder

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def symmetric(site: SiteBuilder, *numbers: int) -> None:
    """Pair p1 with s1, p2 with s2 and so on."""
    for number in numbers:
        await site.pair("SYMMETRIC", [f"p{number}"], [f"s{number}"])


async def test_a_move_takes_the_twin_to_the_destinations_home(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1, 2)
    await site.settle()
    answer = await site.move("Door", "p2")
    assert answer.verdict == ("MOVE", "BACKUP", "QUEUED", None, "s2")
    assert answer.action is not None
    assert (answer.action.source, answer.action.left) == ("p2", "s1")
    assert (await site.twin("Door")).server == "s2"
    assert await site.protection("Door") == "PENDING"
    moved = answer.camera
    assert moved is not None
    assert (moved.id, moved.name, moved.server) == (site.cameras["Door"], "Door", "p2")


async def test_a_move_without_a_link_is_mirrored_as_add_at_the_destination(site: SiteBuilder) -> None:
    await site.add("p3", "Door", 1)
    await symmetric(site, 1)
    answer = await site.move("Door", "p1")
    assert answer.verdict == ("ADD", "BACKUP", "QUEUED", None, "s1")
    assert await site.protection("Door") == "PENDING"


async def test_a_move_back_without_a_link_is_mirrored_as_add(site: SiteBuilder) -> None:
    await site.add("s2", "Door", 1)
    await symmetric(site, 1)
    answer = await site.move("Door", "s1")
    assert answer.verdict == ("ADD", "RESTORE", "QUEUED", None, "p1")


async def test_a_move_into_a_pool_comes_not_back(site: SiteBuilder) -> None:
    await site.add("s2", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    answer = await site.move("Door", "s1")
    assert answer.verdict == ("MOVE", "RESTORE", "SUPPRESSED", "ASYMMETRIC_RESTORE", None)


async def test_a_move_to_where_the_hardware_is_linked_already_finds_the_target_occupied(
    site: SiteBuilder,
) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p3", "Same door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    answer = await site.move("Same door", "p2")
    assert answer.verdict == ("MOVE", "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1")


async def test_a_move_between_primaries_of_one_home_is_already_so(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1", "p2": "s1", "p3": "s2"})
    await site.settle()
    assert (await site.move("Door", "p2")).verdict == ("MOVE", "BACKUP", "SUPPRESSED", "ALREADY_SO", "s1")
    assert (await site.move("Door", "p3")).verdict == ("MOVE", "BACKUP", "QUEUED", None, "s2")


async def from_symmetric_to_pooled(site: SiteBuilder) -> tuple[str, str]:
    await symmetric(site, 1)
    await site.pair("ASYMMETRIC", ["p2", "p3"], ["s2"])
    return "p1", "p2"


async def from_pooled_to_symmetric(site: SiteBuilder) -> tuple[str, str]:
    source, destination = await from_symmetric_to_pooled(site)
    return destination, source


@pytest.mark.parametrize("across", [from_symmetric_to_pooled, from_pooled_to_symmetric])
async def test_a_move_across_pairings_that_both_mirror_is_mirrored(site: SiteBuilder, across: object) -> None:
    assert callable(across)
    source, destination = await across(site)
    await site.add(source, "Door", 1)
    await site.settle()
    target = destination.replace("p", "s")
    assert (await site.move("Door", destination)).verdict == ("MOVE", "BACKUP", "QUEUED", None, target)


@pytest.mark.parametrize("across", [from_symmetric_to_pooled, from_pooled_to_symmetric])
async def test_a_move_across_pairings_of_which_one_does_not_mirror_is_not(
    site: SiteBuilder, across: object
) -> None:
    assert callable(across)
    source, destination = (server.replace("p", "s") for server in await across(site))
    await site.add(source.replace("s", "p"), "Door", 1)
    await site.settle()
    answer = await site.move((await site.twin("Door")).id, destination)
    assert answer.verdict == ("MOVE", "RESTORE", "SUPPRESSED", "ASYMMETRIC_RESTORE", None)


async def test_a_move_back_takes_the_primarys_camera_along(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1, 2)
    await site.settle()
    answer = await site.move((await site.twin("Door")).id, "s2")
    assert answer.verdict == ("MOVE", "RESTORE", "QUEUED", None, "p2")
    assert (await site.camera("Door")).server == "p2"
    assert [one.verdict for one in await site.settle()] == [
        ("MOVE", "RESTORE", "QUEUED", None, "p2"),
        ("DELETE", "RESTORE", "QUEUED", None, "p1"),
    ]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_destination_in_no_pairing_is_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1)
    assert await site.refused(site.move("Door", "p3")) == [("DESTINATION_UNPAIRED", ("toServerId",))]


async def test_allow_unprotected_records_it_as_suppressed(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1)
    await site.settle()
    answer = await site.move("Door", "p3", allowUnprotected=True)
    assert answer.verdict == ("MOVE", "BACKUP", "SUPPRESSED", "DESTINATION_UNPAIRED", None)
    assert await site.protection("Door") == "UNPROTECTED"


async def test_the_recorders_own_id_does_not_travel(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, externalId="guid-1")
    await symmetric(site, 1, 2)
    assert (await site.camera("Door")).external_id == "guid-1"
    await site.move("Door", "p2")
    assert (await site.camera("Door")).external_id is None


async def test_the_other_side_is_no_destination(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1, 2)
    assert await site.refused(site.move("Door", "s2")) == [("DESTINATION_WRONG_SIDE", ("toServerId",))]


async def test_where_the_camera_stands_is_no_destination(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1)
    assert await site.refused(site.move("Door", "p1")) == [("SAME_SERVER", ("toServerId",))]


async def test_a_destination_that_holds_the_hardware_is_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await symmetric(site, 1, 2)
    await site.add("p2", "Same door", 1)
    assert await site.refused(site.move("Door", "p2")) == [("CAMERA_ALREADY_EXISTS", ("toServerId",))]


async def test_all_that_stands_against_a_move_is_told(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("s1", "Same door", 1)
    assert await site.refused(site.move("Door", "s1")) == [
        ("DESTINATION_WRONG_SIDE", ("toServerId",)),
        ("DESTINATION_UNPAIRED", ("toServerId",)),
        ("CAMERA_ALREADY_EXISTS", ("toServerId",)),
    ]
