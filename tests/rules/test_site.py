"""A site: renamed, and deleted with everything of it."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from threading import Thread

import pytest

from service.feed.follow import Subscription, follow
from service.feed.tail import running_feed
from service.model.refusals import Refused
from service.store.database import connect
from tests.builders import TABLES, Api, FaultError, SiteBuilder, api_of, new_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMELESS = [("INVALID_INPUT", ("name",))]
UNCONFIRMED = [("INVALID_INPUT", ("confirmName",))]
MISSING = [("NOT_FOUND", ("siteId",))]


async def name_of(site: SiteBuilder) -> str:
    name: str = (await site.state())["name"]
    return name


async def busy_site(api: Api, name: str) -> SiteBuilder:
    """Something in every table: a pairing with a twin under way, links, actions of several states, keys."""
    site = await new_site(api, name)
    await site.enroll(("p1", "PRIMARY"), ("p2", "PRIMARY"), ("s1", "SECONDARY"), ("u1", "UNLABELED"))
    await site.add("p1", "Door", 1, idempotencyKey="door")
    await site.add("p1", "Gate", 2)
    await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    await site.settle()
    await site.delete("Gate")
    await site.replace("Door", 3)
    await site.replace("Door", 4)
    await site.add("s1", "Yard")
    return site


async def rows_of(api: Api) -> dict[str, int]:
    """How many rows each table holds."""
    held = dict.fromkeys(TABLES, 0)
    for table, _ in await api.rows():
        held[table] += 1
    return held


async def test_a_site_is_renamed(site: SiteBuilder) -> None:
    answer = await site.rename("  North harbour ")
    assert (answer.body["site"]["name"], await name_of(site)) == ("North harbour", "North harbour")
    query = "SELECT kind, payload FROM event WHERE site_id = $1 ORDER BY revision"
    made, *_, renamed = await site.api.database.pool.fetch(query, site.uuid)
    assert renamed["kind"] == "SITE_UPDATED"
    assert renamed["payload"]["before"] == {"name": made["payload"]["site"]["name"]}
    assert renamed["payload"]["site"]["name"] == "North harbour"


async def test_the_present_name_is_no_change(site: SiteBuilder) -> None:
    answer = await site.rename(f" {await name_of(site)} ")
    assert (answer.change_id, answer.revision) == (None, await site.revision())


async def test_names_are_unique_among_sites(api: Api, site: SiteBuilder) -> None:
    await new_site(api, "Airport")
    assert await site.refused(site.rename("Airport ")) == [("NAME_TAKEN", ("name",))]
    assert (await site.rename("airport")).body["site"]["name"] == "airport"


async def test_a_name_that_was_given_up_is_free(api: Api, site: SiteBuilder) -> None:
    other = await new_site(api, "Station")
    await other.rename("Old station")
    assert (await site.rename("Station")).change_id is not None


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
async def test_a_name_has_1_to_200_characters_and_no_control(site: SiteBuilder, name: str) -> None:
    assert await site.refused(site.rename(name)) == NAMELESS


async def test_nothing_of_a_deleted_site_is_left_and_others_stay(dsn: str) -> None:
    async with connect(dsn) as database, api_of(database) as own:
        other = await busy_site(own, "Other")
        before, kept = await rows_of(own), await own.rows()
        site = await busy_site(own, "Doomed")
        assert await rows_of(own) == {table: 2 * count for table, count in before.items()}
        answer = await site.delete_site("  Doomed ")
        assert answer.body["siteId"] == site.id
        assert await own.rows() == kept
        assert (await other.state())["name"] == "Other"
        gone = await own.run(
            "query ($id: ID!) { site(id: $id) { id } node(id: $id) { id } }", {"id": site.id}
        )
        assert gone == {"site": None, "node": None}
        assert await own.refused(site.register("p3")) == MISSING
        assert await own.refused(site.delete_site("Doomed")) == MISSING


@pytest.mark.parametrize("typed", ["", "airfield", "Airfield.", "Air field"])
async def test_the_name_must_be_typed(api: Api, typed: str) -> None:
    site = await new_site(api, f"Airfield {typed}")
    await site.rename("Airfield")
    assert await site.refused(site.delete_site(typed)) == UNCONFIRMED
    await site.delete_site("Airfield")


async def test_a_stale_view_deletes_nothing(api: Api) -> None:
    site = await new_site(api, "Depot")
    seen = await site.revision()
    await site.register("p1")
    stale = [("STALE_REVISION", ("ifRevision",))]
    assert await site.refused(site.delete_site("Depot", ifRevision=seen)) == stale
    await site.delete_site("Depot", ifRevision=await site.revision())


async def test_the_key_that_made_a_deleted_site_is_forgotten(api: Api) -> None:
    given = {"name": "Made twice", "idempotencyKey": "twice"}
    first = await api.change("createSite", given)
    await SiteBuilder(api, first.body["site"]["id"]).delete_site("Made twice")
    again = await api.change("createSite", given)
    assert again.body["site"]["id"] != first.body["site"]["id"]


async def test_subscribers_hear_that_the_site_is_gone(module_dsn: str, api: Api) -> None:
    site = await new_site(api, "Watched")
    # Neither the poll nor the heartbeat comes in time: it is the hint of the change that wakes the subscriber.
    async with (
        running_feed(api.database, module_dsn, poll_interval=3600, heartbeat=3600) as feed,
        aclosing(follow(feed, Subscription(site.uuid))) as stream,
        api_of(replace(api.database, moved=feed.moved)) as deleting,
    ):
        await anext(stream)
        await SiteBuilder(deleting, site.id).delete_site("Watched")
        with pytest.raises(Refused) as caught:
            await anext(stream)
    assert [(one.code, one.path) for one in caught.value.refusals] == MISSING


async def test_an_answer_whose_site_is_deleted_before_it_is_read_is_no_internal_fault(
    module_dsn: str, api: Api
) -> None:
    site = await new_site(api, "Short-lived")

    async def delete() -> None:
        async with connect(module_dsn, pool_size=1) as database, api_of(database) as other:
            await SiteBuilder(other, site.id).delete_site("Renamed")

    def between(_: object) -> None:
        """Delete it between the commit of the change and the reading of its answer."""
        deleting = Thread(target=lambda: asyncio.run(delete()))
        deleting.start()
        deleting.join()

    async with api_of(replace(api.database, moved=between)) as renaming:
        with pytest.raises(FaultError) as caught:
            await SiteBuilder(renaming, site.id).rename("Renamed")
    ((error,),) = caught.value.args
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"] == "The site was deleted right after this change: there is nothing of it to read."
