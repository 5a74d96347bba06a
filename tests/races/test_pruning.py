"""What pruning may do in the middle of a change, which does not hold it off."""

from uuid import UUID

import asyncpg
import pytest

from service.commands.inventory_report import NOT_KEPT, report_inventory
from service.model.inputs import HardwareInput, ReportedCameraInput, ServerInventoryInput
from service.model.refusals import Refused
from service.store.database import Database, prepare
from service.store.retention import prune_log
from tests.races.conftest import Replicas
from tests.races.interference import PASSED, Points, Watched
from tests.races.stage import Connection, Stage, add, asked, rows


async def test_a_report_does_not_believe_a_log_that_is_pruned_beneath_it(
    course_dsn: str, stage: Stage, raw: Connection, replicas: Replicas
) -> None:
    """It must not take for news what it was read too early to see."""
    read_at = await revision(raw, stage.site_id)
    await add(replicas[0], stage, "p1", 1)
    await raw.execute("UPDATE event SET at = now() - interval '2 days' WHERE site_id = $1", stage.site_id)
    before = await rows(raw)
    report = ServerInventoryInput(
        stage.servers["p1"],
        (ReportedCameraInput("other", HardwareInput("02:00:00:00:00:09")),),
        complete=True,
    )

    async def stop(_number: int, name: str) -> None:
        if name == "difference":
            assert await prune_log(replicas[1], stage.site_id, 1) == await revision(raw, stage.site_id)

    async with asyncpg.create_pool(
        course_dsn, min_size=0, max_size=1, init=prepare, connection_class=Watched
    ) as pool:
        token = PASSED.set(Points(stop))
        with pytest.raises(Refused) as refused:
            await report_inventory(
                Database(pool),
                asked("reportInventory"),
                stage.site_id,
                [report],
                as_of=read_at,
                confirm_suspicious=True,
            )
        PASSED.reset(token)
    assert [one.message for one in refused.value.refusals] == [NOT_KEPT]
    assert {**await rows(raw), "event": []} == {**before, "event": []}


async def revision(raw: Connection, site_id: UUID) -> int:
    return int(await raw.fetchval("SELECT revision FROM site WHERE id = $1", site_id))
