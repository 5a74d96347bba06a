"""The command line. Each command imports what it needs when it runs: serving is ready in under 3 s."""

import asyncio
from contextlib import nullcontext, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from service import serving
from service.chosen_database import DatabaseUrl, DataDir, Embedded, chosen_settings, ready_database
from service.failures import StoppedError, explained

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


class FileFormat(StrEnum):
    """How an inventory file is written."""

    csv = "csv"
    json = "json"


InventoryPath = Annotated[Path, typer.Argument(metavar="FILE", help="The inventory to read, as CSV or JSON.")]
Format = Annotated[
    FileFormat | None,
    typer.Option("--format", help="How the file is written.  [default: by its name, else csv]"),
]
Incomplete = Annotated[
    bool,
    typer.Option(
        "--partial", help="Cameras that the file does not name may be on the recorder all the same."
    ),
]
SkipBadOfIncomplete = Annotated[
    bool,
    typer.Option("--skip-bad", help="With --partial: report the good rows although there are bad ones."),
]
AsOf = Annotated[
    int | None,
    typer.Option(
        metavar="REVISION",
        min=0,
        help="The site's revision when the file was written: what changed after it is not compared."
        "  [default: the present one]",
    ),
]
ConfirmSuspicious = Annotated[
    bool, typer.Option("--confirm-suspicious", help="Take it over although it changes suspiciously much.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Change nothing: show the drift, and what would be mirrored.")
]


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
        settings = chosen_settings(database_url, embedded, data_dir, host=host, port=port)
        listener = serving.listen(settings.host, settings.port)
        # Ctrl-C is the usual end of it.
        with listener, ready_database(settings, migrate=migrate) as settings, suppress(KeyboardInterrupt):
            asyncio.run(serving.serve(settings, listener))


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

        settings = chosen_settings(
            None, embedded=True, data_dir=data_dir, host=None, port=port, log_level="warning"
        )
        listener = serving.listen(settings.host, port, otherwise_free=True)
        with listener, ready_database(settings, migrate=True) as settings:
            taken = listener.getsockname()[1]
            if port not in (0, taken):
                typer.echo(f"Port {port} is taken by another program: this runs on port {taken}.")
            story = partial(tell, f"{settings.host}:{taken}", settings.dsn, goes_on=not end)
            with nullcontext() if end else suppress(KeyboardInterrupt):
                asyncio.run(serving.serve_beside(settings, listener, story, end=end))


@app.command(
    name="migrate", epilog="Example: `DATABASE_URL=postgresql://host/name camera-redundancy migrate`"
)
def migrate_command(
    *, database_url: DatabaseUrl = None, embedded: Embedded = False, data_dir: DataDir = None
) -> None:
    """Bring the database to this version's tables.

    Safe to run again, and from several places at once.
    """
    with explained(), ready_database(chosen_settings(database_url, embedded, data_dir), migrate=True):
        from service.store.readiness import newest_migration

        typer.echo(f"The database is at migration {newest_migration()}.")


