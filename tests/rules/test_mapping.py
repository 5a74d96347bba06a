"""mapCameras and unmapCameras: one secondary per camera, chosen by a person."""

import pytest
import pytest_asyncio

from tests.builders import Answer, SiteBuilder

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def manual(site: SiteBuilder) -> SiteBuilder:
    """Door on p1, Gate on p2 and Lobby on s1, in Manual mode."""
    await site.add("p1", "Door", 1)
    await site.add("p2", "Gate", 2)
    await site.add("s1", "Lobby", 9)
    await site.mode("MANUAL")
    return site


async def test_mapping_creates_the_twin(manual: SiteBuilder) -> None:
    answer = await manual.map({"Door": "s1", "Gate": "s2"})
    assert [(one.verdict, one.cause) for one in answer.planned] == [
        (("ADD", "BACKUP", "QUEUED", None, "s1"), "MAPPING"),
        (("ADD", "BACKUP", "QUEUED", None, "s2"), "MAPPING"),
    ]
    assert [one["name"] for one in answer.body["cameras"]] == ["Door", "Gate"]
    assert await manual.protection("Door") == "PENDING"
    await manual.settle()
    assert await manual.protection("Door") == "PROTECTED"


async def test_mapping_to_another_secondary_rehomes_the_twin(manual: SiteBuilder) -> None:
    await manual.map({"Door": "s1"})
    await manual.settle()
    twin = await manual.twin("Door")
    answer = await manual.map({"Door": "s2"})
    assert [(one.verdict, one.cause, one.left) for one in answer.planned] == [
        (("MOVE", "BACKUP", "QUEUED", None, "s2"), "MAPPING", "s1")
    ]
    moved = await manual.twin("Door")
    assert (moved.id, moved.server) == (twin.id, "s2")
    assert await manual.protection("Door") == "PENDING"


async def test_mapping_to_the_present_secondary_is_no_change(manual: SiteBuilder) -> None:
    made = await manual.map({"Door": "s1"})
    answer = await manual.map({"Door": "s1"})
    assert (answer.change_id, answer.revision, answer.planned) == (None, made.revision, ())


async def test_a_mapped_camera_is_mirrored_wherever_its_twin_stands(manual: SiteBuilder) -> None:
    await manual.map({"Door": "s1", "Gate": "s1"})
    await manual.settle()
    assert (await manual.replace("Door", 3)).verdict == ("REPLACE", "BACKUP", "QUEUED", None, "s1")
    twin = await manual.twin("Gate")
    assert (await manual.delete(twin.id)).verdict == ("DELETE", "RESTORE", "QUEUED", None, "p2")


async def test_every_refusal_is_told_at_once_with_its_path(manual: SiteBuilder) -> None:
    unknown = "camera_" + "0" * 32
    mapped = manual.map({"Door": "p2", "Lobby": "s2", unknown: "s1", "Gate": "server_" + "0" * 32})
    assert await manual.refused(mapped) == [
        ("WRONG_LABEL", ("mappings", "0", "secondaryServerId")),
        ("WRONG_LABEL", ("mappings", "1", "cameraId")),
        ("NOT_FOUND", ("mappings", "2", "cameraId")),
        ("NOT_FOUND", ("mappings", "3", "secondaryServerId")),
    ]


async def test_a_camera_is_mapped_once_in_a_call(manual: SiteBuilder) -> None:
    door = manual.cameras["Door"]
    manual.cameras["Door again"] = door
    twice = manual.map({"Door": "s1", "Door again": "s2"})
    assert await manual.refused(twice) == [("INVALID_INPUT", ("mappings", "1", "cameraId"))]


async def test_a_camera_on_its_way_out_is_not_mapped(manual: SiteBuilder) -> None:
    await manual.map({"Door": "s1"})
    await manual.settle()
    await manual.delete((await manual.twin("Door")).id)
    assert (await manual.camera("Door")).removing
    assert await manual.refused(manual.map({"Door": "s1"})) == [
        ("INVALID_INPUT", ("mappings", "0", "cameraId"))
    ]


async def test_cameras_are_mapped_only_in_manual(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    assert await site.refused(site.map({"Door": "s1"})) == [("MODE_MISMATCH", ())]


@pytest.mark.parametrize("end", ["camera", "twin"])
async def test_unmapping_takes_either_end_and_keeps_the_twin(manual: SiteBuilder, end: str) -> None:
    await manual.map({"Door": "s1", "Gate": "s1"})
    await manual.settle()
    twin = (await manual.twin("Door")).id
    answer = await manual.unmap("Door" if end == "camera" else twin)
    assert (answer.queued, answer.planned) == (0, ())
    kept = await manual.camera(twin)
    assert (kept.server, kept.counterpart, kept.removing) == ("s1", None, False)
    assert await manual.protection("Door") == "UNPROTECTED"
    assert await manual.protection("Gate") == "PROTECTED"


async def test_naming_both_ends_unmaps_once(manual: SiteBuilder) -> None:
    await manual.map({"Door": "s1"})
    await manual.settle()
    answer = await manual.unmap("Door", (await manual.twin("Door")).id, twins="REMOVE")
    assert [one.verdict for one in answer.planned] == [("DELETE", "BACKUP", "QUEUED", None, "s1")]


async def test_unmapping_removes_the_twin_if_asked(manual: SiteBuilder) -> None:
    await manual.map({"Door": "s1"})
    await manual.settle()
    twin = (await manual.twin("Door")).id
    answer = await manual.unmap("Door", twins="REMOVE")
    assert [(one.verdict, one.cause, one.source) for one in answer.planned] == [
        (("DELETE", "BACKUP", "QUEUED", None, "s1"), "MAPPING", "p1")
    ]
    assert (await manual.camera(twin)).removing
    await manual.settle()
    assert [one.name for one in await manual.inventory("s1")] == ["Lobby"]


async def test_unmapping_the_unmapped_is_no_change(manual: SiteBuilder) -> None:
    revision = await manual.revision()
    answer = await manual.unmap("Door", "Door")
    assert (answer.change_id, answer.revision) == (None, revision)
    assert [one["name"] for one in answer.body["cameras"]] == ["Door"]


async def test_unmapping_what_is_not_there_is_not_found(manual: SiteBuilder) -> None:
    unknown = "camera_" + "0" * 32
    assert await manual.refused(manual.unmap("Door", unknown)) == [("NOT_FOUND", ("cameraIds", "1"))]


async def in_auto(site: SiteBuilder) -> Answer:
    """Door is mapped to s1 and Gate to s2; in Auto p1 is paired with s1, so that only Door's link counts."""
    await site.map({"Door": "s1", "Gate": "s2"})
    await site.settle()
    await site.mode("AUTO")
    return await site.pair("SYMMETRIC", ["p1"], ["s1"])


async def test_in_auto_links_that_count_are_not_unmapped(manual: SiteBuilder) -> None:
    await in_auto(manual)
    twin = (await manual.twin("Door")).id
    assert await manual.refused(manual.unmap("Gate", "Door", twin)) == [
        ("MODE_MISMATCH", ("cameraIds", "1")),
        ("MODE_MISMATCH", ("cameraIds", "2")),
    ]


async def test_in_auto_links_that_do_not_count_are_unmapped(manual: SiteBuilder) -> None:
    await in_auto(manual)
    assert await manual.protection("Gate") == "UNPROTECTED"
    answer = await manual.unmap("Gate", twins="REMOVE")
    assert [one.verdict for one in answer.planned] == [("DELETE", "BACKUP", "QUEUED", None, "s2")]
