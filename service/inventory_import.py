"""What the command `import` does: reads the file, reports what is bad, imports the rest, shows progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from service.commands.inventory import ImportResult, import_inventory
from service.failures import StoppedError
from service.model.hardware import clean_text
from service.model.inventory_file import InventoryFile, parse_csv, parse_json
from service.model.outcome import Request
from service.store.database import connect

Progress = Callable[[int, int], None]

PARSERS = {"csv": parse_csv, "json": parse_json}
LINES_OF_PROGRESS = 10


def read_file(path: Path, file_format: str, *, skip_bad: bool) -> InventoryFile:
    """Parse a file and report every bad row; StoppedError when there is one and none is to be skipped."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoppedError(f"{path} cannot be read: {error.strerror}.") from error
    inventory = PARSERS[file_format](data)
    for row in inventory.bad:
        typer.echo(f"{path}, {row.where}: {row.reason}", err=True)
    if inventory.bad and not skip_bad:
        raise StoppedError(
            f"Nothing was imported, for {_count(len(inventory.bad), 'row')} cannot be: mend the file,"
            " or import the others with --skip-bad."
        )
    return inventory


def site_name(text: str) -> str:
    """Trim and check a site's name; StoppedError when it cannot be one."""
    try:
        return clean_text(text, "A site's name")
    except ValueError as error:
        raise StoppedError(str(error)) from error


async def import_file(dsn: str, site: str, inventory: InventoryFile, *, statement_cache: bool) -> None:
    """Import and say what came of it; Refused when the site refuses."""
    request = Request(actor="cli", mutation="import")
    async with connect(dsn, pool_size=1, statement_cache=statement_cache) as database:
        with showing_progress() as progress:
            result = await import_inventory(database, request, site, inventory, progress)
    typer.echo(_summary(site, inventory, result))


def _summary(site: str, inventory: InventoryFile, result: ImportResult) -> str:
    parts = [
        f"{_count(result.servers_created, 'new server')}",
        f"{_count(result.cameras_added, 'new camera')}",
        f"{result.cameras_present} there already",
        *([f"{_count(len(inventory.bad), 'bad row')} skipped"] if inventory.bad else []),
    ]
    mirrored = {"queued": result.queued, "blocked": result.blocked, "suppressed": result.suppressed}
    actions = ", ".join(f"{count} {status}" for status, count in mirrored.items())
    return f"Imported into {site}: {', '.join(parts)}. Mirrored actions: {actions}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@contextmanager
def showing_progress() -> Iterator[Progress]:
    """Show how far it is: a bar on a terminal, some lines elsewhere, both on standard error."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress("Importing cameras", *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = LINES_OF_PROGRESS * done // total if total else LINES_OF_PROGRESS
        if tenth > told:
            told = tenth
            typer.echo(f"{done} of {total} cameras", err=True)

    return tell
