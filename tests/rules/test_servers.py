"""Servers: what is said of them changes, and they go when nothing needs them any more."""

from typing import Any

import pytest

from tests.builders import Api, Json, SiteBuilder, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN_USE = ("SERVER_IN_USE", ("serverIds", "0"))
SAID = ("name", "address", "externalId", "maxCameras")


def refused_at(code: str, index: int, field: str) -> tuple[str, tuple[str, ...]]:
    return code, ("servers", str(index), field)


async def events(site: SiteBuilder, after: int) -> list[tuple[str, Json]]:
    query = "SELECT kind, payload FROM event WHERE site_id = $1 AND revision > $2 ORDER BY revision"
    rows = await site.api.database.pool.fetch(query, site.uuid, after)
    return [(row["kind"], row["payload"]) for row in rows]


async def said(site: SiteBuilder, **changes: Any) -> tuple[Any, ...]:
    """What is said of p1 after a change."""
    answer = await site.update_servers({"p1": changes})
    (server,) = answer.body["servers"]
    return tuple(server[field] for field in SAID)


async def test_what_is_given_changes_what_is_absent_stays_and_null_clears(site: SiteBuilder) -> None:
    made = {"address": "HTTP://P1.example/", "externalId": " vms-1 ", "maxCameras": 64}
    assert await said(site, **made) == ("p1", "p1.example", "vms-1", 64)
    assert await said(site, name=" P one ") == ("P one", "p1.example", "vms-1", 64)
    assert await said(site, address=None) == ("P one", None, "vms-1", 64)
    assert await said(site, externalId=None, maxCameras=None) == ("P one", None, None, None)


async def test_several_are_answered_in_input_order_and_the_unchanged_make_no_event(site: SiteBuilder) -> None:
    await site.update_servers({"p2": {"address": "192.0.2.2"}})
    before = await site.revision()
    answer = await site.update_servers(
        {
            "s1": {"maxCameras": 8, "address": None},
            "p1": {"name": "p1"},
            "p2": {"address": "192.0.2.2", "name": "P2"},
        }
    )
    assert [one["name"] for one in answer.body["servers"]] == ["s1", "p1", "P2"]
    told = [(kind, body["before"], body["server"]["name"]) for kind, body in await events(site, before)]
    assert told == [
        ("SERVER_UPDATED", {"max_cameras": None}, "s1"),
        ("SERVER_UPDATED", {"name": "p2"}, "P2"),
    ]


async def test_nothing_that_is_new_is_no_change(site: SiteBuilder) -> None:
    revision = await site.revision()
    answer = await site.update_servers({"p1": {"name": "p1", "address": None}, "p2": {}})
    assert (answer.change_id, answer.revision) == (None, revision)


async def names(site: SiteBuilder) -> dict[str, str]:
    """The present names of servers by the names that they were made with."""
    found = {one["id"]: one["name"] for one in (await site.state())["servers"]["nodes"]}
    return {name: found[server_id] for name, server_id in site.servers.items()}


async def test_names_are_swapped_and_passed_on_in_one_call(site: SiteBuilder) -> None:
    await site.update_servers({"p1": {"name": "p2"}, "p2": {"name": "p1"}})
    await site.update_servers({"s1": {"name": "s2"}, "s2": {"name": "s3"}})
    assert await names(site) == {"p1": "p2", "p2": "p1", "p3": "p3", "s1": "s2", "s2": "s3"}


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"p1": "p2"}, [0]),
        ({"p1": " p2 ", "p2": "p2"}, [0]),
        ({"p2": "p2", "p1": "p2"}, [1]),
        ({"p1": "new", "p2": "new"}, [1]),
        ({"p1": "p2", "p3": "p2", "p2": "new"}, [1]),
        ({"p1": "s1", "p2": "new", "p3": "s2"}, [0, 2]),
    ],
)
async def test_a_name_that_another_server_has_at_the_end_is_taken(
    site: SiteBuilder, changes: dict[str, str], taken: list[int]
) -> None:
    update = site.update_servers({server: {"name": name} for server, name in changes.items()})
    assert await site.refused(update) == [refused_at("NAME_TAKEN", index, "name") for index in taken]


async def test_all_that_is_wrong_is_told_at_once(site: SiteBuilder) -> None:
    elsewhere = await new_site(site.api)
    await elsewhere.register("n1")
    updates: dict[str, Json] = {
        "p1": {"name": None, "address": "a b", "externalId": "", "maxCameras": 0},
        elsewhere.servers["n1"]: {"name": "x" * 201},
        "p2": {"name": "p3", "maxCameras": 1_000_001},
    }
    assert await site.refused(site.update_servers(updates)) == [
        refused_at("INVALID_INPUT", 0, "name"),
        refused_at("INVALID_INPUT", 0, "address"),
        refused_at("INVALID_INPUT", 0, "externalId"),
        refused_at("INVALID_INPUT", 0, "maxCameras"),
        refused_at("INVALID_INPUT", 1, "name"),
        refused_at("NOT_FOUND", 1, "serverId"),
        refused_at("INVALID_INPUT", 2, "maxCameras"),
        refused_at("NAME_TAKEN", 2, "name"),
    ]


