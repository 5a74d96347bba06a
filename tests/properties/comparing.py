"""The service and the oracle side by side: each change is made to both, and everything that can be seen must agree."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.store.check import check
from service.store.database import Connection
from service.store.statements import statement
from tests.builders import Api, Json, RefusedError
from tests.oracle.state import Action, Event, Site
from tests.oracle.verdicts import Given, Values
from tests.oracle.world import Answer, World
from tests.properties.folding import Snapshot, fold, snapshot
from tests.properties.showing import (
    WHOLE,
    action_row,
    camera_row,
    nodes,
    our_action_row,
    our_camera_row,
    our_pairing_row,
    our_place,
    our_planned_row,
    our_server_row,
    our_site_row,
    pairing_row,
    place_of,
    planned_row,
    server_row,
    site_row,
    step,
)

Body = Json | set[tuple[str, tuple[str, ...]]]
# What a step is most likely to break; all checks are asked at the end.
FRAGILE = ("action_one_under_way", "action_target", "action_goal", "camera_due", "link_ends")
NEW_EVENTS = """
SELECT revision, kind, subject_id, payload, end_of_change FROM event
WHERE site_id = $1 AND revision > $2 ORDER BY revision
"""
ENDED = ("APPLIED", "FAILED", "ABANDONED", "SUPERSEDED", "SUPPRESSED")
ENDED_RANK = 3
QUEUED_ORDER = ("DELETE", "MOVE", "REPLACE", "ADD")
COUNTS = ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued")
PLANNED = ("camerasAdopted", "camerasAdded", "camerasMoved")


@dataclass
class Comparison:
    """`real`: the service's id of each of ours; `ours`: the other way round. `older`: what was to be remembered."""

    api: Api
    connection: Connection
    world: World = field(default_factory=World)
    real: dict[str, str] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)
    older: dict[str, tuple[int, Snapshot]] = field(default_factory=dict)

    def copy(self) -> "Comparison":
        return Comparison(self.api, self.connection, self.world.copy(), dict(self.real), dict(self.ours))

    def know(self, our_id: str, real_id: str) -> None:
        assert self.real.setdefault(our_id, real_id) == real_id, f"{our_id} is another one now"
        assert self.ours.setdefault(real_id, our_id) == our_id, f"{real_id} is another one now"

    def translated(self, value: Any) -> Any:  # noqa: ANN401 - an input is anything that JSON can be
        """Put the service's ids in the places of ours."""
        if isinstance(value, Mapping):
            return {key: self.translated(one) for key, one in value.items() if key != "as"}
        if isinstance(value, list | tuple):
            return [self.translated(one) for one in value]
        return self.real.get(value, value) if isinstance(value, str) else value

    async def change(self, mutation: str, given: Given) -> Answer:
        """Make a change to both, and compare the answers and what is then."""
        before = self.world.sites.get(given.get("siteId", ""))
        expected = self.world.change(mutation, given)
        body = await self.ask(mutation, given)
        refusals = body if isinstance(body, set) else set()
        assert refusals == expected.refusals, f"{mutation} {given}: {refusals} is not {expected.refusals}"
        if isinstance(body, set):
            return expected
        # A dry run left all rows as they were: whoever asks for one sees to that.
        if not given.get("dryRun"):
            await self.look(mutation, given, before, expected, body)
        self.compare_answer(mutation, given, before, expected, body)
        return expected

    async def ask(self, mutation: str, given: Given) -> Body:
        try:
            return (await self.api.change(mutation, self.translated(given))).body
        except RefusedError as refused:
            return {(one.code, one.path) for one in refused.refusals}

    async def look(
        self, mutation: str, given: Given, before: Site | None, expected: Answer, body: Json
    ) -> None:
        """Compare what is seen of the site after a change that was accepted."""
        if mutation == "deleteSite":
            return
        if mutation == "createSite" and expected.site:
            self.know(expected.site.id, body["site"]["id"])
        site = self.world.sites[expected.site.id if expected.site else given["siteId"]]
        if mutation == "registerServers" and body["servers"]:
            for one, node in zip(expected.values["servers"], body["servers"], strict=True):
                self.know(one, node["id"])
        told = [] if expected.replayed else expected.events
        revision = before.revision if before else site.revision * expected.replayed
        shown = await self.compare_step(site, told, revision)
        named = [one["actionId"] for one in given.get("results", ())] or given.get("actionIds", ())
        await self.compare_events(site, revision, told, named)
        same(site_row(shown), our_site_row(site, whole=False))

    async def compare_step(self, site: Site, told: Sequence[Event], revision: int) -> Json:
        """Read the site after a step; ids that are new are learned by what they stand for."""
        named = [one.subject for one in told if one.kind == "MIRRORED_ACTION"]
        changed = [one for one in named if one in self.real]
        given: Json = {f"changed{number}": self.real[one] for number, one in enumerate(changed)}
        given |= {"id": self.real[site.id], "recent": max(len(named) - len(changed), 1)}
        design = any(not one.kind.startswith(("CAMERA", "MIRRORED")) for one in told)
        data = await self.api.run(step(len(changed), design=design), given)
        shown: Json = data.pop("site")
        self.compare_inventory(site, shown, whole=False)
        self.compare_actions(site, [*nodes(shown, "recent"), *data.values()], whole=False)
        listed = {self.ours.get(one["id"], one["id"]): one for one in nodes(shown, "mirroredActions")}
        same(
            {key: (one["status"], one["position"] > revision) for key, one in listed.items()},
            {key: (one.status, key in named) for key, one in site.actions.items()},
        )
        return shown

    async def compare_whole(self, site: Site) -> None:
        """Read everything of a site."""
        shown: Json = (await self.api.run(WHOLE, {"id": self.real[site.id]}))["site"]
        self.compare_inventory(site, shown, whole=True)
        listed = nodes(shown, "mirroredActions")
        self.compare_actions(site, listed, whole=True)
        assert {self.ours[one["id"]] for one in listed} == site.actions.keys()
        same(site_row(shown), our_site_row(site, whole=True))

    def compare_inventory(self, site: Site, shown: Json, *, whole: bool) -> None:
        if "servers" in shown:
            self.compare_design(site, shown, whole=whole)
        self.learn_cameras(site, nodes(shown, "cameras"))
        cameras = {self.ours[one["id"]]: camera_row(one, self.ours) for one in nodes(shown, "cameras")}
        same(cameras, {key: our_camera_row(site, one, whole=whole) for key, one in site.cameras.items()})

    def compare_design(self, site: Site, shown: Json, *, whole: bool) -> None:
        self.learn_pairings(site, nodes(shown, "pairings"))
        servers = {self.ours[one["id"]]: server_row(one, self.ours) for one in nodes(shown, "servers")}
        same(servers, {key: our_server_row(site, one, whole=whole) for key, one in site.servers.items()})
        pairings = {self.ours[one["id"]]: pairing_row(one, self.ours) for one in nodes(shown, "pairings")}
        same(pairings, {key: our_pairing_row(one) for key, one in site.pairings.items()})

    def compare_actions(self, site: Site, shown: list[Json], *, whole: bool) -> None:
        self.learn_actions(site, shown, whole=whole)
        seen = {self.ours[one["id"]]: action_row(one, self.ours) for one in shown}
        same(seen, {key: our_action_row(site, site.actions[key], self.real, whole=whole) for key in seen})

    def learn_pairings(self, site: Site, shown: list[Json]) -> None:
        by_members = {frozenset(one.homes): one.id for one in site.pairings.values()}
        for one in shown:
            if one["id"] not in self.ours:
                members = frozenset(self.ours[each["server"]["id"]] for each in one["primaries"])
                self.know(by_members[members], one["id"])

    def learn_cameras(self, site: Site, shown: list[Json]) -> None:
        unknown = {our_place(one): one.id for one in site.cameras.values() if one.id not in self.real}
        seen = {place_of(one, self.ours): one["id"] for one in shown if one["id"] not in self.ours}
        assert seen.keys() == unknown.keys(), f"new cameras: {seen.keys()} are not {unknown.keys()}"
        for place, real_id in seen.items():
            self.know(unknown[place], real_id)

    def learn_actions(self, site: Site, shown: list[Json], *, whole: bool) -> None:
        """New actions are told apart by all that is shown of them."""
        unknown = [
            (our_action_row(site, one, self.real, whole=whole), one.id)
            for one in site.actions.values()
            if one.id not in self.real
        ]
        seen = [(action_row(one, self.ours), one["id"]) for one in shown if one["id"] not in self.ours]
        for row, real_id in list(seen):
            for found in unknown:
                if found[0] == row:
                    self.know(found[1], real_id)
                    unknown.remove(found)
                    seen.remove((row, real_id))
                    break
        assert (seen, unknown) == ([], []), f"new actions:\n {lines(seen)}\nare not\n {lines(unknown)}"

    async def compare_events(
        self, site: Site, after: int, told: Sequence[Event], named: Sequence[str]
    ) -> None:
        """The log tells what changed, once each, in the order that is promised, and without a gap."""
        log = await self.connection.fetch(NEW_EVENTS, self.uuid(site), after)
        seen = Counter((one["kind"], self.subject(one)) for one in log)
        expected = Counter((one.kind, one.subject if one.subject in self.real else "?") for one in told)
        gone = {one["subject_id"] for one in log if one["kind"] == "CAMERA_REMOVED"}
        passing = [one for one in log if is_idle(one) or is_last(one, gone)]
        idle = Counter((one["kind"], self.subject(one)) for one in passing) - expected
        site.revision += idle.total()
        same(seen - idle, expected)
        assert [one["revision"] for one in log] == list(range(after + 1, site.revision + 1))
        assert [one["end_of_change"] for one in log] == [False] * (len(log) - 1) + [True] * bool(log)
        ranks = [rank(one) for one in log]
        assert ranks == sorted(ranks), f"out of order: {[(one['kind'], rank(one)) for one in log]}"
        ended = [self.subject(one) for one in log if rank(one) == ENDED_RANK]
        first = [one for one in dict.fromkeys(named) if one in ended]
        assert ended[: len(first)] == first, f"{ended} do not begin with {first}, as they were named"

    def subject(self, event: Any) -> str:  # noqa: ANN401 - a row
        kind = event["kind"].split("_")[0].lower()
        name = {"mirrored": "action", "mode": "site", "sync": "site", "inventory": "site"}.get(kind, kind)
        return self.ours.get(f"{name}_{event['subject_id'].hex}", "?")

    def compare_answer(
        self, mutation: str, given: Given, before: Site | None, expected: Answer, body: Json
    ) -> None:
        if mutation == "deleteSite":
            assert body["siteId"] == self.real[given["siteId"]]
            return
        site = expected.site
        assert site is not None
        if "mirrored" in body:
            dry_run = given.get("dryRun", False)
            changed = bool(expected.events) and not dry_run
            assert (body["dryRun"], body["changeId"] is not None) == (dry_run, changed)
            assert body["revision"] == (before.revision if dry_run and before else site.revision)
            self.compare_mirrored(expected, body["mirrored"])
        self.compare_values(expected.values, body, dry_run=given.get("dryRun", False))

    def compare_mirrored(self, expected: Answer, body: Json) -> None:
        planned = [one.after for one in expected.events if one.subject in expected.planned]
        rows = [our_planned_row(one, self.real) for one in planned if isinstance(one, Action)]
        seen = [planned_row(one, self.ours) for one in body["actions"]]
        same(Counter(map(frozen, seen)), Counter(map(frozen, rows)))
        statuses = Counter(str(one["status"]) for one in rows)
        assert [body[one.lower()] for one in ("QUEUED", "BLOCKED", "SUPPRESSED")] == [
            statuses[one] for one in ("QUEUED", "BLOCKED", "SUPPRESSED")
        ]

    def compare_values(self, values: Values, body: Json, *, dry_run: bool) -> None:
        """Compare what is peculiar to a mutation's answer."""
        if "impact" in values:
            same({key: body["impact"][key] for key in values["impact"]}, values["impact"])
        if "accepted" in values:
            rejected = [(self.ours.get(one["actionId"]), one["status"]) for one in body["rejected"]]
            same(
                {"accepted": body["accepted"], "rejected": Counter(rejected)},
                {"accepted": values["accepted"], "rejected": Counter(values["rejected"])},
            )
        if "unchanged" in values:
            same({key: body[key] for key in COUNTS}, {key: values[key] for key in COUNTS})
        if "mirroredAction" in values:
            wanted = None if dry_run else values["mirroredAction"]
            node = body["mirroredAction"]
            assert (self.ours.get(node["id"]) if node else None) == wanted
        if "planned" in values:
            plans = values["planned"] if isinstance(values["planned"], list) else [values["planned"]]
            shown = body["planned"] if isinstance(body["planned"], list) else [body["planned"]]
            for plan, node in zip(plans, shown, strict=True):
                self.compare_plan(plan, node)

    def compare_plan(self, plan: Values, node: Json) -> None:
        def name(one: str) -> str:
            return next(site.servers[one].name for site in self.world.sites.values() if one in site.servers)

        seen = {
            "homes": {one["server"]["name"]: one["secondary"]["name"] for one in node["primaries"]},
            "secondaries": {one["name"] for one in node["secondaries"]},
        }
        wanted = {
            "homes": {name(one): name(home) for one, home in plan["homes"].items()},
            "secondaries": {name(one) for one in plan["secondaries"]},
        }
        same(seen | {key: node[key] for key in PLANNED}, wanted | {key: plan[key] for key in PLANNED})

    async def compare_fold(self, site: Site) -> None:
        """The events since an older state lead from it to the present one."""
        if site.id in self.older:
            revision, older = self.older[site.id]
            events = await self.connection.fetch(NEW_EVENTS, self.uuid(site), revision)
            present = await snapshot(self.connection, self.uuid(site))
            for noun, rows in fold(older, events).items():
                same(rows, present[noun])

    def uuid(self, site: Site) -> str:
        return self.real[site.id].removeprefix("site_")

    async def sound(self) -> None:
        """Nothing that must hold of the database is broken."""
        for name in FRAGILE:
            broken = await self.connection.fetch(statement(f"check_{name}"))
            assert not broken, f"{name}: {broken}"

    async def remember(self) -> None:
        """Keep the sites as they are now, to see later whether the log leads from there to then."""
        for site in self.world.sites.values():
            kept = await snapshot(self.connection, self.uuid(site))
            self.older[site.id] = (site.revision, kept)

    async def compare_all(self) -> None:
        """At the end everything is read, of all sites, and every check is asked."""
        for site in self.world.sites.values():
            if self.older.get(site.id, (0,))[0] != site.revision:
                await self.compare_whole(site)
                await self.compare_fold(site)
        assert [finding for finding in await check(self.connection) if not finding.is_fine] == []


