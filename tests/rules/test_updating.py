"""updateCamera: a camera's name, address and external id change on its own side; nothing is mirrored."""

from typing import Any

import pytest

from tests.builders import Action, Answer, Camera, Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ADDRESS = ("CAMERA_ALREADY_EXISTS", ("address",))
TAKEN = ("CAMERA_ALREADY_EXISTS", ("externalId",))
OLD, NEW, NEWER = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def invalid(field: str) -> list[tuple[str, tuple[str, ...]]]:
    return [("INVALID_INPUT", (field,))]


def known(answer: Answer) -> tuple[str, str | None, str | None, str | None]:
    assert answer.camera is not None
    camera: Camera = answer.camera
    return camera.name, camera.mac, camera.address, camera.external_id


async def door(site: SiteBuilder, number: int | None = 1, *, address: str | None = OLD) -> None:
    """The camera Door on p1."""
    await site.add("p1", "Door", number, address=address)


async def mirrored_door(site: SiteBuilder, number: int | None = 1) -> str:
    """Door on p1 and, all done, its twin on s1; returns the twin's id."""
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await door(site, number)
    await site.settle()
    return (await site.twin("Door")).id


async def mapped_door(site: SiteBuilder, number: int | None = 1) -> str:
    """In Manual mode, Door on p1 and, all done, its twin on s1, which is to move to s2; returns the twin's id."""
    await door(site, number)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    await site.map({"Door": "s2"})
    return (await site.twin("Door")).id


async def last_event(site: SiteBuilder) -> Json:
    query = "SELECT kind, payload FROM event WHERE site_id = $1 ORDER BY revision DESC LIMIT 1"
    row = await site.api.database.pool.fetchrow(query, site.uuid)
    assert row is not None
    return dict(row)


async def open_actions(site: SiteBuilder) -> list[tuple[str, str, str | None]]:
    """(action, status, address of the device) of everything unresolved."""
    return [(one.action, one.status, address_of(one)) for one in await site.unresolved()]


def address_of(action: Action) -> str | None:
    address: str | None = action.device["hardware"]["address"]
    return address


async def test_what_is_given_changes_what_is_absent_stays_and_null_clears(site: SiteBuilder) -> None:
    await door(site)
    assert known(await site.update("Door", name=" Front door ")) == ("Front door", mac(1), OLD, None)
    answer = await site.update("Door", address=f"rtsp://user:word@{NEW}:554/live", externalId=" r-1 ")
    assert known(answer) == ("Front door", mac(1), NEW, "r-1")
    assert known(await site.update("Door", externalId=None)) == ("Front door", mac(1), NEW, None)
    assert known(await site.update("Door", address=None)) == ("Front door", mac(1), None, None)


async def test_the_event_tells_what_was_before(site: SiteBuilder) -> None:
    await site.add("p1", "Door", hardware={"macAddress": mac(1), "address": OLD, "model": "M1"})
    await site.update("Door", name="Front door", address=NEW, externalId="r-1")
    event = await last_event(site)
    after = {key: event["payload"]["camera"][key] for key in ("name", "address", "external_id")}
    assert (event["kind"], after) == (
        "CAMERA_UPDATED",
        {"name": "Front door", "address": NEW, "external_id": "r-1"},
    )
    before = event["payload"]["before"]
    assert {key: before[key] for key in ("name", "address", "external_id", "removing", "model")} == {
        "name": "Door",
        "address": OLD,
        "external_id": None,
        "removing": False,
        "model": "M1",
    }
    assert before["manufacturer"] is None


async def test_what_is_so_already_is_no_change(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, address=OLD, externalId="r-1")
    revision = await site.revision()
    for given in ({}, {"name": "Door"}, {"address": f"http://{OLD}/"}, {"externalId": "r-1"}):
        answer = await site.update("Door", **given)
        assert (answer.change_id, answer.revision) == (None, revision)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", " "),
        ("name", "x" * 201),
        ("address", ""),
        ("address", "a b"),
        ("externalId", ""),
        ("externalId", "a\nb"),
    ],
)
async def test_what_cannot_be_stored_is_refused(site: SiteBuilder, field: str, value: Any) -> None:  # noqa: ANN401
    await door(site)
    assert await site.refused(site.update("Door", **{field: value})) == invalid(field)


