"""The import of an inventory file: servers and cameras that are there are left as they are, nothing is deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from service.model.decision import DeviceAction
from service.model.inputs import ServerInput
from service.model.inventory_file import CameraRow, InventoryFile, ServerRow
from service.model.outcome import Outcome, Request
from service.model.vocabulary import DeviceActionKind, EventKind, ServerLabel
from service.store import camera as cameras
from service.store import server as servers
from service.store import site as sites
from service.store.database import Connection, Database
from service.store.mirroring import mirror
from service.store.transaction import SiteState, SiteTransaction, change_site, create_site

CAMERAS_PER_CHANGE = 10_000


@dataclass
class ImportResult:
    """What an import did; `cameras_present`: those whose server held the hardware already."""

    site_id: UUID
    servers_created: int = 0
    cameras_added: int = 0
    cameras_present: int = 0
    queued: int = 0
    blocked: int = 0
    suppressed: int = 0
    server_ids: Mapping[str, UUID] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """Add what a change set in motion."""
        self.queued += outcome.mirrored.queued
        self.blocked += outcome.mirrored.blocked
        self.suppressed += outcome.mirrored.suppressed


async def import_inventory(
    database: Database,
    request: Request,
    site_name: str,
    file: InventoryFile,
    progress: Callable[[int, int], None],
) -> ImportResult:
    """Import servers and cameras into the site of this name, which is made if there is none.

    Cameras go in changes of CAMERAS_PER_CHANGE, so that the site is not held for long; `progress` is told how many
    of all are done. An import that was cut short is finished by importing the same file again.
    """
    result = ImportResult(await _site(database, request, site_name))
    await _register(database, request, result, file.servers)
    progress(0, len(file.cameras))
    for start in range(0, len(file.cameras), CAMERAS_PER_CHANGE):
        chunk = file.cameras[start : start + CAMERAS_PER_CHANGE]
        await _add(database, request, result, chunk)
        progress(start + len(chunk), len(file.cameras))
    return result


async def _site(database: Database, request: Request, name: str) -> UUID:
    async with database.acquire() as connection:
        site_id = await sites.find(connection, name)
    if site_id is not None:
        return site_id

    async def make(connection: Connection) -> SiteState:
        return await sites.insert(connection, name)

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        tx.log.note(EventKind.SITE_CREATED, tx.site_id)
        return {}

    return (await create_site(database, request, make, work)).site_id


async def _register(
    database: Database, request: Request, result: ImportResult, rows: Sequence[ServerRow]
) -> None:
    async def work(tx: SiteTransaction) -> dict[str, Any]:
        known = await servers.by_name(tx, [row.name for row in rows])
        new = [row for row in rows if row.name not in known]
        made = await servers.insert(tx, [_server(row) for row in new]) if new else []
        result.servers_created = len(new)
        result.server_ids = known | {row.name: made_id for row, made_id in zip(new, made, strict=True)}
        return {}

    await change_site(database, result.site_id, request, work)


def _server(row: ServerRow) -> ServerInput:
    return ServerInput(
        name=row.name,
        address=row.address,
        external_id=row.external_id,
        max_cameras=row.max_cameras,
        label=ServerLabel(row.label) if row.label else ServerLabel.UNLABELED,
    )


async def _add(database: Database, request: Request, result: ImportResult, rows: Sequence[CameraRow]) -> None:
    given = [_camera(row, result.server_ids[row.server_name]) for row in rows]
    added = 0

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        nonlocal added
        held = await cameras.held_already(tx, given)
        new = [
            replace(one, external_id=None) if found.external_id_taken else one
            for one, found in zip(given, held, strict=True)
            if not found.held
        ]
        added = len(new)
        if new:
            camera_ids = await cameras.insert(tx, new)
            states = await servers.states(tx, list({one.server_id for one in new}))
            labeled = {one for one, state in states.items() if state.label != ServerLabel.UNLABELED}
            await mirror(
                tx,
                [
                    DeviceAction(DeviceActionKind.ADD, camera_id)
                    for camera_id, one in zip(camera_ids, new, strict=True)
                    if one.server_id in labeled
                ],
            )
        return {}

    result.count(await change_site(database, result.site_id, request, work))
    result.cameras_added += added
    result.cameras_present += len(given) - added


def _camera(row: CameraRow, server_id: UUID) -> cameras.NewCamera:
    return cameras.NewCamera(server_id, row.name, row.channel, row.hardware, row.external_id)
