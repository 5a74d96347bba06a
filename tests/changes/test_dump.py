"""A dry run leaves the database as it was, as pg_dump sees it: another program, and all tables there are."""

import asyncio
from pathlib import Path

import pytest

from tests.builders import Api, SiteBuilder, new_site
from tests.changes.laid_out import CASES
from tests.cluster import available_binaries

pytestmark = pytest.mark.asyncio(loop_scope="module")


def pg_dump() -> Path:
    """The newest there is: it reads servers of its own version and older ones."""
    binaries = available_binaries()
    return binaries[max(binaries, key=int)] / "pg_dump"


async def dump(dsn: str) -> list[str]:
    running = await asyncio.create_subprocess_exec(
        pg_dump(), "--data-only", dsn, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await running.communicate()
    assert running.returncode == 0
    # Newer versions begin and end with a random word that keeps psql from running anything else.
    return [line for line in output.decode().splitlines() if "restrict" not in line]


async def enrolled(api: Api) -> SiteBuilder:
    site = await new_site(api)
    primaries = [(name, "PRIMARY") for name in ("p1", "p2", "p3")]
    await site.enroll(*primaries, *((name, "SECONDARY") for name in ("s1", "s2")))
    return site


@pytest.mark.long
@pytest.mark.skipif(not pg_dump().exists(), reason="there is no pg_dump")
async def test_dry_runs_leave_no_trace_in_a_dump(api: Api, module_dsn: str) -> None:
    sites = [await enrolled(api) for _ in CASES]
    for site, case in zip(sites, CASES, strict=True):
        await case.prepare(site)
    before = await dump(module_dsn)
    assert len(before) > len(CASES)
    for site, case in zip(sites, CASES, strict=True):
        assert (await case.change(site, dryRun=True)).dry_run
        assert await dump(module_dsn) == before, case.name
