"""Queueing what makes recorders equal to the design."""

from tests.oracle.deciding import Wanted, bring, mirror_replace, sources
from tests.oracle.design import Done
from tests.oracle.lifecycle import Wish, retry, wish
from tests.oracle.state import Camera, Site, same_device
from tests.oracle.verdicts import Given, Refusals

LABELS = {"BACKUP": "SECONDARY", "RESTORE": "PRIMARY"}


def reconcile(site: Site, given: Given) -> Done:
    refusals, direction = Refusals(), given.get("direction", "BACKUP")
    named = scope(site, given, LABELS[direction], refusals)
    if refusals.found:
        return refusals, {}
    everything = {one.id for one in site.labelled(LABELS[direction])}
    servers = everything if named is None else named
    doubted = doubt(site, named or set())
    quiet = {camera.id for camera in site.cameras.values() if not camera.removing and free(site, camera)}
    if direction == "BACKUP" and site.mode == "AUTO":
        wanted = [one for one in missing_twins(site, servers) if one.camera.id in quiet]
        bring(site, wanted, "RECONCILE")
    align_hardware(site, servers, direction, quiet)
    for action in list(site.actions.values()):
        if action.status == "FAILED" and action.direction == direction and action.target_server in servers:
            retry(site, action)
    for camera in doubted:
        if camera.id in site.cameras and not site.unresolved(camera):
            add_again(site, camera, direction)
    return refusals, {}


def scope(site: Site, given: Given, label: str, refusals: Refusals) -> set[str] | None:
    """The servers that are named; null: none is."""
    servers = set()
    for place, one in enumerate(given.get("serverIds") or ()):
        server = refusals.server(site, one, "serverIds", str(place))
        wrong = server and server.label != label
        refusals.add_if(wrong, "WRONG_LABEL", "serverIds", str(place))
        servers.add(one)
    for place, one in enumerate(given.get("pairingIds") or ()):
        refusals.add_if(one not in site.pairings, "NOT_FOUND", "pairingIds", str(place))
        members = site.pairings[one].members if one in site.pairings else set()
        servers |= {member for member in members if site.label(member) == label}
    return servers if given.get("serverIds") or given.get("pairingIds") else None


def doubt(site: Site, servers: set[str]) -> list[Camera]:
    """Nothing counts as confirmed on these servers, but where something is under way."""
    doubted = []
    for camera in site.cameras.values():
        there = camera.confirmed and camera.confirmed.server == camera.server
        busy = {one.status for one in site.unresolved(camera)} & {"QUEUED", "BLOCKED"}
        if camera.server in servers and there and not camera.removing and not busy:
            camera.confirmed = camera.external_id = None
            doubted.append(camera)
    return doubted


def free(site: Site, camera: Camera) -> bool:
    """Whether nothing is under way at the other end of a camera's link."""
    twin = site.counterpart(camera)
    return not twin or not {one.status for one in site.unresolved(twin)} & {"QUEUED", "BLOCKED"}


def missing_twins(site: Site, servers: set[str]) -> list[Wanted]:
    """The cameras of paired primaries whose home is one of these servers."""
    homes = {primary: home for one in site.pairings.values() for primary, home in one.homes.items()}
    return [
        Wanted(camera, home)
        for primary, home in homes.items()
        if home in servers
        for camera in sources(site, primary)
    ]


def align_hardware(site: Site, servers: set[str], direction: str, quiet: set[str]) -> None:
    """Where other hardware is wanted at the two ends of a link that counts, the target's is to be replaced."""
    for source in list(site.cameras.values()):
        target = site.counterpart(source) if source.id in site.cameras else None
        other_side = target and site.side(target) == LABELS[direction] and target.server in servers
        if not target or not other_side or source.id not in quiet:
            continue
        if site.counts(source, target) and not same_device(source.hardware, target.hardware):
            mirror_replace(site, source, "RECONCILE")


def add_again(site: Site, camera: Camera, direction: str, cause: str = "RECONCILE") -> None:
    source = site.counterpart(camera)
    why = Wish(direction, cause, source.server if source else None, source.id if source else None)
    wish(site, camera, "ADD", why)
