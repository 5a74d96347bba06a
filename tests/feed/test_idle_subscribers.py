"""What a subscriber keeps of what it was sent: nothing. Most are idle most of the time, and there are many."""

import gc
from dataclasses import replace
from uuid import UUID

import pytest
from graphql.execution.collect_fields import FieldDetails
from strawberry.types.execution import ExecutionResult

from service.api.types.mirrored_action import MirroredAction
from service.api.types.site_event import SiteEvent
from service.store.database import Database
from service.store.event_page import LoggedEvent
from tests.feed.conftest import Replica
from tests.feed.log import commit
from tests.feed.test_subscription import DOCUMENT, client_of, served, site

EVENTS = """subscription ($site: ID!, $after: Revision, $size: Int! = 100) {
  mirroredActions: siteEvents(siteId: $site, after: $after, batchSize: $size) {
    ... on SiteEventBatch { previousPosition position events { position } }
  }
}
"""


def alive(kind: type) -> int:
    return sum(isinstance(one, kind) for one in gc.get_objects())


@pytest.mark.parametrize("document", [DOCUMENT, EVENTS], ids=["actions", "events"])
async def test_one_who_waits_for_news_keeps_nothing_of_the_last_batch(
    database: Database, site_id: UUID, replica: Replica, document: str
) -> None:
    await commit(database, site_id, *[{}] * 60)
    async with (
        replica() as feed,
        served(replace(database, moved=feed.moved), feed) as (_, url),
        client_of(url) as client,
    ):
        variables = {"site": site(site_id), "after": 0, "size": 20}
        await client.say("subscribe", id="1", payload={"query": document, "variables": variables})
        for position in (20, 40, 60):
            heard = await client.hear()
            assert heard["payload"]["data"]["mirroredActions"]["position"] == position
        await client.say("ping")
        assert await client.hear() == {"type": "pong"}
        gc.collect()
        with feed.following(site_id) as followed:
            assert alive(LoggedEvent) == len(followed.window.events) == 0
        assert (alive(MirroredAction), alive(SiteEvent)) == (0, 0)
        assert not [one for one in gc.get_objects() if isinstance(one, ExecutionResult) and one.data]


async def test_what_is_sent_leaves_nothing_behind_however_long_it_goes_on(
    database: Database, site_id: UUID, replica: Replica
) -> None:
    async with replica() as feed, served(database, feed) as (_, url), client_of(url) as client:
        await client.subscribe("1", site=site(site_id))
        kept = []
        for position in range(1, 21):
            await commit(replace(database, moved=feed.moved), site_id, {})
            heard = await client.hear()
            assert heard["payload"]["data"]["mirroredActions"]["position"] == position
            await client.say("ping")
            assert await client.hear() == {"type": "pong"}
            if position % 10 == 0:
                gc.collect()
                kept.append(alive(FieldDetails))
    assert kept[0] == kept[1]
