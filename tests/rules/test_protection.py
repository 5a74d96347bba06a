"""How well a primary's camera is covered, in each situation."""

import pytest

from tests.builders import SiteBuilder

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def paired(site: SiteBuilder) -> str:
    """Door on p1 of p1-s1, p2-s2 is paired too; returns the twin's id."""
    await site.add("p1", "Door", 1)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.pair("SYMMETRIC", ["p2"], ["s2"])
    return (await site.twin("Door")).id


async def test_without_a_link_it_is_unprotected(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    assert await site.protection("Door") == "UNPROTECTED"


async def test_until_its_twin_is_confirmed_it_is_pending(site: SiteBuilder) -> None:
    await paired(site)
    assert await site.protection("Door") == "PENDING"
    await site.settle()
    assert await site.protection("Door") == "PROTECTED"


async def test_a_change_of_the_twin_to_come_makes_it_pending(site: SiteBuilder) -> None:
    await paired(site)
    await site.settle()
    await site.replace("Door", 2)
    assert await site.protection("Door") == "PENDING"


async def test_a_failed_action_on_the_twin_makes_it_failed(site: SiteBuilder) -> None:
    await paired(site)
    await site.fail(*await site.unresolved())
    assert await site.protection("Door") == "FAILED"
    await site.retry(*await site.unresolved())
    assert await site.protection("Door") == "PENDING"


async def test_other_hardware_at_the_two_ends_is_no_protection(site: SiteBuilder) -> None:
    await paired(site)
    await site.settle()
    await site.policy(replace=False)
    await site.replace("Door", 2)
    assert await site.protection("Door") == "UNPROTECTED"
    await site.replace((await site.twin("Door")).id, 2)
    assert await site.protection("Door") == "PROTECTED"


async def test_unprotected_comes_before_failed(site: SiteBuilder) -> None:
    await paired(site)
    await site.fail(*await site.unresolved())
    await site.policy(replace=False)
    await site.replace("Door", 2)
    assert await site.protection("Door") == "UNPROTECTED"


async def test_a_link_across_pairings_protects_only_in_manual_mode(site: SiteBuilder) -> None:
    await paired(site)
    await site.settle()
    await site.policy(move=False)
    await site.move("Door", "p2")
    assert await site.protection("Door") == "UNPROTECTED"
    await site.mode("MANUAL")
    assert await site.protection("Door") == "PROTECTED"


async def test_elsewhere_and_on_the_way_out_there_is_none(site: SiteBuilder) -> None:
    twin = await paired(site)
    await site.settle()
    assert await site.protection(twin) is None
    await site.delete(twin)
    assert (await site.camera("Door")).removing
    assert await site.protection("Door") is None
    assert await site.coverage() == {
        "cameras": 0,
        "protected": 0,
        "pending": 0,
        "failed": 0,
        "unprotected": 0,
    }


async def test_coverage_counts_the_cameras_on_primaries(site: SiteBuilder) -> None:
    await site.register("u1")
    for name in ("Protected", "Failed", "Pending"):
        await site.add("p1", name)
    await site.add("p3", "Unprotected")
    await site.add("s2", "Only on a secondary")
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    by_name = {one.device["name"]: one for one in await site.unresolved()}
    await site.ack(by_name["Protected"])
    await site.fail(by_name["Failed"])
    assert await site.coverage() == {
        "cameras": 4,
        "protected": 1,
        "pending": 1,
        "failed": 1,
        "unprotected": 1,
    }
