"""pairServers and unpairServers: shapes, home secondaries, twins, and every refusal."""

import pytest

from tests.builders import Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIMARIES = ("p1", "p2", "p3")
SECONDARIES = ("s1", "s2", "s3")


async def fill(site: SiteBuilder, **counts: int) -> None:
    for server, number in counts.items():
        for index in range(number):
            await site.add(server, f"{server} camera {index}")


def homes(shown: Json) -> dict[str, str]:
    return {one["server"]["name"]: one["secondary"]["name"] for one in shown["primaries"]}


@pytest.mark.parametrize(
    ("style", "primaries", "secondaries"), [("SYMMETRIC", 1, 1), ("ASYMMETRIC", 2, 1), ("ASYMMETRIC", 3, 2)]
)
async def test_a_shape_that_fits_is_paired(
    site: SiteBuilder, style: str, primaries: int, secondaries: int
) -> None:
    answer = await site.pair(style, PRIMARIES[:primaries], SECONDARIES[:secondaries])
    (made,) = answer.body["pairings"]
    assert made["style"] == style
    assert [one["server"]["name"] for one in made["primaries"]] == list(PRIMARIES[:primaries])
    assert [one["name"] for one in made["secondaries"]] == list(SECONDARIES[:secondaries])
    assert (await site.state())["pairings"]["nodes"] == [made]


@pytest.mark.parametrize(
    ("style", "primaries", "secondaries"),
    [
        ("SYMMETRIC", 2, 1),
        ("SYMMETRIC", 1, 2),
        ("SYMMETRIC", 2, 2),
        ("ASYMMETRIC", 1, 1),
        ("ASYMMETRIC", 1, 2),
        ("ASYMMETRIC", 2, 2),
        ("ASYMMETRIC", 3, 3),
    ],
)
async def test_a_shape_that_does_not_fit_is_refused_with_its_counts(
    site: SiteBuilder, style: str, primaries: int, secondaries: int
) -> None:
    await site.register("s3", label="SECONDARY")
    (refusal,) = await site.refusals(site.pair(style, PRIMARIES[:primaries], SECONDARIES[:secondaries]))
    code = "SYMMETRIC_NEEDS_ONE_TO_ONE" if style == "SYMMETRIC" else "ASYMMETRIC_NEEDS_MORE_PRIMARIES"
    assert (refusal.kind, refusal.code, refusal.path) == ("PairingShape", code, ("pairings", "0"))
    shown = (refusal.body["style"], refusal.body["primaries"], refusal.body["secondaries"])
    assert shown == (style, primaries, secondaries)
    assert f"has {primaries} and {secondaries}." in refusal.message


async def test_a_given_assignment_is_the_home(site: SiteBuilder) -> None:
    given = {"p1": "s2", "p2": "s2", "p3": "s2"}
    answer = await site.pair("ASYMMETRIC", PRIMARIES, ["s1", "s2"], given)
    assert homes(answer.body["pairings"][0]) == given
    assert homes(answer.body["planned"][0]) == given
    shown = {one["name"]: one["homeSecondary"] for one in (await site.state())["servers"]["nodes"]}
    assert shown == {one: {"name": "s2"} for one in PRIMARIES} | {"s1": None, "s2": None}


async def test_else_the_least_loaded_secondary_is_the_home_and_the_largest_chooses_first(
    site: SiteBuilder,
) -> None:
    await fill(site, p1=1, p2=2, p3=4, s1=1)
    answer = await site.pair("ASYMMETRIC", PRIMARIES, ["s1", "s2"])
    # p3 (4): s2 holds 0, s1 holds 1. p2 (2): s1 holds 1, s2 gets 4. p1 (1): s1 has 3, s2 has 4.
    assert homes(answer.body["planned"][0]) == {"p3": "s2", "p2": "s1", "p1": "s1"}


async def test_given_assignments_count_as_load(site: SiteBuilder) -> None:
    await fill(site, p1=3, p2=2, p3=2)
    answer = await site.pair("ASYMMETRIC", PRIMARIES, ["s1", "s2"], {"p1": "s1"})
    assert homes(answer.body["planned"][0]) == {"p1": "s1", "p2": "s2", "p3": "s2"}


