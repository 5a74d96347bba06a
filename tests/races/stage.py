"""A site to race on, two replicas of the service, and raw connections that decide who stands where in which queue."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from service.commands.camera import add_camera
from service.commands.server import register_servers
from service.commands.site import create_site
from service.model.inputs import CameraInput, HardwareInput, PairingInput, ServerInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Refused
from service.model.vocabulary import PairingStyle, RefusalCode, ServerLabel
from service.store.check import check
from service.store.database import Database

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Change: TypeAlias = Coroutine[Any, Any, Outcome]
Answer: TypeAlias = Outcome | tuple[RefusalCode, ...]

LABELS = {"p": ServerLabel.PRIMARY, "s": ServerLabel.SECONDARY, "u": ServerLabel.UNLABELED}
NAMES = ("p1", "p2", "p3", "s1", "s2", "u1")
LOCK_SITE = "SELECT FROM site WHERE id = $1 FOR NO KEY UPDATE"
BLOCKED = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"""
TABLES = (
    "site",
    "server",
    "camera",
    "pairing",
    "pairing_member",
    "link",
    "mirrored_action",
    "event",
    "idempotency_key",
)


@dataclass(frozen=True)
class Stage:
    """A site in Auto mode with the servers of NAMES, which hold nothing."""

    site_id: UUID
    servers: dict[str, UUID]

    def symmetric(self, primary: str, secondary: str) -> list[PairingInput]:
        """Return one pair."""
        return [PairingInput(PairingStyle.SYMMETRIC, (self.servers[primary],), (self.servers[secondary],))]

    def camera(self, server: str, number: int) -> CameraInput:
        """Return a camera of this number's hardware."""
        return CameraInput(
            self.servers[server],
            f"camera {number}",
            HardwareInput(mac_address=f"02:00:00:00:00:{number:02x}"),
        )


def asked(mutation: str, key: str | None = None, **more: Any) -> Request:
    """Return a request; the same key stands for the same input unless said otherwise."""
    return Request("anonymous", mutation, idempotency_key=key, **more)


async def set_stage(database: Database, name: str) -> Stage:
    """Make a site of this name."""
    made = await create_site(database, asked("createSite"), name)
    inputs = [ServerInput(one, label=LABELS[one[0]]) for one in NAMES]
    servers = (await register_servers(database, asked("registerServers"), made.site_id, inputs)).detail
    return Stage(made.site_id, dict(zip(NAMES, map(UUID, servers["serverIds"]), strict=True)))


async def add(database: Database, stage: Stage, server: str, number: int) -> UUID:
    """Add a camera and return its id."""
    made = await add_camera(database, asked("addCamera"), stage.site_id, stage.camera(server, number))
    return UUID(made.detail["cameraId"])


async def answer(change: Change) -> Answer:
    """Return a change's outcome, or the codes of what stood against it."""
    try:
        return await change
    except Refused as refused:
        return tuple(refusal.code for refusal in refused.refusals)


async def blocked(watcher: Connection, count: int, tasks: Sequence["asyncio.Task[Any]"] = ()) -> None:
    """Come back when so many connections wait for a lock; whoever finishes before that failed to wait."""
    while await watcher.fetchval(BLOCKED) != count:
        assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]


async def in_turn(raw: Connection, watcher: Connection, site_id: UUID, *changes: Change) -> list[Answer]:
    """Let changes queue for the site's row in this order, one per replica, and then go."""
    tasks: list[asyncio.Task[Answer]] = []
    async with raw.transaction():
        await raw.execute(LOCK_SITE, site_id)
        for change in changes:
            tasks.append(asyncio.create_task(answer(change)))
            await blocked(watcher, len(tasks), tasks)
    return await asyncio.gather(*tasks)


async def rows(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table."""
    found = {table: await connection.fetch(f"TABLE {table}") for table in TABLES}
    return {table: sorted(str(row) for row in listed) for table, listed in found.items()}


async def changes(connection: Connection, site_id: UUID) -> list[tuple[UUID, int]]:
    """Return the changes of a site's log in order, each with its last revision."""
    listed = await connection.fetch(
        "SELECT change_id, revision FROM event WHERE site_id = $1 AND end_of_change ORDER BY revision",
        site_id,
    )
    return [(row["change_id"], row["revision"]) for row in listed]


async def assert_sound(connection: Connection) -> None:
    """Ask every check of the database."""
    broken = {found.name: found.rows for found in await check(connection) if not found.is_fine}
    assert broken == {}, broken
