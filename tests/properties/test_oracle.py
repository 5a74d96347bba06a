"""Random commands against the service and against the oracle: the same answers, the same state, the same log."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from service.store.database import Connection, connect
from tests.builders import Api, api_of
from tests.documents import ANSWERS
from tests.oracle.lifecycle import goal
from tests.oracle.state import UNRESOLVED, Site
from tests.properties.choosing import CHOICES, Numbers, actions_of, create_site
from tests.properties.comparing import Comparison
from tests.properties.openings import EMPTY, OPENINGS, SITES, restore, save
from tests.properties.reporting import report

OFTEN = {
    "addCamera": 5,
    "replaceCamera": 4,
    "moveCamera": 3,
    "pairServers": 3,
    "updatePairing": 3,
    "abandonMirroredActions": 3,
    "reconcile": 3,
    "deleteCamera": 2,
    "mapCameras": 2,
    "unmapCameras": 2,
}
COMMANDS = ["createSite"] + [name for name in CHOICES for _ in range(OFTEN.get(name, 1)) if name in ANSWERS]
SMALL = st.integers(0, 47)
NUMBERS = st.tuples(st.integers(0, 255), SMALL, SMALL, SMALL)
REMEMBER = 15
MOST_ROUNDS = 20
UNMANNERED = ("deleteSite", "acknowledgeMirroredActions", "retryMirroredActions", "abandonMirroredActions")
Bench = tuple[asyncio.Runner, Api, Connection]


@pytest.fixture(scope="module")
def bench(module_dsn: str) -> Iterator[Bench]:
    """A loop with a pool and a connection that last for all examples of the module."""
    with asyncio.Runner() as runner:
        opening = _opened(module_dsn)
        api, connection = runner.run(opening.__aenter__())
        yield runner, api, connection
        runner.run(opening.__aexit__(None, None, None))


@asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[tuple[Api, Connection]]:
    async with (
        connect(dsn, pool_size=3) as database,
        database.pool.acquire() as connection,
        api_of(database) as api,
    ):
        yield api, connection


class Machine(RuleBasedStateMachine):
    """Two sites; the first one is where nearly everything happens."""

    runner: asyncio.Runner
    bench: Bench
    made: dict[str, Comparison]

    def __init__(self) -> None:
        super().__init__()
        self.runner, api, connection = self.bench
        self.both = Comparison(api, connection)
        self.past: list[Site] = []

    @initialize(opening=st.sampled_from(sorted(OPENINGS)))
    def open(self, opening: str) -> None:
        self.runner.run(self._open(opening))

    async def _open(self, opening: str) -> None:
        """Make the opening once; later it is copied back, which costs a tenth of making it."""
        connection = self.both.connection
        if opening not in self.made:
            await connection.execute(EMPTY)
            for mutation, given in [*SITES, *OPENINGS[opening]]:
                await self.both.change(mutation, given)
            await save(connection, opening)
            self.made[opening] = self.both.copy()
        else:
            await restore(connection, opening)
            self.both = self.made[opening].copy()
        self.past.append(self.both.world.sites["A"])
        await self.both.remember()

    @rule(name=st.sampled_from(COMMANDS), numbers=NUMBERS, manner=st.integers(0, 15))
    def command(self, name: str, numbers: Numbers, manner: int) -> None:
        site = self._site(numbers)
        if name == "createSite":
            self.runner.run(self.both.change(name, create_site(self.both.world, numbers)))
        elif site and (given := CHOICES[name](self.both.world, site, numbers)):
            self.runner.run(self._do(name, {"siteId": site.id, **given}, manner))

    @rule(numbers=NUMBERS)
    def acknowledge(self, numbers: Numbers) -> None:
        self.command("acknowledgeMirroredActions", numbers, 0)

    @rule(numbers=NUMBERS, ago=st.integers(0, 5), manner=st.integers(0, 15))
    def report(self, numbers: Numbers, ago: int, manner: int) -> None:
        """Recorders tell what they hold, or what they held some steps ago."""
        site = self._site(numbers)
        if site is None or "reportInventory" not in ANSWERS:
            return
        earlier = [one for one in self.past[::-1] if one.id == site.id]
        past = earlier[min(ago, len(earlier)) - 1] if ago and earlier else site
        given = report(self.both.world, site, past, numbers)
        if given:
            self.runner.run(self._do("reportInventory", {"siteId": site.id, **given}, manner))

    def _site(self, numbers: Numbers) -> Site | None:
        sites = list(self.both.world.sites.values())
        if not sites:
            return None
        return sites[-1] if sum(numbers) % 8 == 0 else sites[0]

    async def _do(self, name: str, given: dict[str, Any], manner: int) -> None:
        """Do it as it is, or try it first, or twice with one key, or if nothing has changed since."""
        site = self.both.world.sites[given["siteId"]]
        if name not in UNMANNERED and manner < 3:
            await self._preview(name, given)
        elif name not in UNMANNERED and manner == 3:
            given |= {"idempotencyKey": "key"}
            await self.both.change(name, given)
        elif name != "deleteSite" and name not in UNMANNERED and manner == 4:
            given |= {"ifRevision": max(site.design_revision - given.get("confirmImpact", 0), 0)}
        if manner == REMEMBER:
            await self.both.remember()
        await self.both.change(name, given)
        await self.both.sound()
        self.past = [*self.past[-8:], *self.both.world.sites.values()]

    async def _preview(self, name: str, given: dict[str, Any]) -> None:
        """A dry run leaves no row otherwise than it was."""
        before = await self.both.api.rows()
        await self.both.change(name, given | {"dryRun": True})
        assert await self.both.api.rows() == before

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        """Every eighth example is brought to its end: there is one to all actions."""
        for site_id, site in list(self.both.world.sites.items()):
            if site.revision % 8 == 0:
                await self._drain(site_id)
        await self.both.compare_all()

    async def _drain(self, site_id: str) -> None:
        """Apply everything that is unresolved, and whatever follows from it; nothing is left to do then."""
        for _ in range(MOST_ROUNDS):
            site = self.both.world.sites[site_id]
            open_actions = [one for one in actions_of(site, UNRESOLVED) if one.status != "BLOCKED"]
            if not open_actions:
                break
            results = [{"actionId": one.id, "outcome": "APPLIED"} for one in open_actions]
            await self.both.change("acknowledgeMirroredActions", {"siteId": site_id, "results": results})
        site = self.both.world.sites[site_id]
        assert actions_of(site, UNRESOLVED) == []
        assert [one for one in site.cameras.values() if one.removing or goal(one)] == []


def run(bench: Bench, number: int | None = None, **options: Any) -> None:
    machine = type("Example", (Machine,), {"bench": bench, "made": {}})
    seeded = machine if number is None else seed(number)(machine)
    run_state_machine_as_test(seeded, settings=settings(deadline=None, database=None, **options))


PHASES = (Phase.generate, Phase.shrink)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 3))])
def test_a_few_random_examples(bench: Bench, number: int) -> None:
    """A hundred in all, always the same ones."""
    run(bench, number, max_examples=25, stateful_step_count=6, phases=PHASES)


@pytest.mark.torture
@pytest.mark.timeout(14_400)
def test_many_random_examples(bench: Bench) -> None:
    run(
        bench,
        max_examples=20_000,
        stateful_step_count=30,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow],
    )
