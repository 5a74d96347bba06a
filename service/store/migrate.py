"""Bring a database to this version's tables."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def _config(dsn: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["dsn"] = dsn
    return config


def migrate(dsn: str, revision: str = "head") -> None:
    """Bring the database at this DSN to a revision; safe to run from several places at once."""
    from alembic import command

    command.upgrade(_config(dsn), revision)


def downgrade(dsn: str, revision: str) -> None:
    """Take the database back to an earlier revision ("base": nothing)."""
    from alembic import command

    command.downgrade(_config(dsn), revision)
