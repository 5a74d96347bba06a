"""Where examples begin: without an opening most of them would end before there is anything to mirror."""

from typing import Any

from service.store.database import Connection
from tests.builders import TABLES
from tests.properties.choosing import HARDWARE

Change = tuple[str, dict[str, Any]]


def servers(*names: str) -> list[dict[str, str]]:
    labels = {"p": "PRIMARY", "s": "SECONDARY", "u": "UNLABELED"}
    return [{"name": one, "label": labels[one[0]]} for one in names]


def server(number: int) -> str:
    """p0 to p3, s0 to s2 and u0 of the site A, as the oracle numbers them."""
    return f"#A.s{number + 1}"


def add(at: int, hardware: int, name: str, **more: object) -> Change:
    given = {"siteId": "A", "serverId": server(at), "name": name, "hardware": HARDWARE[hardware], **more}
    return "addCamera", given


def pair(style: str, primaries: list[int], secondaries: list[int]) -> dict[str, Any]:
    ids = {
        "primaryIds": [server(one) for one in primaries],
        "secondaryIds": [server(one) for one in secondaries],
    }
    return {"style": style, **ids}


def paired(*pairings: dict[str, Any]) -> Change:
    return "pairServers", {"siteId": "A", "pairings": list(pairings)}


SITES: tuple[Change, ...] = (
    ("createSite", {"name": "Harbour", "as": "A"}),
    ("registerServers", {"siteId": "A", "servers": servers("p0", "p1", "p2", "p3", "s0", "s1", "s2", "u0")}),
    ("createSite", {"name": "Airport", "as": "B"}),
    ("registerServers", {"siteId": "B", "servers": servers("p0", "s0")}),
    (
        "pairServers",
        {
            "siteId": "B",
            "pairings": [{"style": "SYMMETRIC", "primaryIds": ["#B.s1"], "secondaryIds": ["#B.s2"]}],
        },
    ),
    ("addCamera", {"siteId": "B", "serverId": "#B.s1", "name": "Door", "hardware": HARDWARE[0]}),
)
CAMERAS = (add(0, 0, "Door", externalId="e0"), add(0, 4, "Gate"), add(1, 1, "Lobby"), add(4, 5, "Ramp"))
OPENINGS: dict[str, tuple[Change, ...]] = {
    "nothing": (),
    "paired": (*CAMERAS, paired(pair("SYMMETRIC", [0], [4]), pair("SYMMETRIC", [1], [5]))),
    "pooled": (*CAMERAS, paired(pair("ASYMMETRIC", [0, 1, 2], [4, 5]))),
    "mapped": (
        *CAMERAS,
        ("setMode", {"siteId": "A", "mode": "MANUAL"}),
        (
            "mapCameras",
            {
                "siteId": "A",
                "mappings": [
                    {"cameraId": "#A.c9", "secondaryServerId": server(4)},
                    {"cameraId": "#A.c11", "secondaryServerId": server(5)},
                ],
            },
        ),
    ),
}

EMPTY = f"TRUNCATE {', '.join(TABLES)}"
COLUMNS = """
SELECT table_name, string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ANY($1) AND is_generated = 'NEVER' GROUP BY table_name
"""


async def save(connection: Connection, name: str) -> None:
    """Keep a copy of all tables, to begin with again."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
    for one in await connection.fetch(COLUMNS, list(TABLES)):
        table, columns = one["table_name"], one["columns"]
        await connection.execute(f"CREATE TABLE {name}.{table} AS SELECT {columns} FROM {table}")


async def restore(connection: Connection, name: str) -> None:
    """Bring back what was saved; its rows passed all checks when they were made."""
    inserts = [
        f"INSERT INTO {one['table_name']} ({one['columns']}) SELECT {one['columns']} FROM {name}.{one['table_name']}"
        for one in await connection.fetch(COLUMNS, list(TABLES))
    ]
    async with connection.transaction():
        await connection.execute(
            f"SET LOCAL session_replication_role = replica; {EMPTY}; {'; '.join(inserts)}"
        )
