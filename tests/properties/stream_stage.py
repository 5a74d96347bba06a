"""One example's world: two replicas, three writers, a few sites and subscribers, moved one step at a time."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from service.store.database import Connection, Database
from tests.builders import Api, SiteBuilder
from tests.oracle.stream import Log
from tests.properties.openings import EMPTY
from tests.properties.stream_clock import StillLoop, still_loop
from tests.properties.stream_interference import OUTAGES, Switchboard, Traffic
from tests.properties.stream_replica import (
    HEARTBEAT,
    PATIENCE,
    POLL,
    WANTED,
    Reader,
    Replica,
    subscribe,
)
from tests.properties.stream_writing import Site, Writer, holder, new_log

NAMES = ("replica 0", "replica 1")
SIZES = (1, 2, 3, 100)
MOST_READERS = 8


@dataclass
class Mover:
    """Which replica the next change is made by, so that it is told; None: by one that dies before it tells."""

    by: Replica | None = None

    def moved(self, site_id: UUID) -> None:
        if self.by is not None:
            self.by.feed.moved(site_id)


@dataclass
class Bench:
    """What lasts for all examples: pools and connections, and the loop that they live in."""

    runner: asyncio.Runner
    databases: list[Database]
    connections: list[Connection]
    api: Api
    mover: Mover
    board: Switchboard
    traffic: Traffic

    @property
    def database(self) -> Database:
        return self.api.database


@dataclass
class Stage:
    """`gone`: clients that went, and may go on."""

    bench: Bench
    sites: list[Site] = field(default_factory=list)
    logs: dict[UUID, Log] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)
    writers: list[Writer] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    gone: list[Reader] = field(default_factory=list)

    async def open(self) -> None:
        self.loop.restart()
        await self.bench.database.pool.execute(EMPTY)
        self.writers = [Writer(one) for one in self.bench.connections]
        self.bench.board.deaf.clear()
        self.bench.board.waiting.clear()
        for name, database in zip(NAMES, self.bench.databases, strict=True):
            self.replicas.append(await self._started(name, database))
        for _ in range(2):
            await self.make_site()

    async def _started(self, name: str, database: Database) -> Replica:
        replica = Replica(name, database, self.logs)
        await replica.start()
        await self.settle()
        return replica

    async def make_site(self) -> None:
        log = await new_log(self.bench.database, 1 + len(self.sites))
        self.logs[log.site_id] = log
        self.sites.append(Site(log, SiteBuilder(self.bench.api, f"site_{log.site_id.hex}")))

    # --- time

    @property
    def loop(self) -> StillLoop:
        return still_loop()

    async def settle(self) -> None:
        """Let everything go on until nothing can without time, news or an answer."""
        while True:
            await asyncio.sleep(0)
            if not self.loop.is_idle():
                continue
            if not self.bench.traffic.under_way:
                return
            self.bench.traffic.arrived.clear()
            await self.bench.traffic.arrived.wait()

    async def step(self) -> None:
        """See where a step led: what was heard is right, and nobody sleeps who should not."""
        await self.settle()
        for reader in self.readers:
            reader.hear()
            reader.require_awake()

    async def wait(self, seconds: float) -> None:
        await self.loop.advance(seconds, self.step)

    # --- changes

    def is_free(self, site: Site) -> bool:
        return not site.log.gone and holder(self.writers, site.log.site_id) is None

    async def begin(self, site: Site, sorts: list[int]) -> None:
        """Begin a change; it waits when there is one already, and one waits at most."""
        writer = next((one for one in self.writers if one.log is None), None)
        queue = [one for one in self.writers if one.log is site.log]
        if writer is None or site.log.gone or len(queue) > 1:
            return
        await writer.begin(site.log)
        if queue:
            writer.waiting = asyncio.create_task(writer.write(sorts))
        else:
            await writer.write(sorts)

    async def change(self, site: Site, sorts: list[int]) -> None:
        """A change that nothing comes between."""
        async with self.bench.database.pool.acquire() as connection:
            writer = Writer(connection)
            await writer.begin(site.log)
            await writer.write(sorts)
            await writer.end(commit=True)
        self.bench.mover.moved(site.log.site_id)

    async def write(self, number: int, sorts: list[int]) -> None:
        under_way = [one for one in self.writers if one.log and one.waiting is None]
        if under_way:
            await under_way[number % len(under_way)].write(sorts)

    async def end(self, number: int, *, commit: bool) -> None:
        """End a change; whoever waited for its site has its turn."""
        under_way = [one for one in self.writers if one.log and one.waiting is None]
        if not under_way:
            return
        log = await under_way[number % len(under_way)].end(commit=commit)
        if commit:
            self.bench.mover.moved(log.site_id)
        for writer in self.writers:
            if writer.log is log and writer.waiting is not None:
                await writer.waiting
                writer.waiting = None

    async def upset(self, site: Site, what: str, number: int) -> None:
        """What happens to a whole log, while no change of the site is under way."""
        if not self.is_free(site):
            return
        within = site.log.oldest + number % (site.log.revision - site.log.oldest + 1)
        database = self.bench.database
        if what == "prune":
            await site.prune(database, within)
        elif what == "renew":
            await site.renew(database)
        elif what == "restore":
            await site.restore(database, within)
        else:
            await site.delete(database)
            await self.make_site()
        if what != "prune":
            self.bench.mover.moved(site.log.site_id)

    # --- replicas

    async def release(self, number: int, failure: int | None) -> None:
        """Let a read that is held up go on, or fail."""
        held = [(one, n) for one in self.replicas for n in range(len(one.line.held))]
        if not held:
            return
        replica, n = held[number % len(held)]
        error = None if failure is None else replica.fail(OUTAGES[failure % len(OUTAGES)]())
        replica.line.release(n, error)

    async def restart(self, number: int, *, politely: bool) -> None:
        """One replica ends, with or without a word to its subscribers, and another takes its place."""
        old = self.replicas[number]
        if politely:
            old.feed.close()
            old.line.open()
            await self.step()
            assert all(one.task is None for one in self.readers if one.replica is old)
        leaving = [one for one in self.readers if one.replica is old]
        for reader in leaving:
            await self.leave(reader)
        old.line.open()
        await old.stack.aclose()
        self.bench.board.deaf.discard(old.name)
        self.replicas[number] = await self._started(old.name, old.database)
        for reader in leaving:
            if not reader.expected.ended:
                await self.join(reader.elsewhere(self.replicas[1 - number]))

    # --- subscribers

    def start(self, log: Log, how: str, number: int) -> tuple[int | None, UUID | None]:
        """Where a subscription begins: a position, and the epoch that it is of."""
        within = log.oldest + number % (log.revision - log.oldest + 1)
        return {
            "now": (None, None if number % 2 else log.epoch),
            "beginning": (0, None),
            "oldest": (log.oldest, log.epoch),
            "within": (within, log.epoch if number % 2 else None),
            "future": (log.revision + 1 + number, None),
            "past": (within, log.epochs[0]),
            "stranger": (within, uuid4()),
        }[how]

    async def join(self, reader: Reader) -> None:
        if len(self.readers) >= MOST_READERS:
            await self.leave(next((one for one in self.readers if one.expected.ended), self.readers[0]))
        self.readers.append(reader)
        reader.read()

    async def read(self, *readers: Reader) -> None:
        for reader in readers:
            reader.read()

    async def leave(self, reader: Reader) -> None:
        await reader.leave()
        await self.settle()
        self.readers.remove(reader)
        self.gone = [*self.gone[-MOST_READERS:], reader]

    # --- the end

    async def finish(self) -> None:
        """Let everything come to rest: everybody receives everything, and newcomers too, whatever they ask for."""
        for replica in self.replicas:
            replica.line.open()
        while any(one.log for one in self.writers):
            await self.end(0, commit=True)
        await self.wait(POLL + PATIENCE + 1)
        for reader in list(self.readers):
            await self._drain(reader)
        for reader in self._newcomers():
            self.readers.append(reader)
            reader.read()
            await self.step()
            await self._drain(reader)
        for reader in list(self.readers):
            await self.leave(reader)
        self._require_forgotten()

    async def _drain(self, reader: Reader) -> None:
        expected = reader.expected
        assert reader.task is None or reader.replica.knows(expected.log), "nobody looked"
        while not expected.ended and (expected.due() != "nothing" or not self._is_level(reader)):
            due = expected.due()
            reader.read()
            await self.step()
            if reader.task is not None:
                assert due == "nothing", f"{due} is due"
                await self.wait(HEARTBEAT + 1)
                assert reader.task is None, "no heartbeat came"

    def _is_level(self, reader: Reader) -> bool:
        return reader.expected.position == reader.expected.log.revision

    def _newcomers(self) -> Iterator[Reader]:
        for n, site in enumerate(self.sites):
            middle = (site.log.oldest + site.log.revision) // 2
            for after in {0} if site.log.gone else {0, site.log.oldest, middle, site.log.revision + 1}:
                replica = self.replicas[(n + after) % len(self.replicas)]
                wish = list(WANTED)[(n + after) % len(WANTED)]
                epoch = (None, site.log.epoch, uuid4())[after % 7 % 3]
                size, graphql = SIZES[after % len(SIZES)], after % 3 == 0
                yield subscribe(replica, site.log, wish, size, after, epoch, graphql=graphql)

    def _require_forgotten(self) -> None:
        """See that nobody is counted where nobody follows."""
        for replica in self.replicas:
            for site in self.sites:
                with replica.feed.following(site.log.site_id) as followed:
                    assert (followed.followers, followed.wanting_whole) == (1, 0)

    async def close(self) -> None:
        """Leave nothing behind, however far it came."""
        for replica in self.replicas:
            replica.line.open()
        while any(one.log for one in self.writers):
            await self.end(0, commit=False)
        for reader in list(self.readers):
            await self.leave(reader)
        for replica in self.replicas:
            await replica.stack.aclose()
