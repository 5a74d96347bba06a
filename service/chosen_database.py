"""Which database a command works on: what its options and the environment say, reached and migrated."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from service.failures import USAGE, StoppedError
from service.settings import Settings, SettingsError, read_settings

NO_DATABASE = (
    "No database is set: set DATABASE_URL to a PostgreSQL of yours, postgresql://user:password@host:5432/name,"
    " or give --embedded to run one of its own."
)

DATABASE_PANEL = "Database"
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        rich_help_panel=DATABASE_PANEL,
        help="PostgreSQL 15 or newer, as postgresql://user:password@host:5432/name. Others on this machine "
        "may see what you type here: the variable DATABASE_URL does the same unseen.",
    ),
]
Embedded = Annotated[
    bool,
    typer.Option(
        "--embedded",
        rich_help_panel=DATABASE_PANEL,
        help="Run a PostgreSQL of one's own, shared with whoever else names the same data folder.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        rich_help_panel=DATABASE_PANEL,
        help="Where the embedded PostgreSQL keeps its data; by default in your data folder.",
    ),
]


def chosen_settings(
    database_url: str | None,
    embedded: bool,
    data_dir: Path | None,
    **flags: Any,
) -> Settings:
    """Read the environment under the options that were given: a database that is named there wins."""
    if embedded and database_url:
        raise StoppedError("--embedded and --database-url name two databases: give one of them.", USAGE)
    given = {name: value for name, value in flags.items() if value is not None}
    if data_dir is not None:
        given["data_dir"] = data_dir
    if embedded:
        given |= {"embedded": True, "database_url": None, "database_listen_url": None}
    elif database_url is not None:
        given |= {"embedded": False, "database_url": database_url, "database_listen_url": None}
    try:
        settings = read_settings(**given)
    except SettingsError as error:
        raise StoppedError(str(error), USAGE) from error
    if not (settings.embedded or settings.database_url):
        raise StoppedError(NO_DATABASE, USAGE)
    if data_dir is not None and not settings.embedded:
        raise StoppedError("--data-dir is for the embedded PostgreSQL: give --embedded too.", USAGE)
    return settings


@contextmanager
def ready_database(
    settings: Settings, *, migrate: bool = False, migrated: bool = False
) -> Iterator[Settings]:
    """Yield the settings with the database's URL; `migrate`: bring it there, `migrated`: require it."""
    if not settings.embedded:
        _prepare(settings.dsn, migrate=migrate, migrated=migrated)
        yield settings
        return
    from service.store.embedded import default_data_dir, running

    with running(settings.data_dir or default_data_dir()) as dsn:
        _prepare(dsn, migrate=True, migrated=True)
        yield settings.with_database(dsn)


def _prepare(dsn: str, *, migrate: bool, migrated: bool) -> None:
    if not (migrate or migrated):
        return
    from service.store.readiness import NotMigratedError, require_reachable

    try:
        asyncio.run(require_reachable(dsn, migrated=True))
    except NotMigratedError:
        if not migrate:
            raise
        from service.store.migrate import migrate as bring_to_newest

        bring_to_newest(dsn)
