"""The preview cannot lie: it answers what the change then answers, and leaves everything as it was."""

from dataclasses import replace
from typing import Any

import pytest

from service.store.database import connect
from tests.builders import Action, Answer, Json, SiteBuilder, api_of, new_site
from tests.changes.laid_out import CASES, Case

pytestmark = pytest.mark.asyncio(loop_scope="module")

NODES = {"site", "servers", "pairings", "pairing", "cameras", "camera", "mirroredAction", "pairingIds"}
OF_THIS_CHANGE = {"revision", "changeId", "dryRun", "mirrored", *NODES}


def named(one: Case) -> str:
    return one.name


def planned(answer: Answer) -> list[Action]:
    """What is set in motion; a camera that is new has another id in each run."""
    unidentified = {"targetCameraId": None, "sourceCameraId": None}
    return [replace(one, device=one.device | unidentified) for one in answer.planned]


def values(answer: Answer) -> Json:
    return {key: value for key, value in answer.body.items() if key not in OF_THIS_CHANGE}


def counts(answer: Answer) -> tuple[int, int, int]:
    return answer.queued, answer.blocked, answer.suppressed


@pytest.mark.parametrize("case", CASES, ids=named)
async def test_a_dry_run_answers_what_the_change_then_does_and_leaves_everything_as_it_was(
    site: SiteBuilder, case: Case
) -> None:
    await case.prepare(site)
    revision, before = await site.revision(), await site.api.rows()
    previewed = await case.change(site, dryRun=True)
    assert await site.api.rows() == before
    assert (previewed.revision, previewed.change_id) == (revision, None)
    assert previewed.body["site"]["revision"] == revision
    done = await case.change(site)
    assert (previewed.dry_run, done.dry_run) == (True, False)
    assert counts(previewed) == counts(done)
    assert planned(previewed) == planned(done)
    assert values(previewed) == values(done)


async def nodes(site: SiteBuilder, case: Case) -> Json:
    await case.prepare(site)
    body = (await case.change(site, dryRun=True)).body
    return {key: body[key] for key in NODES & body.keys()}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("registerServers", "servers"),
        ("pairServers", "pairings"),
        ("addCamera", "camera"),
        ("addCamera", "mirroredAction"),
        ("moveCamera", "mirroredAction"),
        ("deleteCamera", "mirroredAction"),
        ("replaceCamera", "mirroredAction"),
    ],
)
async def test_what_would_be_new_is_null(site: SiteBuilder, name: str, key: str) -> None:
    (case,) = (one for one in CASES if one.name == name)
    assert (await nodes(site, case))[key] is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("labelServers", lambda answer: answer["servers"][0]["label"] == "PRIMARY"),
        ("moveCamera", lambda answer: answer["camera"]["server"]["name"] == "p1"),
        ("replaceCamera", lambda answer: answer["camera"]["hardware"]["macAddress"].endswith("01")),
        ("mapCameras", lambda answer: answer["cameras"][1]["counterpart"] is None),
        ("unmapCameras", lambda answer: answer["cameras"][0]["counterpart"] is not None),
    ],
)
async def test_nodes_are_as_they_stand_now(site: SiteBuilder, name: str, shown: Any) -> None:  # noqa: ANN401
    (case,) = (one for one in CASES if one.name == name)
    assert shown(await nodes(site, case))


async def test_a_dry_run_needs_no_confirmation(site: SiteBuilder) -> None:
    await site.pair("SYMMETRIC", ["p1"], ["s1"])
    previewed = await site.mode("MANUAL", confirm=False, dryRun=True)
    assert previewed.body["impact"]["pairingsDissolved"] == 1
    assert previewed.body["dissolvedPairingIds"] == [site.pairings["p1"]]
    assert await site.refused(site.mode("MANUAL", confirm=False)) == [
        ("CONFIRMATION_REQUIRED", ("confirmImpact",))
    ]


async def test_a_dry_run_is_refused_as_the_change_is(site: SiteBuilder) -> None:
    done = await site.refusals(site.pair("SYMMETRIC", ["p1", "p2"], ["s1"]))
    assert await site.refusals(site.pair("SYMMETRIC", ["p1", "p2"], ["s1"], dryRun=True)) == done


AT_COMMIT = """
  CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'No more servers.' USING ERRCODE = 'check_violation', CONSTRAINT = 'server_name_unique'; END $$;
  CREATE CONSTRAINT TRIGGER no_more AFTER INSERT ON server DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION no_more()"""


async def test_the_deferred_checks_speak_on_a_dry_run_too(dsn: str) -> None:
    # A constraint that is judged at commit, and that no command can look ahead for.
    async with connect(dsn) as database, api_of(database) as api:
        site = await new_site(api)
        await database.pool.execute(AT_COMMIT)
        assert await site.refused(site.register("n1", dryRun=True)) == [("NAME_TAKEN", ())]


async def test_a_dry_run_remembers_no_key(site: SiteBuilder) -> None:
    key: Json = {"idempotencyKey": "a"}
    await site.add("p1", "Door", 1, dryRun=True, **key)
    made = await site.add("p1", "Gate", 2, **key)
    assert made.change_id is not None


async def test_a_dry_run_answers_no_remembered_key(site: SiteBuilder) -> None:
    key: Json = {"idempotencyKey": "a"}
    await site.register("n1", **key)
    refused = site.register("n1", dryRun=True, **key)
    assert await site.refused(refused) == [("NAME_TAKEN", ("servers", "0", "name"))]
    assert (await site.register("n2", dryRun=True, **key)).dry_run


async def test_a_preview_is_confirmed_by_its_revision(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1)
    previewed = await site.pair("SYMMETRIC", ["p1"], ["s1"], dryRun=True)
    done = await site.pair("SYMMETRIC", ["p1"], ["s1"], ifRevision=previewed.revision)
    assert done.queued == previewed.queued == 1
