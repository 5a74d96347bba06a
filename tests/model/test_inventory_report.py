"""What a report is read as, before it is compared with anything."""

from uuid import UUID

from service.model.inputs import HardwareInput, ReportedCameraInput, ServerInventoryInput
from service.model.inventory_report import MOST_CAMERAS, read_reports
from service.model.vocabulary import RefusalCode

SERVERS = [UUID(int=number) for number in (1, 2)]


def camera(number: int) -> ReportedCameraInput:
    return ReportedCameraInput(f"Camera {number}", HardwareInput(address=f"camera-{number}.example"))


def test_a_call_reports_at_most_50000_cameras() -> None:
    half = tuple(camera(number) for number in range(MOST_CAMERAS // 2))
    reports = [ServerInventoryInput(server, half, complete=True) for server in SERVERS]
    devices, refusals = read_reports(reports)
    assert (len(devices), refusals) == (50_000, [])

    more = ServerInventoryInput(SERVERS[1], (*half, camera(0)), complete=True)
    devices, refusals = read_reports([reports[0], more])
    assert (devices, [(one.code, one.path) for one in refusals]) == (
        [],
        [(RefusalCode.INVALID_INPUT, ("reports",))],
    )
