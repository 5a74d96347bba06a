"""createSite, updateSite, deleteSite, setMode and setSyncPolicy."""

from typing import Any
from uuid import UUID

from service.model.hardware import clean_name
from service.model.inputs import SyncPolicyInput
from service.model.outcome import Outcome, Request
from service.model.refusals import (
    ConfirmationRequired,
    ModeChangeImpact,
    Refusal,
    Refused,
    collect,
    refuse_if,
)
from service.model.vocabulary import EventKind, Mode, RefusalCode
from service.store import site as store
from service.store.database import Connection, Database
from service.store.server import labeling_refusals
from service.store.transaction import SiteState, SiteTransaction, change_site
from service.store.transaction import create_site as create_in_transaction

NAME_TAKEN = "Another site has this name; choose a different one."
OTHER_NAME = (
    "Type the site's name exactly as it is, to confirm that the site and everything of it is deleted."
)
LOSING = (
    "{} cameras lose their protection until their servers are paired: "
    "their twins still record, but changes are not mirrored."
)
UNCONFIRMED = "This change of mode has an impact; read it, then send it again with confirmImpact: true."


async def create_site(database: Database, request: Request, name: str) -> Outcome:
    """Make an empty site in Auto mode."""
    refusals: list[Refusal] = []
    cleaned = collect(refusals, ("name",), clean_name, name) or ""
    refuse_if(refusals)

    async def make(connection: Connection) -> SiteState:
        if await store.find(connection, cleaned) is not None:
            raise Refused(Refusal(RefusalCode.NAME_TAKEN, NAME_TAKEN, ("name",)))
        return await store.insert(connection, cleaned)

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        tx.log.note(EventKind.SITE_CREATED, tx.site_id)
        return {}

    return await create_in_transaction(database, request, make, work)


async def update_site(database: Database, request: Request, site_id: UUID, name: str) -> Outcome:
    """Rename the site."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        refusals: list[Refusal] = []
        cleaned = collect(refusals, ("name",), clean_name, name) or ""
        if await store.find(tx.connection, cleaned) not in (None, tx.site_id):
            refusals.append(Refusal(RefusalCode.NAME_TAKEN, NAME_TAKEN, ("name",)))
        refuse_if(refusals)
        if cleaned != tx.site.name:
            await store.rename(tx, cleaned)
        return {}

    return await change_site(database, site_id, request, work)


async def delete_site(database: Database, request: Request, site_id: UUID, confirm_name: str) -> None:
    """Delete the site and everything of it, its log and remembered answers too; its name is typed to confirm it."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        if confirm_name.strip() != tx.site.name:
            raise Refused(Refusal(RefusalCode.INVALID_INPUT, OTHER_NAME, ("confirmName",)))
        await store.delete(tx)
        return {}

    await change_site(database, site_id, request, work)
    # No event tells of it, so that the transaction has no news: subscribers are to look, and find the site gone.
    database.moved(site_id)


async def set_mode(
    database: Database, request: Request, site_id: UUID, mode: Mode, *, confirm_impact: bool
) -> Outcome:
    """Choose how the site is made redundant; what depends on the old mode is dissolved, links are kept."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        impact = _impact(tx.site.mode, mode, **await store.mode_impact(tx))
        if mode != tx.site.mode:
            refusals = await labeling_refusals(tx)
            harmless = impact.pairings_dissolved == 0 and impact.cameras_losing_protection == 0
            if not (confirm_impact or harmless or request.dry_run):
                refusals.append(
                    ConfirmationRequired(
                        RefusalCode.CONFIRMATION_REQUIRED, UNCONFIRMED, ("confirmImpact",), impact=impact
                    )
                )
            refuse_if(refusals)
        dissolved = await store.dissolve_all_pairings(tx) if mode != tx.site.mode else []
        if mode != tx.site.mode or tx.site.mode_chosen_at is None:
            await store.set_mode(tx, mode)
        return {"impact": _shown(impact), "dissolvedPairingIds": [str(one) for one in dissolved]}

    return await change_site(database, site_id, request, work)


def _impact(old: Mode, new: Mode, *, pairings: int, links: int, links_in_pairings: int) -> ModeChangeImpact:
    """In Manual every link counts, in Auto those within a pairing; after a change of mode no pairing is left."""
    counting = links if old == Mode.MANUAL else links_in_pairings
    losing = counting if (old, new) == (Mode.MANUAL, Mode.AUTO) else 0
    dissolved = pairings if old != new else 0
    sentences = {
        LOSING.format(losing): losing,
        f"{dissolved} pairings are dissolved; from then on cameras are mapped one by one.": dissolved,
        f"{links} links between cameras and their twins are kept.": links if old != new else 0,
    }
    summary = tuple(sentence for sentence, count in sentences.items() if count) or (
        "Nothing changes for the cameras.",
    )
    return ModeChangeImpact(old, new, dissolved, links, losing, summary)


def _shown(impact: ModeChangeImpact) -> dict[str, Any]:
    return {
        "from": impact.from_mode.value,
        "to": impact.to_mode.value,
        "pairingsDissolved": impact.pairings_dissolved,
        "linksKept": impact.links_kept,
        "camerasLosingProtection": impact.cameras_losing_protection,
        "summary": list(impact.summary),
    }


async def set_sync_policy(
    database: Database, request: Request, site_id: UUID, policy: SyncPolicyInput
) -> Outcome:
    """Switch kinds and directions of device actions on or off; what is not given stays."""

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        await store.set_sync_policy(tx, policy)
        return {}

    return await change_site(database, site_id, request, work)
