"""reportInventory: what recorders say they hold, compared with the inventory and taken over into it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from service.model.inputs import ServerInventoryInput
from service.model.inventory_report import read_reports, suspicion
from service.model.outcome import Outcome, Request
from service.model.refusals import Refusal, refuse_if
from service.model.vocabulary import EventKind
from service.model.vocabulary import RefusalCode as Code
from service.store import inventory_report as store
from service.store.database import Database
from service.store.server import ServerState, states
from service.store.transaction import SiteTransaction, change_site

NOT_KEPT = "The log no longer holds what happened after asOf; read the recorders again, and say when."
FUTURE = "asOf is the site's revision when the recorders were read; it cannot be above the present one, {}."


async def report_inventory(
    database: Database,
    request: Request,
    site_id: UUID,
    reports: Sequence[ServerInventoryInput],
    *,
    as_of: int | None,
    confirm_suspicious: bool,
) -> Outcome:
    """Bring the inventory to what recorders hold, and mirror what happened on them; `as_of`: what changed after that
    revision of the site is not compared.
    """
    devices, bad = read_reports(reports)

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        servers = await states(tx, [one.server_id for one in reports])
        refuse_if([*bad, *_server_refusals(reports, servers), *await _time_refusals(tx, as_of)])
        difference = await store.compare(tx, reports, devices, as_of)
        # Pruning does not wait for a change: by now the log may lack what the comparison looked for.
        refuse_if(await _time_refusals(tx, as_of))
        if not (confirm_suspicious or tx.request.dry_run):
            refuse_if(_suspicions(reports, servers, difference))
        await store.take_over(tx, difference, servers)
        if not tx.log.is_empty():
            report = store.told(difference, reports, as_of)
            tx.log.note(EventKind.INVENTORY_REPORTED, tx.site_id, report=report)
        return store.counts(difference)

    return await change_site(database, site_id, request, work)


def _server_refusals(
    reports: Sequence[ServerInventoryInput], servers: dict[UUID, ServerState]
) -> list[Refusal]:
    refusals: list[Refusal] = []
    seen: set[UUID] = set()
    for index, one in enumerate(reports):
        path = ("reports", str(index), "serverId")
        if one.server_id not in servers:
            message = "There is no such server in this site; check the id."
            refusals.append(Refusal(Code.NOT_FOUND, message, path))
        elif one.server_id in seen:
            message = "This call reports the server twice; report it once."
            refusals.append(Refusal(Code.INVALID_INPUT, message, path))
        seen.add(one.server_id)
    return refusals


async def _time_refusals(tx: SiteTransaction, as_of: int | None) -> list[Refusal]:
    if as_of is None:
        return []
    if as_of > tx.site.revision:
        return [Refusal(Code.INVALID_INPUT, FUTURE.format(tx.site.revision), ("asOf",))]
    return [] if await store.is_kept(tx, as_of) else [Refusal(Code.INVALID_INPUT, NOT_KEPT, ("asOf",))]


def _suspicions(
    reports: Sequence[ServerInventoryInput], servers: dict[UUID, ServerState], difference: store.Difference
) -> list[Refusal]:
    return [
        suspicion(tally, report.server_id, servers[report.server_id].name, ("reports", str(index)))
        for index, (report, tally) in enumerate(zip(reports, difference.tallies, strict=True))
        if tally.is_suspicious()
    ]