async def test_a_server_is_named_once_in_a_call(site: SiteBuilder) -> None:
    p1 = site.servers["p1"]
    given = [{"serverId": p1, "name": "new"}, {"serverId": p1, "name": "new"}]
    twice = [refused_at("INVALID_INPUT", 1, "serverId")]
    assert await site.refused(site.change("updateServers", servers=given)) == twice


async def test_null_and_absent_are_two_inputs_to_an_idempotency_key(site: SiteBuilder) -> None:
    key: Json = {"idempotencyKey": "once"}
    await site.update_servers({"p1": {"address": None}}, **key)
    reused = [("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))]
    assert await site.refused(site.update_servers({"p1": {}}, **key)) == reused
    assert (await site.update_servers({"p1": {"address": None}}, **key)).change_id is None


async def test_servers_go_with_the_cameras_that_stand_only_there(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.add("p2", "Gate", 1)
    await site.label("UNLABELED", "p1")
    before = await site.revision()
    p1, s1 = site.servers["p1"], site.servers["s1"]
    answer = await site.remove_servers("p1", "s1", "p1")
    assert answer.body["serverIds"] == [p1, s1]
    assert sorted(await remaining(site)) == ["p2", "p3", "s2"]
    assert [one.name for one in await site.inventory()] == ["Gate"]
    told = [(kind, body.get("server") or body["camera"]) for kind, body in await events(site, before)]
    assert [kind for kind, _ in told] == ["SERVER_REMOVED", "SERVER_REMOVED", "CAMERA_REMOVED"]
    assert sorted(row["name"] for _, row in told) == ["Door", "p1", "s1"]
    assert all(row["site_id"] == str(site.uuid) for _, row in told)


async def remaining(site: SiteBuilder) -> list[str]:
    return [one["name"] for one in (await site.state())["servers"]["nodes"]]


async def test_its_actions_stay_and_show_no_server_any_more(site: SiteBuilder) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.add("p1", "Door", 1)
    await site.settle()
    await site.unpair("p1", twins="REMOVE")
    await site.settle()
    await site.remove_servers("s1")
    actions = await site.actions()
    assert [(one.action, one.status, one.source, one.target) for one in actions] == [
        ("ADD", "APPLIED", "p1", None),
        ("DELETE", "APPLIED", "p1", None),
    ]


async def test_its_name_is_free_again(site: SiteBuilder) -> None:
    await site.remove_servers("p3")
    assert (await site.register("p3")).change_id is not None


@pytest.mark.parametrize("server", ["p1", "s1"])
async def test_a_paired_server_is_in_use(site: SiteBuilder, server: str) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert await site.refused(site.remove_servers(server)) == [IN_USE]
    await site.unpair("p1")
    await site.remove_servers(server)


@pytest.mark.parametrize("server", ["p1", "s1"])
async def test_a_server_with_linked_cameras_is_in_use(site: SiteBuilder, server: str) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    assert await site.refused(site.remove_servers(server)) == [IN_USE]
    await site.unmap("Door")
    await site.remove_servers(server)


@pytest.mark.parametrize("outcome", ["FAILED", "QUEUED"])
async def test_the_target_of_an_unresolved_action_is_in_use(site: SiteBuilder, outcome: str) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    await site.unmap("Door", twins="REMOVE")
    if outcome == "FAILED":
        await site.fail(*await site.unresolved())
    assert await site.refused(site.remove_servers("s1")) == [IN_USE]
    await site.abandon(*await site.unresolved())
    await site.remove_servers("s1")
    assert [(one.status, one.target) for one in await site.actions(statuses=["ABANDONED"])] == [
        ("ABANDONED", None)
    ]


async def test_a_server_that_an_unresolved_move_leaves_is_in_use(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()
    await site.map({"Door": "s2"})
    (refusal,) = await site.refusals(site.remove_servers("s1"))
    assert (refusal.code, refusal.path) == IN_USE
    assert refusal.message == (
        "The server 's1' is named by unresolved actions; let them be applied or abandon them before it is removed."
    )
    await site.settle()
    await site.remove_servers("s1")


async def test_every_reason_is_told_of_every_server(api: Api, site: SiteBuilder) -> None:
    elsewhere = await new_site(api)
    await elsewhere.register("n1")
    await site.add("p1", "Door", 1)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    refusals = await site.refusals(site.remove_servers("s1", elsewhere.servers["n1"], "p2", "p1"))
    assert [(one.code, one.path[1]) for one in refusals] == [
        *[("SERVER_IN_USE", "0")] * 3,
        ("NOT_FOUND", "1"),
        *[("SERVER_IN_USE", "3")] * 2,
    ]
    assert [one.message.split("'")[2].split(";")[0] for one in refusals[:3]] == [
        " is paired",
        " holds linked cameras",
        " is named by unresolved actions",
    ]