async def test_all_that_is_wrong_is_told_at_once(site: SiteBuilder) -> None:
    await door(site)
    await site.add("p1", "Gate", address=NEW, externalId="r-2")
    update = site.update("Door", name=None, address=NEW, externalId="r-2")
    assert await site.refused(update) == [*invalid("name"), AT_ADDRESS, TAKEN]
    missing = site.update(site.servers["p1"], name="")
    assert await site.refused(missing) == [*invalid("name"), ("NOT_FOUND", ("cameraId",))]


async def test_nothing_is_mirrored(site: SiteBuilder) -> None:
    twin = await mirrored_door(site)
    answer = await site.update("Door", name="Front door", address=NEW, externalId="r-1")
    assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert (await open_actions(site), await site.protection("Door")) == ([], "PROTECTED")
    there = await site.camera(twin)
    assert (there.name, there.address, there.external_id) == ("Door", OLD, None)


async def test_the_twin_has_names_of_its_own(site: SiteBuilder) -> None:
    twin = await mirrored_door(site)
    await site.update(twin, name="Copy of door", externalId="t-1")
    assert (await site.camera("Door")).name == "Door"
    (deletion,) = (await site.unpair("p1", twins="REMOVE")).planned
    assert (deletion.device["name"], deletion.device["externalId"]) == ("Copy of door", "t-1")


# The address of a device that has a MAC address.


async def test_a_new_address_under_a_mac_leaves_what_is_under_way(site: SiteBuilder) -> None:
    twin = await mirrored_door(site)
    await site.replace("Door", 2, address=OLD)
    await site.update(twin, address=NEW)
    assert await open_actions(site) == [("REPLACE", "QUEUED", OLD)]
    await site.settle()
    assert ((await site.camera(twin)).address, await site.protection("Door")) == (NEW, "PROTECTED")


async def test_it_is_confirmed_too_where_that_is_the_same_device(site: SiteBuilder) -> None:
    twin = await mirrored_door(site)
    await site.update(twin, address=NEW)
    # The wish for other hardware is given up: what is confirmed is wanted again.
    await site.replace("Door", 2)
    (replacing,) = await site.unresolved()
    await site.fail(replacing)
    await site.abandon(replacing)
    there = await site.camera(twin)
    assert (there.mac, there.address) == (mac(1), NEW)


async def test_what_is_confirmed_of_another_device_stays(site: SiteBuilder) -> None:
    twin = await mirrored_door(site)
    await site.replace("Door", 2, address=NEW)
    (replacing,) = await site.unresolved()
    await site.fail(replacing)
    await site.update(twin, address=NEWER)
    assert (await site.camera(twin)).address == NEWER
    await site.abandon(replacing)
    there = await site.camera(twin)
    assert (there.mac, there.address) == (mac(1), OLD)


async def test_what_is_not_confirmed_yet_is_only_wanted(site: SiteBuilder) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await door(site)
    twin = (await site.twin("Door")).id
    (adding,) = await site.unresolved()
    await site.update(twin, address=NEW)
    assert await open_actions(site) == [("ADD", "QUEUED", OLD)]
    await site.fail(adding)
    await site.retry(adding)
    assert await open_actions(site) == [("ADD", "QUEUED", NEW)]


# The address of a device that has none: what it is known by.


async def test_an_address_is_not_cleared_that_is_all_that_is_known(site: SiteBuilder) -> None:
    await door(site, None)
    assert await site.refused(site.update("Door", address=None)) == invalid("address")
    assert known(await site.update("Door", address=NEW)) == ("Door", None, NEW, None)


async def test_without_a_mac_the_other_side_then_has_other_hardware(site: SiteBuilder) -> None:
    twin = await mirrored_door(site, None)
    answer = await site.update("Door", address=NEW)
    assert (answer.queued, answer.suppressed, await open_actions(site)) == (0, 0, [])
    assert ((await site.camera(twin)).address, await site.protection("Door")) == (OLD, "UNPROTECTED")
    await site.update(twin, address=NEW)
    assert await site.protection("Door") == "PROTECTED"


