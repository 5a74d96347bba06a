"""examples/dashboard.mjs as anybody runs it, on the packages of its own lock file."""

import os
import shutil
from asyncio.subprocess import Process
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from service.store.epoch import renew
from tests.builders import Api, SiteBuilder
from tests.examples.stage import PRIMARIES, paired_site, running
from tests.live.replica import Replica
from tests.live.wire import Wire, wire_to

EXAMPLES = Path(__file__).parents[2] / "examples"
STATUSES = ("QUEUED", "BLOCKED", "FAILED", "APPLIED", "ABANDONED", "SUPERSEDED", "SUPPRESSED")
LACKING = not (shutil.which("node") and (EXAMPLES / "node_modules/.package-lock.json").exists())
REASON = "the packages of examples/package-lock.json are missing: install npm, and make test installs them"

pytestmark = pytest.mark.skipif(LACKING and not os.environ.get("CI"), reason=REASON)


def dashboard(wire: Wire, site: SiteBuilder) -> AbstractAsyncContextManager[Process]:
    return running("node", "examples/dashboard.mjs", f"http://{wire.address}/graphql", site.id)


async def line_at(process: Process, position: int) -> str:
    """Read on to what it shows at a position."""
    assert process.stdout
    assert process.stderr
    while line := (await process.stdout.readline()).decode():
        if int(line.rpartition(" at ")[2]) >= position:
            return line
    raise AssertionError((await process.stderr.read()).decode())


async def counted(site: SiteBuilder) -> str:
    """The line that is right now."""
    counts = Counter(action.status for action in await site.actions())
    shown = "  ".join(f"{status} {counts[status]}" for status in STATUSES)
    return f"{shown}  at {await site.revision()}\n"


async def test_the_dashboard_shows_what_the_table_holds(live: Api, served: Replica) -> None:
    site = await paired_site(live)
    for number in range(3):
        await site.add(PRIMARIES[number], f"Camera {number}")
    await site.fail(*await site.actions(statuses=["QUEUED"]))
    host, port = served.address.split(":")
    async with wire_to(host, int(port)) as wire, dashboard(wire, site) as shown:
        right = await counted(site)
        assert await line_at(shown, await site.revision()) == right
        wire.reset()
        await renew(live.database, (await site.state())["name"])
        await site.move("Camera 0", "p3")
        await site.delete("Camera 1")
        await site.settle()
        right = await counted(site)
        assert await line_at(shown, await site.revision()) == right
        await site.delete_site((await site.state())["name"])
        _, said = await shown.communicate()
    assert said.decode().splitlines()[-1] == "There is no such site; check the id."
    assert shown.returncode == 1
