"""A small site that random commands are done to. A step is a name and four numbers; the numbers choose among whatever
there is at that moment, so that any part of a list of steps is a list of steps again, and failures shrink.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from service.commands import camera, link, mirrored_action, pairing, server, site
from service.model.inputs import (
    CameraInput,
    HardwareInput,
    MappingInput,
    PairingInput,
    ResultInput,
    ServerInput,
    ServerLabelInput,
    SyncPolicyInput,
)
from service.model.outcome import Outcome, Request
from service.model.refusals import Refused
from service.model.vocabulary import MirrorOutcome, Mode, PairingStyle, ServerLabel, TwinDisposal
from service.store.database import Database
from service.store.refusals import MEANING

Step = tuple[str, int, int, int, int]
Item = TypeVar("Item")

# Few devices, and some alike in part, so that they meet.
HARDWARE = (
    HardwareInput("02-00-00-00-00-0a", "192.0.2.1"),
    HardwareInput("02-00-00-00-00-0b", "192.0.2.2"),
    HardwareInput(None, "192.0.2.1"),
    HardwareInput("02-00-00-00-00-0b", "192.0.2.1"),
    HardwareInput("02-00-00-00-00-0c", None, "Maker", "Model"),
    HardwareInput("02-00-00-00-00-0d", None),
)
TWINS = (TwinDisposal.KEEP, TwinDisposal.REMOVE)
# Not by id: within a millisecond ids have no order, and a program must mean the same each time.
CAMERAS = "SELECT id FROM camera WHERE site_id = $1 ORDER BY name, server_id, hardware_key, channel"
SOURCES = CAMERAS.replace("WHERE", "WHERE side = 'PRIMARY' AND NOT removing AND")
BACKSTOPS = {message for _, message in MEANING.values()}


@dataclass
class RandomSite:
    """The site, its servers (p0 to p3 are primaries, s0 to s2 secondaries) and what was done to it."""

    database: Database
    site_id: UUID
    servers: list[UUID]
    mode: Mode = Mode.AUTO

    @property
    def primaries(self) -> list[UUID]:
        return self.servers[:4]

    @property
    def secondaries(self) -> list[UUID]:
        return self.servers[4:]

    async def do(self, step: Step) -> Outcome | None:
        """Do one step; None: refused, or there was nothing to do it to."""
        name, *numbers = step
        try:
            return await STEPS[name](self, *numbers)
        except Refused as refused:
            backstops = [one.message for one in refused.refusals if one.message in BACKSTOPS]
            assert not backstops, f"only a constraint saw it: {backstops}"
            return None

    async def ids(self, text: str) -> list[UUID]:
        async with self.database.pool.acquire() as connection:
            return [row[0] for row in await connection.fetch(text, self.site_id)]

    async def cameras(self) -> list[UUID]:
        return await self.ids(CAMERAS)


Doing = Callable[..., Coroutine[Any, Any, Outcome | None]]


def request() -> Request:
    return Request("somebody", "something")


async def make_site(database: Database, name: str) -> RandomSite:
    site_id = (await site.create_site(database, request(), name)).site_id
    given = [ServerInput(f"p{n}", label=ServerLabel.PRIMARY) for n in range(4)]
    given += [ServerInput(f"s{n}", label=ServerLabel.SECONDARY) for n in range(3)]
    made = await server.register_servers(database, request(), site_id, given)
    return RandomSite(database, site_id, [UUID(one) for one in made.detail["serverIds"]])


def pick(items: Sequence[Item], number: int) -> Item:
    return items[number % len(items)]


def some(items: Sequence[Item], mask: int) -> list[Item]:
    """The first few items by the bits of the mask, all of them if it has none."""
    return [one for n, one in enumerate(items) if mask >> (n % 8) & 1] or list(items)


async def _add(its: RandomSite, a: int, b: int, c: int, d: int) -> Outcome | None:
    given = CameraInput(
        pick(its.servers, a),
        f"camera {c}",
        pick(HARDWARE, b),
        channel=int(c % 8 == 0),
        external_id=f"e{d}" if d % 4 == 0 else None,
    )
    return await camera.add_camera(its.database, request(), its.site_id, given)


async def _delete(its: RandomSite, a: int, *_: int) -> Outcome | None:
    cameras = await its.cameras()
    if not cameras:
        return None
    return await camera.delete_camera(its.database, request(), its.site_id, pick(cameras, a))


async def _move(its: RandomSite, a: int, b: int, c: int, _: int) -> Outcome | None:
    cameras = await its.cameras()
    if not cameras:
        return None
    return await camera.move_camera(
        its.database,
        request(),
        its.site_id,
        pick(cameras, a),
        pick(its.servers, b),
        allow_unprotected=c % 4 == 0,
    )


async def _replace(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    cameras = await its.cameras()
    if not cameras:
        return None
    return await camera.replace_camera(
        its.database, request(), its.site_id, pick(cameras, a), pick(HARDWARE, b)
    )


async def _pair(its: RandomSite, a: int, b: int, c: int, _: int) -> Outcome | None:
    secondary = pick(its.secondaries, b)
    if c % 3:
        given = PairingInput(PairingStyle.SYMMETRIC, (pick(its.primaries, a),), (secondary,))
    else:
        several = (pick(its.primaries, a), pick(its.primaries, a + 1))
        given = PairingInput(PairingStyle.ASYMMETRIC, several, (secondary,))
    return await pairing.pair_servers(its.database, request(), its.site_id, [given])


async def _unpair(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    pairings = await its.ids("SELECT id FROM pairing WHERE site_id = $1 ORDER BY id")
    chosen = some(pairings, a)
    if not chosen:
        return None
    return await pairing.unpair_servers(its.database, request(), its.site_id, chosen, pick(TWINS, b))


async def _map(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    sources = await its.ids(SOURCES)
    chosen = [
        MappingInput(one, pick(its.secondaries, b + n * (b % 2))) for n, one in enumerate(some(sources, a))
    ]
    if not chosen:
        return None
    return await link.map_cameras(its.database, request(), its.site_id, chosen)


async def _unmap(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    cameras = some(await its.cameras(), a)
    if not cameras:
        return None
    return await link.unmap_cameras(its.database, request(), its.site_id, cameras, pick(TWINS, b))


async def _mode(its: RandomSite, *_: int) -> Outcome | None:
    wanted = Mode.MANUAL if its.mode == Mode.AUTO else Mode.AUTO
    done = await site.set_mode(its.database, request(), its.site_id, wanted, confirm_impact=True)
    its.mode = wanted
    return done


async def _policy(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    switch = pick(("backup", "restore", "add", "move", "delete", "replace"), a)
    policy = SyncPolicyInput(**{switch: b % 2 == 0})
    return await site.set_sync_policy(its.database, request(), its.site_id, policy)


async def _label(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    asked = [ServerLabelInput(pick(its.servers, a), pick(tuple(ServerLabel), b))]
    return await server.label_servers(its.database, request(), its.site_id, asked)


UNRESOLVED = """
SELECT id FROM mirrored_action
WHERE site_id = $1 AND status IN ('QUEUED', 'FAILED') ORDER BY created_position
"""
ANY = "SELECT id FROM mirrored_action WHERE site_id = $1 ORDER BY created_position"


async def _acknowledge(its: RandomSite, a: int, b: int, c: int, d: int) -> Outcome | None:
    """Most are told of what is under way; some of anything there ever was, and of the same one twice."""
    actions = some(await its.ids(ANY if c % 4 == 0 else UNRESOLVED), a)
    if not actions:
        return None
    told = [
        ResultInput(
            one,
            pick(tuple(MirrorOutcome), b + n * (b % 2)),
            error="no",
            external_id=f"e{pick((d, d + n, n), d)}" if d % 3 else None,
        )
        for n, one in enumerate(actions + actions[: b % 2])
    ]
    return await mirrored_action.acknowledge(its.database, request(), its.site_id, told)


async def _retry(its: RandomSite, a: int, *_: int) -> Outcome | None:
    actions = some(await its.ids(UNRESOLVED), a)
    if not actions:
        return None
    return await mirrored_action.retry(its.database, request(), its.site_id, actions)


async def _abandon(its: RandomSite, a: int, b: int, *_: int) -> Outcome | None:
    blocked = UNRESOLVED.replace("'QUEUED'", "'QUEUED', 'BLOCKED'")
    actions = some(await its.ids(blocked), a)
    if not actions:
        return None
    chosen = actions if b % 2 else [pick(actions, b)]
    return await mirrored_action.abandon(its.database, request(), its.site_id, chosen, "enough")


STEPS: dict[str, Doing] = {
    "add": _add,
    "delete": _delete,
    "move": _move,
    "replace": _replace,
    "pair": _pair,
    "unpair": _unpair,
    "map": _map,
    "unmap": _unmap,
    "mode": _mode,
    "policy": _policy,
    "label": _label,
    "acknowledge": _acknowledge,
    "retry": _retry,
    "abandon": _abandon,
}


async def drain(its: RandomSite) -> None:
    """Apply everything that is unresolved, and whatever follows from it."""
    for _ in range(20):
        actions = await its.ids(UNRESOLVED)
        if not actions:
            return
        told = [ResultInput(one, MirrorOutcome.APPLIED) for one in actions]
        done = await mirrored_action.acknowledge(its.database, request(), its.site_id, told)
        assert done.detail["rejected"] == []
    raise AssertionError("there is no end to the actions")
