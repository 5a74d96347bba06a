"""The world that the stories happen in: recorders that hold devices, and a connector that does what is queued."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from tests.builders import Action, Answer, Json, SiteBuilder, mac

COUNTS = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")
# The devices of a recorder: their MAC addresses, with the names that they have there.
Recorder: TypeAlias = dict[str | None, str]


@dataclass
class Estate:
    """A site, and what its recorders really hold."""

    site: SiteBuilder
    recorders: dict[str, Recorder]
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def pair(self, store: str, stand_in: str) -> Answer:
        return await self.site.pair("SYMMETRIC", [store], [stand_in])

    async def pool(self, *stores: str) -> Answer:
        """Have headquarters stand in for several stores."""
        return await self.site.pair("ASYMMETRIC", stores, ["Headquarters"])

    async def add(self, server: str, name: str, number: int | None = None) -> Answer:
        """Somebody adds a camera on a recorder, and the service hears of it."""
        answer = await self.site.add(server, name, next(self.numbers) if number is None else number)
        assert answer.camera is not None
        self.recorders[server][answer.camera.mac] = name
        return answer

    async def add_all(self, server: str, *names: str) -> None:
        for name in names:
            await self.add(server, name)

    async def delete(self, camera: str) -> Answer:
        gone = await self.site.camera(camera)
        del self.recorders[gone.server][gone.mac]
        return await self.site.delete(camera)

    async def replace(self, camera: str, number: int) -> Answer:
        before = await self.site.camera(camera)
        self.recorders[before.server][mac(number)] = self.recorders[before.server].pop(before.mac)
        return await self.site.replace(camera, number)

    async def move(self, camera: str, to: str) -> Answer:
        before = await self.site.camera(camera)
        self.recorders[to][before.mac] = self.recorders[before.server].pop(before.mac)
        return await self.site.move(camera, to)

    async def work(self) -> list[str]:
        """The connector does what is QUEUED, on the recorders, until nothing is; returns what it did, in order."""
        done: list[str] = []
        while queued := await self.site.actions(statuses=["QUEUED"]):
            for action in queued:
                self._carry_out(action)
                await self.site.ack(action)
            done += [told(action) for action in queued]
        return done

    def _carry_out(self, action: Action) -> None:
        assert action.target is not None
        recorder = self.recorders[action.target]
        if action.action == "DELETE":
            recorder.pop(action.mac, None)
            return
        if action.previous_hardware is not None:
            recorder.pop(action.previous_hardware["macAddress"], None)
        recorder[action.mac] = action.device["name"]

    def seen(self, server: str) -> Json:
        """What a connector reads from a recorder, as a complete report."""
        return self.site.reported(
            server,
            *(
                {"name": name, "hardware": {"macAddress": address}}
                for address, name in self.recorders[server].items()
            ),
        )

    async def report(self, *servers: str, confirm: bool = False) -> Answer:
        """The connectors report what these recorders hold."""
        return await self.site.report_all(*(self.seen(server) for server in servers), confirm=confirm)

    async def why_not(self, change: Coroutine[Any, Any, Answer]) -> list[str]:
        """What stands against a change of one server, which must be refused: "is paired", ..."""
        refused = await self.site.refusals(change)
        assert {one.code for one in refused} <= {"SERVER_IN_USE", "LABEL_IN_USE"}
        return [one.message.split("' ")[1].split(";")[0] for one in refused]

    async def open(self) -> list[str]:
        """What is unresolved, by creation."""
        return [f"{told(one)}: {one.status}" for one in await self.site.unresolved()]

    async def protection(self) -> dict[str, str | None]:
        """The protection of each camera on a store, by name."""
        cameras = await self.site.inventory()
        return {one.name: one.protection for one in cameras if one.side == "PRIMARY"}

    async def is_in_step(self) -> bool:
        """Whether every recorder holds what the inventory says, no more and no less, and nothing is under way."""
        wanted: dict[str, set[str | None]] = {server: set() for server in self.recorders}
        for camera in await self.site.inventory():
            wanted[camera.server].add(camera.mac)
        held = {server: set(recorder) for server, recorder in self.recorders.items()}
        return held == wanted and not await self.site.unresolved()


def told(action: Action) -> str:
    """An action in words."""
    left = f" from {action.left}" if action.left else ""
    return f"{action.action} {action.device['name']}{left} on {action.target}"


def planned(answer: Answer) -> list[str]:
    """What a change sets in motion, in words."""
    return [f"{told(one)}: {one.reason or one.status}" for one in answer.planned]


def found(answer: Answer) -> dict[str, int]:
    """What a report found, without what it found nothing of."""
    return {name: answer.body[name] for name in COUNTS if answer.body[name]}
