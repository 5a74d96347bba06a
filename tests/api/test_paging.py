"""Relay's connections: every list, every page, each thing once."""

import base64

import orjson
import pytest

from tests.api.rows import Rows
from tests.builders import Api, FaultError, Json

LISTS = {
    "servers": "servers",
    "cameras": "cameras",
    "mirrored actions": "mirroredActions",
    "newest first": "mirroredActions(newestFirst: true)",
    "pairings": "pairings",
}


async def fill(rows: Rows) -> None:
    """Insert seven of everything, in an order that is not that of the lists; some share a name."""
    secondaries = [await rows.server(f"s{number}", "SECONDARY") for number in (3, 1, 6, 0, 5, 2, 4)]
    for number, secondary in enumerate(secondaries):
        primary = await rows.server(f"p{number}")
        await rows.pair("SYMMETRIC", {primary: secondary})
        camera = await rows.camera(primary, f"Camera {number // 2}")
        await rows.action(camera, secondary)


async def page(api: Api, rows: Rows, field: str, first: int, after: str | None) -> Json:
    opening = field.replace(")", ", ") if field.endswith(")") else f"{field}("
    document = f"""query ($id: ID!, $first: Int!, $after: String) {{ site(id: $id) {{
        found: {opening}first: $first, after: $after) {{
          nodes {{ id }} edges {{ cursor node {{ id }} }}
          pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"""
    given = {"id": f"site_{rows.site_id.hex}", "first": first, "after": after}
    found: Json = (await api.run(document, given))["site"]["found"]
    return found


async def test_pages_hold_each_thing_once_in_order(api: Api, rows: Rows) -> None:
    await fill(rows)
    for field in LISTS.values():
        for first in (1, 3, 7):
            await walk(api, rows, field, first)


async def walk(api: Api, rows: Rows, field: str, first: int) -> None:
    """Go through a list page by page, and see that it is the same as at once."""
    whole = [node["id"] for node in (await page(api, rows, field, 500, None))["nodes"]]
    seen: list[str] = []
    after = None
    while True:
        found = await page(api, rows, field, first, after)
        edges, info = found["edges"], found["pageInfo"]
        assert [edge["node"] for edge in edges] == found["nodes"]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
        seen += [node["id"] for node in found["nodes"]]
        if not info["hasNextPage"]:
            break
        assert len(edges) == first
        after = info["endCursor"]

    assert seen == whole
    assert len(set(seen)) == (14 if field == "servers" else 7)


async def test_newest_first_is_the_other_way_round(api: Api, rows: Rows) -> None:
    await fill(rows)
    oldest = (await page(api, rows, LISTS["mirrored actions"], 500, None))["nodes"]
    assert (await page(api, rows, LISTS["newest first"], 500, None))["nodes"] == oldest[::-1]


async def test_servers_page_their_own_cameras(api: Api, rows: Rows) -> None:
    for name in ("p1", "p2"):
        server = await rows.server(name)
        for number in range(3):
            await rows.camera(server, f"{name} {number}")
    document = """query ($id: ID!, $after: String) { site(id: $id) { servers { nodes {
        cameras(first: 2, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } } } } }"""
    given = {"id": f"site_{rows.site_id.hex}"}
    pages = [node["cameras"] for node in (await api.run(document, given))["site"]["servers"]["nodes"]]
    assert [[one["name"] for one in page["nodes"]] for page in pages] == [["p1 0", "p1 1"], ["p2 0", "p2 1"]]
    assert [(page["totalCount"], page["pageInfo"]["hasNextPage"]) for page in pages] == [(3, True), (3, True)]

    given["after"] = pages[0]["pageInfo"]["endCursor"]
    pages = [node["cameras"] for node in (await api.run(document, given))["site"]["servers"]["nodes"]]
    assert [[one["name"] for one in page["nodes"]] for page in pages] == [["p1 2"], ["p2 0", "p2 1"]]


