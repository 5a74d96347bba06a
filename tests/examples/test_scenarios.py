"""Both scenarios that the retail site is for, by the import command's code and the API."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from examples.retail_site import (
    cameras,
    headquarters_recorders,
    local_recorders,
    manual_mappings,
    store_recorders,
)
from service.api import ids
from service.commands.inventory import import_inventory
from service.model.inventory_file import parse_csv
from service.model.outcome import Request
from service.store.database import Database
from tests.builders import Api, SiteBuilder, api_of

CSV = Path(__file__).parent.parent.parent / "examples" / "retail_site.csv"
PAGE = """query ($id: ID!, $after: String) { site(id: $id) {
  coverage { cameras protected pending unprotected }
  cameras(first: 500, after: $after, side: PRIMARY) {
    pageInfo { hasNextPage endCursor } nodes { id name server { name } counterpart { server { name } } } } } }"""


async def furnished(api: Api, database: Database) -> SiteBuilder:
    """The retail site: imported, its stores labelled PRIMARY and the other recorders SECONDARY."""
    file = parse_csv(CSV.read_bytes())
    request = Request(actor="cli", mutation="import")
    imported = await import_inventory(database, request, "Retail", file, lambda _done, _of: None)
    site = SiteBuilder(api, ids.id_of(ids.SITE, imported.site_id))
    site.servers |= {name: ids.id_of(ids.SERVER, one) for name, one in imported.server_ids.items()}
    await site.label("PRIMARY", *store_recorders())
    await site.register(*headquarters_recorders(), *local_recorders(), label="SECONDARY")
    return site


async def all_cameras(
    site: SiteBuilder,
) -> tuple[dict[str, int], dict[tuple[str, str], tuple[str, str | None]]]:
    """The coverage, and (recorder, camera) -> (id, where its twin stands)."""
    found: dict[tuple[str, str], tuple[str, str | None]] = {}
    after, more, coverage = None, True, {}
    while more:
        page = (await site.api.run(PAGE, {"id": site.id, "after": after}))["site"]
        coverage = page["coverage"]
        for node in page["cameras"]["nodes"]:
            twin = node["counterpart"]
            found[node["server"]["name"], node["name"]] = (node["id"], twin and twin["server"]["name"])
        more, after = page["cameras"]["pageInfo"]["hasNextPage"], page["cameras"]["pageInfo"]["endCursor"]
    return coverage, found


@pytest.fixture
async def site(database: Database) -> AsyncIterator[SiteBuilder]:
    async with api_of(database) as api:
        yield await furnished(api, database)


async def test_forty_stores_are_paired_to_two_headquarters_recorders(site: SiteBuilder) -> None:
    answer = await site.pair("ASYMMETRIC", store_recorders(), headquarters_recorders())
    coverage, found = await all_cameras(site)
    twins = Counter(twin for _, twin in found.values())
    assert (answer.queued, answer.blocked, answer.suppressed) == (840, 0, 0)
    assert coverage == {"cameras": 840, "protected": 0, "pending": 840, "unprotected": 0}
    assert set(twins) == set(headquarters_recorders())
    assert max(twins.values()) - min(twins.values()) < 40


async def test_critical_cameras_are_mapped_to_long_retention_and_the_others_to_local_recorders(
    site: SiteBuilder,
) -> None:
    await site.mode("MANUAL")
    _, found = await all_cameras(site)
    wanted = {found[camera.recorder, camera.name][0]: target for camera, target in manual_mappings(cameras())}
    answer = await site.map(wanted)
    coverage, mapped = await all_cameras(site)
    long_retention = headquarters_recorders()[0]
    assert answer.queued == 840
    assert dict(mapped.values()) == wanted
    assert Counter(wanted.values()) == {long_retention: 40} | dict.fromkeys(local_recorders(), 100)
    assert coverage == {"cameras": 840, "protected": 0, "pending": 840, "unprotected": 0}
