"""What a recorder says it holds, compared with what the inventory says, and what follows from the difference."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from tests.oracle.deciding import Deed, mirror_places, mirror_replace
from tests.oracle.design import Done
from tests.oracle.devices import put, relocate, remove, retell, swap
from tests.oracle.lifecycle import take_external_id
from tests.oracle.reconciling import add_again
from tests.oracle.state import UNRESOLVED, Action, Camera, Event, Hardware, Place, Site, same_device
from tests.oracle.verdicts import Given, Refusals, Values, hardware_of, trimmed


class Thing(NamedTuple):
    """What is compared: hardware and channel."""

    hardware: Hardware
    channel: int


class Reported(NamedTuple):
    """One line of a report."""

    name: str
    thing: Thing
    external_id: str | None


def thing(camera: Camera) -> Thing:
    return Thing(camera.hardware, camera.channel)


def same(one: Thing, other: Thing) -> bool:
    return one.channel == other.channel and same_device(one.hardware, other.hardware)


def key(one: Thing) -> tuple[str | None, int]:
    return one.hardware.identity, one.channel


@dataclass
class Difference:
    """What a report says of one server. `gone`, `new`: after moves between servers are taken out."""

    server: str
    label: str
    complete: bool
    inventory: list[Camera]
    reported: list[Reported]
    skipped: int = 0
    known: int = 0
    matched: list[tuple[Camera, Reported]] = field(default_factory=list)
    replaced: list[tuple[Camera, Reported]] = field(default_factory=list)
    gone: list[Camera] = field(default_factory=list)
    new: list[Reported] = field(default_factory=list)
    left: int = 0
    requeued: list[Camera] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.inventory)


def report_inventory(site: Site, given: Given) -> Done:
    refusals = Refusals()
    as_of = given.get("asOf")
    refusals.add_if(as_of is not None and as_of > site.revision, "INVALID_INPUT", "asOf")
    for place, one in enumerate(given["reports"]):
        may_report(site, given, place, one, refusals)
    if refusals.found:
        return refusals, {}
    found = [difference(site, one, as_of) for one in given["reports"]]
    moves = list(moves_between(found))
    for one in found:
        drift(site, one)
    unsure = not given.get("confirmSuspicious") and not given.get("dryRun")
    for place, one in enumerate(found):
        refusals.add_if(unsure and suspicious(one), "SUSPICIOUS_CHANGE", "reports", str(place))
    if refusals.found:
        return refusals, {"suspicious": {one.server: counts(one) for one in found if suspicious(one)}}
    return refusals, carry_out(site, found, moves)


def may_report(site: Site, given: Given, place: int, one: Given, refusals: Refusals) -> None:
    path = ("reports", str(place))
    refusals.server(site, one["serverId"], *path, "serverId")
    before = [other["serverId"] for other in given["reports"][:place]]
    refusals.add_if(one["serverId"] in before, "INVALID_INPUT", *path, "serverId")
    empty = not one["cameras"] and not one.get("complete")
    refusals.add_if(empty, "INVALID_INPUT", *path, "cameras")
    seen: set[Any] = set()
    for line, item in enumerate(one["cameras"]):
        reported = read(item)
        at = (*path, "cameras", str(line))
        refusals.add_if(key(reported.thing) in seen, "INVALID_INPUT", *at, "hardware")
        twice = reported.external_id is not None and reported.external_id in seen
        refusals.add_if(twice, "INVALID_INPUT", *at, "externalId")
        seen |= {key(reported.thing), reported.external_id}


def read(item: Given) -> Reported:
    held = Thing(hardware_of(item["hardware"]), item.get("channel", 0))
    return Reported(item["name"].strip(), held, trimmed(item.get("externalId")))


def difference(site: Site, one: Given, as_of: int | None) -> Difference:
    """Compare one report with the inventory of its server."""
    server = one["serverId"]
    items = [read(item) for item in one["cameras"]]
    inventory = site.on(server)
    found = Difference(server, site.label(server), one.get("complete", False), inventory, items)
    things = list(not_compared_things(site, server, as_of))
    named = named_since(site, as_of)
    passed_over = [
        camera
        for camera in inventory
        if busy(site, camera) or camera.id in named or any(same(thing(camera), other) for other in things)
    ]
    skipped = [item for item in items if not comparable(item, things, passed_over)]
    found.skipped = len(skipped)
    if found.complete:
        found.skipped += sum(
            not any(same(thing(camera), item.thing) for item in items) for camera in passed_over
        )
    cameras = [camera for camera in inventory if camera not in passed_over]
    match(found, cameras, [item for item in items if item not in skipped])
    found.known = len(found.matched) + len(skipped)
    return found


def busy(site: Site, camera: Camera) -> bool:
    return camera.removing or bool(site.unresolved(camera))


def comparable(item: Reported, things: list[Thing], passed_over: list[Camera]) -> bool:
    ids = {camera.shown_external_id for camera in passed_over} - {None}
    others = [*things, *(thing(camera) for camera in passed_over)]
    return item.external_id not in ids and not any(same(item.thing, other) for other in others)


def not_compared_things(site: Site, server: str, as_of: int | None) -> Iterator[Thing]:
    """The hardware that unresolved actions bring or take away, and that later events name on this server."""
    for action in site.actions.values():
        if action.status in UNRESOLVED and server in {action.target_server, action.left}:
            yield from of_action(action)
            if action.target in site.cameras:
                yield from of_camera(site.cameras[action.target])
    for camera in site.cameras.values():
        confirmed_there = camera.confirmed and camera.confirmed.server == server
        if busy(site, camera) and (camera.server == server or confirmed_there):
            yield from of_camera(camera)
    for event in since(site, as_of):
        yield from of_event(event, server)


def since(site: Site, as_of: int | None) -> list[Event]:
    return [] if as_of is None else [one for one in site.events if one.revision > as_of]


def of_action(action: Action) -> Iterator[Thing]:
    yield Thing(action.device.hardware, action.device.channel)
    if action.previous:
        yield Thing(action.previous, action.device.channel)


def of_camera(camera: Camera) -> Iterator[Thing]:
    yield thing(camera)
    if camera.confirmed:
        yield Thing(camera.confirmed.hardware, camera.channel)


def of_event(event: Event, server: str) -> Iterator[Thing]:
    states = [one for one in (event.before, event.after) if one]
    for one in states:
        if isinstance(one, Action) and server in {one.target_server, one.left, one.source_server}:
            yield from of_action(one)
    cameras = [one for one in states if isinstance(one, Camera)]
    if any(one.server == server for one in cameras):
        yield from (thing(one) for one in cameras)


def named_since(site: Site, as_of: int | None) -> set[str]:
    """The cameras that later events name."""
    named: set[str] = set()
    for event in since(site, as_of):
        named |= {event.subject, event.other or ""}
        if isinstance(event.after, Action):
            named |= {event.after.source or "", event.after.target or ""}
    return named


def match(found: Difference, cameras: list[Camera], items: list[Reported]) -> None:
    """Match by identity, by address, by the recorder's own id, and by name."""
    pairs = [(one, item) for one in cameras for item in items if key(thing(one)) == key(item.thing)]
    take(found.matched, pairs, cameras, items)
    near = [(one, item) for one in cameras for item in items if same(thing(one), item.thing)]
    take(found.matched, only(near), cameras, items)
    known = [
        (one, item)
        for one in cameras
        for item in items
        if item.external_id
        and one.shown_external_id == item.external_id
        and one.channel == item.thing.channel
    ]
    take(found.replaced, known, cameras, items)
    if found.complete:
        take(found.replaced, list(by_name(found, cameras, items)), cameras, items)
        found.gone = cameras
    found.new = items


