"""The two directions of mirroring, so that one test shows both."""

from dataclasses import dataclass

from tests.builders import Action, Answer, SiteBuilder


@dataclass(frozen=True, slots=True)
class Sides:
    """Facts happen on `here` and `here_too`; the mirrored actions go to `there` and `there_too`, their partners."""

    direction: str
    here: str
    here_too: str
    there: str
    there_too: str


BACKUP = Sides("BACKUP", "p1", "p2", "s1", "s2")
RESTORE = Sides("RESTORE", "s1", "s2", "p1", "p2")


@dataclass(frozen=True, slots=True)
class Estate:
    """A site with two symmetric pairings, p1 with s1 and p2 with s2, in which facts happen on one side."""

    site: SiteBuilder
    sides: Sides

    async def door(self, number: int = 1) -> Action:
        """Add the camera Door on `here`; returns the ADD, QUEUED for `there`."""
        return made(await self.site.add(self.sides.here, "Door", number))

    async def mirrored_door(self, number: int = 1, external_id: str | None = "t-1") -> None:
        """The same, and the ADD is APPLIED."""
        await self.site.ack(await self.door(number), external_id=external_id)

    async def move(self, camera: str = "Door", *, back: bool = False) -> Action:
        """Move a camera from `here` to `here_too`, or back."""
        return made(await self.site.move(camera, self.sides.here if back else self.sides.here_too))

    async def replace(self, number: int, camera: str = "Door") -> Action:
        return made(await self.site.replace(camera, number))

    async def delete(self, camera: str = "Door") -> Action:
        return made(await self.site.delete(camera))

    async def twin(self, camera: str = "Door") -> str:
        """The id of a camera's counterpart: the target camera."""
        return (await self.site.twin(camera)).id

    async def states(self, *actions: Action) -> list[tuple[str, str]]:
        """(action, status) of each, as they are now."""
        now = [await self.site.action(one) for one in actions]
        return [(one.action, one.status) for one in now]

    async def open(self) -> list[tuple[str, str]]:
        """(action, status) of everything unresolved, by creation."""
        return [(one.action, one.status) for one in await self.site.unresolved()]

    async def held(self, *servers: str) -> list[tuple[str, str | None, bool]]:
        """(server, MAC, removing) of the cameras of these servers, or all, in order."""
        return sorted((one.server, one.mac, one.removing) for one in await self.site.inventory(*servers))


def made(answer: Answer) -> Action:
    """The mirrored action that a change answers with."""
    assert answer.action is not None
    return answer.action
