"""What the command `import` does: imports what a file holds and shows progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from service.commands.inventory import ImportResult, import_inventory
from service.inventory_commands import bad_rows, counted, mirrored
from service.model.inventory_file import InventoryFile
from service.model.outcome import Request
from service.store.database import connect
from service.store.listen import hinting

Progress = Callable[[int, int], None]

LINES_OF_PROGRESS = 10


async def import_file(dsn: str, site: str, inventory: InventoryFile, *, statement_cache: bool) -> None:
    """Import and say what came of it; Refused when the site refuses."""
    request = Request(actor="cli", mutation="import")
    async with (
        connect(dsn, pool_size=1, statement_cache=statement_cache) as database,
        hinting(database) as telling,
    ):
        with showing_progress() as progress:
            result = await import_inventory(telling, request, site, inventory, progress)
    typer.echo(_summary(site, inventory, result))


def _summary(site: str, inventory: InventoryFile, result: ImportResult) -> str:
    parts = [
        f"{counted(result.servers_created, 'new server')}",
        f"{counted(result.cameras_added, 'new camera')}",
        f"{result.cameras_present} there already",
        *bad_rows(inventory),
    ]
    actions = mirrored(result.queued, result.blocked, result.suppressed)
    return f"Imported into {site}: {', '.join(parts)}. {actions}"


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
