"""Every change that the API has, each on a site where it is allowed and does something."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.builders import Answer, SiteBuilder

Prepare = Callable[[SiteBuilder], Awaitable[None]]
Change = Callable[..., Coroutine[Any, Any, Answer]]


async def as_it_is(site: SiteBuilder) -> None:
    """Nothing more than the servers."""
    assert site.id


async def with_cameras(site: SiteBuilder) -> None:
    """Door and Gate on p1, Ramp on p2; s1 holds a copy of Gate."""
    await site.add("p1", "Door", 1, externalId="door-1")
    await site.add("p1", "Gate", 2)
    await site.add("p2", "Ramp", 3)
    await site.add("s1", "Copy of gate", 2)


async def pooled(site: SiteBuilder) -> None:
    """The same, p1 on s1 and p2 on s2 and all done; Ramp is changed on the way."""
    await with_cameras(site)
    await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], {"p1": "s1", "p2": "s2", "p3": "s1"})
    await site.settle()
    await site.replace("Ramp", 4)


async def manual(site: SiteBuilder) -> None:
    """The same, and in Manual mode Door is mapped to s1."""
    await with_cameras(site)
    await site.mode("MANUAL")
    await site.map({"Door": "s1"})
    await site.settle()


@dataclass(frozen=True, slots=True)
class Case:
    """`name`: of the GraphQL mutation."""

    name: str
    prepare: Prepare
    change: Change


CASES = (
    Case("registerServers", as_it_is, lambda site, **how: site.register("n1", "n2", **how)),
    Case("updateSite", as_it_is, lambda site, **how: site.rename(f"Renamed {site.id}", **how)),
    Case(
        "updateServers",
        as_it_is,
        lambda site, **how: site.update_servers(
            {"p1": {"name": "p2", "address": "192.0.2.1"}, "p2": {"name": "p1"}}, **how
        ),
    ),
    Case("removeServers", with_cameras, lambda site, **how: site.remove_servers("p2", "p3", **how)),
    Case("labelServers", as_it_is, lambda site, **how: site.label("SECONDARY", "p3", **how)),
    Case("setMode", pooled, lambda site, **how: site.mode("MANUAL", **how)),
    Case("setSyncPolicy", as_it_is, lambda site, **how: site.policy(add=False, **how)),
    Case(
        "pairServers",
        with_cameras,
        lambda site, **how: site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"], **how),
    ),
    Case("unpairServers", pooled, lambda site, **how: site.unpair("p1", twins="REMOVE", **how)),
    Case("mapCameras", manual, lambda site, **how: site.map({"Door": "s2", "Ramp": "s2"}, **how)),
    Case("unmapCameras", manual, lambda site, **how: site.unmap("Door", twins="REMOVE", **how)),
    Case("addCamera", pooled, lambda site, **how: site.add("p2", "Lobby", 5, **how)),
    Case(
        "updateCamera",
        pooled,
        lambda site, **how: site.update("Door", name="Front door", address="192.0.2.9", **how),
    ),
    Case("moveCamera", pooled, lambda site, **how: site.move("Door", "p2", **how)),
    Case("deleteCamera", pooled, lambda site, **how: site.delete("Ramp", **how)),
    Case("replaceCamera", pooled, lambda site, **how: site.replace("Door", 6, **how)),
    Case(
        "updatePairing",
        pooled,
        lambda site, **how: site.update_pairing("p1", removeSecondaryIds=["s2"], **how),
    ),
    Case("reconcile", pooled, lambda site, **how: site.reconcile("s1", **how)),
    Case(
        "reportInventory",
        pooled,
        lambda site, **how: site.report("p1", ("Door", 1), ("Main gate", 2), ("Lobby", 5), **how),
    ),
)