def is_idle(event: Any) -> bool:  # noqa: ANN401 - a row
    """Whether it tells of something that was undone by the same change: an id that was given and taken again."""
    payload: Json = event["payload"]
    undone: bool = event["kind"] == "CAMERA_UPDATED" and (
        payload["before"].items() <= payload["camera"].items()
    )
    return undone


def is_last(event: Any, gone: set[Any]) -> bool:  # noqa: ANN401 - a row
    """Whether it tells what became of a camera before it left by the same change."""
    return event["subject_id"] in gone and event["kind"] in {
        "CAMERA_MOVED",
        "CAMERA_REPLACED",
        "CAMERA_UPDATED",
    }


def rank(event: Any) -> int:  # noqa: ANN401 - a row
    """Where an event belongs in its change."""
    kind = event["kind"]
    if kind == "INVENTORY_REPORTED":
        return 0
    if kind.startswith("CAMERA"):
        return 2
    if kind != "MIRRORED_ACTION":
        return 1
    action = event["payload"]["mirrored_action"]
    return ENDED_RANK if action["status"] in ENDED else ENDED_RANK + 1 + QUEUED_ORDER.index(action["action"])


def frozen(row: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(row.items()))


def lines(rows: Iterable[object]) -> str:
    return "\n ".join(map(str, rows))


def same(seen: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
    """Say only what differs: whole sites are long."""
    keys = [key for key in {**seen, **expected} if seen.get(key, "nothing") != expected.get(key, "nothing")]
    assert not keys, "\n".join(
        f"{key}: the service has {seen.get(key, 'nothing')}, the oracle {expected.get(key, 'nothing')}"
        for key in keys
    )
