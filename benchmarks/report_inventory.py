"""Measures an inventory report of 50,000 cameras, of which some changed, beside the plain read of as many rows."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from uuid import UUID

from benchmarks.add_camera import CAMERAS_PER_SERVER, REQUEST, mac, make_site
from service.commands.inventory_report import report_inventory
from service.model.inputs import HardwareInput, ReportedCameraInput, ServerInventoryInput
from service.store.database import Database, connect
from service.store.embedded import running
from service.store.migrate import migrate

CAMERAS = 50_000
# Every so many-th camera has other hardware, another name, or is gone: below what must be confirmed.
CHANGED = 100
ROUNDS = 5
LIMIT_SECONDS = 5.0
ROWS = """
SELECT id, name, channel, mac_address, address, manufacturer, model, external_id FROM camera WHERE side = 'PRIMARY'
"""


def reported(number: int, *, change: int) -> list[ReportedCameraInput]:
    """Return what the recorder reports of one camera; `change`: which of the cameras changed in this round."""
    hardware, name = HardwareInput(mac_address=mac(0, number)), f"Camera {number}"
    kind = (number // CHANGED + change) % 3 if number % CHANGED == change else None
    if kind == 0:
        return []
    if kind == 1:
        hardware = HardwareInput(mac_address=mac(2 + change, number))
    return [ReportedCameraInput(f"{name} renamed" if kind == 2 else name, hardware)]  # noqa: PLR2004 - the third kind


def reports(servers: Sequence[UUID], change: int) -> list[ServerInventoryInput]:
    """Return complete reports of all primaries."""
    made = []
    for index, server_id in enumerate(servers):
        numbers = range(index * CAMERAS_PER_SERVER, (index + 1) * CAMERAS_PER_SERVER)
        cameras = tuple(one for number in numbers for one in reported(number, change=change))
        made.append(ServerInventoryInput(server_id, cameras, complete=True))
    return made


async def measure(database: Database) -> tuple[list[float], list[float]]:
    """Return the seconds of each report, and of each plain read."""
    site_id, primaries = await make_site(database, CAMERAS)
    taken: tuple[list[float], list[float]] = ([], [])
    for change in range(ROUNDS):
        given = reports(primaries, change)
        started = time.perf_counter()
        outcome = await report_inventory(
            database, REQUEST, site_id, given, as_of=None, confirm_suspicious=True
        )
        taken[0].append(time.perf_counter() - started)
        started = time.perf_counter()
        await database.pool.fetch(ROWS)
        taken[1].append(time.perf_counter() - started)
        found = ", ".join(f"{number} {name}" for name, number in outcome.detail.items() if number)
        queued = outcome.mirrored.queued + outcome.mirrored.blocked
        print(f"reported in {taken[0][-1]:.2f} s: {found}; {queued} mirrored actions")
    return taken


async def connected(dsn: str) -> tuple[list[float], list[float]]:
    """Measure on one connection."""
    async with connect(dsn, pool_size=1) as database:
        return await measure(database)


def main() -> None:
    """Measure, print, and fail above the limit."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as dsn:
            migrate(dsn)
            report, read = asyncio.run(connected(dsn))
    seconds = median(report)
    print(f"a report of {CAMERAS:,} cameras: median {seconds:.2f} s, limit {LIMIT_SECONDS:g} s")
    print(f"ratio to reading as many rows: {seconds / median(read):.1f}")
    sys.exit(seconds > LIMIT_SECONDS)


if __name__ == "__main__":
    main()
