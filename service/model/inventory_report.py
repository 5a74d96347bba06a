"""What recorders say they hold: read into devices, and judged by how much it would change. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.model.hardware import Hardware, check_channel, clean_name, clean_text, parse_hardware
from service.model.inputs import ReportedCameraInput, ServerInventoryInput
from service.model.refusals import Path, Refusal, SuspiciousChange, collect
from service.model.vocabulary import RefusalCode as Code

MOST_CAMERAS = 50_000
# A report that changes more than this part of a server's cameras, and more than FEW of them, must be confirmed.
SUSPICIOUS_PART = 0.1
FEW = 5
SUSPICIOUS = (
    "The report would add {adds}, delete {deletes}, replace {replaces}, move {moves} and requeue {requeues} cameras of "
    "{name!r}, which has {of}; look whether it is of the right recorder, try it with dryRun: true, then confirm it "
    "with confirmSuspicious: true."
)


@dataclass(frozen=True, slots=True)
class ReportedCamera:
    """A device on a recorder; `report`: the index of its report."""

    report: int
    server_id: UUID
    name: str
    channel: int
    hardware: Hardware
    external_id: str | None


def read_reports(reports: Sequence[ServerInventoryInput]) -> tuple[list[ReportedCamera], list[Refusal]]:
    """Return the devices of all reports, in order, and what stands against them."""
    refusals: list[Refusal] = []
    if sum(len(one.cameras) for one in reports) > MOST_CAMERAS:
        message = f"A call reports at most {MOST_CAMERAS:,} cameras; report the servers in several calls."
        return [], [Refusal(Code.INVALID_INPUT, message, ("reports",))]
    devices = [device for index, report in enumerate(reports) for device in _devices(refusals, index, report)]
    return devices, refusals


def _devices(refusals: list[Refusal], index: int, report: ServerInventoryInput) -> Iterator[ReportedCamera]:
    path = ("reports", str(index), "cameras")
    if not report.cameras and not report.complete:
        message = "A report without cameras says something only when it is complete; say so, or name cameras."
        refusals.append(Refusal(Code.INVALID_INPUT, message, path))
    devices, external_ids = set[tuple[str | None, int]](), set[str]()
    for number, given in enumerate(report.cameras):
        place = (*path, str(number))
        device = _device(refusals, index, report.server_id, given, place)
        if device is None:
            continue
        identity = (device.hardware.mac_address or device.hardware.address, device.channel)
        if identity in devices:
            message = "The report names this hardware twice on this channel; a server holds a device once."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "hardware")))
        if device.external_id in external_ids:
            message = "The report gives this externalId twice; it is the recorder's own, and unique there."
            refusals.append(Refusal(Code.INVALID_INPUT, message, (*place, "externalId")))
        devices.add(identity)
        external_ids |= {device.external_id} if device.external_id else set()
        yield device


def _device(
    refusals: list[Refusal], index: int, server_id: UUID, given: ReportedCameraInput, path: Path
) -> ReportedCamera | None:
    hardware = given.hardware
    texts = (hardware.mac_address, hardware.address, hardware.manufacturer, hardware.model)
    name = collect(refusals, (*path, "name"), clean_name, given.name)
    channel = collect(refusals, (*path, "channel"), check_channel, given.channel)
    parsed = collect(refusals, (*path, "hardware"), parse_hardware, *texts)
    external_id = given.external_id
    if external_id is not None:
        external_id = collect(refusals, (*path, "externalId"), clean_text, external_id, "externalId")
    if name is None or channel is None or parsed is None:
        return None
    return ReportedCamera(index, server_id, name, channel, parsed, external_id)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much a report changes of a server that has `of` cameras. `known`: of the reported cameras those that the
    inventory has there, or that are not compared. `moves`: of cameras that leave the server.
    """

    of: int
    reported: int
    known: int
    adds: int
    deletes: int
    replaces: int
    moves: int
    requeues: int

    def is_suspicious(self) -> bool:
        """Tell whether somebody must look at it before it is believed."""
        changed = self.deletes + self.replaces + self.moves + self.requeues
        return self.of > 0 and (
            self.deletes + self.requeues == self.of
            or (changed > FEW and changed > self.of * SUSPICIOUS_PART)
            or (self.reported > FEW and self.known == 0)
        )


def suspicion(tally: Tally, server_id: UUID, name: str, path: Path) -> SuspiciousChange:
    """Return the refusal of a report that changes suspiciously much."""
    counts = {
        "adds": tally.adds,
        "deletes": tally.deletes,
        "replaces": tally.replaces,
        "moves": tally.moves,
        "requeues": tally.requeues,
        "of": tally.of,
    }
    message = SUSPICIOUS.format(name=name, **counts)
    return SuspiciousChange(Code.SUSPICIOUS_CHANGE, message, path, server_id=server_id, **counts)
