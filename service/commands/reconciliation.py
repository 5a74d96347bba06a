"""reconcile: queue whatever makes recorders equal to the design."""

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from service.model.inputs import ReconcileInput
from service.model.outcome import Outcome, Request
from service.model.refusals import Refusal, refuse_if
from service.model.vocabulary import Direction, ServerLabel
from service.model.vocabulary import RefusalCode as Code
from service.store import pairing as pairings
from service.store import reconciliation as store
from service.store.database import Database
from service.store.server import ServerState, states
from service.store.transaction import SiteTransaction, change_site

NO_SERVER = "There is no such server in this site; check the id."
NO_PAIRING = "There is no such pairing in this site; check the id."
TARGETS = {Direction.BACKUP: ServerLabel.SECONDARY, Direction.RESTORE: ServerLabel.PRIMARY}


async def reconcile(database: Database, request: Request, site_id: UUID, given: ReconcileInput) -> Outcome:
    """Queue what the recorders that are named lack; none named: what the inventory knows to differ anywhere."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        servers = await states(tx, given.server_ids)
        label = TARGETS[given.direction]
        members = await pairings.members(tx, given.pairing_ids, label)
        unknown = [
            Refusal(Code.NOT_FOUND, NO_PAIRING, ("pairingIds", str(index)))
            for index, one in enumerate(given.pairing_ids)
            if one not in members
        ]
        refuse_if(_server_refusals(given.server_ids, servers, label) + unknown)
        named = list(dict.fromkeys([*given.server_ids, *chain.from_iterable(members.values())]))
        await store.reconcile(tx, named or None, given.direction)
        return {}

    return await change_site(database, site_id, request, work)


def _server_refusals(
    server_ids: Sequence[UUID], known: dict[UUID, ServerState], label: ServerLabel
) -> list[Refusal]:
    refusals: list[Refusal] = []
    for index, server_id in enumerate(server_ids):
        path = ("serverIds", str(index))
        server = known.get(server_id)
        if server is None:
            refusals.append(Refusal(Code.NOT_FOUND, NO_SERVER, path))
        elif server.label != label:
            message = (
                f"BACKUP reconciles secondaries and RESTORE primaries; {server.name!r} is {server.label}, not {label}. "
                "Name another server, or the other direction."
            )
            refusals.append(Refusal(Code.WRONG_LABEL, message, path))
    return refusals
