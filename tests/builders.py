"""A client of the API within this process, and a site that is shaped through it in few words.

Servers and cameras go by the names that the test gave them; what has no such name (a twin) goes by its id.
"""

from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.types import ASGIApp

from service.api.http import graphql_app
from service.feed.tail import Feed
from service.store.database import Database
from tests.documents import ACTION, ANSWERS, CAMERA, HOMES, REFUSED

Json: TypeAlias = dict[str, Any]
Verdict: TypeAlias = tuple[str, str, str, str | None, str | None]

TABLES = (
    "site",
    "server",
    "camera",
    "link",
    "pairing",
    "pairing_member",
    "mirrored_action",
    "event",
    "idempotency_key",
)
ALL_ROWS = " UNION ALL ".join(f"SELECT '{one}' AS of_table, {one}::text AS row FROM {one}" for one in TABLES)


def app(database: Database) -> ASGIApp:
    """The API as it is served, with a feed that nobody follows."""
    return graphql_app(database, Feed(database, "", poll_interval=1, heartbeat=1), graphiql=False)


def mac(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"


class FaultError(Exception):
    """The API answered with top-level errors."""


@dataclass(frozen=True, slots=True)
class Refusal:
    kind: str
    code: str
    path: tuple[str, ...]
    message: str
    body: Json


class RefusedError(Exception):
    """The change was refused."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{one.code} at {one.path}: {one.message}" for one in refusals))
        self.refusals = tuple(refusals)


@dataclass(frozen=True, slots=True)
class Camera:
    """`counterpart`: its id. `server`: its name."""

    id: str
    name: str
    channel: int
    mac: str | None
    address: str | None
    manufacturer: str | None
    model: str | None
    external_id: str | None
    server: str
    side: str | None
    counterpart: str | None
    protection: str | None
    removing: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A mirrored action, or a planned one (id and all that only a made one has: null). Servers by name."""

    id: str
    position: int | None
    change_id: str | None
    action: str
    direction: str
    cause: str
    status: str
    reason: str | None
    blocked: str | None
    because: str
    source: str | None
    target: str | None
    left: str | None
    camera: str | None
    counterpart: str | None
    device: Json
    previous_hardware: Json | None
    attempts: int | None
    error: str | None
    note: str | None
    actor: str | None

    @property
    def verdict(self) -> Verdict:
        return self.action, self.direction, self.status, self.reason, self.target

    @property
    def mac(self) -> str | None:
        """Of the device that the target is to hold."""
        address: str | None = self.device["hardware"]["macAddress"]
        return address


@dataclass(frozen=True, slots=True)
class Answer:
    """A change that was made, or its preview; `body`: the whole answer. A site that is gone has revision 0."""

    body: Json
    revision: int
    change_id: str | None
    dry_run: bool
    queued: int
    blocked: int
    suppressed: int
    planned: tuple[Action, ...]
    action: Action | None
    camera: Camera | None

    @property
    def verdict(self) -> Verdict:
        assert self.action is not None, "no mirrored action was made"
        return self.action.verdict


def to_camera(node: Json) -> Camera:
    hardware = node["hardware"]
    return Camera(
        id=node["id"],
        name=node["name"],
        channel=node["channel"],
        mac=hardware["macAddress"],
        address=hardware["address"],
        manufacturer=hardware["manufacturer"],
        model=hardware["model"],
        external_id=node["externalId"],
        server=node["server"]["name"],
        side=node["side"],
        counterpart=node["counterpart"] and node["counterpart"]["id"],
        protection=node["protection"],
        removing=node["removing"],
    )


def to_action(node: Json) -> Action:
    def named(key: str, name: str = "name") -> str | None:
        value: str | None = node[key][name] if node.get(key) else None
        return value

    return Action(
        id=node.get("id", ""),
        position=node.get("position"),
        change_id=node.get("changeId"),
        action=node["action"],
        direction=node["direction"],
        cause=node["cause"],
        status=node["status"],
        reason=node["reason"],
        blocked=node["blocked"],
        because=node["because"],
        source=named("sourceServer"),
        target=named("targetServer"),
        left=named("targetFromServer"),
        camera=named("camera", "id"),
        counterpart=named("counterpart", "id"),
        device=node["device"],
        previous_hardware=node.get("previousHardware"),
        attempts=node.get("attempts"),
        error=node.get("error"),
        note=node.get("note"),
        actor=node.get("actor"),
    )


def to_answer(body: Json) -> Answer:
    mirrored = body.get("mirrored") or {"queued": 0, "blocked": 0, "suppressed": 0, "actions": []}
    return Answer(
        body=body,
        revision=body.get("revision", 0),
        change_id=body.get("changeId"),
        dry_run=body.get("dryRun", False),
        queued=mirrored["queued"],
        blocked=mirrored["blocked"],
        suppressed=mirrored["suppressed"],
        planned=tuple(to_action(node) for node in mirrored["actions"]),
        action=to_action(body["mirroredAction"]) if body.get("mirroredAction") else None,
        camera=to_camera(body["camera"]) if body.get("camera") else None,
    )


def to_refusal(body: Json) -> Refusal:
    return Refusal(body["__typename"], body["code"], tuple(body["path"]), body["message"], body)


@dataclass(frozen=True)
class Api:
    """Speaks GraphQL over HTTP with an application in this process."""

    client: httpx.AsyncClient
    database: Database

    async def run(self, document: str, variables: Mapping[str, Any] | None = None) -> Json:
        """Return `data`; FaultError when there are top-level errors."""
        response = await self.client.post("/graphql", json={"query": document, "variables": variables or {}})
        body: Json = response.json()
        if body.get("errors"):
            raise FaultError(body["errors"])
        data: Json = body["data"]
        return data

    async def change(self, mutation: str, given: Mapping[str, Any]) -> Answer:
        """Run a mutation by its field's name; RefusedError when it is refused."""
        answer, fields = ANSWERS[mutation]
        document = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
            {mutation}(input: $input) {{ __typename ... on {answer} {{ {fields} }} {REFUSED} }} }}"""
        body: Json = (await self.run(document, {"input": given}))[mutation]
        if body["__typename"] == "Refused":
            raise RefusedError([to_refusal(one) for one in body["refusals"]])
        return to_answer(body)

    async def rows(self) -> list[tuple[str, str]]:
        """Everything that the database holds, as (table, row), to compare."""
        return sorted((row["of_table"], row["row"]) for row in await self.database.pool.fetch(ALL_ROWS))

    async def refusals(self, change: Coroutine[Any, Any, object]) -> tuple[Refusal, ...]:
        """Await a change that must be refused, see that it changed nothing at all, and return its refusals."""
        before = await self.rows()
        with pytest.raises(RefusedError) as caught:
            await change
        assert await self.rows() == before
        return caught.value.refusals

    async def refused(self, change: Coroutine[Any, Any, object]) -> list[tuple[str, tuple[str, ...]]]:
        """The same, as (code, path)."""
        return [(one.code, one.path) for one in await self.refusals(change)]


@asynccontextmanager
async def api_of(database: Database) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
        yield Api(client, database)


@dataclass
class SiteBuilder:
    """A site under test. Every change takes `ifRevision`, `idempotencyKey` and `dryRun` as they are in GraphQL."""

    api: Api
    id: str
    servers: dict[str, str] = field(default_factory=dict)
    cameras: dict[str, str] = field(default_factory=dict)
    pairings: dict[str, str] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(0xA000))

    async def change(self, mutation: str, **given: object) -> Answer:
        return await self.api.change(mutation, {"siteId": self.id, **given})

    async def refusals(self, change: Coroutine[Any, Any, object]) -> tuple[Refusal, ...]:
        return await self.api.refusals(change)

    async def refused(self, change: Coroutine[Any, Any, object]) -> list[tuple[str, tuple[str, ...]]]:
        return await self.api.refused(change)

    @property
    def uuid(self) -> UUID:
        """The site's id as the database has it."""
        return UUID(self.id.removeprefix("site_"))

    def server_id(self, server: str) -> str:
        return self.servers.get(server, server)

    def camera_id(self, camera: str) -> str:
        return self.cameras.get(camera, camera)

    async def rename(self, name: str, **options: object) -> Answer:
        return await self.change("updateSite", name=name, **options)

    async def delete_site(self, confirm: str, **options: object) -> Answer:
        return await self.change("deleteSite", confirmName=confirm, **options)

    async def register(self, *names: str, label: str = "UNLABELED", **options: object) -> Answer:
        return await self.enroll(*((name, label) for name in names), **options)

    async def enroll(self, *servers: tuple[str, str], **options: object) -> Answer:
        """Register servers: (name, label)."""
        given = [{"name": name, "label": label} for name, label in servers]
        answer = await self.change("registerServers", servers=given, **options)
        self.servers |= {one["name"]: one["id"] for one in answer.body["servers"] or ()}
        return answer

    async def update_servers(self, changes: Mapping[str, Json], **options: object) -> Answer:
        """Update servers: server -> fields of ServerUpdateInput."""
        given = [{"serverId": self.server_id(one), **fields} for one, fields in changes.items()]
        return await self.change("updateServers", servers=given, **options)

    async def remove_servers(self, *servers: str, **options: object) -> Answer:
        ids = [self.server_id(one) for one in servers]
        return await self.change("removeServers", serverIds=ids, **options)

    async def label(self, label: str, *servers: str, **options: object) -> Answer:
        labels = [{"serverId": self.server_id(one), "label": label} for one in servers]
        return await self.change("labelServers", labels=labels, **options)

    async def mode(self, mode: str, *, confirm: bool = True, **options: object) -> Answer:
        return await self.change("setMode", mode=mode, confirmImpact=confirm, **options)

    async def policy(self, **switches: object) -> Answer:
        return await self.change("setSyncPolicy", **switches)

    def pairing(
        self,
        style: str,
        primaries: Sequence[str],
        secondaries: Sequence[str],
        assignments: Mapping[str, str] | None = None,
    ) -> Json:
        """A PairingInput; assignments: primary -> secondary."""
        given = [
            {"primaryId": self.server_id(one), "secondaryId": self.server_id(other)}
            for one, other in (assignments or {}).items()
        ]
        return {
            "style": style,
            "primaryIds": [self.server_id(one) for one in primaries],
            "secondaryIds": [self.server_id(one) for one in secondaries],
            "assignments": given or None,
        }

    async def pair_all(self, *pairings: Json, **options: object) -> Answer:
        answer = await self.change("pairServers", pairings=list(pairings), **options)
        for one in answer.body["pairings"] or ():
            self.pairings |= {member["server"]["name"]: one["id"] for member in one["primaries"]}
        return answer

    async def pair(
        self,
        style: str,
        primaries: Sequence[str],
        secondaries: Sequence[str],
        assignments: Mapping[str, str] | None = None,
        **options: object,
    ) -> Answer:
        return await self.pair_all(self.pairing(style, primaries, secondaries, assignments), **options)

    async def update_pairing(
        self, primary: str, assignments: Mapping[str, str] | None = None, **changes: object
    ) -> Answer:
        """Change the pairing of this primary: as in GraphQL, but servers by name."""
        given = {
            key: [self.server_id(one) for one in value] if isinstance(value, list) else value
            for key, value in changes.items()
        }
        assigned = self.pairing("", (), (), assignments)["assignments"]
        ids = {"pairingId": self.pairings.get(primary, primary), "assignments": assigned}
        return await self.change("updatePairing", **ids, **given)

    async def unpair(self, *primaries: str, twins: str = "KEEP", **options: object) -> Answer:
        """Dissolve the pairings of these primaries."""
        ids = [self.pairings.get(one, one) for one in primaries]
        return await self.change("unpairServers", pairingIds=ids, twins=twins, **options)

    async def reconcile(self, *servers: str, direction: str = "BACKUP", **options: object) -> Answer:
        ids = [self.server_id(one) for one in servers] or None
        return await self.change("reconcile", serverIds=ids, direction=direction, **options)

    async def map(self, mappings: Mapping[str, str], **options: object) -> Answer:
        """Map cameras to secondaries: camera -> server."""
        given = [
            {"cameraId": self.camera_id(one), "secondaryServerId": self.server_id(other)}
            for one, other in mappings.items()
        ]
        return await self.change("mapCameras", mappings=given, **options)

    async def unmap(self, *cameras: str, twins: str = "KEEP", **options: object) -> Answer:
        ids = [self.camera_id(one) for one in cameras]
        return await self.change("unmapCameras", cameraIds=ids, twins=twins, **options)

    async def add(
        self,
        server: str,
        name: str,
        number: int | None = None,
        *,
        address: str | None = None,
        hardware: Json | None = None,
        **options: object,
    ) -> Answer:
        """Add a camera with the MAC address of this number, or with an address, or else with a MAC of its own."""
        given = self._hardware(number, address) if hardware is None else hardware
        answer = await self.change(
            "addCamera", serverId=self.server_id(server), name=name, hardware=given, **options
        )
        if answer.camera and not answer.dry_run:
            self.cameras[name] = answer.camera.id
        return answer

    def _hardware(self, number: int | None, address: str | None) -> Json:
        if number is None and address is not None:
            return {"address": address}
        given = {"macAddress": mac(next(self.numbers) if number is None else number)}
        return given | ({"address": address} if address else {})

    async def update(self, camera: str, **given: object) -> Answer:
        return await self.change("updateCamera", cameraId=self.camera_id(camera), **given)

    async def move(self, camera: str, to: str, **options: object) -> Answer:
        ids = {"cameraId": self.camera_id(camera), "toServerId": self.server_id(to)}
        return await self.change("moveCamera", **ids, **options)

    async def delete(self, camera: str, **options: object) -> Answer:
        return await self.change("deleteCamera", cameraId=self.camera_id(camera), **options)

    async def replace(
        self, camera: str, number: int | None = None, *, address: str | None = None, **options: object
    ) -> Answer:
        hardware = self._hardware(number, address)
        return await self.change(
            "replaceCamera", cameraId=self.camera_id(camera), hardware=hardware, **options
        )

    def reported(self, server: str, *cameras: tuple[str, int] | Json, complete: bool = True) -> Json:
        """A ServerInventoryInput; a camera is one of GraphQL's, or its name and the number of its MAC address."""
        given = [
            one if isinstance(one, dict) else {"name": one[0], "hardware": {"macAddress": mac(one[1])}}
            for one in cameras
        ]
        return {"serverId": self.server_id(server), "cameras": given, "complete": complete}

    async def report_all(self, *reports: Json, confirm: bool = False, **options: object) -> Answer:
        return await self.change(
            "reportInventory", reports=list(reports), confirmSuspicious=confirm, **options
        )

    async def report(self, server: str, *cameras: tuple[str, int] | Json, **options: object) -> Answer:
        """Report everything that a server holds."""
        return await self.change("reportInventory", reports=[self.reported(server, *cameras)], **options)

    async def acknowledge(self, *results: Json) -> Answer:
        """Results as in GraphQL: actionId, outcome, error, externalId."""
        return await self.change("acknowledgeMirroredActions", results=list(results))

    async def ack(
        self,
        *actions: str | Action,
        outcome: str = "APPLIED",
        error: str | None = None,
        external_id: str | None = None,
    ) -> Answer:
        """Acknowledge actions (or their ids), all with the same result."""
        given = {"outcome": outcome, "error": error, "externalId": external_id}
        return await self.acknowledge(*({"actionId": action_id(one), **given} for one in actions))

    async def fail(self, *actions: str | Action, error: str = "No disk.") -> Answer:
        return await self.ack(*actions, outcome="FAILED", error=error)

    async def retry(self, *actions: str | Action) -> Answer:
        return await self.change("retryMirroredActions", actionIds=[action_id(one) for one in actions])

    async def abandon(self, *actions: str | Action, because: str = "Not needed.") -> Answer:
        ids = [action_id(one) for one in actions]
        return await self.change("abandonMirroredActions", actionIds=ids, because=because)

    async def settle(self) -> list[Action]:
        """Apply whatever is QUEUED until nothing is, as a connector would; returns it in the order applied."""
        applied: list[Action] = []
        while queued := await self.actions(statuses=["QUEUED"]):
            await self.ack(*queued)
            applied += queued
        return applied

    async def actions(self, **wanted: object) -> list[Action]:
        """The site's mirrored actions by creation; `wanted`: the fields of MirroredActionFilter."""
        document = f"""query ($id: ID!, $filter: MirroredActionFilter) {{ site(id: $id) {{
            mirroredActions(first: 500, filter: $filter) {{ nodes {{ {ACTION} }} }} }} }}"""
        data = await self.api.run(document, {"id": self.id, "filter": wanted or None})
        return [to_action(node) for node in data["site"]["mirroredActions"]["nodes"]]

    async def unresolved(self) -> list[Action]:
        return await self.actions(statuses=["QUEUED", "BLOCKED", "FAILED"])

    async def action(self, action: str | Action) -> Action:
        """An action as it is now."""
        return to_action(await self._node(action_id(action), f"... on MirroredAction {{ {ACTION} }}"))

    async def inventory(self, *servers: str) -> list[Camera]:
        """The cameras of these servers, or all, by name."""
        document = f"""query ($id: ID!, $servers: [ID!]) {{ site(id: $id) {{
            cameras(first: 500, serverIds: $servers) {{ nodes {{ {CAMERA} }} }} }} }}"""
        wanted = [self.server_id(one) for one in servers] or None
        data = await self.api.run(document, {"id": self.id, "servers": wanted})
        return [to_camera(node) for node in data["site"]["cameras"]["nodes"]]

    async def camera(self, camera: str) -> Camera:
        return to_camera(await self._node(self.camera_id(camera), f"... on Camera {{ {CAMERA} }}"))

    async def twin(self, camera: str) -> Camera:
        """The counterpart of a camera."""
        counterpart = (await self.camera(camera)).counterpart
        assert counterpart is not None, f"{camera} has no counterpart"
        return await self.camera(counterpart)

    async def protection(self, camera: str) -> str | None:
        return (await self.camera(camera)).protection

    async def coverage(self) -> Json:
        coverage: Json = (await self.state())["coverage"]
        return coverage

    async def state(self) -> Json:
        """What the site says of itself."""
        document = f"""query ($id: ID!) {{ site(id: $id) {{ name mode modeChosenAt revision epoch
            labeling {{ complete primaries secondaries unlabeled }}
            syncPolicy {{ backup restore add move delete replace }}
            coverage {{ cameras protected pending failed unprotected }}
            servers(first: 500) {{ nodes {{ id name label cameraCount homeSecondary {{ name }} }} }}
            pairings(first: 500) {{ nodes {{ id style {HOMES} }} }} }} }}"""
        site: Json = (await self.api.run(document, {"id": self.id}))["site"]
        return site

    async def revision(self) -> int:
        revision: int = (await self.state())["revision"]
        return revision

    async def _node(self, node_id: str, fields: str) -> Json:
        document = f"query ($id: ID!) {{ node(id: $id) {{ __typename {fields} }} }}"
        node: Json | None = (await self.api.run(document, {"id": node_id}))["node"]
        assert node is not None, f"{node_id} is gone"
        return node


def action_id(action: str | Action) -> str:
    return action if isinstance(action, str) else action.id


async def new_site(api: Api, name: str | None = None) -> SiteBuilder:
    """An empty site in Auto mode; without a name it has one of its own."""
    answer = await api.change("createSite", {"name": name or f"Site {uuid4()}"})
    return SiteBuilder(api, answer.body["site"]["id"])
