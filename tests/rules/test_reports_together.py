"""What several cameras, or both sides, report in one call: it is decided together."""

import pytest
import pytest_asyncio

from service.store.check import Finding, check
from tests.builders import Answer, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")


def found(answer: Answer) -> dict[str, int]:
    """What the report found, without what it found nothing of."""
    names = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")
    return {name: answer.body[name] for name in names if answer.body[name]}


class TestSeveralAtOnce:
    """What stands in the way of one camera, and leaves by the same report."""

    @pytest_asyncio.fixture(loop_scope="module")
    async def doors(self, site: SiteBuilder) -> SiteBuilder:
        """Door on p1 and Gate on p2 with their twins on s1."""
        await site.add("p1", "Door", 1)
        await site.add("p2", "Gate", 2)
        await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
        await site.settle()
        return site

    async def twins(self, site: SiteBuilder) -> list[tuple[str, str | None]]:
        return [(one.name, one.mac) for one in await site.inventory("s1") if not one.removing]

    async def test_a_device_follows_one_that_goes(self, doors: SiteBuilder) -> None:
        reports = doors.reported("p1", ("Door", 2)), doors.reported("p2", ("Gate", 3))
        answer = await doors.report_all(*reports, confirm=True)
        assert [one.verdict[:3] for one in answer.planned] == [("REPLACE", "BACKUP", "QUEUED")] * 2
        assert await self.twins(doors) == [("Door", mac(2)), ("Gate", mac(3))]

    async def test_two_devices_are_swapped(self, doors: SiteBuilder) -> None:
        reports = doors.reported("p1", ("Door", 2)), doors.reported("p2", ("Gate", 1))
        answer = await doors.report_all(*reports, confirm=True)
        assert [one.verdict[:3] for one in answer.planned] == [("REPLACE", "BACKUP", "QUEUED")] * 2
        assert await self.twins(doors) == [("Door", mac(2)), ("Gate", mac(1))]
        await doors.settle()
        assert (await doors.coverage())["protected"] == 2

    async def test_a_device_takes_the_place_of_one_that_is_deleted(self, doors: SiteBuilder) -> None:
        reports = doors.reported("p1", ("Door", 2)), doors.reported("p2")
        answer = await doors.report_all(*reports, confirm=True)
        assert [(one.action, one.status, one.device["name"]) for one in answer.planned] == [
            ("DELETE", "QUEUED", "Gate"),
            ("DELETE", "QUEUED", "Door"),
            ("ADD", "BLOCKED", "Gate"),
        ]
        await doors.settle()
        assert await self.twins(doors) == [("Gate", mac(2))]
        assert await doors.protection("Door") == "PROTECTED"

    async def test_one_that_stays_is_in_the_way(self, doors: SiteBuilder) -> None:
        answer = await doors.report("p1", ("Door", 2), confirmSuspicious=True)
        assert answer.planned[0].verdict == ("REPLACE", "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1")


class TestBothSides:
    """What happened on a primary and on its secondary, reported in one call."""

    @pytest_asyncio.fixture(loop_scope="module")
    async def doors(self, site: SiteBuilder) -> SiteBuilder:
        """Door and Gate on p1, twins on s1, symmetric."""
        await site.add("p1", "Door", 1)
        await site.add("p1", "Gate", 2)
        await site.pair("SYMMETRIC", ["p1"], ["s1"])
        await site.settle()
        return site

    async def report(
        self, site: SiteBuilder, here: list[tuple[str, int]], there: list[tuple[str, int]]
    ) -> Answer:
        reports = site.reported("p1", *here), site.reported("s1", *there)
        answer = await site.report_all(*reports, confirm=True)
        assert [one.rows for one in await self.findings(site) if not one.is_fine] == []
        return answer

    async def findings(self, site: SiteBuilder) -> list[Finding]:
        async with site.api.database.pool.acquire() as connection:
            return await check(connection)

    async def held(self, site: SiteBuilder, server: str) -> list[tuple[str, str | None]]:
        return [(one.name, one.mac) for one in await site.inventory(server)]

    async def test_the_same_new_camera_is_linked(self, doors: SiteBuilder) -> None:
        same = [("Door", 1), ("Gate", 2), ("Lobby", 3)]
        answer = await self.report(doors, same, same)
        assert (found(answer), answer.queued) == ({"added": 2, "unchanged": 4}, 0)
        assert (await doors.coverage())["protected"] == 3

    async def test_the_same_replacement_is_already_so(self, doors: SiteBuilder) -> None:
        both = [("Door", 3), ("Gate", 2)]
        answer = await self.report(doors, both, both)
        assert (found(answer), answer.queued) == ({"replaced": 2, "unchanged": 2}, 0)
        assert {one.reason for one in answer.planned} == {"ALREADY_SO"}
        assert (await doors.coverage())["protected"] == 2

    async def test_of_two_replacements_the_primarys_holds(self, doors: SiteBuilder) -> None:
        answer = await self.report(doors, [("Door", 3), ("Gate", 2)], [("Door", 4), ("Gate", 2)])
        assert found(answer) == {"replaced": 2, "unchanged": 2}
        assert (
            await self.held(doors, "p1")
            == await self.held(doors, "s1")
            == [("Door", mac(3)), ("Gate", mac(2))]
        )
        (queued,) = await doors.unresolved()
        assert (queued.verdict, queued.mac) == (("REPLACE", "BACKUP", "QUEUED", None, "s1"), mac(3))

    async def test_what_is_gone_from_both_is_deleted_once(self, doors: SiteBuilder) -> None:
        answer = await self.report(doors, [("Door", 1)], [("Door", 1)])
        assert found(answer) == {"deleted": 1, "unchanged": 2, "requeued": 1}
        assert [one.verdict for one in await doors.unresolved()] == [
            ("DELETE", "BACKUP", "QUEUED", None, "s1")
        ]
        await doors.settle()
        assert await self.held(doors, "s1") == [("Door", mac(1))]

    async def test_what_is_other_here_and_missing_there_is_added_as_it_is_now(
        self, doors: SiteBuilder
    ) -> None:
        await self.report(doors, [("Door", 3), ("Gate", 2)], [("Gate", 2)])
        (queued,) = await doors.unresolved()
        assert (queued.verdict, queued.mac) == (("ADD", "BACKUP", "QUEUED", None, "s1"), mac(3))

    async def test_a_twin_that_was_replaced_is_deleted_as_it_is_now(self, doors: SiteBuilder) -> None:
        await self.report(doors, [("Gate", 2)], [("Door", 3), ("Gate", 2)])
        (queued,) = await doors.unresolved()
        assert (queued.verdict, queued.mac) == (("DELETE", "BACKUP", "QUEUED", None, "s1"), mac(3))
