"""The main job on a retail site of 40 stores, told through the public API."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from service.demo.actors import UNRESOLVED, Action, Connector, Dashboard, Start
from service.demo.client import Client
from service.failures import StoppedError

PROJECT = Path(__file__).parent.parent.parent
INVENTORY = PROJECT / "examples" / "retail_site.csv"
SECONDARIES = ("Headquarters Recorder 1", "Headquarters Recorder 2")
FAILS_AT = "Store 017 Vault 1"
PAGE_WIDTH = 120
READY_SECONDS = 30
POLL_SECONDS = 0.05

STATE = "query ($id: ID!) { site(id: $id) { revision epoch coverage { cameras protected unprotected } } }"
SERVERS = "query ($id: ID!) { site(id: $id) { servers(first: 100) { nodes { id name cameraCount } } } }"
CAMERAS = """
query ($id: ID!, $serverId: ID!) {
  site(id: $id) { cameras(first: 50, serverIds: [$serverId]) { nodes { id name counterpart { id name } } } }
}
"""


@dataclass
class Story:
    """The site that the story is about, and those who take part in it."""

    client: Client
    console: Console
    site_name: str
    dashboard: Dashboard
    connector: Connector
    site_id: str = ""
    homes: dict[str, str] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)
    chapters: int = 0

    def chapter(self, title: str) -> None:
        """Begin the next part of the story."""
        self.chapters += 1
        self.console.print(f"\n[bold]{self.chapters}. {title}[/bold]", soft_wrap=True)

    def say(self, sentence: str) -> None:
        """Tell one thing."""
        self.console.print(f"   {sentence}", soft_wrap=True)

    async def change(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Change the site."""
        return await self.client.mutate(name, siteId=self.site_id, **given)

    async def state(self) -> dict[str, Any]:
        """Read the site's revision, epoch and coverage, in one snapshot."""
        site: dict[str, Any] = (await self.client.query(STATE, id=self.site_id))["site"]
        return site


async def tell(address: str, dsn: str, *, goes_on: bool) -> None:
    """Tell the whole story to the service at HOST:PORT, whose database `import` reaches at the DSN.

    `goes_on`: the service does not end with the story, and may be looked at.
    """
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PAGE_WIDTH)
    client = Client(address)
    story = Story(
        client,
        console,
        f"Retail demo {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}",
        Dashboard(console),
        Connector(client, FAILS_AT),
    )
    await _until_ready(client)
    await _import(story, dsn)
    await _label(story)
    await _plan(story)
    async with _followed(story):
        await _pair(story)
        await _change_on_primaries(story)
        await _change_on_secondaries(story)
        await _change_policy(story)
        await _prove_protected(story)
    console.print(_table(story))
    if goes_on:
        console.print(f"\nGraphQL, with a page to try it on: http://{address}/graphql")
        console.print(f"Whether it is ready:               http://{address}/readyz")
        console.print("Ctrl-C stops it; the data stays for the next time.")


async def _until_ready(client: Client) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while not await client.is_ready():  # noqa: ASYNC110 - as any client has to
            await asyncio.sleep(POLL_SECONDS)


async def _import(story: Story, dsn: str) -> None:
    story.chapter(f"A site, and the inventory that its VMS exported: {INVENTORY.name}")
    if not INVENTORY.exists():
        raise StoppedError(f"The demo runs from a checkout of the project, for it needs {INVENTORY}.")
    created = await story.client.mutate("createSite", name=story.site_name)
    story.site_id = created["site"]["id"]
    story.say(f"$ camera-redundancy import --site '{story.site_name}' {INVENTORY.relative_to(PROJECT)}")
    command = (sys.executable, "-m", "service", "import", "--site", story.site_name, str(INVENTORY))
    environment = os.environ | {"DATABASE_URL": dsn}
    importing = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        said, failed = await importing.communicate()
    finally:
        with suppress(ProcessLookupError):
            importing.terminate()
    if importing.returncode:
        raise StoppedError(f"The import failed: {failed.decode().strip()}")
    story.say(said.decode().strip())


