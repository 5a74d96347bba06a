"""The event log: numbered without a gap, in order within a change, and telling everything that changed."""

from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest

from tests.builders import Api, Json, SiteBuilder, mac, new_site
from tests.changes.laid_out import CASES, Case, manual, pooled

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What follows from other events: of a camera's side its server's label, of what is confirmed the applied actions.
DERIVED = frozenset({"side", "external_server_id"})
KINDS = {
    "registerServers": ["SERVER_REGISTERED"] * 2,
    "updateSite": ["SITE_UPDATED"],
    "updateServers": ["SERVER_UPDATED"] * 2,
    "removeServers": ["SERVER_REMOVED"] * 2 + ["CAMERA_REMOVED"],
    "labelServers": ["SERVER_LABELED"],
    "setMode": ["MODE_SET", "PAIRING_DISSOLVED"],
    "setSyncPolicy": ["SYNC_POLICY_SET"],
    "pairServers": [
        "PAIRING_CREATED",
        "CAMERA_LINKED",
        *["CAMERA_ADDED"] * 2,
        *["CAMERA_LINKED"] * 2,
        *["MIRRORED_ACTION"] * 2,
    ],
    "unpairServers": [
        "PAIRING_DISSOLVED",
        *["CAMERA_UNLINKED"] * 3,
        *["CAMERA_UPDATED"] * 3,
        *["MIRRORED_ACTION"] * 3,
    ],
    "mapCameras": ["CAMERA_MOVED", "CAMERA_ADDED", "CAMERA_LINKED", *["MIRRORED_ACTION"] * 2],
    "unmapCameras": ["CAMERA_UNLINKED", "CAMERA_UPDATED", "MIRRORED_ACTION"],
    "addCamera": ["CAMERA_ADDED", "CAMERA_ADDED", "CAMERA_LINKED", "MIRRORED_ACTION"],
    "updateCamera": ["CAMERA_UPDATED"],
    "moveCamera": ["CAMERA_MOVED", "CAMERA_MOVED", "MIRRORED_ACTION"],
    "deleteCamera": ["CAMERA_UNLINKED", "CAMERA_UPDATED", "CAMERA_REMOVED", "MIRRORED_ACTION"],
    "reportInventory": [
        "INVENTORY_REPORTED",
        "CAMERA_UPDATED",
        *["CAMERA_ADDED"] * 2,
        "CAMERA_LINKED",
        "MIRRORED_ACTION",
    ],
    "replaceCamera": ["CAMERA_REPLACED", "CAMERA_REPLACED", "MIRRORED_ACTION"],
    "updatePairing": ["PAIRING_UPDATED", "CAMERA_MOVED", "MIRRORED_ACTION"],
    "reconcile": ["MIRRORED_ACTION"] * 2,
}


async def events(site: SiteBuilder, after: int = 0) -> list[Json]:
    query = "SELECT * FROM event WHERE site_id = $1 AND revision > $2 ORDER BY revision"
    rows = await site.api.database.pool.fetch(query, site.uuid, after)
    return [dict(row) for row in rows]


async def all_done(site: SiteBuilder) -> None:
    """A long story in which every mutation is made."""
    await pooled(site)
    for case in CASES:
        if case.prepare is pooled and case.name not in {"setMode", "unpairServers"}:
            await case.change(site)
    first, *_ = await site.actions(statuses=["QUEUED"])
    await site.fail(first)
    await site.retry(first)
    await site.abandon(first)
    await site.register("n1", label="PRIMARY")
    await site.label("SECONDARY", "n1")
    await site.remove_servers("n1")
    await site.update_servers({"p3": {"address": "192.0.2.3"}})
    await site.rename(f"Renamed {site.id}")
    await site.policy(restore=False)
    await site.mode("MANUAL")
    await site.map({"Gate": "s2"})
    await site.ack(*await site.actions(statuses=["QUEUED"]), external_id=None)
    await site.unmap("Gate", twins="REMOVE")
    await site.mode("AUTO")
    await site.pair("SYMMETRIC", ["p2"], ["s2"])
    await site.unpair("p2", twins="REMOVE")
    await site.settle()


