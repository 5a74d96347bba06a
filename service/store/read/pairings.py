from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from service.store.read.rows import Page, Window, page_of, windowed
from service.store.snapshot import Snapshot
from service.store.tables import Pairing


async def pairings_page(snapshot: Snapshot, site_id: UUID, window: Window) -> Page:
    """Return a site's pairings in the order in which they were made."""
    query = windowed(select(Pairing).where(col(Pairing.site_id) == site_id), (col(Pairing.id),), window)
    return page_of(await snapshot.select(query), window)
