"""The oracle: several sites, and one way to change them, as the service has one. It answers what is to be answered."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from tests.oracle import design, devices, pairings, reconciling
from tests.oracle.inventory import report_inventory
from tests.oracle.judging import JUDGED
from tests.oracle.state import Camera, Event, Site, same_device
from tests.oracle.verdicts import Given, Path, RefusedError, Values

Rule = Callable[[Site, Given], design.Done]
RULES: Mapping[str, Rule] = {
    "updateSite": design.update_site,
    "registerServers": design.register_servers,
    "updateServers": design.update_servers,
    "removeServers": design.remove_servers,
    "labelServers": design.label_servers,
    "setMode": design.set_mode,
    "setSyncPolicy": design.set_sync_policy,
    "pairServers": pairings.pair_servers,
    "updatePairing": pairings.update_pairing,
    "unpairServers": pairings.unpair_servers,
    "mapCameras": design.map_cameras,
    "unmapCameras": design.unmap_cameras,
    "addCamera": devices.add_camera,
    "updateCamera": devices.update_camera,
    "moveCamera": devices.move_camera,
    "deleteCamera": devices.delete_camera,
    "replaceCamera": devices.replace_camera,
    "reportInventory": report_inventory,
    "reconcile": reconciling.reconcile,
    **JUDGED,
}
MANNERS = ("idempotencyKey", "ifRevision", "dryRun")
# Acknowledgements and retries must not spoil a preview.
NO_DESIGN = ("acknowledgeMirroredActions", "retryMirroredActions")


@dataclass
class Answer:
    """`refusals`: empty when the change was made. `planned`: the actions that it set in motion, by id."""

    refusals: set[tuple[str, Path]] = field(default_factory=set)
    values: Values = field(default_factory=dict)
    site: Site | None = None
    planned: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    replayed: bool = False


@dataclass
class World:
    """`keys`: what each idempotency key stands for: the input and its answer."""

    sites: dict[str, Site] = field(default_factory=dict)
    keys: dict[tuple[str | None, str, str], tuple[Any, Answer]] = field(default_factory=dict)

    def copy(self) -> "World":
        return World({key: one.copy() for key, one in self.sites.items()}, dict(self.keys))

    def change(self, mutation: str, given: Given) -> Answer:
        """Do a change as the service is to do it."""
        try:
            if mutation == "createSite":
                return self.create(given)
            return self.delete(given) if mutation == "deleteSite" else self.commit(mutation, given)
        except RefusedError as refused:
            return Answer({refused.refusal})

    def create(self, given: Given) -> Answer:
        key, name = (None, "createSite", given.get("idempotencyKey")), given["name"].strip()
        known = self.known(key, given)
        if known:
            return known
        if name in {one.name for one in self.sites.values()}:
            raise RefusedError("NAME_TAKEN", "name")
        site = Site(given["as"], name, revision=1, design_revision=1)
        site.events = [Event(1, "SITE_CREATED", site.id)]
        self.sites[site.id] = site
        return self.remember(key, given, Answer(site=site, events=site.events))

    def delete(self, given: Given) -> Answer:
        site = self.site(given)
        check_revision(site, given)
        if given["confirmName"].strip() != site.name:
            raise RefusedError("INVALID_INPUT", "confirmName")
        del self.sites[site.id]
        self.keys = {
            key: value
            for key, value in self.keys.items()
            if value[1].site is None or value[1].site.id != site.id
        }
        return Answer(values={"siteId": site.id}, site=site)

    def site(self, given: Given) -> Site:
        if given["siteId"] not in self.sites:
            raise RefusedError("NOT_FOUND", "siteId")
        return self.sites[given["siteId"]]

    def commit(self, mutation: str, given: Given) -> Answer:
        before = self.site(given)
        key = (before.id, mutation, given.get("idempotencyKey"))
        known = None if given.get("dryRun") else self.known(key, given)
        if known:
            return known
        check_revision(before, given)
        after = before.copy()
        refusals, values = RULES[mutation](after, given)
        if mutation == "updateSite" and after.name in self.names_but(before):
            refusals.add("NAME_TAKEN", "name")
        if refusals.found:
            return Answer(refusals.found, values)
        events = list(told(before, after, mutation))
        answer = Answer(values=values, site=after, planned=in_motion(events), events=events)
        if given.get("dryRun"):
            return answer
        after.revision += len(events)
        if events and mutation not in NO_DESIGN:
            after.design_revision = after.revision
        after.events += [one._replace(revision=after.revision) for one in events]
        self.sites[after.id] = after
        return self.remember(key, given, answer)

    def names_but(self, site: Site) -> set[str]:
        return {one.name for one in self.sites.values() if one is not site}

    def known(self, key: tuple[str | None, str, Any], given: Given) -> Answer | None:
        """Return what was answered to this key; another input is refused."""
        if key not in self.keys:
            return None
        asked, answer = self.keys[key]
        if asked != meaning(given):
            raise RefusedError("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
        again = copy(answer)
        again.replayed = True
        return again

    def remember(self, key: tuple[str | None, str, Any], given: Given, answer: Answer) -> Answer:
        if key[2] is not None:
            self.keys[key] = (meaning(given), answer)
        return answer


def meaning(given: Given) -> Values:
    return {key: value for key, value in given.items() if key not in (*MANNERS, "as")}


def check_revision(site: Site, given: Given) -> None:
    seen = given.get("ifRevision")
    if seen is not None and site.design_revision > seen:
        raise RefusedError("STALE_REVISION", "ifRevision")


def in_motion(events: list[Event]) -> list[str]:
    """The actions that a change queued, blocked or suppressed."""
    shown = ("QUEUED", "BLOCKED", "SUPPRESSED")
    return [
        one.subject
        for one in events
        if one.kind == "MIRRORED_ACTION" and getattr(one.after, "status", "") in shown
    ]


def told(before: Site, after: Site, mutation: str) -> Iterator[Event]:
    """One event per thing that changed: servers and pairings, then cameras and links, then actions."""
    rest = [*of_site(before, after), *of_servers(before, after), *of_pairings(before, after)]
    rest += [*of_cameras(before, after), *of_links(before, after)]
    for key, now in after.actions.items():
        if before.actions.get(key) != now:
            rest.append(Event(0, "MIRRORED_ACTION", key, before.actions.get(key), copy(now)))
    if rest and mutation == "reportInventory":
        yield Event(0, "INVENTORY_REPORTED", after.id)
    yield from rest


def of_site(before: Site, after: Site) -> Iterator[Event]:
    if before.name != after.name:
        yield Event(0, "SITE_UPDATED", after.id)
    if (before.mode, before.chosen) != (after.mode, after.chosen):
        yield Event(0, "MODE_SET", after.id)
    if before.policy != after.policy:
        yield Event(0, "SYNC_POLICY_SET", after.id)


def of_servers(before: Site, after: Site) -> Iterator[Event]:
    for key in before.servers.keys() | after.servers.keys():
        was, now = before.servers.get(key), after.servers.get(key)
        if was is None:
            yield Event(0, "SERVER_REGISTERED", key)
        elif now is None:
            yield Event(0, "SERVER_REMOVED", key)
        elif was.label != now.label:
            yield Event(0, "SERVER_LABELED", key)
        elif was != now:
            yield Event(0, "SERVER_UPDATED", key)


def of_pairings(before: Site, after: Site) -> Iterator[Event]:
    for key in before.pairings.keys() | after.pairings.keys():
        was, now = before.pairings.get(key), after.pairings.get(key)
        if was is None:
            yield Event(0, "PAIRING_CREATED", key)
        elif now is None:
            yield Event(0, "PAIRING_DISSOLVED", key)
        elif was != now:
            yield Event(0, "PAIRING_UPDATED", key)


def of_cameras(before: Site, after: Site) -> Iterator[Event]:
    for key in [*before.cameras, *(key for key in after.cameras if key not in before.cameras)]:
        was, now = before.cameras.get(key), after.cameras.get(key)
        facts = [kind for kind, camera in after.facts if camera == key]
        for kind in dict.fromkeys([*facts, *camera_kinds(was, now, facts)]):
            yield Event(0, kind, key, was, copy(now))


def camera_kinds(was: Camera | None, now: Camera | None, facts: list[str]) -> Iterator[str]:
    if was is None or now is None:
        yield "CAMERA_ADDED" if now else "CAMERA_REMOVED"
        return
    moved = was.server != now.server
    other = not same_device(was.hardware, now.hardware) and "CAMERA_UPDATED" not in facts
    if moved:
        yield "CAMERA_MOVED"
    if other:
        yield "CAMERA_REPLACED"
    # What a move or another device brings with it is told with it.
    replaced = other or "CAMERA_REPLACED" in facts
    about = [(one.name, one.removing, None if replaced else one.hardware) for one in (was, now)]
    other_id = was.external_id != now.external_id
    shown = not moved and was.shown_external_id != now.shown_external_id
    if about[0] != about[1] or (other_id and "CAMERA_MOVED" not in facts) or shown:
        yield "CAMERA_UPDATED"


def of_links(before: Site, after: Site) -> Iterator[Event]:
    for primary, twin in before.links.items() - after.links.items():
        yield Event(0, "CAMERA_UNLINKED", primary, other=twin)
    for primary, twin in after.links.items() - before.links.items():
        yield Event(0, "CAMERA_LINKED", primary, other=twin)
