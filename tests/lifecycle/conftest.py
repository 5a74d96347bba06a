"""Sites with symmetric pairings, in which everything is mirrored in both directions."""

from collections.abc import AsyncIterator
from itertools import count
from uuid import UUID

import pytest

from service.api import ids
from service.commands import pairing, server
from service.commands.site import create_site
from service.model.inputs import PairingInput, ServerInput
from service.model.outcome import Request
from service.model.vocabulary import PairingStyle, ServerLabel
from service.store.database import Database
from tests.builders import Api, SiteBuilder, api_of
from tests.lifecycle.sides import BACKUP, RESTORE, Estate, Sides

NUMBERS = count(1)
LABELS = {"p": ServerLabel.PRIMARY, "s": ServerLabel.SECONDARY}
SERVERS = ("p1", "p2", "p3", "s1", "s2", "s3")
ASKED = Request("somebody", "something")


@pytest.fixture
def dsn(module_dsn: str) -> str:
    """One database for a module: no test looks beyond its own site."""
    return module_dsn


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    async with api_of(database) as opened:
        yield opened


@pytest.fixture
async def site(api: Api) -> SiteBuilder:
    """In Auto mode: p1 is paired with s1, p2 with s2; p3 and s3 are in no pairing.

    Made by the commands themselves: every test begins with it, and this is four times as fast.
    """
    site_id = (await create_site(api.database, ASKED, f"Site {next(NUMBERS)}")).site_id
    wanted = [ServerInput(name, label=LABELS[name[0]]) for name in SERVERS]
    made = (await server.register_servers(api.database, ASKED, site_id, wanted)).detail["serverIds"]
    one, two, _, three, four, _ = (UUID(each) for each in made)
    pairs = [PairingInput(PairingStyle.SYMMETRIC, (a,), (b,)) for a, b in ((one, three), (two, four))]
    paired = (await pairing.pair_servers(api.database, ASKED, site_id, pairs)).detail["pairingIds"]
    return SiteBuilder(
        api,
        ids.id_of(ids.SITE, str(site_id)),
        servers={name: ids.id_of(ids.SERVER, each) for name, each in zip(SERVERS, made, strict=True)},
        pairings={name: ids.id_of(ids.PAIRING, each) for name, each in zip(SERVERS, paired, strict=False)},
    )


@pytest.fixture(params=[BACKUP, RESTORE], ids=["backup", "restore"])
def sides(request: pytest.FixtureRequest) -> Sides:
    chosen: Sides = request.param
    return chosen


@pytest.fixture
def estate(site: SiteBuilder, sides: Sides) -> Estate:
    """The site, with facts on one side and then on the other."""
    return Estate(site, sides)


@pytest.fixture
def backup(site: SiteBuilder) -> Estate:
    """The site, with facts on primaries."""
    return Estate(site, BACKUP)
