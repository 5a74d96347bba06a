"""Two writers at once, by raw SQL: no interleaving commits a violation, at any pair of isolation levels.

The first writes, and holds its transaction open until the second has finished or waits for it; then it commits. So
each waits exactly where the other stands in its way, whichever of them begins.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from itertools import product

import asyncpg
import pytest

from service.store.statements import statement
from tests.store.conftest import Opener
from tests.store.scene import (
    CAMERA,
    ISOLATIONS,
    LINK,
    MEMBER,
    PAIRING,
    Connection,
    Isolation,
    begin,
    constraint_of,
    lay,
    sql,
    undone_if_open,
)

CHECKED = ("camera_hardware", "camera_side", "link_ends", "link_once", "pairing_members", "pairing_shape")
HOME = "pairing_member_home_in_pairing"
ASYMMETRIC, SYMMETRIC = "pairing_asymmetric_shape", "pairing_symmetric_shape"
DELETE_MEMBER = "DELETE FROM pairing_member WHERE server_id"
SET_LABEL = "UPDATE server SET label"
QUEUE = """INSERT INTO mirrored_action (id, site_id, change_id, action, direction, cause, status, because,
  target_server_id, target_camera_id, device, actor)
  VALUES (:new, :site, :new, 'ADD', 'BACKUP', 'MAPPING', 'QUEUED', 'So.', :s7, :t6, '{}', 'test')"""
PAIR_ELSE = (
    f"{PAIRING} (:new, :else, 'SYMMETRIC')",
    f"{MEMBER} (:y1, :else, :new, 'SECONDARY', NULL), (:x1, :else, :new, 'PRIMARY', :y1)",
)
# Grown to 4 and 2, so that either of two primaries may go and not both.
FOUR = f"{MEMBER} (:p7, :site, :pool, 'PRIMARY', :s3)"


def pair_seventh(pairing: str, secondary: str) -> tuple[str, str]:
    return (
        f"{PAIRING} (:{pairing}, :site, 'SYMMETRIC')",
        (
            f"{MEMBER} (:{secondary}, :site, :{pairing}, 'SECONDARY', NULL),"
            f" (:p7, :site, :{pairing}, 'PRIMARY', :{secondary})"
        ),
    )


# What the loser may hear beside 40001, what both start from, and what each does.
Race = tuple[str, Sequence[str], Sequence[str], Sequence[str]]
RACES: dict[str, Race] = {
    "each removes another primary": (
        ASYMMETRIC,
        [FOUR],
        [f"{DELETE_MEMBER} = :p3"],
        [f"{DELETE_MEMBER} = :p7"],
    ),
    "one removes a primary, the other adds a secondary": (
        ASYMMETRIC,
        [FOUR],
        [f"{DELETE_MEMBER} = :p3"],
        [f"{MEMBER} (:s7, :site, :pool, 'SECONDARY', NULL)"],
    ),
    "one calls it symmetric, the other adds a primary": (
        f"{SYMMETRIC} {ASYMMETRIC}",
        [],
        [
            "UPDATE pairing SET style = 'ASYMMETRIC' WHERE id = :pair",
            f"{MEMBER} (:p7, :site, :pair, 'PRIMARY', :s1)",
        ],
        [
            f"{MEMBER} (:p6, :site, :pair, 'PRIMARY', :s1)",
            "UPDATE pairing SET style = 'SYMMETRIC' WHERE id = :pair",
        ],
    ),
    "one removes a home, the other makes it one": (
        HOME,
        [
            f"{MEMBER} (:p7, :site, :pool, 'PRIMARY', :s2)",
            "UPDATE pairing_member SET home_id = :s2 WHERE server_id = :p4",
        ],
        [f"{DELETE_MEMBER} = :s3"],
        ["UPDATE pairing_member SET home_id = :s3 WHERE server_id = :p2"],
    ),
    "two pairings claim one server": (
        "pairing_member_once",
        [],
        pair_seventh("new", "s7"),
        pair_seventh("newer", "s6"),
    ),
    "one relabels a server, the other pairs it": (
        "pairing_member_labelled",
        [],
        [f"{SET_LABEL} = 'SECONDARY' WHERE id = :p7"],
        pair_seventh("new", "s7"),
    ),
    "one leaves Auto, the other pairs": (
        "pairing_in_auto_mode",
        [],
        ["UPDATE site SET mode = 'MANUAL' WHERE id = :else"],
        PAIR_ELSE,
    ),
    "one relabels a server, the other links its camera": (
        "link_primary_on_primary",
        [],
        [f"{SET_LABEL} = 'SECONDARY' WHERE id = :p6"],
        [f"{LINK} (:c6, :t6, :site)"],
    ),
    "one relabels a secondary, the other links its camera": (
        "link_secondary_on_secondary",
        [],
        [f"{SET_LABEL} = 'UNLABELED' WHERE id = :s6"],
        [f"{LINK} (:c6, :t6, :site)"],
    ),
    "one relabels a server, the other queues an action for it": (
        "mirrored_action_target_held",
        [],
        [f"{SET_LABEL} = 'PRIMARY' WHERE id = :s7"],
        [QUEUE],
    ),
    "one relabels a server, the other tries an action for it again": (
        "mirrored_action_target_held",
        [],
        [f"{SET_LABEL} = 'PRIMARY' WHERE id = :s7"],
        ["UPDATE mirrored_action SET status = 'QUEUED', target_camera_id = :t6 WHERE id = :done"],
    ),
    "one takes a server to another site, the other links its camera": (
        "link_primary_on_primary",
        [],
        ["UPDATE server SET site_id = :else WHERE id = :p6"],
        [f"{LINK} (:c6, :t6, :site)"],
    ),
    "one moves a camera to the other side, the other links it": (
        "link_primary_on_primary",
        [],
        ["UPDATE camera SET server_id = :s7, side = 'SECONDARY' WHERE id = :c6"],
        [f"{LINK} (:c6, :t6, :site)"],
    ),
    "two links claim one twin": (
        "link_secondary_once",
        [],
        [f"{LINK} (:c6, :t6, :site)"],
        [f"{LINK} (:d6, :t6, :site)"],
    ),
    "two links claim one primary's camera": (
        "link_primary_once",
        [],
        [f"{LINK} (:c6, :t6, :site)"],
        [f"{LINK} (:c6, :t8, :site)"],
    ),
    "the same hardware is added twice": (
        "camera_hardware_unique",
        [],
        [f"{CAMERA} (:new, :site, :p7, 'PRIMARY', 'new', 0, '02:00:00:00:00:09', NULL)"],
        [f"{CAMERA} (:newer, :site, :p7, 'PRIMARY', 'newer', 0, '02:00:00:00:00:09', NULL)"],
    ),
    "two cameras take the same hardware": (
        "camera_hardware_unique",
        [],
        ["UPDATE camera SET mac_address = '02:00:00:00:00:09' WHERE id = :c6"],
        ["UPDATE camera SET mac_address = '02:00:00:00:00:09' WHERE id = :d6"],
    ),
}

# Where one may see what the other did: what is heard if not, and what each does.
COMPATIBLE: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "one relabels a server, the other adds a camera": (
        "camera_on_server",
        [f"{SET_LABEL} = 'SECONDARY' WHERE id = :p7"],
        [f"{CAMERA} (:new, :site, :p7, 'PRIMARY', 'new', 0, '02:00:00:00:00:09', NULL)"],
    ),
    "one relabels a server, the other moves a camera there": (
        "camera_on_server",
        [f"{SET_LABEL} = 'SECONDARY' WHERE id = :p7"],
        ["UPDATE camera SET server_id = :p7 WHERE id = :d6"],
    ),
    "one dissolves a pairing, the other joins it": (
        "pairing_member_of_pairing",
        ["DELETE FROM pairing WHERE id = :pool"],
        [FOUR],
    ),
}


async def blocked_or_done(watcher: Connection, other: "asyncio.Task[object]", pid: int) -> None:
    """Come back when the other has finished, or waits for somebody's lock."""
    while not other.done():
        if await watcher.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            return


