"""Each failure that reading and trying by hand found, where random programs with few devices do not come."""

import pytest

from tests.builders import Answer, Json, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")


def device(name: str, number: int | None = None, address: str | None = None, **more: object) -> Json:
    hardware = {"macAddress": number and mac(number), "address": address}
    return {"name": name, "hardware": hardware, **more}


def found(answer: Answer) -> dict[str, int]:
    """What the report found, without what it found nothing of."""
    names = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")
    return {name: answer.body[name] for name in names if answer.body[name]}


async def devices(site: SiteBuilder, *servers: str) -> list[tuple[str, str | None, str | None]]:
    return [(one.name, one.mac, one.address) for one in await site.inventory(*servers)]


class TestMovesKnownByTheirAddress:
    """The recorder that a device came to tells no MAC address of it."""

    async def test_is_no_move_where_the_other_server_has_the_device_already(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1, address="192.0.2.1")
        await site.add("p2", "Gate", 1, address="192.0.2.2")
        arrived = device("Gate", 1, "192.0.2.2"), device("Door", address="192.0.2.1")
        answer = await site.report_all(site.reported("p1"), site.reported("p2", *arrived), confirm=True)
        assert found(answer) == {"added": 1, "deleted": 1, "unchanged": 1}
        assert await devices(site, "p1", "p2") == [
            ("Door", None, "192.0.2.1"),
            ("Gate", mac(1), "192.0.2.2"),
        ]

    async def test_is_no_move_where_the_device_is_reported_beside_it(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1, address="192.0.2.1")
        await site.add("p2", "Gate", 2)
        arrived = device("Gate", 1), device("Door", address="192.0.2.1")
        answer = await site.report_all(site.reported("p1"), site.reported("p2", *arrived), confirm=True)
        assert found(answer) == {"added": 1, "deleted": 1, "replaced": 1}

    async def test_is_no_move_of_two_that_are_one_device(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1, address="192.0.2.1")
        await site.add("p2", "Gate", 1, address="192.0.2.2")
        arrived = device("Door", address="192.0.2.1"), device("Gate", address="192.0.2.2")
        reports = site.reported("p1"), site.reported("p2"), site.reported("p3", *arrived)
        answer = await site.report_all(*reports, confirm=True)
        assert found(answer) == {"added": 2, "deleted": 2}

    async def test_is_no_move_within_a_server(self, site: SiteBuilder) -> None:
        await site.add("p1", "Door", 1, externalId="1")
        await site.add("p1", "Gate", address="192.0.2.1")
        other = device("Door", 3, "192.0.2.1", externalId="1"), device("New", 4, "192.0.2.1")
        answer = await site.report_all(site.reported("p1", *other), confirm=True)
        assert found(answer) == {"added": 1, "deleted": 1, "replaced": 1}
