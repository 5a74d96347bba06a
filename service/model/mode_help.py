"""The text behind the "?" of the mode toggle."""

from dataclasses import dataclass

from service.model.vocabulary import Mode, PairingStyle


@dataclass(frozen=True, slots=True)
class StyleHelp:
    """One way to pair servers."""

    style: PairingStyle
    title: str
    shape: str
    mirrored: str
    typical_use: str


@dataclass(frozen=True, slots=True)
class ModeHelp:
    """One mode."""

    mode: Mode
    title: str
    summary: str
    is_default: bool
    styles: tuple[StyleHelp, ...]
    typical_use: str
    warning: str


_SYMMETRIC = StyleHelp(
    PairingStyle.SYMMETRIC,
    "Symmetric: one to one",
    "1 primary and 1 secondary.",
    "Everything, both ways: a camera that is added, moved, deleted or replaced on either of the two recorders is "
    "added, moved, deleted or replaced on the other one too.",
    "A recorder with a standby of its own, in the next rack or in another building.",
)
_ASYMMETRIC = StyleHelp(
    PairingStyle.ASYMMETRIC,
    "Asymmetric: a pool",
    "M primaries and N secondaries, with more primaries than secondaries and at least 1 secondary.",
    "From a primary to its home secondary everything: add, move, delete and replace. Back from a secondary only "
    "delete and replace: it serves several primaries, so that nobody could tell to which of them a camera that "
    "was added or moved there belongs.",
    "Many small recorders, such as those of stores, that share a few large ones at headquarters.",
)

MODES = (
    ModeHelp(
        Mode.AUTO,
        "Auto: pair servers",
        "You pair servers. Every camera of a primary gets its twin on the primary's home secondary by itself, and "
        "what happens to it later is mirrored by the rules of the pairing's style.",
        is_default=True,
        styles=(_SYMMETRIC, _ASYMMETRIC),
        typical_use="Whole recorders are to be protected, and new cameras with them, without anybody's doing.",
        warning="Changing to Manual later means reconfiguration: all pairings are dissolved and have to be made "
        "again if you come back. Twins that are there stay linked, but new and moved cameras are no longer "
        "mirrored; each has to be mapped by hand.",
    ),
    ModeHelp(
        Mode.MANUAL,
        "Manual: map cameras",
        "You map single cameras to the secondary that is to record them too. A mapped camera that is deleted or "
        "replaced on one side is deleted or replaced on the other one; adding and moving are not mirrored.",
        is_default=False,
        styles=(),
        typical_use="Only some cameras, scattered over many recorders, are critical enough for a second "
        "recording, or different cameras belong on different secondaries.",
        warning="Changing to Auto later means reconfiguration: cameras are then protected only where their "
        "servers are paired. Until you have paired them, mapped cameras keep their twins but changes are not "
        "mirrored, and they count as unprotected.",
    ),
)
