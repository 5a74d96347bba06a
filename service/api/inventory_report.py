from typing import Annotated, Any, TypeAlias

import strawberry

from service.api import ids
from service.api.camera import HardwareInput
from service.api.change import Change, ChangeInput, Input, begin
from service.api.context import Info
from service.api.refusal import Refused
from service.api.scalars import Revision
from service.commands import inventory_report
from service.model import inputs


@strawberry.input(description="A camera that a recorder holds.")
class ReportedCameraInput:
    """A device on a recorder."""

    external_id: str | None = strawberry.field(
        default=None, description="The recorder's own id for it; unique in the report."
    )
    name: str = strawberry.field(description="Its name there, 1 to 200 characters.")
    channel: int = strawberry.field(default=0, description="Which of the device's channels, counted from 0.")
    hardware: HardwareInput = strawberry.field(description="The device.")

    def parsed(self) -> inputs.ReportedCameraInput:
        """Return the camera."""
        return inputs.ReportedCameraInput(self.name, self.hardware.parsed(), self.channel, self.external_id)


@strawberry.input(description="What a recorder holds.")
class ServerInventoryInput:
    """One recorder's picture."""

    server_id: strawberry.ID = strawberry.field(description="The server.")
    cameras: list[ReportedCameraInput] = strawberry.field(
        description="Its cameras, at most 50,000 in all reports of a call; may be empty when complete."
    )
    complete: bool = strawberry.field(
        default=False, description="True: cameras not named are not on the recorder."
    )

    def parsed(self) -> inputs.ServerInventoryInput:
        """Return the report with UUIDs."""
        cameras = tuple(one.parsed() for one in self.cameras)
        return inputs.ServerInventoryInput(ids.uuid_of(ids.SERVER, self.server_id), cameras, self.complete)


@strawberry.input(description="What recorders hold.")
class ReportInventoryInput(ChangeInput):
    """What reportInventory takes."""

    reports: list[ServerInventoryInput] = strawberry.field(description="One report per server.")
    as_of: Revision | None = strawberry.field(
        default=None,
        description="The site's revision when the recorders were read: what changed after it is not compared.",
    )
    confirm_suspicious: bool = strawberry.field(
        default=False, description="Take the report over although it changes suspiciously much."
    )


def _count(name: str, description: str) -> Any:  # noqa: ANN401 - a strawberry field has the type of its value
    """A field with how many cameras a report had such news of."""

    def count_of(root: "InventoryReported") -> int:
        """Return the number."""
        number: int = root.outcome.detail[name]
        return number

    return strawberry.field(resolver=count_of, description=description)


@strawberry.type(description="The report was compared, and the difference taken over.")
class InventoryReported(Change):
    """The answer to reportInventory."""

    added: int = _count("added", "Cameras that are new on their servers.")
    deleted: int = _count("deleted", "Cameras that are gone.")
    replaced: int = _count("replaced", "Cameras that have other hardware.")
    moved: int = _count("moved", "Cameras that went from one primary to another.")
    updated: int = _count(
        "updated", "Cameras with another name or externalId, or of whose device other things are known."
    )
    unchanged: int = _count("unchanged", "Cameras that are as the inventory has them.")
    skipped: int = _count(
        "skipped", "Cameras not compared: something is under way with them, or happened to them after asOf."
    )
    requeued: int = _count("requeued", "Twins that are missing on their recorders and are added again.")


ReportInventoryResult: TypeAlias = Annotated[
    InventoryReported | Refused,
    strawberry.union("ReportInventoryResult", description="The answer to reportInventory."),
]


async def report_inventory(info: Info, given: Input[ReportInventoryInput]) -> ReportInventoryResult:
    """Compare, and take over."""
    request = await begin(info, given)
    reports = [one.parsed() for one in given.reports]
    outcome = await inventory_report.report_inventory(
        info.context.database,
        request,
        given.site,
        reports,
        as_of=given.as_of,
        confirm_suspicious=given.confirm_suspicious,
    )
    return InventoryReported.of(outcome, info.context.reader)
