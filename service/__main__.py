"""The command line. Each command imports what it needs when it runs: serving is ready in under 3 s."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.failures import USAGE, StoppedError, explained
from service.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    import uvicorn

NO_DATABASE = (
    "No database is set: set DATABASE_URL to a PostgreSQL of yours, postgresql://user:password@host:5432/name,"
    " or give --embedded to run one of its own."
)

app = typer.Typer(
    name="camera-redundancy",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Keeps the recorders of a video surveillance site alike: owns who stands in for whom, and streams "
    "what the other side has to do as **mirrored actions** over GraphQL.",
    epilog="Begin with `camera-redundancy demo`. Settings besides the options come from the environment: "
    "DATABASE_URL, DATABASE_LISTEN_URL and the CAMERA_REDUNDANCY_... variables that the README lists.",
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


class FileFormat(StrEnum):
    """How an inventory file is written."""

    csv = "csv"
    json = "json"


@app.command(
    epilog="Examples: `camera-redundancy serve --embedded` · "
    "`DATABASE_URL=postgresql://user:password@host/name camera-redundancy serve --migrate --host 0.0.0.0`"
)
def serve(
    *,
    database_url: DatabaseUrl = None,
    embedded: Embedded = False,
    data_dir: DataDir = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where to listen.  [default: 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.  [default: 8000]")
    ] = None,
    migrate: Annotated[
        bool,
        typer.Option(
            "--migrate",
            help="Bring the database to this version's tables first. The embedded one always is; elsewhere "
            "`camera-redundancy migrate` does it once, before several processes serve.",
        ),
    ] = False,
) -> None:
    """Serve GraphQL at /graphql until Ctrl-C.

    A database that is away is waited for: /readyz and the log say so. /healthz answers all the time.
    """
    with explained():
        settings = _settings(database_url, embedded, data_dir, host=host, port=port)
        listener = _listen(settings.host, settings.port)
        # Ctrl-C is the usual end of it.
        with listener, _database(settings, migrate=migrate) as settings, suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, listener))


@app.command(epilog="Example: `camera-redundancy demo --exit`")
def demo(
    *,
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="Port to listen on; a free one if it is taken.")] = 8000,
    end: Annotated[bool, typer.Option("--exit", help="Stop after the story instead of serving on.")] = False,
) -> None:
    """Show the main job on a retail site of 40 stores, through the public API, then serve until Ctrl-C.

    It runs the embedded PostgreSQL, and each run makes a site of its own.
    """
    with explained():
        from service.demo.story import tell

        settings = _settings(
            None, embedded=True, data_dir=data_dir, host=None, port=port, log_level="warning"
        )
        listener = _listen(settings.host, port, otherwise_free=True)
        with listener, _database(settings, migrate=True) as settings:
            taken = listener.getsockname()[1]
            if port not in (0, taken):
                typer.echo(f"Port {port} is taken by another program: this runs on port {taken}.")
            story = partial(tell, f"{settings.host}:{taken}", settings.dsn, goes_on=not end)
            with nullcontext() if end else suppress(KeyboardInterrupt):
                asyncio.run(_serve_beside(settings, listener, story, end=end))


@app.command(
    name="migrate", epilog="Example: `DATABASE_URL=postgresql://host/name camera-redundancy migrate`"
)
def migrate_command(
    *, database_url: DatabaseUrl = None, embedded: Embedded = False, data_dir: DataDir = None
) -> None:
    """Bring the database to this version's tables.

    Safe to run again, and from several places at once.
    """
    with explained(), _database(_settings(database_url, embedded, data_dir), migrate=True):
        from service.store.readiness import newest_migration

        typer.echo(f"The database is at migration {newest_migration()}.")


@app.command(
    name="import",
    epilog="Examples: `camera-redundancy import --embedded --site Retail cameras.csv` · "
    "`camera-redundancy import --site Retail --skip-bad recorders.json`",
)
def import_command(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The inventory to read, as CSV or JSON.")],
    site: Annotated[str, typer.Option(metavar="NAME", help="The site; it is made if there is none.")],
    file_format: Annotated[
        FileFormat | None,
        typer.Option("--format", help="How the file is written.  [default: by its name, else csv]"),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good rows although there are bad ones.")
    ] = False,
    database_url: DatabaseUrl = None,
    embedded: Embedded = False,
    data_dir: DataDir = None,
) -> None:
    """Add servers and cameras from a VMS's export to a site.

    Nothing is deleted, and what a server already holds is left as it is, so a file may be imported again. On
    a paired server a new camera is mirrored. CSV: the columns HardwareName, HardwareAddress, MacAddress,
    DriverDisplayName, RecordingServerName, RecordingServerId and Channel, others are not read.
    """
    with explained():
        from service.inventory_import import import_file, read_file, site_name

        settings, name = _settings(database_url, embedded, data_dir), site_name(site)
        inventory = read_file(file, file_format or _format_of(file), skip_bad=skip_bad)
        with _database(settings, migrated=True) as settings:
            asyncio.run(import_file(settings.dsn, name, inventory, statement_cache=settings.statement_cache))


@app.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from service.api.schema import sdl

    typer.echo(sdl(), nl=False)


@app.command(epilog="Example: `camera-redundancy check --embedded`")
def check(database_url: DatabaseUrl = None, embedded: Embedded = False, data_dir: DataDir = None) -> None:
    """Look for anything in the database that must not be, and report it; exit code 1 if there is something.

    Only reads, in one snapshot; may run while the service works.
    """
    with explained(), _database(_settings(database_url, embedded, data_dir), migrated=True) as settings:
        from service.store.check import check_database

        findings = asyncio.run(check_database(settings.dsn))
        for finding in findings:
            typer.echo(f"{'ok    ' if finding.is_fine else 'BROKEN'} {finding.name}: {finding.sentence}")
            for row in finding.rows:
                typer.echo(f"         {row}")
        broken = sum(not finding.is_fine for finding in findings)
        if broken:
            raise StoppedError(f"{broken} of {len(findings)} checks found something that must not be.")


def _format_of(file: Path) -> FileFormat:
    return FileFormat.json if file.suffix.lower() == ".json" else FileFormat.csv


def _settings(
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
def _database(settings: Settings, *, migrate: bool = False, migrated: bool = False) -> Iterator[Settings]:
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


def _listen(host: str, port: int, *, otherwise_free: bool = False) -> socket.socket:
    try:
        families = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = min(families)
        return socket.create_server(address, family=family, backlog=2048)
    except OSError as error:
        if otherwise_free:
            return _listen(host, 0)
        # The words of a name that was not found stand in strerror alone, other errors' are longer there.
        why = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise StoppedError(
            f"Cannot listen on {host} port {port} ({why}): choose another with --port."
        ) from error


def _server(settings: Settings) -> "uvicorn.Server":
    gc.disable()  # Nothing of what is imported is garbage: looking for it costs a sixth of the start.
    import uvicorn

    from service.app import create_app
    from service.observability import configure_logging

    gc.freeze()
    gc.enable()
    configure_logging(settings.log_level)
    return uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=round(settings.shutdown_timeout),
        )
    )


async def _serve(settings: Settings, listener: socket.socket) -> None:
    import structlog

    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    server = _server(settings)
    structlog.stdlib.get_logger("service").info("serving", graphql=f"{url}/graphql", ready=f"{url}/readyz")
    await server.serve(sockets=[listener])


async def _serve_beside(
    settings: Settings, listener: socket.socket, story: Callable[[], Coroutine[Any, Any, None]], *, end: bool
) -> None:
    """Serve while the story is told; `end`: stop after it. A story that fails ends both, with its error."""
    server = _server(settings)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    telling = asyncio.create_task(story())
    try:
        await asyncio.wait((serving, telling), return_when=asyncio.FIRST_COMPLETED)
        interrupted = server.should_exit
        server.should_exit = interrupted or end or telling.exception() is not None
        await serving
    finally:
        telling.cancel()
        await asyncio.wait((telling,))
    if not interrupted:
        telling.result()


def main() -> None:
    """Run the command line."""
    app(prog_name="camera-redundancy")


if __name__ == "__main__":
    main()