async def test_ties_go_by_name(site: SiteBuilder) -> None:
    await fill(site, p1=1, p2=1, p3=1)
    answer = await site.pair("ASYMMETRIC", ["p3", "p2", "p1"], ["s2", "s1"])
    assert homes(answer.body["planned"][0]) == {"p1": "s1", "p2": "s2", "p3": "s1"}


async def test_each_camera_of_the_primaries_gets_a_twin_on_the_home(site: SiteBuilder) -> None:
    await site.add("p1", "Door", hardware={"macAddress": mac(1), "manufacturer": "Axis", "model": "P3245"})
    await site.add("p2", "Gate", 2, channel=3)
    answer = await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    assert [(one.verdict, one.cause, one.source) for one in answer.planned] == [
        (("ADD", "BACKUP", "QUEUED", None, "s1"), "PAIRING", "p1"),
        (("ADD", "BACKUP", "QUEUED", None, "s1"), "PAIRING", "p2"),
    ]
    twin = await site.twin("Door")
    assert (twin.name, twin.server, twin.mac) == ("Door", "s1", mac(1))
    assert (twin.manufacturer, twin.model) == ("Axis", "P3245")
    assert (await site.twin("Gate")).channel == 3
    (planned,) = answer.body["planned"]
    counts = (planned["camerasAdopted"], planned["camerasAdded"], planned["camerasMoved"])
    assert counts == (0, 2, 0)


