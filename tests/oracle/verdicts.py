"""What a change may answer: refusals as (code, path), or values. And what every rule needs to say so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from service.model.hardware import parse_hardware
from tests.oracle.state import Camera, Hardware, Server, Site

Path: TypeAlias = tuple[str, ...]
Given: TypeAlias = Mapping[str, Any]
Values: TypeAlias = dict[str, Any]


class RefusedError(Exception):
    """A change is refused at once, before anything else is looked at."""

    def __init__(self, code: str, *path: str) -> None:
        super().__init__(code, path)
        self.refusal = (code, path)


@dataclass
class Refusals:
    """All that stands against a change."""

    found: set[tuple[str, Path]] = field(default_factory=set)

    def add(self, code: str, *path: str) -> None:
        self.found.add((code, path))

    def add_if(self, holds: object, code: str, *path: str) -> None:
        if holds:
            self.add(code, *path)

    def server(self, site: Site, server_id: str, *path: str) -> Server | None:
        """Return a server of the site; null is refused."""
        self.add_if(server_id not in site.servers, "NOT_FOUND", *path)
        return site.servers.get(server_id)

    def camera(self, site: Site, camera_id: str, *path: str) -> Camera | None:
        self.add_if(camera_id not in site.cameras, "NOT_FOUND", *path)
        return site.cameras.get(camera_id)

    def labelled(self, server: Server | None, label: str, *path: str) -> bool:
        """Whether a server has a label; another one is refused."""
        if server is None or server.label == label:
            return server is not None
        self.add("SERVER_UNLABELED" if server.label == "UNLABELED" else "WRONG_LABEL", *path)
        return False


def hardware_of(given: Given) -> Hardware:
    """Read hardware as the service reads it; ValueError when it cannot be."""
    parsed = parse_hardware(
        given.get("macAddress"), given.get("address"), given.get("manufacturer"), given.get("model")
    )
    return Hardware(parsed.mac_address, parsed.address, parsed.manufacturer, parsed.model)


def trimmed(text: str | None) -> str | None:
    return text.strip() if text is not None else None


def repeated(items: Sequence[str]) -> Iterable[int]:
    """Where items stand that stood before."""
    return (place for place, item in enumerate(items) if item in items[:place])
