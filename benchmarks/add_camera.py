"""Measures whether adding a camera costs more on a site of 100,000 cameras than on one of 1,000, in turn."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

import asyncpg

from service.commands.camera import add_camera
from service.commands.inventory import import_inventory
from service.commands.pairing import pair_servers
from service.model.hardware import parse_hardware
from service.model.inputs import CameraInput, HardwareInput, PairingInput
from service.model.inventory_file import CameraRow, InventoryFile, ServerRow
from service.model.outcome import Request
from service.model.vocabulary import PairingStyle, ServerLabel
from service.store.database import Database, connect
from service.store.embedded import running
from service.store.migrate import migrate

SIZES = (1_000, 100_000)
CAMERAS_PER_SERVER = 100
SECONDARIES = ("Secondary 1", "Secondary 2")
ROUNDS = 300
LIMIT = 1.5
REQUEST = Request(actor="benchmark", mutation="benchmark")


def mac(kind: int, number: int) -> str:
    """Make a locally administered MAC address."""
    digits = f"02{kind:02x}{number:08x}"
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def inventory(cameras: int) -> InventoryFile:
    """Make servers with labels, and cameras on the primaries among them."""
    primaries = [f"Primary {number}" for number in range(cameras // CAMERAS_PER_SERVER)]
    servers = [ServerRow(name, label=ServerLabel.PRIMARY) for name in primaries]
    servers += [ServerRow(name, label=ServerLabel.SECONDARY) for name in SECONDARIES]
    rows = [
        CameraRow(
            "",
            primaries[number // CAMERAS_PER_SERVER],
            f"Camera {number}",
            0,
            parse_hardware(mac(0, number), None),
        )
        for number in range(cameras)
    ]
    return InventoryFile(tuple(servers), tuple(rows), ())


async def make_site(database: Database, cameras: int) -> tuple[UUID, list[UUID]]:
    """Import and pair a site; return its id and its primaries."""
    started = time.perf_counter()
    made = await import_inventory(database, REQUEST, "Site", inventory(cameras), lambda _done, _all: None)
    imported = time.perf_counter()
    secondaries = tuple(made.server_ids[name] for name in SECONDARIES)
    primaries = tuple(one for name, one in made.server_ids.items() if name not in SECONDARIES)
    await pair_servers(
        database, REQUEST, made.site_id, [PairingInput(PairingStyle.ASYMMETRIC, primaries, secondaries)]
    )
    paired = time.perf_counter()
    print(
        f"{cameras:>7,} cameras: imported in {imported - started:.1f} s, paired in {paired - imported:.1f} s"
    )
    async with database.pool.acquire() as connection:
        await connection.execute("VACUUM ANALYZE")
    return made.site_id, list(primaries)


async def seconds_of_one(database: Database, site_id: UUID, server_id: UUID, number: int) -> float:
    """Add one camera, which is mirrored, and return how long that took."""
    camera = CameraInput(server_id, f"New {number}", HardwareInput(mac_address=mac(1, number)))
    started = time.perf_counter()
    outcome = await add_camera(database, REQUEST, site_id, camera)
    taken = time.perf_counter() - started
    if outcome.mirrored.queued != 1:
        raise AssertionError(f"The camera was not mirrored: {outcome.mirrored}")
    return taken


async def measure(dsns: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the seconds of each call on the small and on the large site."""
    async with connect(dsns[0], pool_size=1) as small, connect(dsns[1], pool_size=1) as large:
        databases = (small, large)
        sites = [await make_site(one, size) for one, size in zip(databases, SIZES, strict=True)]
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(ROUNDS):
            for database, (site_id, primaries), seconds in zip(databases, sites, taken, strict=True):
                server_id = primaries[number % len(primaries)]
                seconds.append(await seconds_of_one(database, site_id, server_id, number))
        return taken


async def create(dsn: str) -> list[str]:
    """Make a database for each size."""
    connection = await asyncpg.connect(dsn)
    for size in SIZES:
        await connection.execute(f"CREATE DATABASE cameras_{size}")
    await connection.close()
    return [f"{dsn.rpartition('/')[0]}/cameras_{size}" for size in SIZES]


def main() -> None:
    """Measure, print, and fail above the limit."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "data") as dsn:
            dsns = asyncio.run(create(dsn))
            for one in dsns:
                migrate(one)
            taken = asyncio.run(measure(dsns))
    for size, seconds in zip(SIZES, taken, strict=True):
        milliseconds = [1000 * one for one in seconds]
        late = quantiles(milliseconds, n=20)[-1]
        print(
            f"{size:>7,} cameras: addCamera median {median(milliseconds):.1f} ms, 95 % within {late:.1f} ms"
        )
    ratio = median(taken[1]) / median(taken[0])
    print(f"ratio {ratio:.2f}, limit {LIMIT}")
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
