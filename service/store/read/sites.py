from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from service.store.read.rows import Page, Window, in_ids, page_of, windowed
from service.store.snapshot import Row, Snapshot
from service.store.tables import MirrorRule, Server, Site


async def sites_page(snapshot: Snapshot, window: Window) -> Page:
    """Return sites by name, id."""
    query = windowed(select(Site), (col(Site.name), col(Site.id)), window)
    return page_of(await snapshot.select(query), window)


async def labelings(snapshot: Snapshot, site_ids: Sequence[UUID]) -> list[dict[str, int]]:
    """Return how many servers of each label these sites have; a label that no server has is left out."""
    query = (
        select(col(Server.site_id), col(Server.label), func.count().label("servers"))
        .where(in_ids(col(Server.site_id), site_ids))
        .group_by(col(Server.site_id), col(Server.label))
    )
    found: dict[UUID, dict[str, int]] = {site_id: {} for site_id in site_ids}
    for row in await snapshot.select(query):
        found[row["site_id"]][row["label"]] = row["servers"]
    return [found[site_id] for site_id in site_ids]


async def mirror_rules(snapshot: Snapshot) -> Sequence[Row]:
    """Return the matrix: Auto before Manual, symmetric before asymmetric, then as DESIGN.md shows it."""
    columns = (MirrorRule.mode, MirrorRule.style, MirrorRule.direction, MirrorRule.action)
    mode, style, direction, action = (col(column) for column in columns)
    place = func.array_position(["ADD", "MOVE", "DELETE", "REPLACE"], action)
    return await snapshot.select(select(MirrorRule).order_by(mode, style.desc(), direction, place))