async def _label(story: Story) -> None:
    story.chapter("The servers get their labels: 40 stores record live, 2 at headquarters stand in for them")
    await story.change("registerServers", servers=[{"name": name} for name in SECONDARIES])
    answer = await story.client.query(SERVERS, id=story.site_id)
    story.servers = {server["name"]: server["id"] for server in answer["site"]["servers"]["nodes"]}
    labels = [
        {"serverId": server_id, "label": "SECONDARY" if name in SECONDARIES else "PRIMARY"}
        for name, server_id in story.servers.items()
    ]
    await story.change("labelServers", labels=labels)
    await story.change("setMode", mode="AUTO")
    story.say(f"{len(labels)} servers are labelled; the mode is Auto.")


def _pairings(story: Story) -> list[dict[str, Any]]:
    primaries = [server for name, server in story.servers.items() if name not in SECONDARIES]
    secondaries = [story.servers[name] for name in SECONDARIES]
    return [{"style": "ASYMMETRIC", "primaryIds": primaries, "secondaryIds": secondaries}]


async def _plan(story: Story) -> None:
    story.chapter("What would pairing them do? A dry run tells, and changes nothing")
    answer = await story.change("pairServers", pairings=_pairings(story), dryRun=True)
    (planned,) = answer["planned"]
    story.homes = {home["server"]["name"]: home["secondary"]["name"] for home in planned["primaries"]}
    for secondary in SECONDARIES:
        stores = [store for store, home in story.homes.items() if home == secondary]
        story.say(f"{secondary} would be the home secondary of {len(stores)} stores.")
    story.say(f"{planned['camerasAdded']} cameras would be added there.")


