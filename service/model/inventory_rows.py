"""The rows of a file that `import` reads, whatever its form, with what is wrong beside them.

A VMS exports user names and passwords in plain text: no message repeats what a field holds.
"""

from dataclasses import dataclass, field

from service.model.hardware import Hardware, clean_text


class InventoryFileError(ValueError):
    """The file cannot be read at all; its text is a sentence for the person who gave the file."""


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server that the file names; None wherever the file says nothing."""

    name: str
    external_id: str | None = None
    address: str | None = None
    label: str | None = None
    max_cameras: int | None = None


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera; `where` is "line 12" (the first of its record) or "servers[0].cameras[3]" (from 0)."""

    where: str
    server_name: str
    name: str
    channel: int
    hardware: Hardware
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that cannot be imported, and sentences that say why without repeating its fields."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class InventoryFile:
    """What a file holds, in its order: servers unique by name, and every camera's server among them."""

    servers: tuple[ServerRow, ...]
    cameras: tuple[CameraRow, ...]
    bad: tuple[BadRow, ...]


@dataclass(slots=True)
class InventoryRows:
    """The file as it grows, with the indexes that show contradictions; ValueError leaves it as it was."""

    servers: dict[str, ServerRow] = field(default_factory=dict)
    cameras: list[CameraRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    _server_names: dict[str, str] = field(default_factory=dict)
    _places: dict[tuple[str, str, str, int], str] = field(default_factory=dict)

    def add(self, server: ServerRow, camera: CameraRow) -> None:
        """Add a camera with all that its record says of its server."""
        if self.servers.get(server.name) is server:
            self.add_camera(camera)
            return
        self._check_server(server)
        self.add_camera(camera)
        self._put_server(server)

    def add_server(self, server: ServerRow) -> None:
        """Add a server that is told of once."""
        if server.name in self.servers:
            raise ValueError("An earlier server of the file has the same name.")
        self._check_server(server)
        self._put_server(server)

    def add_camera(self, camera: CameraRow) -> None:
        """Add a camera unless its server has the same hardware and channel, or external id, already."""
        identities = _identities(camera)
        for identity in identities:
            if identity in self._places:
                raise ValueError(
                    f"Its server has the same {identity[0]} at {self._places[identity]} already."
                )
        for identity in identities:
            self._places[identity] = camera.where
        self.cameras.append(camera)

    def reject(self, where: str, reason: str) -> None:
        """Note a record that cannot be imported."""
        self.bad.append(BadRow(where, reason))

    def file(self) -> InventoryFile:
        """Return what has been added."""
        return InventoryFile(tuple(self.servers.values()), tuple(self.cameras), tuple(self.bad))

    def _check_server(self, server: ServerRow) -> None:
        known = self.servers.get(server.name, server).external_id
        if server.external_id is None:
            return
        if known not in (None, server.external_id):
            raise ValueError("An earlier record has another id for the server of this name.")
        if self._server_names.get(server.external_id, server.name) != server.name:
            raise ValueError("An earlier record has another name for the server of this id.")

    def _put_server(self, server: ServerRow) -> None:
        known = self.servers.get(server.name)
        if known is None or known.external_id is None:
            self.servers[server.name] = server
        if server.external_id is not None:
            self._server_names[server.external_id] = server.name


def _identities(camera: CameraRow) -> list[tuple[str, str, str, int]]:
    """Return what a server must hold once only, each as what it is called, server, value and channel."""
    hardware = camera.hardware.mac_address or camera.hardware.address or ""
    identities = [("hardware and channel", camera.server_name, hardware, camera.channel)]
    if camera.external_id is not None:
        identities.append(("external id", camera.server_name, camera.external_id, 0))
    return identities


def decode(data: bytes) -> str:
    """Read the bytes of a file as UTF-8, with or without its mark; InventoryFileError when they are not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Raised outside of this block, for the error of the codec carries the whole file along.
        pass
    raise InventoryFileError("The file is not UTF-8 text; save it as UTF-8 and give it again.")


def clean_optional(text: str | None, what: str) -> str | None:
    """Trim a text that may be missing; blank means missing."""
    return clean_text(text, what) if text and text.strip() else None
