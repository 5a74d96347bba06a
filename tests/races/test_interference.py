"""Somebody with psql writes between a command's check and its commit: a refusal or a sound change, never a fault."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle, islice, product

import pytest
import pytest_asyncio

from service.commands.inventory import import_inventory
from service.model.hardware import Hardware
from service.model.inventory_file import CameraRow, InventoryFile, ServerRow
from tests.builders import SiteBuilder, mac, new_site
from tests.changes.laid_out import CASES, Case, Prepare, pooled, with_cameras
from tests.races.interference import Perform, Scene, Trial, codes, scene_of
from tests.races.stage import asked

UNRESOLVED = "status IN ('QUEUED', 'BLOCKED', 'FAILED')"
FREE = "DELETE FROM link; DELETE FROM pairing; DELETE FROM mirrored_action"
GONE = """DELETE FROM camera USING server
  WHERE server.id IN (camera.server_id, confirmed_server_id) AND server.label = '{0}';
  DELETE FROM server WHERE label = '{0}'"""
STRANGER = "'06' || substr({}, 3)"
WRITES = {
    "primaries are removed": f"{FREE}; {GONE.format('PRIMARY')}",
    "secondaries are removed": f"{FREE}; {GONE.format('SECONDARY')}",
    "the servers' names are taken": """INSERT INTO server (id, site_id, name)
        SELECT md5(taken)::uuid, site.id, taken FROM site, unnest(ARRAY['n1', 'n2']) AS taken""",
    "labels are taken away": f"{FREE}; UPDATE server SET label = 'UNLABELED'",
    "labels change sides": f"""{FREE}; UPDATE server
        SET label = CASE label WHEN 'PRIMARY' THEN 'SECONDARY' ELSE 'PRIMARY' END""",
    "the mode changes": """DELETE FROM pairing;
        UPDATE site SET mode = CASE mode WHEN 'AUTO' THEN 'MANUAL' ELSE 'AUTO' END""",
    "everything is switched off": "UPDATE site SET sync_backup = false, sync_restore = false",
    "pairings are dissolved": "DELETE FROM pairing",
    "servers are paired": """DELETE FROM pairing; WITH made AS (INSERT INTO pairing (id, site_id, style)
          SELECT md5('paired')::uuid, id, 'SYMMETRIC' FROM site RETURNING id, site_id)
        INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id)
        SELECT server.id, made.site_id, made.id, label,
          CASE label WHEN 'PRIMARY' THEN (SELECT id FROM server WHERE name = 's2') END
        FROM made, server WHERE server.name IN ('p1', 's2')""",
    "homes change": """UPDATE pairing_member SET home_id = other.server_id FROM pairing_member AS other
        WHERE pairing_member.label = 'PRIMARY' AND other.label = 'SECONDARY'
          AND other.pairing_id = pairing_member.pairing_id AND other.server_id <> pairing_member.home_id""",
    "cameras of primaries are pruned": "DELETE FROM camera WHERE side = 'PRIMARY'",
    "cameras of secondaries are pruned": "DELETE FROM camera WHERE side = 'SECONDARY'",
    "cameras move": """UPDATE camera SET server_id = other.id, confirmed_server_id = other.id FROM server AS other
        WHERE other.label = side AND other.name = CASE side WHEN 'PRIMARY' THEN 'p3' ELSE 's2' END""",
    "cameras get other hardware": f"""UPDATE camera SET mac_address = {STRANGER.format("mac_address")},
        confirmed_mac_address = {STRANGER.format("confirmed_mac_address")}""",
    "hardware is taken": f"""INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address,
          confirmed_server_id, confirmed_mac_address)
        SELECT md5(server.name || taken)::uuid, site_id, id, label, taken, 0, taken, id, taken
        FROM server, unnest(ARRAY{[mac(number) for number in range(1, 9)]}) AS taken
        WHERE NOT EXISTS (SELECT FROM camera WHERE server_id = server.id AND mac_address = taken)""",
    "cameras are to go": "DELETE FROM link; UPDATE camera SET removing = true",
    "external ids are taken": """UPDATE camera SET external_id = 'door-1'
        WHERE id IN (SELECT DISTINCT ON (external_server_id) id FROM camera ORDER BY external_server_id, name DESC)
          AND external_id IS NULL""",
    "links end": "DELETE FROM link",
    "actions are pruned": "DELETE FROM mirrored_action",
    "actions end": f"UPDATE mirrored_action SET status = 'ABANDONED', blocked = NULL WHERE {UNRESOLVED}",
    "the log and the keys are pruned": "DELETE FROM event; DELETE FROM idempotency_key",
}
# They read and write nothing that the writes touch: a write before them is one before the next statement.
IDLE = ("recall_answer", "SELECT uuid_v7()", "SET LOCAL", "planned_actions", "remember_answer")
# How many writes on each change begins.
SHIFT = 5
FILE = InventoryFile(
    (ServerRow("p1"), ServerRow("s1")),
    (
        CameraRow("line 2", "p1", "Lobby", 0, Hardware(mac(5), None)),
        CameraRow("line 3", "s1", "Attic", 0, Hardware(mac(6), None), "door-1"),
    ),
    bad=(),
)


async def under_way(site: SiteBuilder) -> None:
    """An action of each kind is QUEUED, one waits behind another, and one has failed."""
    await pooled(site)
    await site.add("p1", "Lobby", 5)
    await site.move("Gate", "p2")
    await site.delete("Door")
    await site.add("p3", "Attic", 6)
    (failing,) = (one for one in await site.actions(statuses=["QUEUED"]) if one.device["name"] == "Attic")
    await site.fail(failing)
    await site.replace("Lobby", 7)


async def acknowledge(site: SiteBuilder) -> object:
    return await site.ack(*await site.actions(statuses=["QUEUED"]))


async def fail(site: SiteBuilder) -> object:
    return await site.fail(*await site.actions(statuses=["QUEUED"]))


async def retry(site: SiteBuilder) -> object:
    return await site.retry(*await site.actions(statuses=["FAILED"]))


async def abandon(site: SiteBuilder) -> object:
    return await site.abandon(*await site.unresolved())


async def report(site: SiteBuilder) -> object:
    """Of each kind of news something: Door is replaced, Gate moved, Ramp deleted, Lobby added, Door's twin missing."""
    door = {"name": "Door", "externalId": "door-1", "hardware": {"macAddress": mac(7)}}
    reports = (
        site.reported("p1", door),
        site.reported("p2", ("Gate", 2), ("Lobby", 5)),
        site.reported("s1", ("Gate", 2)),
    )
    return await site.report_all(*reports, confirm=True)


