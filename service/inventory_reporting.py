"""What the command `report` does: reports what a file says that a recorder holds, and tells what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import typer

from service.commands.inventory_report import report_inventory
from service.failures import StoppedError
from service.inventory_commands import bad_rows, mirrored
from service.model.inputs import HardwareInput, ReportedCameraInput, ServerInventoryInput
from service.model.inventory_file import CameraRow, InventoryFile
from service.model.outcome import MirrorSummary, Outcome, Request
from service.model.refusals import Refused
from service.model.vocabulary import RefusalCode
from service.store import server as servers
from service.store import site as sites
from service.store.database import Connection, Database, connect
from service.store.listen import hinting

COUNTS = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")
HEADER = ("ACTION", "DIRECTION", "CAMERA", "TARGET", "STATUS", "BECAUSE")
IN_OPTIONS = "Here dryRun is --dry-run, and confirmSuspicious is --confirm-suspicious."
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Report:
    """What the command line asks for; `complete`: cameras that the file does not name are not on the recorder."""

    site: str
    server: str
    complete: bool
    as_of: int | None
    confirm_suspicious: bool
    dry_run: bool


async def report_file(dsn: str, asked: Report, inventory: InventoryFile, *, statement_cache: bool) -> None:
    """Report and say what came of it; Refused when the site refuses, StoppedError when there is no such server."""
    async with (
        connect(dsn, pool_size=1, statement_cache=statement_cache) as database,
        hinting(database) as telling,
    ):
        site_id, registered = await _registered(database, asked.site)
        server = _server(asked, registered)
        cameras = _cameras(inventory, server)
        report = ServerInventoryInput(server.id, cameras, asked.complete)
        outcome = await _report(telling, asked, site_id, report)
    typer.echo(_summary(asked, inventory, outcome, len(inventory.cameras) - len(cameras)))
    if asked.dry_run:
        _show(outcome.mirrored, {str(one.id): one.name for one in registered})


async def _report(database: Database, asked: Report, site_id: UUID, report: ServerInventoryInput) -> Outcome:
    request = Request(actor="cli", mutation="report", dry_run=asked.dry_run)
    with _speaking_of_options():
        return await report_inventory(
            database,
            request,
            site_id,
            [report],
            as_of=asked.as_of,
            confirm_suspicious=asked.confirm_suspicious,
        )


@contextmanager
def _speaking_of_options() -> Iterator[None]:
    """Refusals name fields of GraphQL: say which options these are."""
    try:
        yield
    except Refused as refused:
        if all(one.code != RefusalCode.SUSPICIOUS_CHANGE for one in refused.refusals):
            raise
        sentences = [one.message for one in refused.refusals]
        raise StoppedError("\n".join([*sentences, IN_OPTIONS])) from refused


async def _registered(database: Database, site: str) -> tuple[UUID, list[servers.RegisteredServer]]:
    connection: Connection
    async with database.acquire() as connection:
        site_id = await sites.find(connection, site)
        if site_id is None:
            raise StoppedError(f"There is no site named {site}: check --site, or make it by `import`.")
        return site_id, await servers.registered(connection, site_id)


def _server(asked: Report, registered: Sequence[servers.RegisteredServer]) -> servers.RegisteredServer:
    for one in registered:
        if one.name == asked.server:
            return one
    raise StoppedError(
        f"The site {asked.site} has no server named {asked.server}, but {_some(one.name for one in registered)}: "
        "check --server, or register it."
    )


def _cameras(inventory: InventoryFile, server: servers.RegisteredServer) -> tuple[ReportedCameraInput, ...]:
    """Take the server's rows, known by its id, which stays when a server is renamed, or else by its name."""
    by_id = [
        one.name for one in inventory.servers if one.external_id and one.external_id == server.external_id
    ]
    by_name = [one.name for one in inventory.servers if one.name == server.name]
    if not (by_id or by_name):
        raise StoppedError(
            f"The file tells nothing of the server {server.name}, but of "
            f"{_some(one.name for one in inventory.servers)}: check --server and the file."
        )
    name = (by_id or by_name)[0]
    return tuple(_camera(row) for row in inventory.cameras if row.server_name == name)


def _camera(row: CameraRow) -> ReportedCameraInput:
    hardware = row.hardware
    given = HardwareInput(hardware.mac_address, hardware.address, hardware.manufacturer, hardware.model)
    return ReportedCameraInput(row.name, given, row.channel, row.external_id)


def _some(names: Iterator[str]) -> str:
    """Return the first NAMES_SHOWN names, and how many more there are."""
    all_of_them = sorted(names)
    shown = ", ".join(all_of_them[:NAMES_SHOWN]) or "none"
    more = len(all_of_them) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _summary(asked: Report, inventory: InventoryFile, outcome: Outcome, left_out: int) -> str:
    parts = [
        *(f"{outcome.detail[name]} {name}" for name in COUNTS),
        *([f"{left_out} of other servers left out"] if left_out else []),
        *bad_rows(inventory),
    ]
    made = outcome.mirrored
    actions = mirrored(made.queued, made.blocked, made.suppressed)
    told = f"{asked.server} in {asked.site}: {', '.join(parts)}. {actions}"
    return f"Drift of {told} Nothing was changed." if asked.dry_run else f"Reported {told}"


def _show(made: MirrorSummary, names: Mapping[str, str]) -> None:
    """Print the actions that would be made, as a table."""
    rows = [_row(action, names) for action in made.actions]
    if rows:
        widths = [max(len(cell) for cell in column) for column in zip(HEADER, *rows, strict=True)]
        for row in (HEADER, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(cells).rstrip())
    more = made.queued + made.blocked + made.suppressed - len(rows)
    if more:
        typer.echo(f"and {more} more")


def _row(action: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        action["action"],
        action["direction"],
        action["device"]["name"],
        names.get(action["target_server_id"] or "", "-"),
        action["status"],
        action["because"],
    )