async def test_without_a_mac_it_supersedes_what_is_under_way(site: SiteBuilder) -> None:
    twin = await mirrored_door(site, None)
    await site.replace("Door", address=NEW)
    (replacing,) = await site.unresolved()
    await site.update(twin, address=NEWER)
    now = await site.action(replacing)
    assert (now.status, now.note) == ("SUPERSEDED", "The camera was changed on its own recorder.")
    assert await open_actions(site) == []


async def test_without_a_mac_it_confirms_what_was_not_confirmed_yet(site: SiteBuilder) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await door(site, None)
    (adding,) = await site.unresolved()
    await site.update((await site.twin("Door")).id, address=NEW)
    assert ((await site.action(adding)).status, await open_actions(site)) == ("SUPERSEDED", [])
    assert (await site.replace("Door", address=NEWER)).verdict[0] == "REPLACE"


async def test_without_a_mac_a_move_that_is_still_due_is_queued_anew(site: SiteBuilder) -> None:
    twin = await mapped_door(site, None)
    (moving,) = await site.unresolved()
    answer = await site.update(twin, address=NEW)
    assert ((await site.action(moving)).status, answer.queued) == ("SUPERSEDED", 1)
    (anew,) = await site.unresolved()
    assert (anew.verdict[0], anew.left, anew.target, address_of(anew)) == ("MOVE", "s1", "s2", NEW)


async def test_of_a_removing_camera_the_delete_is_queued_anew(site: SiteBuilder) -> None:
    twin = await mirrored_door(site, None)
    await site.delete("Door")
    (deletion,) = await site.unresolved()
    assert known(await site.update(twin, name="Old door", address=NEW)) == ("Old door", None, NEW, None)
    assert (await site.action(deletion)).status == "SUPERSEDED"
    assert await open_actions(site) == [("DELETE", "QUEUED", NEW)]
    assert (await site.camera(twin)).removing


# What another camera has.


async def test_an_address_that_makes_it_another_camera_is_refused(site: SiteBuilder) -> None:
    await door(site, None)
    await site.add("p1", "Gate", 2, address=NEW)
    assert await site.refused(site.update("Door", address=NEW)) == [AT_ADDRESS]
    await site.add("p1", "Lobby", address=NEWER)
    assert await site.refused(site.update("Door", address=NEWER)) == [AT_ADDRESS]
    assert await site.refused(site.update("Gate", address=NEWER)) == [AT_ADDRESS]


async def test_an_address_says_nothing_between_macs_on_other_channels_and_servers(site: SiteBuilder) -> None:
    await door(site)
    await site.add("p1", "Gate", 2, address=NEW)
    await site.add("p1", "Yard", address=NEWER, channel=1)
    await site.add("p2", "Ramp", address=NEWER)
    for address in (NEW, NEWER):
        assert known(await site.update("Door", address=address)) == ("Door", mac(1), address, None)


async def test_an_external_id_is_unique_on_its_recorder(site: SiteBuilder) -> None:
    await door(site)
    await site.add("p1", "Gate", 2, externalId="r-2")
    await site.add("p2", "Ramp", 3, externalId="r-3")
    assert await site.refused(site.update("Door", externalId="r-2")) == [TAKEN]
    assert known(await site.update("Door", externalId="r-3"))[3] == "r-3"
    await site.update("Gate", externalId=None)
    assert known(await site.update("Door", externalId="r-2"))[3] == "r-2"


async def test_it_belongs_to_the_recorder_that_holds_the_device(site: SiteBuilder) -> None:
    await site.add("s1", "Yard", externalId="t-2")
    twin = await mapped_door(site)
    assert await site.refused(site.update(twin, externalId="t-2")) == [TAKEN]
    # It is shown with the device that the move leaves behind.
    assert known(await site.update(twin, externalId="t-1"))[3] is None
    await site.ack(*await site.unresolved())
    assert [one.external_id for one in await site.inventory("s1") if one.removing] == ["t-1"]


async def test_a_camera_of_an_unlabeled_server_is_updated(site: SiteBuilder) -> None:
    await door(site)
    await site.label("UNLABELED", "p1")
    assert known(await site.update("Door", name="Front door", address=NEW)) == (
        "Front door",
        mac(1),
        NEW,
        None,
    )