async def lose(site: SiteBuilder) -> object:
    return await site.update_pairing(
        "p1",
        {"p1": "s2"},
        removeSecondaryIds=["s1"],
        removePrimaryIds=["p3"],
        twins="REMOVE",
        secondaryLost=True,
    )


async def delete_site(site: SiteBuilder) -> object:
    return await site.delete_site((await site.state())["name"])


async def imported(site: SiteBuilder) -> object:
    name = (await site.state())["name"]
    return await import_inventory(site.api.database, asked("import"), name, FILE, lambda _done, _all: None)


@dataclass(frozen=True, slots=True)
class Tried:
    """A change, on a site where it does something."""

    prepare: Prepare
    perform: Perform


def with_key(case: Case) -> Tried:
    return Tried(case.prepare, lambda site: case.change(site, idempotencyKey="k"))


TRIED = {case.name: with_key(case) for case in CASES} | {
    "acknowledgeMirroredActions, applied": Tried(under_way, acknowledge),
    "acknowledgeMirroredActions, failed": Tried(under_way, fail),
    "retryMirroredActions": Tried(under_way, retry),
    "abandonMirroredActions": Tried(under_way, abandon),
    "reportInventory, all kinds": Tried(pooled, report),
    "updatePairing, a secondary is lost": Tried(under_way, lose),
    "reconcile, the whole site": Tried(under_way, SiteBuilder.reconcile),
    "deleteSite": Tried(under_way, delete_site),
    "import": Tried(with_cameras, imported),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(module_dsn: str) -> AsyncIterator[Scene]:
    async with scene_of(module_dsn) as opened:
        yield opened


async def trial(scene: Scene, name: str) -> Trial:
    """The change of this name on a site of its own."""
    await scene.clear()
    site = await new_site(scene.api)
    await site.enroll(
        *((one, "PRIMARY") for one in ("p1", "p2", "p3")), ("s1", "SECONDARY"), ("s2", "SECONDARY")
    )
    await TRIED[name].prepare(site)
    await scene.keep()
    return Trial(scene, site, TRIED[name].perform)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TRIED)
async def test_each_point_of_a_change(scene: Scene, name: str) -> None:
    """Each point that makes a difference once, with another write each time, and with others for each change."""
    tried = await trial(scene, name)
    writes = islice(cycle(WRITES.values()), list(TRIED).index(name) * SHIFT, None)
    for point, statement in enumerate(await tried.points()):
        if not statement.startswith(IDLE):
            await tried.interfere(point, next(writes))
    assert tried.became["landed"] > 0


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TRIED)
async def test_each_point_of_a_change_with_each_write(scene: Scene, name: str) -> None:
    tried = await trial(scene, name)
    for point, text in product(range(len(await tried.points())), WRITES.values()):
        await tried.interfere(point, text)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_write_under_each_attempt_is_told(scene: Scene) -> None:
    """Whatever is checked is taken away before it is used: after three attempts the client is asked to wait."""
    tried = await trial(scene, "pairServers")
    takes = iter(("Ramp", "Door", "Gate"))

    async def stop(_number: int, name: str) -> None:
        if name == "link_pairs":
            await scene.raw.execute("DELETE FROM camera WHERE name = $1", next(takes))

    assert await codes(tried.perform, tried.site, stop) == ("SITE_BUSY",)
    assert list(takes) == []
    assert await scene.raw.fetchval("SELECT count(*) FROM pairing") == 0
