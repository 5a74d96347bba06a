"""The stream against an oracle: random interleavings of changes, hints, reads, faults and disconnects.

Time stands still but for the steps that let it go on, and each read of a log can be held up, before it asks or with the
answer in hand: so an example is nothing but its steps, and shrinks.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from service.feed import follow, tail
from service.store import event_page
from service.store.database import connect
from tests.builders import api_of
from tests.properties.stream_clock import StillLoop
from tests.properties.stream_interference import AFTER, HEADS, PLACES, Switchboard, Traffic
from tests.properties.stream_replica import HEARTBEAT, POLL, WANTED, Replica, read_through_lines, subscribe
from tests.properties.stream_stage import NAMES, SIZES, Bench, Mover, Stage
from tests.properties.stream_writing import Site

# By whom a change is made that nobody is told of.
NOBODY = 2
SMALL = st.integers(0, 11)
SORTS = st.lists(st.integers(0, 5), min_size=1, max_size=6)
SECONDS = st.sampled_from((0.011, 0.011, 0.05, 0.5, POLL, 7.0, HEARTBEAT))
Join: TypeAlias = tuple[int, int, str, int, tuple[str, int], bool]
PLACES_TO_START = ("now", "now", "oldest", "within", "within", "beginning", "future", "past", "stranger")
STARTS = st.tuples(st.sampled_from(PLACES_TO_START), SMALL)
JOINS = st.tuples(
    SMALL, SMALL, st.sampled_from(sorted(WANTED)), st.sampled_from(SIZES), STARTS, st.booleans()
)
# Events of a page, and bytes of a page and of the windows: small ones are where it is easy to go wrong.
PAGES = st.sampled_from(((2, 1 << 20), (3, 900), (1_000, 1 << 20), (5, 1 << 20)))
WINDOWS = st.sampled_from((600, 2_500, 8 << 20))


@pytest.fixture(scope="module")
def bench(module_dsn: str) -> Iterator[Bench]:
    with asyncio.Runner(loop_factory=StillLoop) as runner, pytest.MonkeyPatch.context() as patch:
        opening = _opened(runner, module_dsn, patch)
        yield runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))


@asynccontextmanager
async def _opened(runner: asyncio.Runner, dsn: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    board, mover, connect_really = Switchboard(), Mover(), asyncpg.connect
    traffic = Traffic()

    async def connect_to(dsn: str, **options: Any) -> Any:  # noqa: ANN401 - as asyncpg has it
        return await (board.connect if dsn in NAMES else connect_really)(dsn, **options)

    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(connect(dsn, pool_size=4)) for _ in NAMES]
        database = replace(await stack.enter_async_context(connect(dsn, pool_size=8)), moved=mover.moved)
        connections = [await stack.enter_async_context(database.pool.acquire()) for _ in range(3)]
        api = await stack.enter_async_context(api_of(database))
        patch.setattr(asyncpg, "connect", connect_to)
        traffic.watch(patch)
        stack.enter_context(read_through_lines())
        yield Bench(runner, databases, list(connections), api, mover, board, traffic)


class Machine(RuleBasedStateMachine):
    """What may happen, in any order. Numbers choose among what there is, so that any part of a run is a run."""

    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.bench)
        self.patch = pytest.MonkeyPatch()

    @initialize(page=PAGES, windows=WINDOWS, sorts=SORTS, joins=st.lists(JOINS, min_size=2, max_size=4))
    def open(self, page: tuple[int, int], windows: int, sorts: list[int], joins: list[Join]) -> None:
        events, size = page
        self.patch.setattr(tail, "PAGE_EVENTS", events)
        self.patch.setattr(follow, "PAGE_EVENTS", events)
        self.patch.setattr(event_page, "PAGE_BYTES", size)
        self.patch.setattr(tail, "WINDOWS_BYTES", windows)
        self.bench.runner.run(self.stage.open())
        self.change(0, 0, sorts)
        for join in joins:
            self.join(*join)

    def do(self, step: Awaitable[object] | None = None) -> None:
        self.bench.runner.run(self._done(step))

    async def _done(self, step: Awaitable[object] | None) -> None:
        """Take a step, and look where it led."""
        if step is not None:
            await step
        await self.stage.step()

    def site(self, number: int) -> Site:
        """Mostly the first of those there are; now and then another, or one that is gone."""
        sites = [one for one in self.stage.sites if not one.log.gone] if number < 10 else self.stage.sites
        return sites[0] if number < 7 else sites[number % len(sites)]

    def by(self, number: int) -> None:
        """Choose who makes the next change; every third dies before it tells."""
        self.bench.mover.by = [*self.stage.replicas, None][number % 3]

    @rule(site=SMALL, sorts=SORTS)
    def begin(self, site: int, sorts: list[int]) -> None:
        self.do(self.stage.begin(self.site(site), sorts))

    @rule(writer=SMALL, sorts=SORTS)
    def write(self, writer: int, sorts: list[int]) -> None:
        self.do(self.stage.write(writer, sorts))

    @rule(writer=SMALL, by=SMALL, commit=st.sampled_from((True, True, True, False)))
    def end(self, writer: int, by: int, *, commit: bool) -> None:
        self.by(by)
        self.do(self.stage.end(writer, commit=commit))

    @rule(site=SMALL, by=SMALL, sorts=SORTS)
    def change(self, site: int, by: int, sorts: list[int]) -> None:
        if self.stage.is_free(self.site(site)):
            self.by(by)
            self.do(self.stage.change(self.site(site), sorts))

    @rule(site=SMALL, by=SMALL, number=SMALL)
    def command(self, site: int, by: int, number: int) -> None:
        """A change that is made through the API."""
        if self.stage.is_free(self.site(site)):
            self.by(by)
            self.do(self.site(site).command(number))

    @rule(number=SMALL, fate=st.sampled_from(("arrives", "arrives", "is lost", "arrives, and comes again")))
    def hint(self, number: int, fate: str) -> None:
        board = self.bench.board
        if board.waiting:
            hint = board.waiting[number % len(board.waiting)]
            if fate != "arrives, and comes again":
                board.waiting.remove(hint)
            if fate != "is lost":
                hint.arrive()
            self.do()

    @rule(replica=SMALL, site=SMALL, readable=st.booleans(), trap=st.sampled_from((None, *HEADS)))
    def rumour(self, replica: int, site: int, *, readable: bool, trap: tuple[str, str] | None) -> None:
        """A hint that nobody sent; the look that follows may be held up."""
        self.replica(replica).line.traps += [trap] if trap else []
        text = self.site(site).log.site_id.hex if readable else "look, please"
        self.bench.board.invent(self.replica(replica).name, text)
        self.do()

    @rule(number=SMALL, deaf=st.booleans(), silently=st.booleans())
    def cut_listener(self, number: int, *, deaf: bool, silently: bool) -> None:
        """A listener is cut off, and cannot come back until the next time."""
        name = NAMES[number % len(NAMES)]
        (self.bench.board.deaf.add if deaf else self.bench.board.deaf.discard)(name)
        self.bench.board.cut(name, silently=silently)
        self.do()

    @rule(replica=SMALL, places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3))
    def interfere(self, replica: int, places: list[tuple[str, str]]) -> None:
        """Have the next reads of some kinds held up."""
        self.replica(replica).line.traps += places

    @rule(number=SMALL, failure=st.none() | SMALL)
    def release(self, number: int, failure: int | None) -> None:
        self.do(self.stage.release(number, failure))

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.do(self.stage.wait(seconds))

    @rule(one=JOINS)
    def newcomer(self, one: Join) -> None:
        self.join(*one)

    def join(
        self, replica: int, site: int, wish: str, size: int, start: tuple[str, int], graphql: bool = False
    ) -> None:
        log = self.site(site).log
        after, epoch = self.stage.start(log, *start)
        reader = subscribe(self.replica(replica), log, wish, size, after, epoch, graphql=graphql)
        self.do(self.stage.join(reader))

    @rule(replica=SMALL, number=SMALL)
    def go_on(self, replica: int, number: int) -> None:
        """Somebody who left goes on, perhaps elsewhere."""
        if self.stage.gone:
            reader = self.stage.gone.pop(number % len(self.stage.gone))
            self.do(self.stage.join(reader.elsewhere(self.replica(replica))))

    @rule(number=SMALL)
    def read(self, number: int) -> None:
        if self.stage.readers:
            self.do(self.stage.read(self.stage.readers[number % len(self.stage.readers)]))

    @rule()
    def read_all(self) -> None:
        self.do(self.stage.read(*self.stage.readers))

    @rule(number=SMALL)
    def leave(self, number: int) -> None:
        if self.stage.readers:
            self.do(self.stage.leave(self.stage.readers[number % len(self.stage.readers)]))

    @rule(number=SMALL, politely=st.booleans())
    def restart(self, number: int, *, politely: bool) -> None:
        self.do(self.stage.restart(number % len(NAMES), politely=politely))

    @rule(
        site=SMALL,
        by=SMALL,
        number=SMALL,
        what=st.sampled_from(("prune", "prune", "renew", "restore", "delete")),
    )
    def upset(self, site: int, by: int, number: int, what: str) -> None:
        self.by(by)
        self.do(self.stage.upset(self.site(site), what, number))

    def teardown(self) -> None:
        try:
            self.bench.runner.run(self.stage.finish())
        finally:
            self.patch.undo()
            self.bench.runner.run(self.stage.close())

    def replica(self, number: int) -> Replica:
        return self.stage.replicas[number % len(NAMES)]


def run(bench: Bench, number: int | None = None, **options: Any) -> None:
    machine = type("Example", (Machine,), {"bench": bench})
    seeded = machine if number is None else seed(number)(machine)
    run_state_machine_as_test(seeded, settings=settings(deadline=None, database=None, **options))


def story(bench: Bench, sorts: list[int], *joins: Join) -> Machine:
    """The beginning of an example whose steps are known."""
    machine: Machine = type("Story", (Machine,), {"bench": bench})()
    machine.open((1_000, 1 << 20), 8 << 20, sorts, list(joins))
    return machine


def test_an_answer_that_a_new_epoch_overtook_takes_nobody_back(bench: Bench) -> None:
    machine = story(bench, [0, 0], (0, 0, "actions", 100, ("now", 0), False))
    machine.rumour(0, 0, readable=True, trap=(AFTER, "heads"))
    machine.upset(0, NOBODY, 0, "renew")
    machine.join(0, 0, "actions", 100, ("oldest", 0))
    machine.release(0, None)
    machine.read_all()
    machine.teardown()


def test_a_page_that_a_restore_overtook_is_not_served_as_the_new_history(bench: Bench) -> None:
    machine = story(bench, [0, 0, 0], (0, 0, "actions", 100, ("now", 0), False))
    machine.read_all()
    machine.change(0, NOBODY, [0, 0, 0])
    machine.interfere(0, [(AFTER, "page")])
    machine.rumour(0, 0, readable=True, trap=None)
    machine.upset(0, NOBODY, 3, "restore")
    machine.join(0, 0, "actions", 100, ("within", 3))
    machine.release(0, None)
    machine.change(0, NOBODY, [2])
    machine.rumour(0, 0, readable=True, trap=None)
    machine.read_all()
    machine.teardown()


def test_what_a_lost_listener_was_to_tell_is_told_by_the_next(bench: Bench) -> None:
    machine = story(bench, [0], (1, 0, "actions", 100, ("now", 0), False))
    machine.wait(0.2)
    bench.board.waiting.clear()
    machine.cut_listener(0, deaf=False, silently=True)
    machine.change(0, 0, [0])
    assert bench.board.waiting == []
    machine.wait(0.2)
    assert {hint.ear.dsn for hint in bench.board.waiting} == set(NAMES)
    machine.teardown()


PHASES = (Phase.generate, Phase.shrink)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_a_few_random_examples(bench: Bench, number: int) -> None:
    """Forty-five in all, always the same ones."""
    run(bench, number, max_examples=15, stateful_step_count=40, phases=PHASES)


@pytest.mark.torture
@pytest.mark.timeout(14_400)
def test_many_random_examples(bench: Bench) -> None:
    run(
        bench,
        max_examples=5_000,
        stateful_step_count=80,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow],
    )
