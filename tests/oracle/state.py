"""What the oracle knows of a site: plain values, few enough to copy. A dry run is a copy that is thrown away.

Ids are the oracle's own, such as "#A.c3"; whoever compares has to know which id of the service each stands for.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

SWITCHES = ("backup", "restore", "add", "move", "delete", "replace")
UNRESOLVED = ("QUEUED", "BLOCKED", "FAILED")


class Hardware(NamedTuple):
    mac: str | None
    address: str | None
    manufacturer: str | None = None
    model: str | None = None

    @property
    def identity(self) -> str | None:
        return self.mac or self.address


def same_device(one: Hardware, other: Hardware) -> bool:
    """Equal MAC addresses; where either lacks one, equal addresses."""
    if one.mac and other.mac:
        return one.mac == other.mac
    return one.address is not None and one.address == other.address


class Place(NamedTuple):
    """Where a camera is, and what it is there."""

    server: str
    hardware: Hardware


class Device(NamedTuple):
    """What an action tells the recorder of the device."""

    name: str
    channel: int
    hardware: Hardware
    external_id: str | None


@dataclass(slots=True)
class Server:
    id: str
    name: str
    label: str = "UNLABELED"
    address: str | None = None
    external_id: str | None = None
    max_cameras: int | None = None


@dataclass(slots=True)
class Camera:
    """`asked`: what the last action that was sent for it asked for. `external_id` is of `owner`'s giving."""

    id: str
    server: str
    name: str
    channel: int
    hardware: Hardware
    confirmed: Place | None = None
    asked: Place | None = None
    external_id: str | None = None
    removing: bool = False

    @property
    def owner(self) -> str:
        return self.confirmed.server if self.confirmed else self.server

    @property
    def shown_external_id(self) -> str | None:
        return self.external_id if self.owner == self.server else None


@dataclass(slots=True)
class Pairing:
    """`homes`: primary -> its home secondary."""

    id: str
    style: str
    homes: dict[str, str]
    secondaries: set[str]

    @property
    def members(self) -> set[str]:
        return set(self.homes) | self.secondaries


@dataclass(slots=True)
class Action:
    """`source`, `target`: cameras; without a source it was queued for a camera that had no link."""

    id: str
    action: str
    direction: str
    cause: str
    status: str
    source_server: str | None
    source: str | None
    device: Device
    target_server: str | None = None
    left: str | None = None
    target: str | None = None
    previous: Hardware | None = None
    reason: str | None = None
    blocked: str | None = None
    attempts: int = 0
    error: str | None = None
    note: str | None = None
    outcome: str | None = field(default=None, compare=False)


class Event(NamedTuple):
    """Something that changed in the change that ended with `revision`; null: it was not there. `other`: of a link."""

    revision: int
    kind: str
    subject: str
    before: Camera | Action | None = None
    after: Camera | Action | None = None
    other: str | None = None


