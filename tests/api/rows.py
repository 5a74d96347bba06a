"""Rows as a test wants them, written by SQL: reads are tested apart from what changes make."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.builders import mac

DEVICE = {
    "name": "Door",
    "channel": 0,
    "mac_address": mac(1),
    "address": None,
    "manufacturer": "Axis",
    "model": "P3265",
    "external_id": "ext-1",
    "storage_profile": None,
}


@dataclass
class Rows:
    """Inserts rows of one site; what a test does not give has a plain value."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    site_id: UUID = field(default_factory=uuid4)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def insert(self, table: str, **columns: Any) -> UUID:
        """Insert one row and return its id."""
        names = ", ".join(columns)
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        text = f"INSERT INTO {table} ({names}) VALUES ({places})"
        await self.pool.execute(text, *columns.values())
        made: UUID = columns.get("id", self.site_id)
        return made

    async def site(self, name: str = "Depot", **columns: Any) -> UUID:
        given = {"id": self.site_id, "name": name, "epoch": uuid4(), "revision": 7, **columns}
        return await self.insert("site", **given)

    async def server(self, name: str, label: str = "PRIMARY", **columns: Any) -> UUID:
        return await self.insert(
            "server", **{"id": uuid4(), "site_id": self.site_id, "name": name, "label": label, **columns}
        )

    async def camera(self, server_id: UUID, name: str, side: str = "PRIMARY", **columns: Any) -> UUID:
        """Insert a camera that its recorder has confirmed."""
        number = next(self.numbers)
        given = {
            "id": uuid4(),
            "site_id": self.site_id,
            "server_id": server_id,
            "side": side,
            "name": name,
            "channel": 0,
            "mac_address": mac(number),
            "confirmed_server_id": server_id,
            "confirmed_mac_address": mac(number),
            **columns,
        }
        return await self.insert("camera", **given)

    async def link(self, primary_camera_id: UUID, secondary_camera_id: UUID) -> None:
        await self.insert(
            "link",
            primary_camera_id=primary_camera_id,
            secondary_camera_id=secondary_camera_id,
            site_id=self.site_id,
        )

    async def pair(self, style: str, homes: dict[UUID, UUID]) -> UUID:
        """Insert a pairing of primaries to their home secondaries."""
        pairing_id = uuid4()
        members: list[tuple[UUID, str, UUID | None]] = [
            (home, "SECONDARY", None) for home in dict.fromkeys(homes.values())
        ]
        members += [(primary, "PRIMARY", home) for primary, home in homes.items()]
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO pairing (id, site_id, style) VALUES ($1, $2, $3)",
                pairing_id,
                self.site_id,
                style,
            )
            await connection.executemany(
                "INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id) "
                "VALUES ($1, $2, $3, $4, $5)",
                [(server, self.site_id, pairing_id, label, home) for server, label, home in members],
            )
        return pairing_id

    async def action(self, target_camera_id: UUID, target_server_id: UUID, **columns: Any) -> UUID:
        """Insert a mirrored ADD in BACKUP, QUEUED unless said otherwise."""
        position = next(self.numbers)
        given = {
            "id": uuid4(),
            "site_id": self.site_id,
            "position": position,
            "created_position": position,
            "change_id": uuid4(),
            "action": "ADD",
            "direction": "BACKUP",
            "cause": "DEVICE_ACTION",
            "status": "QUEUED",
            "because": "Mirrored: it says so here.",
            "target_server_id": target_server_id,
            "target_camera_id": target_camera_id,
            "device": DEVICE,
            "actor": "anonymous",
            **columns,
        }
        return await self.insert("mirrored_action", **given)
