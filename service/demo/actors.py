"""Those who live on the stream of mirrored actions: a dashboard shows it, a connector acts on it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from service.demo.client import Client
from service.failures import StoppedError

Action = dict[str, Any]

UNRESOLVED = ("QUEUED", "BLOCKED", "FAILED")
COLOURS = {"QUEUED": "cyan", "APPLIED": "green", "FAILED": "red", "SUPPRESSED": "yellow"}
RECORDER_ERROR = "The device did not answer within 10 s."

FOLLOW = """
subscription ($siteId: ID!, $after: Revision!, $epoch: ID!, $filter: MirroredActionFilter) {
  feed: mirroredActions(siteId: $siteId, after: $after, epoch: $epoch, filter: $filter, batchSize: 100) {
    ... on MirroredActionBatch {
      position
      actions {
        id action direction cause status reason because error attempts
        sourceServer { name } targetServer { name } targetFromServer { name }
        device { targetCameraId name externalId }
      }
    }
    ... on FeedReset { message }
    ... on Refused { refusals { message } }
  }
}
"""


@dataclass
class Start:
    """Where to begin to follow a site."""

    site_id: str
    revision: int
    epoch: str


@dataclass
class Dashboard:
    """Follows everything and keeps the newest state of every action; `aloud` prints each as it arrives."""

    console: Console
    aloud: bool = False
    position: int = 0
    actions: dict[str, Action] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, client: Client, start: Start) -> None:
        """Follow until cancelled."""
        async for answer in client.subscribe(
            FOLLOW, siteId=start.site_id, after=start.revision, epoch=start.epoch
        ):
            batch = _batch(answer)
            async with self.changed:
                self.position = batch["position"]
                for action in batch["actions"]:
                    self.actions[action["id"]] = action
                    if self.aloud:
                        self.console.print(_line(action), soft_wrap=True)
                self.changed.notify_all()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something holds of what has arrived."""
        async with self.changed:
            await self.changed.wait_for(reached)

    async def settled(self, revision: int) -> None:
        """Wait until everything up to a revision has arrived and nothing is left to be done."""
        await self.until(lambda: self.position >= revision and not self.count(*UNRESOLVED))

    def count(self, *statuses: str) -> int:
        """Count the actions that stand so."""
        return sum(action["status"] in statuses for action in self.actions.values())


@dataclass
class Connector:
    """Stands for the recorders: takes what is QUEUED, applies it, acknowledges; fails once, at `fails_at`."""

    client: Client
    fails_at: str
    devices: int = 0

    async def run(self, start: Start) -> None:
        """Follow and acknowledge until cancelled."""
        async for answer in self.client.subscribe(
            FOLLOW,
            siteId=start.site_id,
            after=start.revision,
            epoch=start.epoch,
            filter={"statuses": ["QUEUED"]},
        ):
            results = [self._apply(action) for action in _batch(answer)["actions"]]
            if results:
                await self.client.mutate("acknowledgeMirroredActions", siteId=start.site_id, results=results)

    def _apply(self, action: Action) -> dict[str, str]:
        done = {"actionId": action["id"], "outcome": "APPLIED"}
        if action["device"]["name"] == self.fails_at and action["attempts"] == 1:
            return done | {"outcome": "FAILED", "error": RECORDER_ERROR}
        if action["action"] == "DELETE":
            return done
        self.devices += 1
        return done | {"externalId": action["device"]["externalId"] or f"device-{self.devices}"}


def _batch(answer: dict[str, Any]) -> dict[str, Any]:
    feed: dict[str, Any] = answer["feed"]
    if "actions" not in feed:
        said = feed.get("message") or " ".join(refusal["message"] for refusal in feed["refusals"])
        raise StoppedError(f"The subscription ended: {said}")
    return feed


def _line(action: Action) -> Text:
    """Put one state of an action into one or two lines."""
    status = action["status"]
    line = Text("   ")
    line.append(f"{status:10}", style=COLOURS.get(status, "magenta"))
    line.append(f" {action['direction']:7} {action['action']:7} ", style="bold")
    line.append(f"{action['device']['name']}: {_way(action)}")
    if status == "SUPPRESSED":
        line.append(f"\n{'':14}{action['reason']}: {action['because']}", style="yellow")
    elif status == "QUEUED":
        line.append(f"\n{'':14}{action['because']}", style="dim")
    elif status == "FAILED":
        line.append(f"\n{'':14}{action['error']}", style="red")
    return line


def _way(action: Action) -> str:
    if action["status"] == "SUPPRESSED":
        return f"on {action['sourceServer']['name']}"
    before = f"{action['targetFromServer']['name']} -> " if action["targetFromServer"] else ""
    return f"{before}{action['targetServer']['name']}"