async def test_an_existing_link_elsewhere_becomes_a_move(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    await site.mode("MANUAL")
    await site.map({"Door": "s2"})
    await site.settle()
    await site.mode("AUTO")
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert [(one.verdict, one.left) for one in answer.planned] == [
        (("MOVE", "BACKUP", "QUEUED", None, "s1"), "s2")
    ]
    assert answer.body["planned"][0]["camerasMoved"] == 1
    assert (await site.twin("Door")).server == "s1"


async def test_cameras_only_on_the_secondary_are_left_alone(site: SiteBuilder) -> None:
    await site.add("s1", "Lobby", 1)
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert answer.planned == ()
    assert await site.inventory("p1") == []
    assert (await site.camera("Lobby")).counterpart is None


CROWD = """
INSERT INTO camera (id, site_id, server_id, side, name, channel, address, confirmed_server_id, confirmed_address)
SELECT uuid_v7(), site_id, id, label, 'Camera ' || n, 0, 'camera-' || n, id, 'camera-' || n
FROM server CROSS JOIN generate_series(1, 501) AS n WHERE site_id = $1 AND name = 'p1'
"""


async def test_all_are_counted_and_the_first_500_are_shown(site: SiteBuilder) -> None:
    await site.api.database.pool.execute(CROWD, site.uuid)
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"], dryRun=True)
    assert (answer.queued, answer.body["planned"][0]["camerasAdded"]) == (501, 501)
    assert (len(answer.planned), answer.body["mirrored"]["truncated"]) == (500, True)
    await site.api.database.pool.execute(
        "DELETE FROM camera WHERE site_id = $1 AND name = 'Camera 7'", site.uuid
    )
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"], dryRun=True)
    assert (len(answer.planned), answer.body["mirrored"]["truncated"]) == (500, False)


async def test_several_pairings_are_made_in_one_call(site: SiteBuilder) -> None:
    await fill(site, p1=1, p3=1)
    answer = await site.pair_all(
        site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("ASYMMETRIC", ["p2", "p3"], ["s2"])
    )
    assert [one["style"] for one in answer.body["pairings"]] == ["SYMMETRIC", "ASYMMETRIC"]
    assert [one.target for one in answer.planned] == ["s1", "s2"]


async def test_every_refusal_is_told_at_once_with_its_path(site: SiteBuilder) -> None:
    await site.register("u1")
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    unknown = "server_" + "0" * 32
    first = site.pairing("SYMMETRIC", ["p1", "u1", "s2"], ["s1", unknown])
    second = site.pairing("ASYMMETRIC", ["p2"], ["s2"], {"p3": "s1"})
    assert await site.refused(site.pair_all(first, second)) == [
        ("SERVER_ALREADY_PAIRED", ("pairings", "0", "primaryIds", "0")),
        ("SERVER_UNLABELED", ("pairings", "0", "primaryIds", "1")),
        ("WRONG_LABEL", ("pairings", "0", "primaryIds", "2")),
        ("SERVER_ALREADY_PAIRED", ("pairings", "0", "secondaryIds", "0")),
        ("NOT_FOUND", ("pairings", "0", "secondaryIds", "1")),
        ("SYMMETRIC_NEEDS_ONE_TO_ONE", ("pairings", "0")),
        ("SERVER_ALREADY_PAIRED", ("pairings", "1", "secondaryIds", "0")),
        ("ASYMMETRIC_NEEDS_MORE_PRIMARIES", ("pairings", "1")),
        ("INVALID_INPUT", ("pairings", "1", "assignments", "0", "primaryId")),
        ("INVALID_INPUT", ("pairings", "1", "assignments", "0", "secondaryId")),
    ]


async def test_a_primary_has_one_assignment(site: SiteBuilder) -> None:
    given = site.pairing("ASYMMETRIC", PRIMARIES, ["s1", "s2"], {"p1": "s1"})
    twice = given | {"assignments": given["assignments"] * 2}
    path = ("pairings", "0", "assignments", "1", "primaryId")
    assert await site.refused(site.pair_all(twice)) == [("INVALID_INPUT", path)]


@pytest.mark.parametrize(("primaries", "secondaries"), [(["p1", "p1"], ["s1"]), (["p1"], ["s1", "s1"])])
async def test_a_server_is_named_once(
    site: SiteBuilder, primaries: list[str], secondaries: list[str]
) -> None:
    refused = await site.refused(site.pair("SYMMETRIC", primaries, secondaries))
    assert [code for code, _ in refused] == ["SERVER_ALREADY_PAIRED"]


async def test_servers_are_paired_only_in_auto(site: SiteBuilder) -> None:
    await site.mode("MANUAL")
    assert await site.refused(site.pair("SYMMETRIC", ["p1"], ["s1"])) == [("MODE_MISMATCH", ())]


async def paired(site: SiteBuilder) -> str:
    """Door and Gate on p1 with confirmed twins on s1; returns the twin of Door."""
    await site.add("p1", "Door", 1)
    await site.add("p1", "Gate", 2)
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    await site.settle()
    return (await site.twin("Door")).id


async def test_unpairing_keeps_the_twins_on_their_own(site: SiteBuilder) -> None:
    twin = await paired(site)
    answer = await site.unpair("p1")
    assert answer.body["pairingIds"] == [site.pairings["p1"]]
    assert (answer.queued, answer.planned) == (0, ())
    kept = await site.camera(twin)
    assert (kept.server, kept.counterpart, kept.removing) == ("s1", None, False)
    assert await site.protection("Door") == "UNPROTECTED"
    assert (await site.state())["pairings"]["nodes"] == []


async def test_unpairing_removes_the_twins_if_asked(site: SiteBuilder) -> None:
    twin = await paired(site)
    answer = await site.unpair("p1", twins="REMOVE")
    assert [(one.verdict, one.cause, one.device["name"]) for one in answer.planned] == [
        (("DELETE", "BACKUP", "QUEUED", None, "s1"), "PAIRING", "Door"),
        (("DELETE", "BACKUP", "QUEUED", None, "s1"), "PAIRING", "Gate"),
    ]
    left = await site.camera(twin)
    assert (left.counterpart, left.removing) == (None, True)
    await site.settle()
    assert await site.inventory("s1") == []


async def test_what_was_unpaired_is_paired_again_by_adopting(site: SiteBuilder) -> None:
    twin = await paired(site)
    await site.unpair("p1")
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert (answer.body["planned"][0]["camerasAdopted"], answer.queued) == (2, 0)
    assert (await site.twin("Door")).id == twin


async def test_unpairing_leaves_other_pairings_alone(site: SiteBuilder) -> None:
    await paired(site)
    await site.pair("SYMMETRIC", ["p2"], ["s2"])
    await site.add("p2", "Ramp")
    await site.unpair("p1")
    assert [one["id"] for one in (await site.state())["pairings"]["nodes"]] == [site.pairings["p2"]]
    assert await site.protection("Ramp") == "PENDING"


async def test_an_unknown_pairing_is_not_found(site: SiteBuilder) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    unpaired = site.unpair("p1", "pairing_" + "0" * 32)
    assert await site.refused(unpaired) == [("NOT_FOUND", ("pairingIds", "1"))]
