"""Two connectors, one per recorder, and what goes on around them: those who kill, watch, retry and change."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from service.demo.client import Client
from tests.builders import Api, Json, SiteBuilder, new_site
from tests.examples.recorder import Device, Recorder
from tests.live.replica import KEEPER
from tests.live.wire import wire_to

PROJECT = Path(__file__).parents[2]
PRIMARIES, SECONDARIES = ("p1", "p2", "p3"), ("s1", "s2")
MOST_UNRESOLVED = 12
UNRESOLVED = {"QUEUED", "BLOCKED", "FAILED"}
WATCH = """subscription ($siteId: ID!) { feed: mirroredActions(siteId: $siteId, after: 0, batchSize: 1000) {
  ... on MirroredActionBatch { position actions { id status error targetServer { name } } } } }"""

# A call of a recorder passes three, and an action one more when it is acknowledged.
MOST_POINTS = 20
WANTED = """SELECT server.name, camera.mac_address, camera.channel, camera.name
  FROM camera JOIN server ON server.id = camera.server_id WHERE camera.site_id = $1"""


class Incarnations:
    """The connector of one recorder, started again whenever it was killed."""

    def __init__(self, site: SiteBuilder, address: str, server: str, chances: random.Random) -> None:
        self.recorder = Recorder(chances.randrange(1 << 30), self.reached)
        self._address = address
        self._ids = (site.id, site.servers[server])
        self._chances = chances
        self._process: Process | None = None
        self._deaths = self._points = 0
        self.survives = asyncio.Event()

    def kill(self, times: int) -> None:
        """Let it be killed so often from now on, at random points."""
        self._deaths = times
        self._points = self._chances.randrange(MOST_POINTS)
        self.survives.clear()

    def reached(self, _point: str) -> None:
        """Kill it if this is the point; the recorder, and whoever reads the stream, tell of points."""
        self._points -= 1
        if self._points < 0 < self._deaths and self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            self._process = None
            self._deaths -= 1

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            async with connector(self._address, *self._ids, recorder=self.recorder.port) as process:
                self._process, self._points = process, self._chances.randrange(MOST_POINTS)
                if not self._deaths:
                    self.survives.set()
                _, words = await process.communicate()
            assert process.returncode == -signal.SIGKILL, words.decode()


@asynccontextmanager
async def running(*command: str, **environment: str) -> AsyncIterator[Process]:
    """A program that ends with this block, and with us if we are killed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT, env=os.environ | environment, stdout=PIPE, stderr=PIPE
    )
    try:
        keeping = ("/bin/sh", "-c", KEEPER, "sh", str(process.pid))
        keeper = await asyncio.create_subprocess_exec(*keeping, stdin=PIPE, start_new_session=True)
        try:
            yield process
        finally:
            keeper.kill()
            await keeper.communicate()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def connector(address: str, *ids: str, recorder: int = 0) -> AbstractAsyncContextManager[Process]:
    command = (sys.executable, "examples/connector.py", f"http://{address}/graphql")
    environment = {"PYTHONPATH": str(PROJECT), "RECORDER_PORT": str(recorder)}
    return running(*command, "tests.examples.driver:apply", *ids, **environment)


