"""What the commands `import` and `report` share: inventory files and names are read, and counts are told, alike."""

from pathlib import Path

import typer

from service.failures import StoppedError
from service.model.hardware import clean_text
from service.model.inventory_file import InventoryFile, parse_csv, parse_json

PARSERS = {"csv": parse_csv, "json": parse_json}


def read_file(
    path: Path, file_format: str | None, *, skip_bad: bool, nothing: str, others: str
) -> InventoryFile:
    """Parse a file, by its name where no format is given, and tell every bad row.

    StoppedError when there is one and none is to be skipped: it begins with `nothing` and ends with what does the
    good rows all the same, `others`.
    """
    inventory = PARSERS[file_format or _format_of(path)](_data(path))
    for row in inventory.bad:
        typer.echo(f"{path}, {row.where}: {row.reason}", err=True)
    if inventory.bad and not skip_bad:
        rows = counted(len(inventory.bad), "row")
        raise StoppedError(f"{nothing}, for {rows} cannot be: mend the file, or {others}.")
    return inventory


def name_of(text: str, what: str) -> str:
    """Trim and check a name, which is `what`; StoppedError when it cannot be one."""
    try:
        return clean_text(text, what)
    except ValueError as error:
        raise StoppedError(str(error)) from error


def counted(number: int, noun: str) -> str:
    """Return the number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def bad_rows(inventory: InventoryFile) -> list[str]:
    """Return how many rows were skipped, if any were."""
    return [f"{counted(len(inventory.bad), 'bad row')} skipped"] if inventory.bad else []


def mirrored(queued: int, blocked: int, suppressed: int) -> str:
    """Return a sentence of what was set in motion."""
    return f"Mirrored actions: {queued} queued, {blocked} blocked, {suppressed} suppressed."


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoppedError(f"{path} cannot be read: {error.strerror}.") from error


def _format_of(path: Path) -> str:
    return "json" if path.suffix.lower() == ".json" else "csv"