@asynccontextmanager
async def _followed(story: Story) -> AsyncIterator[None]:
    """Let the dashboard and the connector follow the site; should one of them fail, that ends the story."""
    state = await story.state()
    start = Start(story.site_id, state["revision"], state["epoch"])
    try:
        async with asyncio.TaskGroup() as group:
            followers = [
                group.create_task(story.dashboard.run(story.client, start)),
                group.create_task(story.connector.run(start)),
            ]
            yield
            for follower in followers:
                follower.cancel()
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _pair(story: Story) -> None:
    story.chapter("Pairing: every store's camera gets its twin at headquarters")
    answer = await story.change("pairServers", pairings=_pairings(story))
    columns = ("   Mirrored actions applied", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    expected: int = answer["planned"][0]["camerasAdded"]
    with Progress(*columns, console=story.console) as bar:
        task = bar.add_task("", total=expected)

        def is_done() -> bool:
            bar.update(task, completed=story.dashboard.count("APPLIED"))
            return story.dashboard.count("APPLIED", "FAILED") >= expected

        await story.dashboard.until(is_done)
    story.dashboard.aloud = True
    await _retry(story)


async def _retry(story: Story) -> None:
    failed = [action for action in story.dashboard.actions.values() if action["status"] == "FAILED"]
    for action in failed:
        story.say(f"[red]FAILED[/red] {action['device']['name']}: {action['error']} It is tried again:")
    answer = await story.change("retryMirroredActions", actionIds=[action["id"] for action in failed])
    await story.dashboard.settled(answer["revision"])


async def _do(story: Story, title: str, name: str, /, **given: Any) -> dict[str, Any]:
    story.say(f"[bold]{name}[/bold]: {title}")
    answer = await story.change(name, **given)
    await story.dashboard.settled(answer["revision"])
    return answer


async def _cameras_of(story: Story, server: str) -> list[dict[str, Any]]:
    answer = await story.client.query(CAMERAS, id=story.site_id, serverId=story.servers[server])
    cameras: list[dict[str, Any]] = answer["site"]["cameras"]["nodes"]
    return cameras


def _neighbours(story: Story) -> tuple[str, str, str]:
    """Return three stores: the first two have one home secondary, the third has the other."""
    first, *others = sorted(story.homes)
    same = next(store for store in others if story.homes[store] == story.homes[first])
    other = next(store for store in others if story.homes[store] != story.homes[first])
    return first, same, other


async def _change_on_primaries(story: Story) -> None:
    story.chapter("Technicians work in the stores; headquarters follows (direction BACKUP)")
    store, same_home, other_home = _neighbours(story)
    moved, followed, replaced, deleted = (await _cameras_of(story, store))[:4]
    await _do(
        story,
        f"a new camera in {store}",
        "addCamera",
        serverId=story.servers[store],
        name="Pop-up Stand 1",
        hardware={"macAddress": "02:00:5E:00:53:01", "address": "192.0.2.1", "model": "Example Dome"},
    )
    await _do(
        story,
        f"{moved['name']} goes to {other_home}, which has another home secondary",
        "moveCamera",
        cameraId=moved["id"],
        toServerId=story.servers[other_home],
    )
    await _do(
        story,
        f"{followed['name']} goes to {same_home}, which has the same one",
        "moveCamera",
        cameraId=followed["id"],
        toServerId=story.servers[same_home],
    )
    await _do(
        story,
        f"{replaced['name']} breaks and is replaced",
        "replaceCamera",
        cameraId=replaced["id"],
        hardware={"macAddress": "02:00:5E:00:53:02", "address": "192.0.2.2", "model": "Example Dome II"},
    )
    await _do(story, f"{deleted['name']} is taken down", "deleteCamera", cameraId=deleted["id"])


async def _change_on_secondaries(story: Story) -> None:
    story.chapter("The same at headquarters: a pooled secondary serves many stores (direction RESTORE)")
    home, other = SECONDARIES
    store = next(name for name, secondary in sorted(story.homes.items(), reverse=True) if secondary == home)
    replaced, deleted = (await _cameras_of(story, store))[:2]
    added = await _do(
        story,
        f"a new camera on {home}",
        "addCamera",
        serverId=story.servers[home],
        name="Headquarters Lobby 1",
        hardware={"macAddress": "02:00:5E:00:53:03", "address": "192.0.2.3", "model": "Example Dome"},
    )
    await _do(
        story,
        f"it goes to {other}",
        "moveCamera",
        cameraId=added["camera"]["id"],
        toServerId=story.servers[other],
    )
    await _do(
        story,
        f"{replaced['name']} is replaced here first",
        "replaceCamera",
        cameraId=replaced["counterpart"]["id"],
        hardware={"macAddress": "02:00:5E:00:53:04", "address": "192.0.2.4", "model": "Example Dome II"},
    )
    await _do(
        story, f"{deleted['name']} is deleted here", "deleteCamera", cameraId=deleted["counterpart"]["id"]
    )


async def _change_policy(story: Story) -> None:
    story.chapter("Headquarters is to keep its copies for a while: mirroring of deletions is switched off")
    store = sorted(story.homes)[-2]
    kept = (await _cameras_of(story, store))[0]
    await story.change("setSyncPolicy", delete=False)
    await _do(story, f"{kept['name']} is taken down", "deleteCamera", cameraId=kept["id"])
    await story.change("setSyncPolicy", delete=True)


async def _prove_protected(story: Story) -> None:
    story.chapter("Is everything protected?")
    coverage = (await story.state())["coverage"]
    unresolved = story.dashboard.count(*UNRESOLVED)
    story.say(f"{coverage['protected']} of {coverage['cameras']} cameras are PROTECTED.")
    if unresolved or coverage["protected"] != coverage["cameras"]:
        raise StoppedError(
            f"{unresolved} mirrored actions are unresolved, and not every camera is protected."
        )


def _table(story: Story) -> Table:
    counts = Counter(_row(action) for action in story.dashboard.actions.values())
    table = Table(title=f"\nMirrored actions of {story.site_name}", title_justify="left")
    for column in ("Action", "Direction", "Status", "Why"):
        table.add_column(column)
    table.add_column("Count", justify="right")
    for row, count in sorted(counts.items(), key=lambda item: (item[0][2], item[0])):
        table.add_row(*row, str(count), style="yellow" if row[2] == "SUPPRESSED" else None)
    return table


def _row(action: Action) -> tuple[str, str, str, str]:
    why = action["reason"] or {"PAIRING": "for the pairing"}.get(action["cause"], "")
    return action["action"], action["direction"], action["status"], why
