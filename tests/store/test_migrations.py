"""Up, down and up again give the same database; the definitions in Python are what the migrations make."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from service.store.migrate import downgrade, migrate
from service.store.readiness import newest_migration
from service.store.tables import metadata
from tests.conftest import run, with_database

REVISIONS = ["0001", "0002", "0003"]
EMPTY = "migrations_of_their_own"
LOCK = 7_302_645_118
IMPORTED = (
    "import alembic.command, asyncpg, sqlalchemy.ext.asyncio; from service.store.migrate import migrate"
)
ROOT = Path(__file__).parents[2]

# Everything that a migration can make, as PostgreSQL itself would write it down.
CATALOG = """
SELECT 'column', table_name::text, column_name::text,
  concat_ws(' ', ordinal_position, data_type, is_nullable, column_default, generation_expression, collation_name)
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', '', oid::regprocedure::text, pg_get_functiondef(oid)
FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL
SELECT 'view', '', viewname, definition FROM pg_views WHERE schemaname = current_schema()
ORDER BY 1, 2, 3, 4
"""
COLUMNS = """
SELECT attrelid::regclass::text AS table_name, attname AS name, format_type(atttypid, atttypmod) AS type,
  NOT attnotnull AS nullable, attgenerated <> '' AS generated
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND attnum > 0 AND NOT attisdropped
  AND relname <> 'alembic_version'
"""


@pytest.fixture
def empty_dsn(server_dsn: str) -> Iterator[str]:
    """A database in which nothing was made yet."""
    asyncio.run(run(server_dsn, f"CREATE DATABASE {EMPTY}"))
    yield with_database(server_dsn, EMPTY)
    asyncio.run(run(server_dsn, f"DROP DATABASE {EMPTY} WITH (FORCE)"))


def fetched(dsn: str, query: str) -> list[asyncpg.Record]:
    async def fetch() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def catalog(dsn: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in fetched(dsn, CATALOG)]


def test_the_revisions_are_these() -> None:
    assert newest_migration() == REVISIONS[-1]


def test_up_down_and_up_again_is_the_same(empty_dsn: str) -> None:
    states = [catalog(empty_dsn)]
    for revision in REVISIONS:
        migrate(empty_dsn, revision)
        states.append(catalog(empty_dsn))
    for revision, state in zip(["base", *REVISIONS[:-1]][::-1], states[-2::-1], strict=True):
        downgrade(empty_dsn, revision)
        left = [row for row in catalog(empty_dsn) if "alembic_version" not in {row[1], row[2]}]
        assert left == [row for row in state if "alembic_version" not in {row[1], row[2]}]
    migrate(empty_dsn)
    assert catalog(empty_dsn) == states[-1]


def test_rows_do_not_stand_in_the_way_of_a_downgrade(empty_dsn: str) -> None:
    migrate(empty_dsn)
    insert = "INSERT INTO site (id, name, epoch) VALUES (uuid_v7(), 'Site', uuid_v7())"
    asyncio.run(run(empty_dsn, insert))
    downgrade(empty_dsn, "base")
    assert [row[2] for row in catalog(empty_dsn) if row[0] == "column"] == ["version_num"]


def test_migrating_again_changes_nothing(dsn: str) -> None:
    before = catalog(dsn)
    migrate(dsn)
    assert catalog(dsn) == before


async def test_two_that_migrate_at_once_take_turns(empty_dsn: str) -> None:
    watcher = await asyncpg.connect(empty_dsn)
    try:
        await watcher.execute("SELECT pg_advisory_lock($1)", LOCK)
        program = f"{IMPORTED}; print('ready', flush=True); input(); migrate({empty_dsn!r})"
        command = (sys.executable, "-c", program)
        both = [
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE)
            for _ in range(2)
        ]
        for one in both:
            assert one.stdin is not None
            assert one.stdout is not None
            assert await one.stdout.readline() == b"ready\n"
            one.stdin.write(b"\n")
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while await watcher.fetchval(waiting) < len(both):
            assert all(one.returncode is None for one in both)
        await watcher.execute("SELECT pg_advisory_unlock($1)", LOCK)
        said = [await one.communicate() for one in both]
        assert [(one.returncode, errors) for one, (_, errors) in zip(both, said, strict=True)] == [
            (0, b"")
        ] * 2
        assert await watcher.fetchval("SELECT count(*) FROM mirror_rule") == 24
    finally:
        await watcher.close()


def test_the_tables_in_python_are_those_of_the_migrations(dsn: str) -> None:
    made = {(row["table_name"], row["name"]): row for row in fetched(dsn, COLUMNS)}
    defined = {
        (table.name, column.name): (_type(column), bool(column.nullable), column.computed is not None)
        for table in metadata.tables.values()
        for column in table.columns
    }
    known = {
        key: (row["type"], row["nullable"], row["generated"]) for key, row in made.items() if key in defined
    }
    assert defined == known
    # What is not defined is for PostgreSQL's own use: keys that it makes from other columns.
    assert all(row["generated"] for key, row in made.items() if key not in defined)
    assert {table for table, _ in made} == set(metadata.tables)


def _type(column: Column[object]) -> str:
    """Return a column's type as PostgreSQL writes it."""
    return column.type.compile(dialect=postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