async def test_revisions_have_no_gap_and_end_at_the_sites(site: SiteBuilder) -> None:
    await all_done(site)
    log = await events(site)
    assert [one["revision"] for one in log] == list(range(1, len(log) + 1))
    assert await site.revision() == len(log)


async def test_events_of_a_change_stand_together_and_the_last_says_so(site: SiteBuilder) -> None:
    await all_done(site)
    changes = [list(group) for _, group in groupby(await events(site), lambda one: one["change_id"])]
    assert len({change[0]["change_id"] for change in changes}) == len(changes)
    for change in changes:
        assert [one["end_of_change"] for one in change] == [False] * (len(change) - 1) + [True]
        assert len({(one["at"], one["actor"], one["version"]) for one in change}) == 1
        assert (change[0]["actor"], change[0]["version"]) == ("anonymous", 1)


async def test_a_change_answers_its_id_and_the_revision_of_its_last_event(site: SiteBuilder) -> None:
    answer = await site.add("p1", "Door", 1)
    last = (await events(site))[-1]
    assert answer.change_id == f"change_{last['change_id'].hex}"
    assert (answer.revision, answer.body["site"]["revision"]) == (last["revision"], last["revision"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_change_tells_what_it_did(site: SiteBuilder, case: Case) -> None:
    await case.prepare(site)
    before = await site.revision()
    await case.change(site)
    assert [one["kind"] for one in await events(site, before)] == KINDS[case.name]


async def test_making_a_site_is_its_first_event(api: Api) -> None:
    site = await new_site(api, "Harbour")
    (event,) = await events(site)
    assert (event["kind"], event["revision"], await site.revision()) == ("SITE_CREATED", 1, 1)
    assert event["payload"]["site"]["name"] == "Harbour"


async def test_acknowledging_tells_of_the_action_and_of_a_new_external_id(site: SiteBuilder) -> None:
    await pooled(site)
    before = await site.revision()
    await site.ack(*await site.unresolved(), external_id="recorder-7")
    kinds = [one["kind"] for one in await events(site, before)]
    assert kinds == ["CAMERA_UPDATED", "MIRRORED_ACTION"]


async def test_what_was_before_is_told(site: SiteBuilder) -> None:
    before = await site.revision()
    await site.label("SECONDARY", "p3")
    await site.policy(add=False)
    await site.mode("MANUAL")
    label, policy, mode = (one["payload"] for one in await events(site, before))
    assert (label["before"], label["server"]["label"]) == ({"label": "PRIMARY"}, "SECONDARY")
    assert (policy["before"]["sync_add"], policy["site"]["sync_add"]) == (True, False)
    assert (mode["before"], mode["site"]["mode"]) == ({"mode": "AUTO"}, "MANUAL")


async def actions_told(site: SiteBuilder, after: int) -> list[tuple[str, str, str]]:
    told = [one["payload"].get("mirrored_action") for one in await events(site, after)]
    return [(one["action"], one["status"], one["device"]["name"]) for one in told if one]


async def test_what_ends_comes_first_then_delete_move_replace_add(site: SiteBuilder) -> None:
    # On s2 stands a copy of Lobby, which will be adopted there; its twin on s1 then has to go.
    await site.add("p3", "Lobby", 8)
    await site.add("s2", "Copy of lobby", 8)
    await manual(site)
    await site.map({"Gate": "s1", "Ramp": "s1", "Lobby": "s1"})
    ramp = next(one for one in await site.unresolved() if one.device["name"] == "Ramp")
    await site.fail(ramp)
    await site.settle()
    before = await site.revision()
    await site.map({"Ramp": "s2", "Gate": "s2", "Door": "s2", "Lobby": "s2"})
    assert await actions_told(site, before) == [
        ("ADD", "SUPERSEDED", "Ramp"),
        ("DELETE", "QUEUED", "Lobby"),
        ("MOVE", "QUEUED", "Copy of gate"),
        ("MOVE", "QUEUED", "Door"),
        ("ADD", "QUEUED", "Ramp"),
    ]


async def test_what_is_acknowledged_is_told_in_input_order(site: SiteBuilder) -> None:
    names = [f"Camera {number}" for number in range(8)]
    for name in names:
        await site.add("p1", name)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    shuffled = sorted(await site.unresolved(), key=lambda one: one.device["name"][::-1], reverse=True)
    shuffled = shuffled[3:] + shuffled[:3]
    before = await site.revision()
    await site.ack(*shuffled)
    told = [("ADD", "APPLIED", one.device["name"]) for one in shuffled]
    assert await actions_told(site, before) == told


async def rows_of(site: SiteBuilder, table: str, key: str = "site_id") -> dict[str, Json]:
    query = f"SELECT to_jsonb({table}) AS row FROM {table} WHERE {key} = $1"
    rows = await site.api.database.pool.fetch(query, site.uuid)
    return {one["row"].get("id", one["row"].get("server_id")): shown(one["row"]) for one in rows}


def shown(row: Json) -> Json:
    return {
        key: value
        for key, value in row.items()
        if key not in DERIVED and not key.startswith(("confirmed_", "unresolved_", "target_label"))
    }


SWITCHES = {f"sync_{one}" for one in ("backup", "restore", "add", "move", "delete", "replace")}
# What an event of such a change tells of how the thing was before.
BEFORE = {
    "CAMERA_MOVED": {"server_id"},
    "CAMERA_REPLACED": {"mac_address", "address", "manufacturer", "model"},
    "CAMERA_UPDATED": {"name", "mac_address", "address", "manufacturer", "model", "external_id", "removing"},
    "MODE_SET": {"mode"},
    "PAIRING_UPDATED": {"id", "site_id", "style", "members"},
    "SERVER_LABELED": {"label"},
    "SERVER_UPDATED": {"address"},
    "SITE_UPDATED": {"name"},
    "SYNC_POLICY_SET": SWITCHES,
}


def camera_id(uuid: str) -> str:
    return f"camera_{uuid.replace('-', '')}"


def folded(log: list[Json]) -> dict[str, dict[Any, Any]]:
    """The state as somebody builds it who has read nothing but the log."""
    state: dict[str, dict[Any, Any]] = {
        key: {} for key in ("site", "server", "camera", "mirrored_action", "pairing", "link")
    }
    for event in log:
        kind, subject, payload = event["kind"], str(event["subject_id"]), event["payload"]
        for key in ("site", "server", "camera", "mirrored_action", "pairing"):
            if key in payload:
                state[key][subject] = shown(payload[key])
        if kind == "CAMERA_LINKED":
            state["link"][frozenset((subject, payload["counterpart_id"]))] = True
        elif kind == "CAMERA_UNLINKED":
            del state["link"][frozenset((subject, payload["counterpart_id"]))]
        elif kind in {"CAMERA_REMOVED", "SERVER_REMOVED"}:
            del state[kind.split("_")[0].lower()][subject]
        elif kind == "PAIRING_DISSOLVED":
            del state["pairing"][subject]
    return state


async def renewed_ids(site: SiteBuilder) -> None:
    """Recorders name a device, name another one so, move it and lose it; one was added too late to be wanted."""
    await pooled(site)
    await site.ack(*await site.unresolved(), external_id="recorder-7")
    await site.add("p1", "Lobby", 5)
    await site.ack(*await site.unresolved(), external_id="recorder-8")
    await site.move("Lobby", "p2")
    await site.ack(*await site.unresolved(), external_id="recorder-7")
    await site.settle()
    await site.replace("Lobby", address="192.0.2.5")
    await site.replace("Gate", 2, address="192.0.2.2")
    await site.add("p2", "Yard", 9)
    (late,) = [one for one in await site.unresolved() if one.device["name"] == "Yard"]
    await site.abandon(late)
    await site.ack(late, external_id="recorder-7")
    await site.unpair("p1", twins="KEEP")


def wrong_befores(log: list[Json]) -> tuple[set[str], list[Json]]:
    """The kinds that told what was before, and the events that told it otherwise than those before their change."""
    kinds: set[str] = set()
    wrong: list[Json] = []
    read: list[Json] = []
    for _, group in groupby(log, lambda one: one["change_id"]):
        change, state = list(group), folded(read)
        for event in change:
            if "before" in event["payload"]:
                kinds.add(event["kind"])
                (noun,) = event["payload"].keys() & state.keys()
                had = state[noun][str(event["subject_id"])]
                told = shown(event["payload"]["before"])
                # Of a camera that moved in the same change all is told as it was on the server that it left.
                names = BEFORE[event["kind"]] | ({"server_id"} & told.keys())
                wrong += [event] if told != {name: had[name] for name in names} else []
        read += change
    return kinds, wrong


@pytest.mark.parametrize(
    ("story", "kinds"),
    [(all_done, set(BEFORE)), (renewed_ids, {"CAMERA_MOVED", "CAMERA_REPLACED", "CAMERA_UPDATED"})],
)
async def test_what_a_thing_was_before_a_change_is_told_by_its_events(
    site: SiteBuilder, story: Callable[[SiteBuilder], Awaitable[None]], kinds: set[str]
) -> None:
    await story(site)
    assert wrong_befores(await events(site)) == (kinds, [])


async def test_the_events_of_a_camera_that_goes_tell_it_as_it_was_last(site: SiteBuilder) -> None:
    await pooled(site)
    await site.add("p1", "Lobby", 5)
    before = await site.revision()
    await site.delete("Lobby")
    told = [one for one in await events(site, before) if one["kind"].startswith("CAMERA")]
    assert [(one["kind"], one["payload"]["camera"]["name"]) for one in told] == [
        ("CAMERA_UNLINKED", "Lobby"),
        ("CAMERA_UPDATED", "Lobby"),
        ("CAMERA_REMOVED", "Lobby"),
    ]


async def test_what_changes_twice_in_one_change_is_told_once_from_first_to_last(site: SiteBuilder) -> None:
    await pooled(site)
    await site.add("p2", "Yard", 9)
    (queued, late) = await site.unresolved()
    await site.abandon(late)
    await site.replace("Ramp", 5)
    (waiting,) = await site.actions(statuses=["BLOCKED"])
    before = await site.revision()
    said = [(late, "recorder-2"), (queued, "recorder-1"), (waiting, "recorder-2")]
    answer = await site.acknowledge(
        *({"actionId": one.id, "outcome": "APPLIED", "externalId": name} for one, name in said)
    )
    assert answer.body["accepted"] == 2
    updated, added = [one for one in await events(site, before) if one["kind"].startswith("CAMERA")]
    assert (added["kind"], added["payload"]["camera"]["external_id"]) == ("CAMERA_ADDED", None)
    payload = updated["payload"]
    assert (payload["before"]["external_id"], payload["camera"]["external_id"]) == (None, "recorder-2")


async def test_what_was_said_of_a_camera_that_moved_is_told_with_the_server_that_it_left(
    site: SiteBuilder,
) -> None:
    await site.add("p1", "Door", 1, externalId="17")
    before = await site.revision()
    door = {"name": "Front door", "hardware": {"macAddress": mac(1)}, "externalId": "17"}
    await site.report_all(site.reported("p1"), site.reported("p2", door), confirm=True)
    left = str(UUID(site.servers["p1"].removeprefix("server_")))
    _, moved, updated, _ = [one["payload"] for one in await events(site, before)]
    assert moved["before"] == {"server_id": left}
    assert (updated["before"]["server_id"], updated["before"]["external_id"]) == (left, "17")


async def test_the_events_tell_the_whole_state(site: SiteBuilder) -> None:
    await all_done(site)
    await site.pair("ASYMMETRIC", ["p1", "p3"], ["s1"])
    state = folded(await events(site))
    for table in ("server", "camera", "mirrored_action"):
        assert state[table] == await rows_of(site, table), table
    (made,) = (await rows_of(site, "site", "id")).values()
    (told,) = state["site"].values()
    assert told == {key: value for key, value in made.items() if key not in {"revision", "design_revision"}}
    links = {frozenset((one.id, one.counterpart)) for one in await site.inventory() if one.counterpart}
    assert {frozenset(camera_id(one) for one in link) for link in state["link"]} == links
    (pairing,) = state["pairing"].values()
    members = await rows_of(site, "pairing_member")
    told_homes = {one["server_id"]: one["home_id"] for one in pairing["members"]}
    assert told_homes == {key: member["home_id"] for key, member in members.items()}
    assert pairing["style"] == "ASYMMETRIC"