class Watcher:
    """Reads the stream of a site as a dashboard does; `applied` hears which server did something."""

    def __init__(self, site: SiteBuilder, applied: Callable[[str], None]) -> None:
        self.site = site
        self.position = 0
        self.actions: dict[str, Json] = {}
        self.errors: set[str] = set()
        self._applied = applied
        self._changed = asyncio.Condition()

    async def run(self, address: str) -> None:
        while True:
            async for answer in Client(address).subscribe(WATCH, siteId=self.site.id):
                if "position" not in answer["feed"]:
                    break  # another epoch: all over again
                await self._take(**answer["feed"])

    async def _take(self, position: int, actions: list[Json]) -> None:
        async with self._changed:
            self.position = position
            for action in actions:
                self.actions[action["id"]] = action
                self.errors |= {action["error"]} - {None}
                if action["status"] == "APPLIED":
                    self._applied(action["targetServer"]["name"])
            self._changed.notify_all()

    async def retry(self) -> None:
        """Try again what a recorder refused, as an operator would."""
        while True:
            await self.until(lambda: bool(self.standing("FAILED")))
            await self.site.retry(*self.standing("FAILED"))
            await self.level()

    async def settled(self) -> None:
        """Wait until nothing is left to do."""
        await self.level()
        await self.until(lambda: not self.standing(*UNRESOLVED))

    async def level(self) -> None:
        """Wait until all that is so by now has arrived."""
        revision = await self.site.revision()
        await self.until(lambda: self.position >= revision)

    async def until(self, so: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(so)

    def standing(self, *statuses: str) -> list[str]:
        return [one["id"] for one in self.actions.values() if one["status"] in statuses]


@dataclass
class Stage:
    """A site of three primaries and two secondaries, whose recorders are driven."""

    site: SiteBuilder
    watcher: Watcher
    connectors: dict[str, Incarnations]

    def heal(self) -> None:
        """Let the recorders do as told from now on."""
        for one in self.connectors.values():
            one.recorder.recover()

    def kill(self, times: int) -> None:
        """Let each connector be killed so often from now on."""
        for one in self.connectors.values():
            one.kill(times)

    async def change(self, changes: "Changes", many: int) -> None:
        """Make changes, no faster than the connectors follow, until nobody is to be killed any more."""
        while many > 0 or not all(one.survives.is_set() for one in self.connectors.values()):
            await changes.make()
            await self.watcher.until(lambda: len(self.watcher.standing(*UNRESOLVED)) < MOST_UNRESOLVED)
            many -= 1

    def held(self) -> dict[str, list[Device]]:
        return {name: sorted(one.recorder.devices.values()) for name, one in self.connectors.items()}

    async def wanted(self) -> dict[str, list[Device]]:
        """What the inventory has on each secondary."""
        rows = await self.site.api.database.pool.fetch(WANTED, self.site.uuid)
        return {name: sorted(tuple(row)[1:] for row in rows if row[0] == name) for name in SECONDARIES}


async def paired_site(api: Api) -> SiteBuilder:
    site = await new_site(api)
    await site.enroll(*((one, "PRIMARY") for one in PRIMARIES), *((one, "SECONDARY") for one in SECONDARIES))
    await site.pair("ASYMMETRIC", PRIMARIES, SECONDARIES, {"p1": "s1", "p2": "s2", "p3": "s2"})
    return site


@asynccontextmanager
async def staged(api: Api, address: str, seed: int, *, resets: float = 0) -> AsyncIterator[Stage]:
    """Connectors at work on a site. `resets`: after how many of what was APPLIED their connections are lost, which
    the answer to the acknowledgement may still be on.
    """
    site = await paired_site(api)
    chances = random.Random(seed)  # noqa: S311 - a fixed seed is the point
    async with AsyncExitStack() as stack:
        host, port = address.split(":")
        wire = await stack.enter_async_context(wire_to(host, int(port)))
        connectors = {name: Incarnations(site, wire.address, name, chances) for name in SECONDARIES}
        for driven in connectors.values():
            await stack.enter_async_context(driven.recorder.listening())

        def applied(server: str) -> None:
            connectors[server].reached("acknowledged")
            if chances.random() < resets:
                wire.reset()

        watcher = Watcher(site, applied)
        async with asyncio.TaskGroup() as tasks:
            works = (watcher.run(address), watcher.retry(), *(one.run() for one in connectors.values()))
            at_work = [tasks.create_task(work) for work in works]
            yield Stage(site, watcher, connectors)
            for task in at_work:
                task.cancel()


class Changes:
    """What goes on at a site meanwhile, in random order: some devices come again, with a camera of their own."""

    def __init__(self, site: SiteBuilder, chances: random.Random) -> None:
        self.site, self._chances = site, chances
        self._new_devices = count(1)
        self._old_devices: list[int] = []
        self._cameras: dict[str, tuple[str, int]] = {}
        self._names = (f"Camera {number}" for number in count())

    async def make(self) -> None:
        """Make one change of a camera on a primary."""
        others = (self._move, self._delete, self._replace) if len(self._cameras) > 5 else ()
        await self._chances.choice((self._add, *others))()

    async def _add(self) -> None:
        name, server = next(self._names), self._chances.choice(PRIMARIES)
        again = self._old_devices and self._chances.random() < 0.5
        device = self._old_devices.pop() if again else next(self._new_devices)
        await self.site.add(server, name, device)
        self._cameras[name] = (server, device)

    async def _move(self) -> None:
        name, server, device = self._any()
        to = self._chances.choice([one for one in PRIMARIES if one != server])
        await self.site.move(name, to)
        self._cameras[name] = (to, device)

    async def _delete(self) -> None:
        name, _, device = self._any()
        await self.site.delete(name)
        del self._cameras[name]
        self._old_devices.append(device)

    async def _replace(self) -> None:
        name, server, _ = self._any()
        device = next(self._new_devices)
        await self.site.replace(name, device)
        self._cameras[name] = (server, device)

    def _any(self) -> tuple[str, str, int]:
        name = self._chances.choice(sorted(self._cameras))
        return (name, *self._cameras[name])
