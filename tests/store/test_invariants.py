"""PostgreSQL holds the invariants by itself: whatever a statement, a role or an isolation level tries.

Every violation is tried at each isolation level, as superuser and as an ordinary role that may write every table,
and with constraints as they are declared, all deferred and all immediate. Nothing may be committed.
"""

from collections.abc import Iterator
from itertools import product

import asyncpg
import pytest

from tests.store.scene import ISOLATIONS, MEMBER, Connection, Isolation, attempt, constraint_of, lay, rows
from tests.store.violations import ALLOWED, COPIED, COPIED_COLUMNS, GENERATED, VIOLATIONS

# What a session can keep that hides our tables from a function that does not say where they are.
SHADOWS = (
    "CREATE TEMP TABLE pairing (id uuid, style text, touched bigint)",
    "CREATE TEMP TABLE pairing_member (pairing_id uuid, label text)",
)


def ways(role: str) -> Iterator[tuple[Isolation, tuple[str, ...]]]:
    """Every isolation level with each of the beginnings: (isolation, statements to begin with)."""
    become = f"SET LOCAL ROLE {role}"
    deferred, immediate = "SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS ALL IMMEDIATE"
    return product(ISOLATIONS, ((), (become,), (become, deferred), (immediate,)))


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_a_violation_is_never_committed(connection: Connection, ordinary: str, name: str) -> None:
    expected, *statements = VIOLATIONS[name]
    before = await rows(connection)
    for isolation, first in ways(ordinary):
        error = await attempt(connection, statements, isolation, first=first)
        assert spoke(error, expected), (isolation, first, error)
    assert await rows(connection) == before


def spoke(error: asyncpg.PostgresError | None, expected: str) -> bool:
    """Tell whether what was expected to speak up did."""
    if expected == GENERATED:
        return isinstance(error, asyncpg.GeneratedAlwaysError)
    if not expected:
        return isinstance(error, asyncpg.NotNullViolationError)
    return constraint_of(error) in expected.split()


@pytest.mark.parametrize("expected", COPIED)
async def test_copy_commits_no_violation(connection: Connection, ordinary: str, expected: str) -> None:
    table, record = COPIED[expected]
    before = await rows(connection)
    for isolation, first in ways(ordinary):
        with pytest.raises(asyncpg.PostgresError) as caught:  # noqa: PT012 - the commit may be what fails
            async with connection.transaction(isolation=isolation):
                for statement in first:
                    await connection.execute(statement)
                await connection.copy_records_to_table(table, records=[record], columns=COPIED_COLUMNS[table])
        assert spoke(caught.value, expected), (isolation, first, caught.value)
    assert await rows(connection) == before


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_breaks_no_rule_at_commit_is_allowed(
    connection: Connection, ordinary: str, name: str
) -> None:
    for isolation, become in product(ISOLATIONS, ((), (f"SET LOCAL ROLE {ordinary}",))):
        before = await rows(connection)
        assert await attempt(connection, ALLOWED[name], isolation, first=become) is None
        assert await rows(connection) != before
        await lay(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM pairing_member WHERE server_id = :p4",
        "UPDATE pairing SET style = 'SYMMETRIC'",
        f"{MEMBER} (:p7, :site, :pair, 'PRIMARY', :s1)",
    ],
)
async def test_a_temporary_table_hides_no_member_from_the_shape(
    connection: Connection, statement: str
) -> None:
    for shadow in SHADOWS:
        await connection.execute(shadow)
    named = statement.replace("pairing", "public.pairing", 1)
    error = await attempt(connection, [named])
    assert constraint_of(error) in {"pairing_symmetric_shape", "pairing_asymmetric_shape"}


async def test_a_session_without_search_path_is_judged_like_any_other(connection: Connection) -> None:
    await connection.execute("SET search_path = ''")
    error = await attempt(connection, ["DELETE FROM public.pairing_member WHERE server_id = :p4"])
    assert constraint_of(error) == "pairing_asymmetric_shape"
    assert await attempt(connection, ["DELETE FROM public.pairing"]) is None


async def test_the_matrix_is_not_truncated(connection: Connection) -> None:
    assert constraint_of(await attempt(connection, ["TRUNCATE mirror_rule"])) == "mirror_rule_immutable"
