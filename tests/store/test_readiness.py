import asyncpg
import pytest
from alembic.script import ScriptDirectory

from service.store.migrate import MIGRATIONS
from service.store.readiness import (
    NotReadyError,
    newest_migration,
    require_reachable,
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


async def test_a_migrated_database_is_ready(dsn: str) -> None:
    await require_reachable(dsn, migrated=True)


async def test_a_server_that_is_too_old_is_refused(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.readiness.OLDEST_POSTGRESQL", 99)
    with pytest.raises(
        NotReadyError, match=r"The database is PostgreSQL \d+: PostgreSQL 99 or newer is needed\."
    ):
        await require_reachable(dsn)
