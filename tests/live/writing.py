"""Real changes over HTTP by a client that does not give up, and the table as the truth about what they made."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import httpx

from service.api import ids
from service.demo.client import ANSWERS
from service.store.check import check_database
from service.store.database import Database
from service.store.listen import CHANNEL

Json: TypeAlias = dict[str, Any]

PASSING = ("UNAVAILABLE", "TIMEOUT")
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
TABLE = """
SELECT revision, payload #>> '{mirrored_action,id}', payload #>> '{mirrored_action,status}' FROM event
WHERE site_id = $1 AND revision > $2 AND kind = 'MIRRORED_ACTION' ORDER BY revision
"""
CAMERAS = """
SELECT camera.id, server_id FROM camera JOIN server ON server.id = server_id
WHERE camera.site_id = $1 AND label = 'PRIMARY'
"""
NUMBERS = count(1)


@dataclass(frozen=True)
class LiveSite:
    """A site with paired servers: the primaries' and the secondaries' ids."""

    id: str
    primaries: tuple[str, ...]
    secondaries: tuple[str, ...]
    revision: int

    @property
    def uuid(self) -> UUID:
        return ids.uuid_of(ids.SITE, self.id)


@dataclass
class Writer:
    """Makes one change after another, each until it is acknowledged, by any of several addresses.

    `cameras`: the primaries' cameras that this writer added and moved, with their servers, as acknowledged.
    """

    client: httpx.AsyncClient
    addresses: Sequence[str]
    site: LiveSite
    seed: int = 0
    cameras: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    changes: int = 0
    retries: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    stopping: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - choices that can be repeated
        self._actions: list[str] = []

    async def add(self) -> str:
        """Add a camera to a primary, and return its id."""
        server = self._random.choice(self.site.primaries)
        number = next(NUMBERS)
        answer = await self.change(
            "addCamera", serverId=server, name=f"Camera {number}", hardware={"address": address_of(number)}
        )
        camera: str = answer["camera"]["id"]
        self.cameras[camera] = server
        return camera

    async def delete(self, camera: str) -> None:
        await self.change("deleteCamera", cameraId=camera)
        del self.cameras[camera]

    async def move(self, camera: str, server: str) -> None:
        await self.change("moveCamera", cameraId=camera, toServerId=server)
        self.cameras[camera] = server

    async def replace(self, camera: str) -> None:
        await self.change("replaceCamera", cameraId=camera, hardware={"address": address_of(next(NUMBERS))})

    async def acknowledge(self) -> None:
        """Acknowledge one of the actions that this writer's changes made, as applied or failed."""
        action = self._random.choice(self._actions)
        failed = {"outcome": "FAILED", "error": "The device does not answer."}
        outcome = self._random.choice([{"outcome": "APPLIED"}, {"outcome": "APPLIED"}, failed])
        await self.change("acknowledgeMirroredActions", results=[{"actionId": action, **outcome}])

    async def step(self) -> None:
        """Make a change by chance: most add cameras or acknowledge."""
        camera = self._random.choice(sorted(self.cameras)) if self.cameras else ""
        others = [server for server in self.site.primaries if camera and server != self.cameras[camera]]
        match self._random.randrange(9):
            case 0 if camera:
                await self.delete(camera)
            case 1 if others:
                await self.move(camera, self._random.choice(others))
            case 2 if camera:
                await self.replace(camera)
            case 3 | 4 | 5 if self._actions:
                await self.acknowledge()
            case _:
                await self.add()

    async def steps(self, number: int) -> int:
        """Make so many changes by chance, and return the site's revision after them."""
        for _ in range(number):
            await self.step()
        return self.revision

    async def go_on(self) -> None:
        """Make changes by chance until it is `stopping`."""
        while not self.stopping:
            await self.step()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, which is looked at after every attempt."""
        async with self.changed:
            await self.changed.wait_for(holds)

    async def change(self, mutation: str, **given: object) -> Json:
        """Make one change, once, however often that has to be tried."""
        if mutation != "acknowledgeMirroredActions":  # which is the same again by itself
            given["idempotencyKey"] = uuid4().hex
        given["siteId"] = self.site.id
        async for answer in attempts(self.client, self.addresses, mutation, given, self._random):
            async with self.changed:
                self.changes += answer is not None
                self.retries += answer is None
                self.changed.notify_all()
        assert answer
        self.revision = max(self.revision, answer["revision"])
        if action := answer.get("mirroredAction"):
            self._actions.append(action["id"])
        return answer


async def attempts(
    client: httpx.AsyncClient, addresses: Sequence[str], mutation: str, given: Json, dice: random.Random
) -> AsyncIterator[Json | None]:
    """Try a change at one address after another until it is answered; the last attempt yields the answer."""
    begin = dice.randrange(len(addresses))
    for attempt in count():
        address = addresses[(begin + attempt) % len(addresses)]
        answer = await attempted(client, address, mutation, given)
        yield answer
        if answer is not None:
            return
        await asyncio.sleep(dice.uniform(0, min(SHORTEST_PAUSE * 2.0 ** min(attempt, 10), LONGEST_PAUSE)))


async def attempted(client: httpx.AsyncClient, address: str, mutation: str, given: Json) -> Json | None:
    """Try a change once: its answer, or None when trying again may help."""
    answers, fields = ANSWERS[mutation]
    document = (
        f"mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ answer: {mutation}(input: $input) {{"
        f" ... on {answers} {{ revision {fields} }} ... on Refused {{ refusals {{ code message }} }} }} }}"
    )
    try:
        response = await client.post(
            f"http://{address}/graphql", json={"query": document, "variables": {"input": given}}
        )
        body: Json = response.json()
    except (httpx.HTTPError, ValueError):
        return None
    if errors := body.get("errors"):
        assert all(error["extensions"]["code"] in PASSING for error in errors), (mutation, errors)
        return None
    answer: Json = body["data"]["answer"]
    codes = [refusal["code"] for refusal in answer.get("refusals", ())]
    assert codes in ([], ["SITE_BUSY"]), (mutation, given, answer)
    return None if codes else answer


@asynccontextmanager
async def http_client(seconds: float = 5.0) -> AsyncIterator[httpx.AsyncClient]:
    """What changes are made with; a request that takes longer counts as lost."""
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(verify=False), timeout=seconds, trust_env=False
    ) as client:
        yield client


async def paired_site(client: httpx.AsyncClient, *addresses: str, primaries: int = 2) -> LiveSite:
    """A site in Auto mode with so many primaries and one secondary, paired."""

    async def change(mutation: str, **given: object) -> Json:
        given["idempotencyKey"] = uuid4().hex
        tried = attempts(client, addresses, mutation, given, random.Random(0))  # noqa: S311
        *_, answer = [answer async for answer in tried]
        assert answer
        return answer

    created = await change("createSite", name=f"Site {uuid4().hex}")
    site = created["site"]["id"]
    servers = [{"name": f"p{number}", "label": "PRIMARY"} for number in range(primaries)]
    servers.append({"name": "s0", "label": "SECONDARY"})
    registered = await change("registerServers", siteId=site, servers=servers)
    *primary_ids, secondary = [server["id"] for server in registered["servers"]]
    pairing = {
        "style": "SYMMETRIC" if primaries == 1 else "ASYMMETRIC",
        "primaryIds": primary_ids,
        "secondaryIds": [secondary],
    }
    paired = await change("pairServers", siteId=site, pairings=[pairing])
    return LiveSite(site, tuple(primary_ids), (secondary,), paired["revision"])


def address_of(number: int) -> str:
    """An address that no other number has."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


async def table(dsn: str, site: str | UUID, after: int = 0) -> list[tuple[int, str, str]]:
    """What a subscriber that began after a position must have received: position, id and status of each action."""
    site_id = site if isinstance(site, UUID) else ids.uuid_of(ids.SITE, site)
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(TABLE, site_id, after)
    finally:
        await connection.close()
    return [(position, str(ids.id_of(ids.ACTION, action)), status) for position, action, status in rows]


async def cameras_of_primaries(dsn: str, site: LiveSite) -> dict[str, str]:
    """The cameras that stand on a site's primaries, with their servers."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(CAMERAS, site.uuid)
    finally:
        await connection.close()
    return {str(ids.id_of(ids.CAMERA, camera)): str(ids.id_of(ids.SERVER, server)) for camera, server in rows}


async def broken(dsn: str) -> list[str]:
    """What `camera-redundancy check` finds that must not be."""
    return [finding.sentence for finding in await check_database(dsn) if not finding.is_fine]


async def hint(database: Database, site_id: UUID) -> None:
    """Tell all replicas that a site moved, as the one that moved it does."""
    await database.pool.execute("SELECT pg_notify($1, $2)", CHANNEL, site_id.hex)
