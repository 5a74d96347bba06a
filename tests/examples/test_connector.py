"""examples/connector.py as vendors run it: a process per recorder, against the service as it is served."""

import random

import pytest

from service.store.epoch import renew
from tests.builders import Api, mac
from tests.examples.stage import PRIMARIES, Changes, connector, staged
from tests.live.replica import Replica

MORE_THAN_IS_READ_AT_ONCE = 120
NOBODY, NO_SERVER = f"site_{0:032x}", f"server_{0:032x}"


async def test_recorders_become_what_the_inventory_wants(live: Api, served: Replica) -> None:
    async with staged(live, served.address, seed=1) as stage:
        stage.heal()
        for number in range(6):
            await stage.site.add(PRIMARIES[number % 3], f"Camera {number}", number + 1)
        await stage.watcher.settled()
        await stage.site.move("Camera 0", "p3")
        await stage.site.move("Camera 1", "p1")
        await renew(live.database, (await stage.site.state())["name"])
        await stage.site.replace("Camera 2", 102)
        await stage.site.delete("Camera 3")
        await stage.watcher.settled()
        assert stage.held() == await stage.wanted()
        assert stage.held() == {
            "s1": [(mac(2), 0, "Camera 1")],
            "s2": [(mac(n), 0, f"Camera {name}") for n, name in ((1, 0), (5, 4), (6, 5), (102, 2))],
        }


async def test_a_queue_longer_than_a_connector_reads_at_once_is_emptied_too(
    live: Api, served: Replica
) -> None:
    async with staged(live, served.address, seed=1) as stage:
        stage.heal()
        await stage.site.report("p1", *((f"Camera {n}", n) for n in range(1, MORE_THAN_IS_READ_AT_ONCE + 1)))
        await stage.watcher.settled()
        assert stage.held() == await stage.wanted()
        assert len(stage.held()["s1"]) == MORE_THAN_IS_READ_AT_ONCE


async def test_a_connector_says_what_will_not_get_better(served: Replica) -> None:
    async with connector(served.address, NOBODY, NO_SERVER) as process:
        _, words = await process.communicate()
    assert process.returncode == 1
    assert words.decode().endswith("There is no such site (any more).\n")


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(1, id="short"),
        pytest.param(17, id="long", marks=[pytest.mark.torture, pytest.mark.timeout(1_200)]),
    ],
)
async def test_connectors_that_are_killed_anywhere_lose_and_double_nothing(
    live: Api, served: Replica, rounds: int
) -> None:
    async with staged(live, served.address, seed=rounds, resets=0.04) as stage:
        changes = Changes(stage.site, random.Random(rounds))  # noqa: S311 - a fixed seed is the point
        for number in range(rounds):
            stage.kill(2)
            await stage.change(changes, 10)
            await stage.watcher.settled()
            assert stage.held() == await stage.wanted()
            rebuilt = ("s1", "s2")[number % 2]
            stage.kill(1)
            await changes.make()
            stage.connectors[rebuilt].recorder.restart_empty()
            await stage.change(changes, 4)
            await stage.watcher.settled()
            await stage.site.reconcile(rebuilt)
            await stage.watcher.settled()
            assert stage.held() == await stage.wanted()
        assert stage.watcher.errors <= {"No disk."}
