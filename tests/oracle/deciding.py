"""What a fact or a choice means for the other side: the first rule that applies, and what then follows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.oracle.lifecycle import Wish, new_action, release, wish
from tests.oracle.state import Action, Camera, Device, Pairing, Place, Site, held, same_device


class Deed(NamedTuple):
    """A device action that happened: on a server (of a move, the one moved to; `left`: the other)."""

    action: str
    server: str
    left: str | None = None


def direction_of(site: Site, server: str) -> str:
    return "BACKUP" if site.label(server) == "PRIMARY" else "RESTORE"


def first_gate(site: Site, deed: Deed) -> str | None:
    """Return why a device action is not mirrored, as far as that does not depend on the camera."""
    direction = direction_of(site, deed.server)
    if not site.policy[deed.action.lower()]:
        return "ACTION_DISABLED"
    if not site.policy[direction.lower()]:
        return "DIRECTION_DISABLED"
    if site.mode == "MANUAL":
        return "MANUAL_MODE" if deed.action in {"ADD", "MOVE"} else None
    at, from_ = site.pairing_of(deed.server), site.pairing_of(deed.left) if deed.left else None
    if not at:
        return "DESTINATION_UNPAIRED" if from_ else "SERVER_UNPAIRED"
    pooled = any(one.style == "ASYMMETRIC" for one in (at, from_) if one)
    if pooled and direction == "RESTORE" and deed.action in {"ADD", "MOVE"}:
        return "ASYMMETRIC_RESTORE"
    return None


def partner(pairing: Pairing, server: str) -> str:
    """Where the cameras of a server belong on the other side (of a secondary: in a symmetric pairing)."""
    return pairing.homes[server] if server in pairing.homes else next(iter(pairing.homes))


def suppress(
    site: Site, kind: str, why: Wish, camera: Camera, reason: str, target: str | None = None
) -> Action:
    """Record that the other side has nothing to do."""
    external_id = None if target else camera.shown_external_id
    device = Device(camera.name, camera.channel, camera.hardware, external_id)
    made = new_action(site, why, kind, "SUPPRESSED", device)
    made.reason, made.target_server = reason, target
    return made


def make_twin(site: Site, camera: Camera, server: str) -> Camera:
    twin = Camera(site.new_id("c"), server, camera.name, camera.channel, camera.hardware)
    site.cameras[twin.id] = twin
    site.link(camera, twin)
    return twin


def adopt(site: Site, camera: Camera, found: Camera, why: Wish) -> None:
    """Link a camera that is there already; one that is on its way out is wanted again."""
    old = site.counterpart(camera)
    site.unlink(camera)
    if old:
        old.removing = True
        wish(site, old, "DELETE", why)
    site.link(camera, found)
    if found.removing:
        want_again(site, found, why)


def want_again(site: Site, found: Camera, why: Wish) -> None:
    """A DELETE that is not QUEUED is superseded; behind one that is, and behind all else, the new wish waits."""
    found.removing = False
    wish(site, found, "ADD", why)


class Wanted(NamedTuple):
    """A camera whose counterpart is to stand on a server; `kind`: how it is recorded when it cannot be."""

    camera: Camera
    server: str
    kind: str = ""


class Brought(NamedTuple):
    """What became of it: adopted, added, moved, already, occupied; and the action, if there is one."""

    result: str
    action: Action | None
    twin: str | None = None


def needed(one: Wanted, twin: Camera | None) -> Place:
    """What is to stand there: of a counterpart that moves its own hardware, else the camera's."""
    return Place(one.server, twin.hardware if twin else one.camera.hardware)


def goers(site: Site, wanted: Sequence[Wanted]) -> list[Camera]:
    """The counterparts that do not stand where they are to stand."""
    twins = [(site.counterpart(one.camera), one) for one in wanted]
    return [twin for twin, one in twins if twin and twin.server != one.server]


def waits(site: Site, one: Wanted, going: Sequence[Camera]) -> bool:
    """Whether the counterpart of another of them stands in the way, which is to leave."""
    twin = site.counterpart(one.camera)
    if twin and twin.server == one.server:
        return False
    found = held(site, needed(one, twin), one.camera.channel)
    return bool(found and found is not twin and found in going)


def bring(site: Site, wanted: Sequence[Wanted], cause: str) -> list[Brought]:
    """See that the counterparts of these cameras stand where they belong.

    One that stands in the way of another leaves first; in a ring all of them go at once.
    """
    results: dict[int, Brought] = {}
    pending = dict(enumerate(wanted))
    while pending:
        going = goers(site, list(pending.values()))
        ready = {place: one for place, one in pending.items() if not waits(site, one, going)}
        begun: list[tuple[Camera, Place]] = []
        for place, one in (ready or pending).items():
            results[place] = bring_one(site, one, cause, [] if ready else going, begun)
            going = [other for other in going if other is not site.counterpart(one.camera)]
        pending = {place: one for place, one in pending.items() if ready and place not in ready}
    return [results[place] for place in range(len(wanted))]