async def test_sites_are_paged(api: Api, rows: Rows) -> None:
    other = Rows(rows.pool)
    await other.site("Annex")
    document = (
        "query ($after: String) { sites(first: 1, after: $after) { nodes { name } pageInfo { endCursor } } }"
    )
    first = (await api.run(document))["sites"]
    second = (await api.run(document, {"after": first["pageInfo"]["endCursor"]}))["sites"]
    assert [one["nodes"] for one in (first, second)] == [[{"name": "Annex"}], [{"name": "Depot"}]]


async def test_an_empty_page_has_no_cursors(api: Api, rows: Rows) -> None:
    assert await page(api, rows, "cameras", 50, None) == {
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


async def test_the_total_is_null_above_ten_thousand(api: Api, rows: Rows) -> None:
    server = await rows.server("p1")
    await rows.pool.execute(
        "INSERT INTO camera (id, site_id, server_id, side, name, channel, address) SELECT gen_random_uuid(), $1, $2, "
        "'PRIMARY', 'Camera ' || n, 0, 'host-' || n FROM generate_series(1, 10000) AS n",
        rows.site_id,
        server,
    )
    document = """query ($id: ID!) { site(id: $id) { cameras(first: 1) { totalCount }
        servers { nodes { cameraCount cameras(first: 1) { totalCount } } } } }"""
    given = {"id": f"site_{rows.site_id.hex}"}
    site = (await api.run(document, given))["site"]
    assert site["cameras"] == {"totalCount": 10_000}
    assert site["servers"]["nodes"] == [{"cameraCount": 10_000, "cameras": {"totalCount": 10_000}}]

    await rows.camera(server, "One more")
    site = (await api.run(document, given))["site"]
    assert site["cameras"] == {"totalCount": None}
    assert site["servers"]["nodes"] == [{"cameraCount": 10_001, "cameras": {"totalCount": None}}]


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


FOREIGN = [
    "",
    "x",
    "%%%",
    "Ünicode",
    cursor("servers", "p1", "01a205f8-9903-7fb9-b4f6-8fb7a5fef466"),
    cursor("cameras"),
    cursor("cameras", "Door"),
    cursor("cameras", "Door", "no uuid"),
    cursor("cameras", 5, "01a205f8-9903-7fb9-b4f6-8fb7a5fef466"),
    cursor("cameras", "\0", "01a205f8-9903-7fb9-b4f6-8fb7a5fef466"),
    cursor("cameras", "Door", "01a205f8-9903-7fb9-b4f6-8fb7a5fef466", "more"),
    base64.urlsafe_b64encode(b"7").decode(),
    base64.urlsafe_b64encode(b"[]").decode(),
    base64.urlsafe_b64encode(b"\xff").decode(),
]


async def test_a_cursor_that_the_list_did_not_give_is_a_bad_request(api: Api, rows: Rows) -> None:
    for after in FOREIGN:
        assert (
            await fault(api, rows, "cameras", 1, after)
            == "`after` must be a cursor that this same list gave."
        )


async def test_a_cursor_of_actions_holds_a_position(api: Api, rows: Rows) -> None:
    for place in (-1, 2**63, 1.5, "5", None):
        after = cursor("mirrored actions", place)
        message = await fault(api, rows, "mirroredActions", 1, after)
        assert message == "`after` must be a cursor that this same list gave."


async def test_first_is_from_1_to_500(api: Api, rows: Rows) -> None:
    for field in LISTS.values():
        for first in (0, -1, 501, 2**31 - 1):
            assert await fault(api, rows, field, first, None) == "`first` must be from 1 to 500."


async def fault(api: Api, rows: Rows, field: str, first: int, after: str | None) -> str:
    """Return the message of the bad request that a page must be."""
    with pytest.raises(FaultError) as caught:
        await page(api, rows, field, first, after)
    (error,) = caught.value.args[0]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_REQUEST", ["site", "found"])
    message: str = error["message"]
    return message
