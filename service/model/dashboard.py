"""Which blocks of the configuration dashboard a person sees, and which can be used."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.model.vocabulary import DashboardBlockKind, Mode, ServerLabel

FEWEST_SERVERS = 2


@dataclass(frozen=True, slots=True)
class Labeling:
    """How many servers have which label."""

    primaries: int
    secondaries: int
    unlabeled: int

    @property
    def complete(self) -> bool:
        """Whether everything that needs labels can be used."""
        # Two labelled servers are at least two servers.
        return self.primaries >= 1 and self.secondaries >= 1


@dataclass(frozen=True, slots=True)
class Block:
    """One block; `because` says why it is hidden or cannot be used."""

    kind: DashboardBlockKind
    visible: bool
    enabled: bool
    because: str | None = None


_ADD_OR_MOVE = "In Manual mode cameras are not {done} here: it would not be mirrored. Map the camera instead."
_HIDDEN: Mapping[Mode, Mapping[DashboardBlockKind, str]] = {
    Mode.AUTO: {
        DashboardBlockKind.CAMERA_MAPPING: "Cameras are mapped in Manual mode only; in Auto mode pair servers.",
    },
    Mode.MANUAL: {
        DashboardBlockKind.SERVER_PAIRING: "Servers are paired in Auto mode only; in Manual mode map cameras.",
        DashboardBlockKind.ADD_CAMERA: _ADD_OR_MOVE.format(done="added"),
        DashboardBlockKind.MOVE_CAMERA: _ADD_OR_MOVE.format(done="moved"),
    },
}
_NOT_YET: Mapping[DashboardBlockKind, str] = {
    DashboardBlockKind.STORAGE_MAPPING: "Storage mapping is not available yet.",
    DashboardBlockKind.LICENSING: "Licensing is not available yet.",
}


def labeling_of(servers: Mapping[str, int]) -> Labeling:
    """Return the labeling from the number of servers of each label."""
    return Labeling(
        primaries=servers.get(ServerLabel.PRIMARY, 0),
        secondaries=servers.get(ServerLabel.SECONDARY, 0),
        unlabeled=servers.get(ServerLabel.UNLABELED, 0),
    )


def blocks(mode: Mode, labeling: Labeling) -> tuple[Block, ...]:
    """Return all blocks in the order in which a person goes through them."""
    return tuple(_block(kind, mode, labeling) for kind in DashboardBlockKind)


def _block(kind: DashboardBlockKind, mode: Mode, labeling: Labeling) -> Block:
    hidden = _NOT_YET.get(kind) or _HIDDEN[mode].get(kind)
    if hidden:
        return Block(kind, visible=False, enabled=False, because=hidden)
    if kind is DashboardBlockKind.SERVER_LABELING or labeling.complete:
        return Block(kind, visible=True, enabled=True)
    return Block(kind, visible=True, enabled=False, because=_missing(labeling))


def _missing(labeling: Labeling) -> str:
    servers = labeling.primaries + labeling.secondaries + labeling.unlabeled
    if servers < FEWEST_SERVERS:
        return "Register at least two servers and label one PRIMARY and one SECONDARY first."
    missing = [
        label
        for label, count in (("PRIMARY", labeling.primaries), ("SECONDARY", labeling.secondaries))
        if not count
    ]
    return f"Label at least one server {' and one '.join(missing)} first."
