"""ifRevision: refused when the design changed after what was seen; acknowledgements do not spoil it."""

import pytest

from tests.builders import SiteBuilder
from tests.changes.laid_out import CASES, Case, pooled

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_every_change_refuses_a_stale_view_and_makes_older_ones_stale(
    site: SiteBuilder, case: Case
) -> None:
    await case.prepare(site)
    before = await site.revision()
    await site.policy(restore=False)
    assert await site.refused(case.change(site, ifRevision=before)) == [("STALE_REVISION", ("ifRevision",))]
    seen = await site.revision()
    done = await case.change(site, ifRevision=seen)
    assert done.revision > seen
    (refusal,) = await site.refusals(site.policy(move=False, ifRevision=seen))
    assert (refusal.kind, refusal.code, refusal.path) == ("StaleRevision", "STALE_REVISION", ("ifRevision",))
    assert (refusal.body["expected"], refusal.body["actual"]) == (seen, done.revision)


async def test_so_does_a_dry_run(site: SiteBuilder) -> None:
    seen = await site.revision()
    await site.policy(restore=False)
    stale = site.policy(move=False, ifRevision=seen, dryRun=True)
    assert await site.refused(stale) == [("STALE_REVISION", ("ifRevision",))]


async def test_a_revision_from_the_future_is_not_stale(site: SiteBuilder) -> None:
    assert (await site.policy(move=False, ifRevision=1_000_000)).change_id is not None


async def test_acknowledging_and_retrying_do_not_make_a_view_stale(site: SiteBuilder) -> None:
    await pooled(site)
    seen = await site.revision()
    (queued,) = await site.unresolved()
    await site.fail(queued)
    await site.retry(queued)
    await site.ack(queued)
    assert await site.revision() > seen
    assert (await site.policy(move=False, ifRevision=seen)).change_id is not None


async def test_abandoning_makes_a_view_stale(site: SiteBuilder) -> None:
    await pooled(site)
    seen = await site.revision()
    await site.abandon(*await site.unresolved())
    refused = site.policy(move=False, ifRevision=seen)
    assert await site.refused(refused) == [("STALE_REVISION", ("ifRevision",))]


async def test_what_changes_nothing_makes_no_view_stale(site: SiteBuilder) -> None:
    seen = await site.revision()
    await site.label("PRIMARY", "p1")
    await site.policy(add=True)
    assert (await site.policy(add=False, ifRevision=seen)).change_id is not None
