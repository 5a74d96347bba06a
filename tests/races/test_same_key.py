"""Twenty at once with one key: one change is made, and all get its answer."""

import asyncio
from dataclasses import replace

import pytest

from service.commands.camera import add_camera
from service.commands.site import create_site
from service.model.outcome import Outcome
from service.model.vocabulary import RefusalCode
from tests.races.conftest import Replicas
from tests.races.stage import (
    LOCK_SITE,
    Connection,
    Stage,
    add,
    answer,
    asked,
    assert_sound,
    blocked,
    changes,
    rows,
)

AT_ONCE = 20
LOCK_KEY = "SELECT pg_advisory_lock(hashtextextended($1, 0))"
UNLOCK_KEY = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"


async def test_one_camera_is_added_for_one_key(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    before = await changes(raw, stage.site_id)
    camera, request = stage.camera("p1", 1), asked("addCamera", "once")
    async with raw.transaction():
        await raw.execute(LOCK_SITE, stage.site_id)
        racing = [
            asyncio.create_task(add_camera(replicas[number % 2], request, stage.site_id, camera))
            for number in range(AT_ONCE)
        ]
        await blocked(watcher, len(replicas), racing)
    first, *others = await asyncio.gather(*racing)
    assert others == [first] * (AT_ONCE - 1)
    assert await changes(raw, stage.site_id) == [*before, (first.change_id, first.revision)]
    kept = await raw.fetch("SELECT key FROM idempotency_key WHERE site_id = $1", stage.site_id)
    assert [row["key"] for row in kept] == ["once"]
    await assert_sound(raw)


async def test_one_site_is_made_for_one_key(replicas: Replicas, raw: Connection, watcher: Connection) -> None:
    request = asked("createSite", "one site")
    await raw.execute(LOCK_KEY, "anonymous one site")
    racing = [
        asyncio.create_task(create_site(replicas[number % 2], request, "Made once"))
        for number in range(AT_ONCE)
    ]
    await blocked(watcher, AT_ONCE, racing)
    await raw.execute(UNLOCK_KEY, "anonymous one site")
    first, *others = await asyncio.gather(*racing)
    assert others == [first] * (AT_ONCE - 1)
    made = await raw.fetch("SELECT id FROM site WHERE name = 'Made once'")
    assert [row["id"] for row in made] == [first.site_id]
    assert await changes(raw, first.site_id) == [(first.change_id, 1)]


async def test_of_two_inputs_under_one_key_the_first_counts(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    async with raw.transaction():
        await raw.execute(LOCK_SITE, stage.site_id)
        racing = []
        for number, database in enumerate(replicas):
            request = replace(asked("addCamera", "key"), input_hash=bytes([number]))
            change = add_camera(database, request, stage.site_id, stage.camera("p1", number))
            racing.append(asyncio.create_task(answer(change)))
            await blocked(watcher, number + 1, racing)
    first, second = await asyncio.gather(*racing)
    assert isinstance(first, Outcome)
    assert second == (RefusalCode.IDEMPOTENCY_KEY_REUSED,)
    names = await raw.fetch("SELECT name FROM camera WHERE site_id = $1", stage.site_id)
    assert [row["name"] for row in names] == ["camera 0"]


async def test_a_key_is_not_kept_by_a_change_that_was_refused(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    """The first holder of the key is refused, the second does what it asked for."""
    await add(replicas[0], stage, "p1", 1)
    before = await rows(raw)
    async with raw.transaction():
        await raw.execute(LOCK_SITE, stage.site_id)
        racing = []
        for number, database in enumerate(replicas):
            change = add_camera(
                database, asked("addCamera", "refused"), stage.site_id, stage.camera("p1", number + 1)
            )
            racing.append(asyncio.create_task(answer(change)))
            await blocked(watcher, number + 1, racing)
    first, second = await asyncio.gather(*racing)
    assert first == (RefusalCode.CAMERA_ALREADY_EXISTS,)
    assert isinstance(second, Outcome)
    after = await rows(raw)
    assert {table: len(after[table]) - len(before[table]) for table in after} == dict.fromkeys(after, 0) | {
        "camera": 1,
        "mirrored_action": 1,
        "event": 2,
        "idempotency_key": 1,
    }


@pytest.mark.parametrize("committed", [True, False])
async def test_two_sites_of_one_name(
    replicas: Replicas, raw: Connection, watcher: Connection, *, committed: bool
) -> None:
    """Both find the name free, and wait for somebody who is about to take it."""
    name = f"One name {committed}"
    taking = raw.transaction()
    await taking.start()
    await raw.execute("INSERT INTO site (id, name, epoch) VALUES (uuid_v7(), $1, uuid_v7())", name)
    racing = [
        asyncio.create_task(answer(create_site(database, asked("createSite"), name))) for database in replicas
    ]
    await blocked(watcher, len(racing), racing)
    await (taking.commit() if committed else taking.rollback())
    answers = await asyncio.gather(*racing)
    made = [one for one in answers if isinstance(one, Outcome)]
    assert len(made) == (0 if committed else 1)
    assert [one for one in answers if one not in made] == [(RefusalCode.NAME_TAKEN,)] * (2 - len(made))
    assert await raw.fetchval("SELECT count(*) FROM site WHERE name = $1", name) == 1