@app.command(
    name="import",
    epilog="Examples: `camera-redundancy import --embedded --site Retail cameras.csv` · "
    "`camera-redundancy import --site Retail --skip-bad recorders.json`",
)
def import_command(
    *,
    file: InventoryPath,
    site: Annotated[str, typer.Option(metavar="NAME", help="The site; it is made if there is none.")],
    file_format: Format = None,
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
        from service.inventory_commands import name_of, read_file
        from service.inventory_import import import_file

        settings, name = chosen_settings(database_url, embedded, data_dir), name_of(site, "A site's name")
        inventory = read_file(
            file,
            file_format,
            skip_bad=skip_bad,
            nothing="Nothing was imported",
            others="import the others with --skip-bad",
        )
        with ready_database(settings, migrated=True) as settings:
            asyncio.run(import_file(settings.dsn, name, inventory, statement_cache=settings.statement_cache))


@app.command(
    epilog="Examples: `camera-redundancy report --site Retail --server 'Store 1' --dry-run cameras.csv` · "
    "`camera-redundancy report --site Retail --server 'Store 1' --as-of 1234 recorders.json`"
)
def report(
    *,
    file: InventoryPath,
    site: Annotated[str, typer.Option(metavar="NAME", help="The site.")],
    server: Annotated[str, typer.Option(metavar="NAME", help="The server whose cameras are reported.")],
    file_format: Format = None,
    incomplete: Incomplete = False,
    skip_bad: SkipBadOfIncomplete = False,
    as_of: AsOf = None,
    confirm_suspicious: ConfirmSuspicious = False,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
    embedded: Embedded = False,
    data_dir: DataDir = None,
) -> None:
    """Report what a recorder holds: the inventory takes it over, and what happened there is mirrored.

    FILE is written as for `import`, and is taken to name all that the recorder holds: a camera of a primary that
    it does not name is deleted. Cameras of other servers are left out. A server is known by its id, else its name.
    """
    with explained():
        from service.inventory_commands import name_of, read_file
        from service.inventory_reporting import Report, report_file

        settings = chosen_settings(database_url, embedded, data_dir)
        asked = Report(
            site=name_of(site, "A site's name"),
            server=name_of(server, "A server's name"),
            complete=not incomplete,
            as_of=as_of,
            confirm_suspicious=confirm_suspicious,
            dry_run=dry_run,
        )
        inventory = read_file(
            file,
            file_format,
            skip_bad=skip_bad and incomplete,
            nothing="Nothing was reported",
            others="report the others with --skip-bad --partial",
        )
        with ready_database(settings, migrated=True) as settings:
            asyncio.run(report_file(settings.dsn, asked, inventory, statement_cache=settings.statement_cache))


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
    with (
        explained(),
        ready_database(chosen_settings(database_url, embedded, data_dir), migrated=True) as settings,
    ):
        from service.store.check import check_database

        findings = asyncio.run(check_database(settings.dsn))
        for finding in findings:
            typer.echo(f"{'ok    ' if finding.is_fine else 'BROKEN'} {finding.name}: {finding.sentence}")
            for row in finding.rows:
                typer.echo(f"         {row}")
        broken = sum(not finding.is_fine for finding in findings)
        if broken:
            raise StoppedError(f"{broken} of {len(findings)} checks found something that must not be.")


@app.command(
    epilog="Example: `DATABASE_URL=postgresql://host/name camera-redundancy prune --older-than 90`",
)
def prune(
    *,
    older_than: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            min=1,
            max=36_500,
            help="How old events must be.  [default: CAMERA_REDUNDANCY_RETENTION_DAYS, else 400]",
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    embedded: Embedded = False,
    data_dir: DataDir = None,
) -> None:
    """Remove old events now, as the service does by itself: the stream and the audit trail then begin later.

    May run while the service works, and may be interrupted.
    """
    with (
        explained(),
        ready_database(chosen_settings(database_url, embedded, data_dir), migrated=True) as settings,
    ):
        from service.log_commands import prune_logs

        asyncio.run(prune_logs(settings, older_than))


@app.command(
    epilog="Example, after a restore and before the service starts: "
    "`DATABASE_URL=postgresql://host/name camera-redundancy new-epoch`"
)
def new_epoch(
    *,
    site: Annotated[str | None, typer.Option(metavar="NAME", help="Only this site.  [default: all]")] = None,
    database_url: DatabaseUrl = None,
    embedded: Embedded = False,
    data_dir: DataDir = None,
) -> None:
    """Begin a new history, after a restore from a backup: every subscription gets FeedReset.

    What happened after the backup is forgotten, and its revisions will be given to other events.
    """
    with explained():
        from service.inventory_commands import name_of
        from service.log_commands import begin_epoch

        settings = chosen_settings(database_url, embedded, data_dir)
        name = None if site is None else name_of(site, "A site's name")
        with ready_database(settings, migrated=True) as settings:
            asyncio.run(begin_epoch(settings, name))


def main() -> None:
    """Run the command line."""
    app(prog_name="camera-redundancy")


if __name__ == "__main__":
    main()
