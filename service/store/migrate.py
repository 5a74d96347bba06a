"""Bring a database to this version's tables, and tell whether it is there."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def _config(dsn: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["dsn"] = dsn
    return config


def head() -> str:
    """Return the newest migration's number."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if newest is None:
        message = f"There are no migrations in {MIGRATIONS}."
        raise RuntimeError(message)
    return newest


def migrate(dsn: str, revision: str = "head") -> None:
    """Bring the database at this DSN to a revision; safe to run from several places at once."""
    command.upgrade(_config(dsn), revision)


def downgrade(dsn: str, revision: str) -> None:
    """Take the database back to an earlier revision ("base": nothing)."""
    command.downgrade(_config(dsn), revision)


async def current(connection: asyncpg.Connection) -> str | None:
    """Return the migration that the database stands at; null before the first."""
    known: bool = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    return await connection.fetchval("SELECT version_num FROM alembic_version") if known else None
