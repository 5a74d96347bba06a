"""Writes a site's log the way a change does, and reads it the naive way: the oracle of these tests."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from service.feed.follow import Batch, Reset, Subscription, follow
from service.feed.tail import Feed
from service.store.database import Connection, Database

# What a test says of an action; None: an event of another kind.
Entry: TypeAlias = Mapping[str, Any] | None

ACTION = {
    "change_id": "00000000-0000-7000-8000-000000000001",
    "action": "ADD",
    "direction": "BACKUP",
    "cause": "DEVICE_ACTION",
    "status": "QUEUED",
    "reason": None,
    "blocked": None,
    "outcome": None,
    "because": "Mirrored: an added camera on a primary is done on its home secondary too.",
    "source_server_id": "00000000-0000-7000-8000-00000000000a",
    "source_camera_id": "00000000-0000-7000-8000-00000000000c",
    "target_server_id": "00000000-0000-7000-8000-00000000000b",
    "target_from_server_id": None,
    "target_camera_id": "00000000-0000-7000-8000-00000000000d",
    "device": {
        "name": "Entrance",
        "channel": 0,
        "mac_address": "02:00:00:00:00:01",
        "address": None,
        "manufacturer": None,
        "model": None,
        "external_id": None,
        "storage_profile": None,
    },
    "previous_hardware": None,
    "attempts": 1,
    "error": None,
    "note": None,
    "actor": "anonymous",
    "created_at": "2026-11-23T10:00:00.5+00:00",
    "updated_at": "2026-11-23T12:00:00+02:00",
}

APPEND = """
WITH head AS (
  UPDATE site SET revision = revision + cardinality($2::jsonb[]) WHERE id = $1
  RETURNING revision AS end_at, revision - cardinality($2::jsonb[]) AS base
), numbered AS (
  SELECT n, entry, base + n AS position, n = cardinality($2::jsonb[]) AS last
  FROM head, unnest($2::jsonb[]) WITH ORDINALITY AS entries (entry, n)
), written AS (
  INSERT INTO event (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
  SELECT $1, position, $3, CASE WHEN entry IS NULL THEN 'CAMERA_UPDATED' ELSE 'MIRRORED_ACTION' END, last,
    clock_timestamp(), 'anonymous', 1, $1, CASE WHEN entry IS NULL THEN '{"camera": {}}' ELSE
      jsonb_build_object('mirrored_action', entry || jsonb_build_object('site_id', $1::uuid,
        'position', position, 'created_position', position)) END
  FROM numbered
)
SELECT end_at FROM head
"""

TABLE = """
SELECT revision, payload -> 'mirrored_action' AS action FROM event
WHERE site_id = $1 AND revision > $2 AND kind = 'MIRRORED_ACTION' ORDER BY revision
"""


async def make_site(database: Database) -> UUID:
    """A site with an empty log."""
    site_id = uuid4()
    await database.pool.execute(
        "INSERT INTO site (id, name, epoch) VALUES ($1, $2, $3)", site_id, site_id.hex, uuid4()
    )
    return site_id


async def append(connection: Connection, site_id: UUID, *entries: Entry) -> int:
    """Number and write events in one statement, which holds the site's row until the commit."""
    rows = [None if entry is None else {"id": str(uuid4()), **ACTION, **entry} for entry in entries]
    revision: int = await connection.fetchval(APPEND, site_id, rows, uuid4())
    return revision


async def commit(database: Database, site_id: UUID, *entries: Entry) -> int:
    """One change; returns the site's revision after it."""
    async with database.pool.acquire() as connection, connection.transaction():
        revision = await append(connection, site_id, *entries)
    database.moved(site_id)
    return revision


async def listed(database: Database, site_id: UUID, after: int) -> list[tuple[int, str]]:
    """What a subscriber that joined at a position must receive: positions and ids."""
    return [
        (row["revision"], row["action"]["id"]) for row in await database.pool.fetch(TABLE, site_id, after)
    ]


async def received(feed: Feed, subscription: Subscription, until: int) -> list[Batch]:
    """Follow until a position is scanned, checking that each batch goes on from the one before."""
    batches: list[Batch] = []
    async with aclosing(follow(feed, subscription)) as stream:
        async for batch in stream:
            assert isinstance(batch, Batch), batch
            assert len(batch.actions) <= subscription.batch_size
            assert not batches or batch.previous_position == batches[-1].position
            batches.append(batch)
            if batch.position >= until:
                break
    return batches


def flat(batches: Sequence[Batch]) -> list[tuple[int, str]]:
    """The positions and ids of what was received, in the order in which it came."""
    return [(action["position"], str(action["id"])) for batch in batches for action in batch.actions]


async def next_of(stream: AsyncIterator[Batch | Reset]) -> Batch:
    """The next batch; anything else is a failure."""
    batch = await anext(stream)
    assert isinstance(batch, Batch), batch
    return batch


async def last_word(feed: Feed, subscription: Subscription) -> Reset:
    """The one thing that a subscription answers that cannot go on."""
    async with aclosing(follow(feed, subscription)) as stream:
        words = [word async for word in stream]
    assert len(words) == 1
    assert isinstance(words[0], Reset)
    return words[0]
