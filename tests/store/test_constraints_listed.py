"""Every constraint of the database is known to mean a refusal, or to be a fault; none is named that is not there."""

import asyncpg
import pytest

from service.model.refusals import Refusal
from service.store.refusals import FAULTS, MEANING, refusal_of
from tests.store.scene import Connection, attempt, constraint_of
from tests.store.violations import VIOLATIONS

# Constraints, unique indexes that are none, and the names under which trigger functions speak up.
NAMES = """
SELECT conname::text FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND contype IN ('c', 'u', 'f', 'x', 't', 'p')
UNION
SELECT relname::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisunique AND relnamespace = current_schema()::regnamespace
UNION
SELECT spoken[1] FROM pg_proc, regexp_matches(prosrc, 'CONSTRAINT = ''(\\w+)''', 'g') AS spoken
WHERE pronamespace = current_schema()::regnamespace
"""

TAKEN = {
    "site_name_unique": ("UPDATE site SET name = 'Site' WHERE id = :else",),
    "server_name_unique": ("UPDATE server SET name = 'p1' WHERE id = :p2",),
    "camera_confirmed_on_server": (
        "UPDATE camera SET confirmed_server_id = :s7, confirmed_address = 'a6' WHERE id = :t6",
        "DELETE FROM server WHERE id = :s7",
    ),
    "camera_external_id_unique": ("UPDATE camera SET external_id = '1' WHERE id IN (:c6, :d6)",),
}
HITS = {expected: statements for expected, *statements in VIOLATIONS.values() if expected in MEANING} | TAKEN


async def test_every_constraint_is_a_refusal_or_a_fault(connection: Connection) -> None:
    names = {name for (name,) in await connection.fetch(NAMES)}
    assert set(MEANING) | FAULTS == names


def test_no_constraint_is_both() -> None:
    assert FAULTS.isdisjoint(MEANING)


def test_every_refusal_of_the_database_is_hit_here() -> None:
    assert set(HITS) == set(MEANING)


@pytest.mark.parametrize("name", MEANING)
async def test_a_violated_constraint_is_its_refusal(connection: Connection, name: str) -> None:
    error = await attempt(connection, HITS[name])
    assert constraint_of(error) == name
    assert isinstance(error, asyncpg.IntegrityConstraintViolationError)
    refused = refusal_of(error)
    assert refused is not None
    assert refused.refusals == (Refusal(*MEANING[name]),)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE site SET mode = 'OTHER'",
        "UPDATE camera SET mac_address = NULL, address = NULL",
        "INSERT INTO site SELECT * FROM site WHERE id = :site",
        "DELETE FROM mirror_rule",
    ],
)
async def test_any_other_is_a_fault(connection: Connection, statement: str) -> None:
    error = await attempt(connection, [statement])
    assert isinstance(error, asyncpg.IntegrityConstraintViolationError)
    assert refusal_of(error) is None
    assert constraint_of(error) is None or constraint_of(error) in FAULTS