async def finished(work: Awaitable[object]) -> asyncpg.PostgresError | None:
    try:
        await work
    except asyncpg.PostgresError as error:
        return error
    return None


async def race(
    watcher: Connection, contestants: Sequence[tuple[Connection, Isolation, Sequence[str]]]
) -> list[asyncpg.PostgresError | None]:
    """Interleave two transactions and return what stopped each."""
    (one, _, first), (other, _, second) = contestants

    async def write(connection: Connection, statements: Sequence[str]) -> None:
        for one_by_one in statements:
            await connection.execute(sql(one_by_one))

    async def write_and_commit() -> None:
        await write(other, second)
        await other.execute("COMMIT")

    async with undone_if_open(one), undone_if_open(other):
        for connection, isolation, _ in contestants:
            # Reading takes the snapshot, at levels that keep one.
            await connection.execute(f"{begin(isolation)}; TABLE site")
        await write(one, first)
        pid = other.get_server_pid()
        others = asyncio.create_task(finished(write_and_commit()))
        await blocked_or_done(watcher, others, pid)
        ones = await finished(one.execute("COMMIT"))
        if ones is not None:
            await one.execute("ROLLBACK")
        return [ones, await others]


@pytest.mark.parametrize("name", RACES)
async def test_exactly_one_of_two_writers_commits(
    connection: Connection, open_another: Opener, name: str
) -> None:
    expected, before, *sides = RACES[name]
    one, other = await open_another(), await open_another()
    for isolations in product(ISOLATIONS, repeat=2):
        for first, second in (sides, sides[::-1]):
            await lay(connection)
            for prepared in before:
                await connection.execute(sql(prepared))
            contestants = [(one, isolations[0], first), (other, isolations[1], second)]
            errors = await race(connection, contestants)
            (lost,) = [error for error in errors if error is not None]
            assert understood(lost, expected), (isolations, lost)
            assert await broken(connection) == {}


async def broken(connection: Connection) -> dict[str, list[str]]:
    """Return what breaks a rule that transactions are kept from breaking."""
    found = {name: await connection.fetch(statement(f"check_{name}")) for name in CHECKED}
    return {name: [str(row) for row in rows] for name, rows in found.items() if rows}


@pytest.mark.parametrize("name", COMPATIBLE)
async def test_where_both_may_commit_what_they_leave_is_sound(
    connection: Connection, open_another: Opener, name: str
) -> None:
    expected, *sides = COMPATIBLE[name]
    one, other = await open_another(), await open_another()
    for isolations in product(ISOLATIONS, repeat=2):
        for first, second in (sides, sides[::-1]):
            await lay(connection)
            errors = await race(connection, [(one, isolations[0], first), (other, isolations[1], second)])
            assert all(understood(error, expected) for error in errors if error is not None), errors
            assert None in errors
            assert await broken(connection) == {}


def understood(error: asyncpg.PostgresError, expected: str) -> bool:
    """Tell whether it is the constraint that spoke, or PostgreSQL asking to try again."""
    if isinstance(error, asyncpg.SerializationError | asyncpg.DeadlockDetectedError):
        return True
    return constraint_of(error) in expected.split()