def rivals(one: Wanted, twin: Camera | None, begun: list[tuple[Camera, Place]]) -> bool:
    """Whether one before it wants the same device on the same server: that one gets it, or none."""
    place = needed(one, twin)
    same = [
        other
        for other, needs in begun
        if needs.server == place.server
        and other.channel == one.camera.channel
        and same_device(needs.hardware, place.hardware)
    ]
    begun.append((one.camera, place))
    return bool(same)


def bring_one(
    site: Site, one: Wanted, cause: str, leaving: Sequence[Camera], begun: list[tuple[Camera, Place]]
) -> Brought:
    camera, twin = one.camera, site.counterpart(one.camera)
    why = Wish(direction_of(site, camera.server), cause, camera.server, camera.id)
    kind = one.kind or ("MOVE" if twin else "ADD")
    if twin and twin.server == one.server:
        reason = suppress(site, kind, why, camera, "ALREADY_SO", one.server) if one.kind else None
        return Brought("already", reason)
    found = held(site, needed(one, twin), camera.channel, *leaving)
    if rivals(one, twin, begun) or (found and site.counterpart(found)):
        return Brought("occupied", suppress(site, kind, why, camera, "TARGET_OCCUPIED", one.server))
    before = len(site.actions)
    if found:
        adopt(site, camera, found, why)
        result = "adopted"
    elif twin:
        twin.server = one.server
        wish(site, twin, "MOVE", why)
        result = "moved"
    else:
        wish(site, make_twin(site, camera, one.server), "ADD", why)
        result = "added"
    made = list(site.actions.values())[before:]
    return Brought(result, made[-1] if made else None, twin.id if twin else None)


def mirror_place(site: Site, camera: Camera, deed: Deed) -> Action | None:
    """Mirror that a camera was added, or moved to another server."""
    return mirror_places(site, [(camera, deed)])[0]


def mirror_places(site: Site, placed: Sequence[tuple[Camera, Deed]]) -> list[Action | None]:
    """Mirror several at once: each sees where all the others stand."""
    actions: list[Action | None] = []
    wanted = []
    for camera, deed in placed:
        reason = first_gate(site, deed) or ("NO_COUNTERPART" if camera.removing else None)
        pairing = site.pairing_of(deed.server)
        if reason or not pairing:
            why = Wish(direction_of(site, deed.server), "DEVICE_ACTION", deed.server, camera.id)
            actions.append(suppress(site, deed.action, why, camera, str(reason)))
        else:
            wanted.append(Wanted(camera, partner(pairing, deed.server), deed.action))
    return actions + [one.action for one in bring(site, wanted, "DEVICE_ACTION")]


def mirror_delete(site: Site, camera: Camera) -> Action:
    """Mirror that a camera was deleted; the link ends in any case."""
    why = Wish(direction_of(site, camera.server), "DEVICE_ACTION", camera.server, camera.id)
    twin = site.counterpart(camera)
    reason = first_gate(site, Deed("DELETE", camera.server))
    if not reason and not (twin and site.counts(camera, twin)):
        reason = "NO_COUNTERPART"
    site.unlink(camera)
    if twin and not reason:
        twin.removing = True
        return wish(site, twin, "DELETE", why)
    if twin:
        release(site, twin)
    return suppress(site, "DELETE", why, camera, str(reason))


def mirror_replace(site: Site, camera: Camera, cause: str = "DEVICE_ACTION") -> Action | None:
    """Mirror that the hardware of a camera was replaced."""
    why = Wish(direction_of(site, camera.server), cause, camera.server, camera.id)
    twin = site.counterpart(camera)
    reason = first_gate(site, Deed("REPLACE", camera.server)) if cause == "DEVICE_ACTION" else None
    if reason or not twin or not site.counts(camera, twin):
        return suppress(site, "REPLACE", why, camera, reason or "NO_COUNTERPART")
    if same_device(twin.hardware, camera.hardware):
        return suppress(site, "REPLACE", why, camera, "ALREADY_SO", twin.server)
    found = held(site, Place(twin.server, camera.hardware), camera.channel, twin)
    if found and site.counterpart(found):
        return suppress(site, "REPLACE", why, camera, "TARGET_OCCUPIED", twin.server)
    if found:
        adopt(site, camera, found, why)
        return list(site.actions.values())[-1]
    twin.hardware = camera.hardware
    return wish(site, twin, "REPLACE", why)


def sources(site: Site, server: str) -> Iterator[Camera]:
    """The cameras of a server that something can be made of: not those on their way out."""
    return iter(sorted((one for one in site.on(server) if not one.removing), key=lambda one: one.name))
