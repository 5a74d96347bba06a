"""idempotencyKey: the same key and input get the first answer, with Nodes as they are now."""

import pytest

from service.store.database import Database
from tests.builders import Api, Json, SiteBuilder
from tests.changes.laid_out import CASES, Case, pooled

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY: Json = {"idempotencyKey": "once"}
REUSED = [("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_same_key_and_input_get_the_first_answer(site: SiteBuilder, case: Case) -> None:
    await case.prepare(site)
    first = await case.change(site, **KEY)
    before = await site.api.rows()
    again = await case.change(site, **KEY)
    assert await site.api.rows() == before
    assert again == first


async def test_other_changes_in_between_do_not_matter(site: SiteBuilder) -> None:
    await pooled(site)
    first = await site.add("p1", "Lobby", 7, **KEY)
    await site.move("Lobby", "p2")
    await site.settle()
    again = await site.add("p1", "Lobby", 7, **KEY)
    assert (again.revision, again.change_id, again.queued) == (first.revision, first.change_id, first.queued)
    assert again.planned == first.planned
    # Nodes are as they are now.
    assert again.camera is not None
    assert again.camera.server == "p2"
    assert again.action is not None
    assert again.action.status == "APPLIED"
    assert again.body["site"]["revision"] == await site.revision()


async def test_nodes_that_are_gone_are_null(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, **KEY)
    door = site.cameras["Door"]
    await site.delete(door)
    again = await site.add("p1", "Door", 1, **KEY)
    assert (again.camera, await site.inventory()) == (None, [])


async def test_nodes_of_a_list_that_are_gone_are_left_out(site: SiteBuilder) -> None:
    first = await site.pair_all(
        site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"]), **KEY
    )
    kept = first.body["pairings"][1]["id"]
    await site.unpair("p1")
    again = await site.pair_all(
        site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"]), **KEY
    )
    assert [one["id"] for one in again.body["pairings"]] == [kept]


async def test_planned_homes_that_are_gone_are_left_out(site: SiteBuilder) -> None:
    both = (site.pairing("SYMMETRIC", [one], [other]) for one, other in (("p1", "s1"), ("p2", "s2")))
    given = list(both)
    first = await site.pair_all(*given, **KEY)
    await site.unpair("p1", "p2")
    await site.remove_servers("p1", "s2")
    again = await site.pair_all(*given, **KEY)
    assert [len(one["primaries"]) for one in first.body["planned"]] == [1, 1]
    assert [(one["primaries"], one["secondaries"]) for one in again.body["planned"]] == [
        ([], [{"name": "s1"}]),
        ([], []),
    ]


async def test_another_input_is_refused(site: SiteBuilder) -> None:
    await site.add("p1", "Door", 1, **KEY)
    assert await site.refused(site.add("p1", "Door", 2, **KEY)) == REUSED
    assert await site.refused(site.add("p1", "Gate", 1, **KEY)) == REUSED


async def test_the_key_is_looked_up_before_if_revision(site: SiteBuilder) -> None:
    seen = await site.revision()
    first = await site.add("p1", "Door", 1, ifRevision=seen, **KEY)
    await site.policy(add=False)
    assert (await site.add("p1", "Door", 1, ifRevision=seen, **KEY)).change_id == first.change_id


async def test_a_key_is_its_mutations_own(site: SiteBuilder) -> None:
    await site.register("n1", **KEY)
    assert (await site.add("p1", "Door", 1, **KEY)).change_id is not None


async def test_a_key_is_its_sites_own(site: SiteBuilder, api: Api) -> None:
    await site.register("n1", **KEY)
    answer = await api.change("createSite", {"name": "Another"})
    other = SiteBuilder(api, answer.body["site"]["id"])
    assert (await other.register("n2", **KEY)).change_id is not None


async def test_a_key_is_its_actors_own(site: SiteBuilder, database: Database) -> None:
    await site.register("n1", **KEY)
    await database.pool.execute("UPDATE idempotency_key SET actor = 'somebody else'")
    assert (await site.register("n2", **KEY)).change_id is not None


async def test_a_refused_change_is_not_remembered(site: SiteBuilder) -> None:
    taken = [("NAME_TAKEN", ("servers", "0", "name"))]
    assert await site.refused(site.register("p1", **KEY)) == taken
    assert (await site.register("n1", **KEY)).change_id is not None


async def test_a_change_that_changes_nothing_is_remembered(site: SiteBuilder) -> None:
    await site.label("PRIMARY", "p1", **KEY)
    assert await site.refused(site.label("SECONDARY", "p1", **KEY)) == REUSED


async def test_a_key_is_forgotten_after_24_hours(site: SiteBuilder, database: Database) -> None:
    made = await site.register("n1", **KEY)
    later = "UPDATE idempotency_key SET created_at = created_at - $1::text::interval"
    await database.pool.execute(later, "23 hours 59 minutes")
    assert (await site.register("n1", **KEY)).change_id == made.change_id
    await database.pool.execute(later, "1 minute 1 second")
    again = await site.register("n2", **KEY)
    assert again.change_id not in {made.change_id, None}
    assert (await site.register("n2", **KEY)).change_id == again.change_id


@pytest.mark.parametrize("length", [0, 201])
async def test_a_key_has_1_to_200_characters(site: SiteBuilder, length: int) -> None:
    refused = site.register("n1", idempotencyKey="k" * length)
    assert await site.refused(refused) == [("INVALID_INPUT", ("idempotencyKey",))]


@pytest.mark.parametrize("length", [1, 200])
async def test_the_shortest_and_the_longest_key_are_taken(site: SiteBuilder, length: int) -> None:
    made = await site.register("n1", idempotencyKey="k" * length)
    assert (await site.register("n1", idempotencyKey="k" * length)).change_id == made.change_id


async def test_a_site_is_made_once_for_a_key(api: Api) -> None:
    first = await api.change("createSite", {"name": "Harbour", **KEY})
    again = await api.change("createSite", {"name": "Harbour", **KEY})
    assert again == first
    assert await api.refused(api.change("createSite", {"name": "Airport", **KEY})) == REUSED
    assert await api.refused(api.change("createSite", {"name": "Harbour"})) == [("NAME_TAKEN", ("name",))]
