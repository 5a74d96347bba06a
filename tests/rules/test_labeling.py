"""Labels: the prerequisite of everything else, and what keeps one from changing."""

import pytest

from tests.builders import Answer, Api, SiteBuilder, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMPLETE = {"complete": True, "primaries": 1, "secondaries": 1, "unlabeled": 0}


@pytest.mark.parametrize(
    ("primaries", "secondaries", "unlabeled", "complete"),
    [
        (0, 0, 0, False),
        (1, 0, 1, False),
        (0, 1, 1, False),
        (2, 0, 0, False),
        (1, 1, 0, True),
        (2, 1, 1, True),
    ],
)
async def test_labeling_is_complete_with_a_primary_and_a_secondary(
    api: Api, primaries: int, secondaries: int, unlabeled: int, *, complete: bool
) -> None:
    site = await new_site(api)
    for label, number in (("PRIMARY", primaries), ("SECONDARY", secondaries), ("UNLABELED", unlabeled)):
        if number:
            await site.register(*(f"{label} {index}" for index in range(number)), label=label)
    assert (await site.state())["labeling"] == {
        "complete": complete,
        "primaries": primaries,
        "secondaries": secondaries,
        "unlabeled": unlabeled,
    }


async def test_until_then_other_modes_and_pairings_are_refused(api: Api) -> None:
    site = await new_site(api)
    await site.register("p1", "p2", label="PRIMARY")
    incomplete = ("LABELING_INCOMPLETE", ())
    assert await site.refused(site.mode("MANUAL")) == [incomplete]
    assert incomplete in await site.refused(site.pair("SYMMETRIC", ["p1"], ["p2"]))


async def test_until_then_mappings_are_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    await site.mode("MANUAL")
    await site.label("UNLABELED", "s1", "s2")
    assert ("LABELING_INCOMPLETE", ()) in await site.refused(site.map({"Door": "s1"}))


async def test_the_present_mode_is_never_refused(api: Api) -> None:
    site = await new_site(api)
    assert (await site.mode("AUTO")).body["__typename"] == "ModeSet"


async def test_labels_are_set_and_changed(api: Api) -> None:
    site = await new_site(api)
    await site.register("a", "b")
    await site.label("PRIMARY", "a")
    answer = await site.label("SECONDARY", "b")
    assert [(one["name"], one["label"]) for one in answer.body["servers"]] == [("b", "SECONDARY")]
    assert (await site.state())["labeling"] == COMPLETE
    await site.label("PRIMARY", "b")
    assert (await site.state())["labeling"]["primaries"] == 2


async def test_a_camera_changes_sides_with_its_servers_label(site: SiteBuilder) -> None:
    await site.add("p3", "Door")
    assert (await site.camera("Door")).side == "PRIMARY"
    await site.label("SECONDARY", "p3")
    assert (await site.camera("Door")).side == "SECONDARY"
    await site.label("UNLABELED", "p3")
    assert (await site.camera("Door")).side is None


async def test_the_same_label_again_is_no_change(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    revision = await site.revision()
    answer = await site.label("PRIMARY", "p1")
    assert (answer.change_id, answer.revision) == (None, revision)


IN_USE = ("LABEL_IN_USE", ("labels", "0", "serverId"))


@pytest.mark.parametrize("server", ["p1", "s1"])
async def test_a_paired_server_keeps_its_label(site: SiteBuilder, server: str) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert await site.refused(site.label("UNLABELED", server)) == [IN_USE]


@pytest.mark.parametrize("server", ["p1", "s1"])
async def test_a_server_with_a_linked_camera_keeps_its_label(site: SiteBuilder, server: str) -> None:
    await site.add("p1", "Door")
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    assert await site.refused(site.label("UNLABELED", server)) == [IN_USE]


async def unmapped(site: SiteBuilder) -> Answer:
    await site.add("p1", "Door")
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    return await site.unmap("Door", twins="REMOVE")


@pytest.mark.parametrize("status", ["QUEUED", "FAILED"])
async def test_the_target_of_an_unresolved_action_keeps_its_label(site: SiteBuilder, status: str) -> None:
    (planned,) = (await unmapped(site)).planned
    assert planned.target == "s1"
    if status == "FAILED":
        await site.fail(*await site.unresolved())
    assert [one.status for one in await site.unresolved()] == [status]
    assert await site.refused(site.label("PRIMARY", "s1")) == [IN_USE]
    await site.label("UNLABELED", "p1")
    await site.abandon(*await site.unresolved())
    await site.label("PRIMARY", "s1")


async def test_the_server_that_an_unresolved_move_leaves_keeps_its_label(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    await site.map({"Door": "s2"})
    assert await site.refused(site.label("PRIMARY", "s1")) == [IN_USE]


async def test_all_uses_of_a_label_are_told(site: SiteBuilder) -> None:
    await site.add("p1", "Door")
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    refusals = await site.refusals(site.label("PRIMARY", "s1"))
    assert [(one.code, one.path) for one in refusals] == [IN_USE] * 3
    assert ["paired" in refusals[0].message, "linked" in refusals[1].message] == [True, True]
    assert "unresolved" in refusals[2].message


async def test_an_unlabeled_server_is_out_of_scope(site: SiteBuilder) -> None:
    await site.add("p3", "Door")
    await site.label("UNLABELED", "p3")
    on_server, on_camera = ("SERVER_UNLABELED", ("serverId",)), ("SERVER_UNLABELED", ("cameraId",))
    to_server = ("SERVER_UNLABELED", ("toServerId",))
    assert await site.refused(site.add("p3", "Gate")) == [on_server]
    assert await site.refused(site.delete("Door")) == [on_camera]
    assert await site.refused(site.replace("Door")) == [on_camera]
    replaced = site.change("replaceCamera", cameraId=site.cameras["Door"], hardware={})
    assert await site.refused(replaced) == [("INVALID_INPUT", ("hardware",)), on_camera]
    assert await site.refused(site.move("Door", "p1", allowUnprotected=True)) == [on_camera]
    await site.add("p1", "Gate")
    assert await site.refused(site.move("Gate", "p3", allowUnprotected=True)) == [to_server]
    primary = ("SERVER_UNLABELED", ("pairings", "0", "primaryIds", "0"))
    assert await site.refused(site.pair("SYMMETRIC", ["p3"], ["s1"])) == [primary]
    await site.mode("MANUAL")
    mapped = site.map({"Door": "s1", "Gate": "p3"})
    assert await site.refused(mapped) == [
        ("SERVER_UNLABELED", ("mappings", "0", "cameraId")),
        ("SERVER_UNLABELED", ("mappings", "1", "secondaryServerId")),
    ]


async def test_a_server_is_labelled_once_in_a_call(site: SiteBuilder) -> None:
    twice = ("INVALID_INPUT", ("labels", "1", "serverId"))
    assert await site.refused(site.label("SECONDARY", "p1", "p1")) == [twice]
