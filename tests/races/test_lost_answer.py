"""A process and its database lose each other in the middle of a change, or between its commit and the answer."""

import asyncio
from typing import Any

import pytest

from service.commands.camera import add_camera
from service.store.database import connect
from service.store.outage import is_away
from service.store.transaction import SiteTransaction, change_site
from tests.live.wire import wire_to_database
from tests.races.conftest import Replicas
from tests.races.stage import Connection, Stage, asked, assert_sound, changes


@pytest.mark.parametrize("committed", [True, False])
async def test_the_same_key_answers_what_was_committed(
    course_dsn: str, replicas: Replicas, stage: Stage, raw: Connection, *, committed: bool
) -> None:
    before = await changes(raw, stage.site_id)
    camera, request = stage.camera("p1", 1), asked("addCamera", "lost answer")
    async with wire_to_database(course_dsn) as wire, connect(wire.dsn(course_dsn)) as database:
        wire.lose_answer_to(b"COMMIT;\0" if committed else b"SET CONSTRAINTS")
        with pytest.raises(Exception, match=r".") as caught:
            await add_camera(database, request, stage.site_id, camera)
        assert is_away(caught.value), caught.value
        made = await changes(raw, stage.site_id)
        again = await add_camera(database, request, stage.site_id, camera)
    assert (made == before) is not committed
    assert await changes(raw, stage.site_id) == [*before, (again.change_id, again.revision)]
    assert await add_camera(replicas[0], request, stage.site_id, camera) == again
    await assert_sound(raw)


async def test_a_process_that_is_halted_lets_go_of_the_site(
    replicas: Replicas, stage: Stage, raw: Connection
) -> None:
    begun, gone_on = asyncio.Event(), asyncio.Event()
    backend = 0

    async def work(tx: SiteTransaction) -> dict[str, Any]:
        nonlocal backend
        shown = await tx.connection.fetchval("SELECT current_setting('idle_in_transaction_session_timeout')")
        assert shown == "1min"
        backend = await tx.connection.fetchval("SELECT pg_backend_pid()")
        await tx.connection.execute("SET LOCAL idle_in_transaction_session_timeout = '20ms'")
        begun.set()
        await gone_on.wait()
        await tx.connection.execute("SELECT 1")
        raise AssertionError

    halted = asyncio.create_task(change_site(replicas[0], stage.site_id, asked("setMode"), work))
    await begun.wait()
    while await raw.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend):
        pass
    made = await add_camera(replicas[1], asked("addCamera"), stage.site_id, stage.camera("p1", 1))
    assert made.change_id
    gone_on.set()
    with pytest.raises(Exception, match=r".") as caught:
        await halted
    assert is_away(caught.value), caught.value