@dataclass(slots=True)
class Site:
    """`links`: camera on a primary -> its twin. `serial` numbers what is made.

    `facts`: (kind, camera) of what happened to cameras in the change under way, to be told even where it was wanted.
    """

    id: str
    name: str
    mode: str = "AUTO"
    chosen: bool = False
    policy: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SWITCHES, True))
    servers: dict[str, Server] = field(default_factory=dict)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    revision: int = 0
    design_revision: int = 0
    serial: int = 0
    facts: list[tuple[str, str]] = field(default_factory=list)

    def copy(self) -> "Site":
        one = copy(self)
        one.policy, one.links, one.events = dict(self.policy), dict(self.links), list(self.events)
        one.facts = []
        one.servers = {key: copy(value) for key, value in self.servers.items()}
        one.cameras = {key: copy(value) for key, value in self.cameras.items()}
        one.actions = {key: copy(value) for key, value in self.actions.items()}
        one.pairings = {
            key: Pairing(value.id, value.style, dict(value.homes), set(value.secondaries))
            for key, value in self.pairings.items()
        }
        return one

    def new_id(self, kind: str) -> str:
        self.serial += 1
        return f"#{self.id}.{kind}{self.serial}"

    def label(self, server: str) -> str:
        return self.servers[server].label

    def side(self, camera: Camera) -> str:
        return self.servers[camera.server].label

    def labelled(self, label: str) -> list[Server]:
        return [one for one in self.servers.values() if one.label == label]

    @property
    def labeling_complete(self) -> bool:
        return bool(self.labelled("PRIMARY") and self.labelled("SECONDARY"))

    def pairing_of(self, server: str) -> Pairing | None:
        return next((one for one in self.pairings.values() if server in one.members), None)

    def on(self, server: str) -> list[Camera]:
        """What stands, or is wanted, on a server."""
        return [one for one in self.cameras.values() if one.server == server]

    def counterpart(self, camera: Camera) -> Camera | None:
        for primary, twin in self.links.items():
            if camera.id in {primary, twin}:
                return self.cameras[twin if camera.id == primary else primary]
        return None

    def counts(self, one: Camera, other: Camera) -> bool:
        """Whether the link between two cameras counts."""
        if self.mode == "MANUAL":
            return True
        pairing = self.pairing_of(one.server)
        return pairing is not None and other.server in pairing.members

    def link(self, one: Camera, other: Camera) -> None:
        primary, twin = (one, other) if self.side(one) == "PRIMARY" else (other, one)
        self.links[primary.id] = twin.id

    def unlink(self, camera: Camera) -> None:
        self.links = {
            primary: twin for primary, twin in self.links.items() if camera.id not in {primary, twin}
        }

    def leave(self, camera: Camera) -> None:
        """Take a camera out of the inventory."""
        self.unlink(camera)
        del self.cameras[camera.id]

    def unresolved(self, camera: Camera) -> list[Action]:
        """Its unresolved actions, oldest first: one QUEUED or FAILED, and one BLOCKED at most."""
        return [one for one in self.actions.values() if one.target == camera.id and one.status in UNRESOLVED]

    def under_way(self, camera: Camera) -> Action | None:
        return next((one for one in self.unresolved(camera) if one.status == "QUEUED"), None)

    def waiting(self, camera: Camera) -> Action | None:
        return next((one for one in self.unresolved(camera) if one.status == "BLOCKED"), None)

    def last_action(self, camera: Camera) -> Action | None:
        return next((one for one in reversed(self.actions.values()) if one.target == camera.id), None)


def alike(cameras: list[Camera], hardware: Hardware, channel: int) -> Camera | None:
    """Find the camera among these that is the same hardware."""
    candidates = [one for one in cameras if one.channel == channel]
    for one in candidates:
        if one.hardware.identity == hardware.identity:
            return one
    near = [one for one in candidates if same_device(one.hardware, hardware)]
    return near[0] if len(near) == 1 else None


def held(site: Site, place: Place, channel: int, *but: Camera) -> Camera | None:
    """Find the camera that stands, or is wanted, in a place; cameras to overlook may be named."""
    overlooked = {one.id for one in but}
    there = [one for one in site.on(place.server) if one.id not in overlooked]
    return alike(there, place.hardware, channel)


def taken(site: Site, place: Place, channel: int, *but: Camera) -> bool:
    """Whether a camera of that very identity stands, or is wanted, in a place; cameras to overlook may be named."""
    overlooked = {one.id for one in but}
    return any(
        one.hardware.identity == place.hardware.identity and one.channel == channel
        for one in site.on(place.server)
        if one.id not in overlooked
    )


def links_that_count(site: Site) -> Iterator[tuple[Camera, Camera]]:
    for primary, twin in site.links.items():
        one, other = site.cameras[primary], site.cameras[twin]
        if site.counts(one, other):
            yield one, other


def protection(site: Site, camera: Camera) -> str | None:
    """How well a primary's camera is covered; null of others."""
    if site.side(camera) != "PRIMARY" or camera.removing:
        return None
    twin = site.counterpart(camera)
    if not twin or not site.counts(camera, twin) or not same_device(camera.hardware, twin.hardware):
        return "UNPROTECTED"
    statuses = {one.status for one in site.unresolved(twin)}
    if "FAILED" in statuses:
        return "FAILED"
    return "PENDING" if statuses or not twin.confirmed else "PROTECTED"
