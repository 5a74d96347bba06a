import asyncio

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from service.store.database import Database
from service.store.migrate import MIGRATIONS
from service.store.readiness import (
    NotReadyError,
    newest_migration,
    require_reachable,
    why_not_ready,
    why_unreachable,
)

UNREADABLE = "The database's URL cannot be understood: percent-encode special characters in the password."


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    assert newest_migration() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError(), "The database cannot be reached: it did not answer in time."),
        (ConnectionRefusedError(111, "refused"), "The database cannot be reached: [Errno 111] refused."),
        (
            asyncpg.InvalidPasswordError("wrong\n  password."),
            "The database cannot be reached: wrong password.",
        ),
        (ConnectionResetError(), "The database cannot be reached: ConnectionResetError."),
        (ValueError("invalid literal for int(): 'pass'"), UNREADABLE),
    ],
)
def test_why_it_cannot_be_reached_is_one_sentence(error: Exception, sentence: str) -> None:
    assert why_unreachable(error) == sentence


async def test_a_url_that_cannot_be_understood_is_not_repeated() -> None:
    with pytest.raises(NotReadyError) as caught:
        await require_reachable("postgresql://user:pa/ss@127.0.0.1/name")
    assert str(caught.value) == UNREADABLE


async def test_a_migrated_database_is_ready(dsn: str, database: Database) -> None:
    await require_reachable(dsn, migrated=True)
    assert await why_not_ready(database.pool, 5) is None


async def test_a_pool_that_is_in_use_throughout_is_given_up_in_time(database: Database) -> None:
    async with asyncio.timeout(10):
        taken = [await database.pool.acquire() for _ in range(database.pool.get_max_size())]
        why = await why_not_ready(database.pool, 0.05)
        for connection in taken:
            await database.pool.release(connection)
    assert why == "The database cannot be reached: it did not answer in time."
    assert await why_not_ready(database.pool, 5) is None


async def test_a_server_that_is_too_old_is_refused(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.readiness.OLDEST_POSTGRESQL", 99)
    with pytest.raises(
        NotReadyError, match=r"The database is PostgreSQL \d+: PostgreSQL 99 or newer is needed\."
    ):
        await require_reachable(dsn)