def take(
    into: list[tuple[Camera, Reported]],
    pairs: list[tuple[Camera, Reported]],
    cameras: list[Camera],
    items: list[Reported],
) -> None:
    for one, item in pairs:
        cameras.remove(one)
        items.remove(item)
        into.append((one, item))


def only(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The pairs whose ends are in no other pair."""
    return [
        (one, other)
        for one, other in pairs
        if sum(each is one for each, _ in pairs) == 1 and sum(each is other for _, each in pairs) == 1
    ]


def by_name(
    found: Difference, cameras: list[Camera], items: list[Reported]
) -> Iterator[tuple[Camera, Reported]]:
    held = [(one.name, one.channel) for one in found.inventory]
    told = [(one.name, one.thing.channel) for one in found.reported]
    for one in cameras:
        for item in items:
            place = (item.name, item.thing.channel)
            alone = held.count(place) == told.count(place) == 1
            if (one.name, one.channel) == place and alone:
                yield one, item


Gone: TypeAlias = tuple[Camera, Difference]
New: TypeAlias = tuple[Reported, Difference]


def moves_between(found: list[Difference]) -> Iterator[tuple[Camera, Reported, str]]:
    """Take out what is gone from one primary and new on another; both reports must be complete."""
    complete = [one for one in found if one.complete and one.label == "PRIMARY"]
    for known in (exactly, by_address):
        gone = [(camera, one) for one in complete for camera in one.gone]
        new = [(item, one) for one in complete for item in one.new]
        pairs = [
            (one, other) for one in gone for other in new if one[1] is not other[1] and known(one, other)
        ]
        for (camera, left), (item, to) in [one for one in lone(pairs) if no_doubt(one, pairs)]:
            left.gone.remove(camera)
            left.left += 1
            to.new.remove(item)
            yield camera, item, to.server


def exactly(gone: Gone, new: New) -> bool:
    return key(thing(gone[0])) == key(new[0].thing)


def by_address(gone: Gone, new: New) -> bool:
    """The same address, where one lacks a MAC address; a MAC that the other server has is of another device."""
    (camera, _), (item, to) = gone, new
    there = [thing(one) for one in to.inventory] + [one.thing for one in to.reported]
    macs = {one.hardware.mac for one in there if one.channel == camera.channel}
    return same(thing(camera), item.thing) and (
        camera.hardware.mac is None or camera.hardware.mac not in macs
    )


def lone(pairs: list[tuple[Gone, New]]) -> list[tuple[Gone, New]]:
    """The pairs whose ends are in no other pair."""
    return [
        pair
        for pair in pairs
        if sum(other[0][0] is pair[0][0] for other in pairs) == 1
        and sum(other[1][0] is pair[1][0] for other in pairs) == 1
    ]


def no_doubt(pair: tuple[Gone, New], pairs: list[tuple[Gone, New]]) -> bool:
    """No server takes in two cameras of one MAC address; two known exactly are never two."""
    (camera, _), (_, to) = pair
    mac = camera.hardware.mac
    bearers = [
        one
        for (one, _), (_, other) in pairs
        if other is to and (one.hardware.mac, one.channel) == (mac, camera.channel)
    ]
    return mac is None or len(bearers) == 1


def drift(site: Site, one: Difference) -> None:
    """On a secondary a linked camera that is missing is drift; where its link does not count, it is skipped."""
    if one.label != "SECONDARY":
        return
    for camera in list(one.gone):
        counterpart = site.counterpart(camera)
        if counterpart:
            one.gone.remove(camera)
            if site.counts(camera, counterpart):
                one.requeued.append(camera)
            else:
                one.skipped += 1


def counts(one: Difference) -> Values:
    return {
        "adds": len(one.new),
        "deletes": len(one.gone),
        "replaces": len(one.replaced),
        "moves": one.left,
        "requeues": len(one.requeued),
        "of": one.total,
    }


def suspicious(one: Difference) -> bool:
    lost = len(one.gone) + len(one.requeued)
    touched = lost + len(one.replaced) + one.left
    strangers = len(one.reported) > 5 and one.total > 0 and one.known == 0
    return (lost == one.total > 0) or (touched > 5 and touched * 10 > one.total) or strangers


def carry_out(site: Site, found: list[Difference], moves: list[tuple[Camera, Reported, str]]) -> Values:
    """All facts are recorded before any is mirrored: DELETE, MOVE, REPLACE, ADD; then what is queued again."""
    updated = [camera for one in found for camera, item in one.matched if update(site, camera, item)]
    moved = [(camera, move(site, camera, item, server)) for camera, item, server in moves]
    replaced = [
        (one.label, camera) for one in found for camera, item in one.replaced if replace(site, camera, item)
    ]
    requeued = [camera for one in found for camera in one.requeued]
    for camera in requeued:
        camera.confirmed = camera.external_id = None
    for label, camera in [(one.label, camera) for one in found for camera in one.gone]:
        site.leave(camera) if label == "UNLABELED" else remove(site, camera)
    added = [(one.label, add(site, one, item)) for one in found for item in one.new]
    mirror_places(site, moved)
    for camera in by_side(replaced):
        mirror_replace(site, camera)
    for label in ("PRIMARY", "SECONDARY"):
        mirror_places(site, [(one, Deed("ADD", one.server)) for at, one in added if at == label])
    for camera in requeued:
        # Its primary's camera may be gone by the same call, and it with that.
        if camera.id in site.cameras and not camera.removing:
            add_again(site, camera, "BACKUP")
    matched = sum(len(one.matched) for one in found)
    return {
        "added": sum(len(one.new) for one in found),
        "deleted": sum(len(one.gone) for one in found),
        "replaced": sum(len(one.replaced) for one in found),
        "moved": len(moved),
        "updated": len(updated),
        "unchanged": matched - len(updated),
        "skipped": sum(one.skipped for one in found),
        "requeued": len(requeued),
    }


def update(site: Site, camera: Camera, item: Reported) -> bool:
    """Take over what a recorder says of a camera that it holds as it should; false: nothing is new."""
    told = {name: value for name, value in item.thing.hardware._asdict().items() if value is not None}
    hardware = camera.hardware._replace(**told)
    rename = camera.name != item.name
    other_id = item.external_id is not None and camera.external_id != item.external_id
    changed = hardware != camera.hardware or rename or other_id
    retell(camera, hardware)
    describe(site, camera, item)
    return changed


def describe(site: Site, camera: Camera, item: Reported) -> None:
    camera.name = item.name
    if item.external_id is not None:
        take_external_id(site, camera, item.external_id)


def by_side(found: list[tuple[str, Camera]]) -> list[Camera]:
    """Those on primaries first, then those on secondaries; others are out of scope."""
    return [camera for side in ("PRIMARY", "SECONDARY") for label, camera in found if label == side]


def move(site: Site, camera: Camera, item: Reported, server: str) -> Deed:
    camera.hardware = item.thing.hardware
    camera.confirmed = Place(camera.server, camera.hardware)
    camera.name = item.name
    deed = relocate(site, camera, server)
    describe(site, camera, item)
    return deed


def replace(site: Site, camera: Camera, item: Reported) -> bool:
    describe(site, camera, item)
    swap(site, camera, item.thing.hardware)
    return True


def add(site: Site, one: Difference, item: Reported) -> Camera:
    camera = put(site, one.server, item.name, item.thing.channel, item.thing.hardware)
    describe(site, camera, item)
    return camera
