"""Whether a database can be worked with: reached, new enough, migrated."""

import asyncio
import re
from functools import cache
from pathlib import Path

import asyncpg

from service.store.database import Connection

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
CONNECT_SECONDS = 10.0
OLDEST_POSTGRESQL = 15

OUTAGES: tuple[type[Exception], ...] = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError)


class NotReadyError(Exception):
    """The database cannot be worked with; the text is a sentence that says why, and what to do."""


class NotMigratedError(NotReadyError):
    """The database lacks this version's tables."""


@cache
def newest_migration() -> str:
    """Return the number of this version's last migration: the files are numbered in order."""
    # Alembic knows too, but costs a process that only serves 13 MB, and half a second of its start.
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


async def require_migrated(connection: Connection) -> None:
    """Raise NotMigratedError unless the database is at this version's migration, or after it.

    After it: while an upgrade rolls out, the pods of the old version work on the new version's tables.
    """
    known = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
    stands = await connection.fetchval("SELECT max(version_num) FROM alembic_version") if known else None
    newest = newest_migration()
    if stands is None or stands < newest:
        there = f"it is at {stands}, and {newest} is needed" if stands else "it has no tables yet"
        raise NotMigratedError(f"The database is not migrated: {there}. Run `camera-redundancy migrate`.")


async def require_reachable(dsn: str, *, migrated: bool = False) -> None:
    """Connect once; NotReadyError if that fails, the server is too old, or `migrated` and it is not."""
    try:
        connection = await asyncio.wait_for(asyncpg.connect(dsn), CONNECT_SECONDS)
    except OUTAGES as error:
        raise NotReadyError(why_unreachable(error)) from error
    try:
        if (version := connection.get_server_version()).major < OLDEST_POSTGRESQL:
            needed = f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed"
            raise NotReadyError(f"The database is PostgreSQL {version.major}: {needed}.")
        if migrated:
            await require_migrated(connection)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


def why_unreachable(error: Exception) -> str:
    """Say in one sentence why connecting failed; what drivers say never holds the password."""
    if isinstance(error, TimeoutError):
        return "The database cannot be reached: it did not answer in time."
    if isinstance(error, ValueError):
        # What was not understood may be a part of the password.
        return "The database's URL cannot be understood: percent-encode special characters in the password."
    said = re.sub(r"\s+", " ", str(error)).strip().rstrip(".") or type(error).__name__
    return f"The database cannot be reached: {said}."
