"""Random inventory reports: what a recorder would say, with a few lies; some of them as it was a while ago."""

from typing import Any

from tests.oracle.state import Camera, Site
from tests.oracle.world import World
from tests.properties.choosing import HARDWARE, NAMES, Given, Numbers, pick, server, some


def line(camera: Camera) -> Given:
    """A camera as its recorder says it is."""
    names = ("macAddress", "address", "manufacturer", "model")
    hardware = {key: value for key, value in zip(names, camera.hardware, strict=True) if value is not None}
    told: Given = {"name": camera.name, "channel": camera.channel, "hardware": hardware}
    return told | ({"externalId": camera.shown_external_id} if camera.shown_external_id else {})


def lied(told: Given, number: int) -> Given:
    """Something else about a camera: its name, its hardware, an address or the recorder's own id."""
    other: tuple[dict[str, Any], ...] = (
        {"name": pick(NAMES, number)},
        {"hardware": pick(HARDWARE, number)},
        {"hardware": told["hardware"] | {"address": "192.0.2.9"}},
        {"externalId": f"e{number % 5}"},
    )
    return told | pick(other, number // 4)


def lines(held: Site, server_id: str, numbers: Numbers) -> list[Given]:
    a, b, c, _ = numbers
    told = [line(one) for one in held.on(server_id)]
    if a % 3 == 0:
        told = some(told, b)
    if told and c % 2:
        told[0] = lied(told[0], c // 2)
    if b % 3 == 0:
        told.append({"name": pick(NAMES, a), "hardware": pick(HARDWARE, b // 3)})
    return told


def report(world: World, site: Site, past: Site, numbers: Numbers) -> Given | None:
    """Report one server, or two; `past`: the site as it was read when the recorders were."""
    a, _, c, d = numbers
    found = [server(world, site, a), server(world, site, a + 1 + c % 3)][: 1 + d % 2]
    known = [one for one in dict.fromkeys(found) if one]
    reports = [
        {"serverId": one, "cameras": lines(past, one, numbers), "complete": (d // 2 + n) % 3 != 0}
        for n, one in enumerate(known)
    ]
    given: Given = {"reports": reports, "confirmSuspicious": d % 5 != 0}
    return given | ({"asOf": past.revision} if past is not site or d % 3 == 0 else {}) if known else None
