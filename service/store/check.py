"""What must hold of the database at any moment, asked by name: the statements sql/check_*.sql.

Each finds the rows that break one rule, and its first line is the rule in words. PostgreSQL holds many of them
by itself; they are asked all the same, for a restored dump or a superuser can have passed by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.store.database import Connection, connect
from service.store.statements import FOLDER, statement

ROWS_SHOWN = 20
PREFIX = "check_"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: the rule as a sentence, and the first ROWS_SHOWN rows that break it."""

    name: str
    sentence: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def is_fine(self) -> bool:
        """Whether the rule holds."""
        return not self.rows


def names() -> list[str]:
    """Name every check."""
    return sorted(path.stem.removeprefix(PREFIX) for path in FOLDER.glob(f"{PREFIX}*.sql"))


async def check(connection: Connection) -> list[Finding]:
    """Ask every check in one snapshot; the connection must not be in a transaction."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [await _ask(connection, name) for name in names()]


async def check_database(dsn: str) -> list[Finding]:
    """Ask every check of the database at this URL."""
    async with connect(dsn, pool_size=1) as database, database.pool.acquire() as connection:
        return await check(connection)


async def _ask(connection: Connection, name: str) -> Finding:
    text = statement(PREFIX + name)
    sentence = text.partition("\n")[0].removeprefix("-- ")
    broken = await connection.cursor(text)
    rows = await broken.fetch(ROWS_SHOWN)
    return Finding(name, sentence, tuple(dict(row) for row in rows))
