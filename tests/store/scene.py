"""Two sites with one of everything that an invariant is about, and raw SQL that calls rows by short names.

`:p1` in a statement stands for the id of p1. Of the site `site`, in Auto mode: the symmetric pairing `pair` (p1, s1);
the asymmetric pairing `pool` (p2, p3, p4 with s2, s3); unpaired p5 and s5, whose cameras c5 and t5 are linked; unpaired
p6 and s6 with the cameras c6, d6 and t6, unlinked; p7 and s7, which hold nothing; u1, unlabelled, with the camera cu;
s8, the target of an unresolved action, and s9, which an unresolved move leaves. Of the site `else`, in Auto mode: x1
and y1 with the cameras cx and ty. The site `manual` is in Manual mode: m1 and n1.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal, TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Isolation: TypeAlias = Literal["read_committed", "repeatable_read", "serializable"]

ISOLATIONS: tuple[Isolation, ...] = ("read_committed", "repeatable_read", "serializable")
# In the order in which they can be emptied.
HELD = ("mirrored_action", "link", "pairing_member", "pairing", "camera", "server", "site")

MEMBER = "INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id) VALUES "
LINK = "INSERT INTO link (primary_camera_id, secondary_camera_id, site_id) VALUES "
PAIRING = "INSERT INTO pairing (id, site_id, style) VALUES "
CAMERA = "INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, address) VALUES "
ACTION = """INSERT INTO mirrored_action (id, site_id, change_id, action, direction, cause, status, blocked, because,
  target_server_id, target_from_server_id, target_camera_id, device, actor) VALUES """

SCENE = f"""
INSERT INTO site (id, name, mode, epoch) VALUES
  (:site, 'Site', 'AUTO', :site), (:else, 'Else', 'AUTO', :else),
  (:manual, 'Manual', 'MANUAL', :manual);
INSERT INTO server (id, site_id, name, label) VALUES
  (:p1, :site, 'p1', 'PRIMARY'), (:p2, :site, 'p2', 'PRIMARY'), (:p3, :site, 'p3', 'PRIMARY'),
  (:p4, :site, 'p4', 'PRIMARY'), (:p5, :site, 'p5', 'PRIMARY'), (:p6, :site, 'p6', 'PRIMARY'),
  (:p7, :site, 'p7', 'PRIMARY'), (:u1, :site, 'u1', 'UNLABELED'),
  (:s1, :site, 's1', 'SECONDARY'), (:s2, :site, 's2', 'SECONDARY'), (:s3, :site, 's3', 'SECONDARY'),
  (:s5, :site, 's5', 'SECONDARY'), (:s6, :site, 's6', 'SECONDARY'), (:s7, :site, 's7', 'SECONDARY'),
  (:s8, :site, 's8', 'SECONDARY'), (:s9, :site, 's9', 'SECONDARY'),
  (:x1, :else, 'x1', 'PRIMARY'), (:y1, :else, 'y1', 'SECONDARY'),
  (:m1, :manual, 'm1', 'PRIMARY'), (:n1, :manual, 'n1', 'SECONDARY');
{PAIRING} (:pair, :site, 'SYMMETRIC'), (:pool, :site, 'ASYMMETRIC');
{MEMBER}
  (:s1, :site, :pair, 'SECONDARY', NULL), (:p1, :site, :pair, 'PRIMARY', :s1),
  (:s2, :site, :pool, 'SECONDARY', NULL), (:s3, :site, :pool, 'SECONDARY', NULL),
  (:p2, :site, :pool, 'PRIMARY', :s2), (:p3, :site, :pool, 'PRIMARY', :s2),
  (:p4, :site, :pool, 'PRIMARY', :s3);
{CAMERA}
  (:c5, :site, :p5, 'PRIMARY', 'c5', 0, '02:00:00:00:00:05', 'a5'),
  (:t5, :site, :s5, 'SECONDARY', 't5', 0, '02:00:00:00:00:05', 'a5'),
  (:c6, :site, :p6, 'PRIMARY', 'c6', 0, '02:00:00:00:00:06', 'a6'), (:d6, :site, :p6, 'PRIMARY', 'd6', 0, NULL, 'a7'),
  (:t6, :site, :s6, 'SECONDARY', 't6', 0, '02:00:00:00:00:06', 'a6'),
  (:t8, :site, :s8, 'SECONDARY', 't8', 0, '02:00:00:00:00:08', 'a8'),
  (:cu, :site, :u1, 'UNLABELED', 'cu', 0, '02:00:00:00:00:06', 'a6'),
  (:cx, :else, :x1, 'PRIMARY', 'cx', 0, '02:00:00:00:00:06', 'a6'),
  (:ty, :else, :y1, 'SECONDARY', 'ty', 0, '02:00:00:00:00:06', 'a6');
{LINK} (:c5, :t5, :site);
{ACTION}
  (:move, :site, :move, 'MOVE', 'BACKUP', 'MAPPING', 'QUEUED', NULL, 'So.', :s8, :s9, :t8, '{{}}', 'test'),
  (:done, :site, :done, 'ADD', 'BACKUP', 'MAPPING', 'APPLIED', NULL, 'So.', :s7, NULL, :t8, '{{}}', 'test');
"""


def ident(name: str) -> UUID:
    """Return the id that a short name stands for."""
    return uuid5(NAMESPACE_OID, name)


def sql(text: str) -> str:
    """Return a statement with ids for names."""
    return re.sub(r"(?<!:):([a-z]\w*)", lambda found: f"'{ident(found[1])}'", text)


async def lay(connection: Connection) -> None:
    """Make the scene anew."""
    emptied = "; ".join(f"DELETE FROM {table}" for table in HELD)
    await connection.execute(f"{emptied}; {sql(SCENE)}")


async def rows(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table of the scene."""
    found = {table: await connection.fetch(f"TABLE {table}") for table in HELD}
    return {table: sorted(str(row) for row in listed) for table, listed in found.items()}


async def attempt(
    connection: Connection,
    statements: Sequence[str],
    isolation: Isolation = "read_committed",
    *,
    first: Sequence[str] = (),
) -> asyncpg.PostgresError | None:
    """Run statements in one transaction, `first` before it takes its snapshot, and commit; return what stopped it."""
    whole = (begin(isolation), *first, *statements, "COMMIT")
    async with undone_if_open(connection):
        try:
            await connection.execute("; ".join(map(sql, whole)))
        except asyncpg.PostgresError as error:
            return error
    return None


def begin(isolation: Isolation) -> str:
    """Return the statement that begins a transaction."""
    return f"BEGIN ISOLATION LEVEL {isolation.replace('_', ' ')}"


@asynccontextmanager
async def undone_if_open(connection: Connection) -> AsyncIterator[None]:
    """Roll back what is still open at the end."""
    try:
        yield
    finally:
        with suppress(asyncpg.PostgresError):
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK")


def constraint_of(error: asyncpg.PostgresError | None) -> str | None:
    """Return the name of the constraint that spoke."""
    return getattr(error, "constraint_name", None)
