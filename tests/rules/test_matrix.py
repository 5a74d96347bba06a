"""The rule matrix: what the table holds, and what each of its 24 cells makes of an action that is done."""

from uuid import UUID

import asyncpg
import pytest

from service.model.decision import Decision, DeviceAction
from service.model.hardware import Hardware
from service.model.outcome import Request
from service.model.vocabulary import DeviceActionKind
from service.store import camera as cameras
from service.store.database import Database
from service.store.decision import decide
from service.store.transaction import SiteTransaction, change_site
from tests.builders import Answer, Api, SiteBuilder, mac

pytestmark = pytest.mark.asyncio(loop_scope="module")

# mode, style, direction, action, why not mirrored
MATRIX = (
    ("AUTO", "SYMMETRIC", "BACKUP", "ADD", None),
    ("AUTO", "SYMMETRIC", "BACKUP", "MOVE", None),
    ("AUTO", "SYMMETRIC", "BACKUP", "DELETE", None),
    ("AUTO", "SYMMETRIC", "BACKUP", "REPLACE", None),
    ("AUTO", "SYMMETRIC", "RESTORE", "ADD", None),
    ("AUTO", "SYMMETRIC", "RESTORE", "MOVE", None),
    ("AUTO", "SYMMETRIC", "RESTORE", "DELETE", None),
    ("AUTO", "SYMMETRIC", "RESTORE", "REPLACE", None),
    ("AUTO", "ASYMMETRIC", "BACKUP", "ADD", None),
    ("AUTO", "ASYMMETRIC", "BACKUP", "MOVE", None),
    ("AUTO", "ASYMMETRIC", "BACKUP", "DELETE", None),
    ("AUTO", "ASYMMETRIC", "BACKUP", "REPLACE", None),
    ("AUTO", "ASYMMETRIC", "RESTORE", "ADD", "ASYMMETRIC_RESTORE"),
    ("AUTO", "ASYMMETRIC", "RESTORE", "MOVE", "ASYMMETRIC_RESTORE"),
    ("AUTO", "ASYMMETRIC", "RESTORE", "DELETE", None),
    ("AUTO", "ASYMMETRIC", "RESTORE", "REPLACE", None),
    ("MANUAL", None, "BACKUP", "ADD", "MANUAL_MODE"),
    ("MANUAL", None, "BACKUP", "MOVE", "MANUAL_MODE"),
    ("MANUAL", None, "BACKUP", "DELETE", None),
    ("MANUAL", None, "BACKUP", "REPLACE", None),
    ("MANUAL", None, "RESTORE", "ADD", "MANUAL_MODE"),
    ("MANUAL", None, "RESTORE", "MOVE", "MANUAL_MODE"),
    ("MANUAL", None, "RESTORE", "DELETE", None),
    ("MANUAL", None, "RESTORE", "REPLACE", None),
)
Cell = tuple[str, str | None, str, str, str | None]
CELLS = [pytest.param(cell, id="-".join(filter(None, cell[:4]))) for cell in MATRIX]
NOT_THROUGH_THE_API = [
    cell for cell in MATRIX if cell[0] == "MANUAL" and cell[3] in {"ADD", "MOVE"}
]  # addCamera and moveCamera are refused in Manual mode


async def test_the_table_is_the_matrix(api: Api) -> None:
    answer = await api.run("{ mirrorRules { mode style direction action mirrored reason because } }")
    rules = answer["mirrorRules"]
    assert len(rules) == 24
    shown = {(one["mode"], one["style"], one["direction"], one["action"], one["reason"]) for one in rules}
    assert shown == set(MATRIX)
    assert all(one["mirrored"] == (one["reason"] is None) for one in rules)
    assert all(one["because"].startswith("Mirrored: ") == one["mirrored"] for one in rules)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mirror_rule SET mirrored = true, reason = NULL",
        "UPDATE mirror_rule SET because = because WHERE false",
        "DELETE FROM mirror_rule",
        "INSERT INTO mirror_rule SELECT * FROM mirror_rule",
        "TRUNCATE mirror_rule",
    ],
)
async def test_the_table_cannot_be_changed(database: Database, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="only by a migration"):
        await database.pool.execute(statement)


async def laid_out(site: SiteBuilder, mode: str, style: str | None) -> None:
    """Door stands on p1 with its twin on s1; what goes to p2 belongs on s2."""
    await site.add("p1", "Door", 1)
    if style == "SYMMETRIC":
        await site.pair_all(
            site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"])
        )
    elif style == "ASYMMETRIC":
        homes = {"p1": "s1", "p2": "s2", "p3": "s1"}
        await site.pair("ASYMMETRIC", ["p1", "p2", "p3"], ["s1", "s2"], homes)
    else:
        await site.mode(mode)
        await site.map({"Door": "s1"})
    await site.settle()


async def done(site: SiteBuilder, direction: str, action: str) -> Answer:
    camera = "Door" if direction == "BACKUP" else (await site.twin("Door")).id
    side = "p" if direction == "BACKUP" else "s"
    if action == "ADD":
        return await site.add(f"{side}1", "Gate", 2)
    if action == "MOVE":
        return await site.move(camera, f"{side}2")
    return await (site.delete(camera) if action == "DELETE" else site.replace(camera, 3))


@pytest.mark.parametrize("cell", [one for one in CELLS if one.values[0] not in NOT_THROUGH_THE_API])
async def test_each_cell_decides_the_action_that_is_done(site: SiteBuilder, cell: Cell) -> None:
    mode, style, direction, action, reason = cell
    await laid_out(site, mode, style)
    answer = await done(site, direction, action)
    other = "s" if direction == "BACKUP" else "p"
    target = f"{other}2" if action == "MOVE" else f"{other}1"
    status = "SUPPRESSED" if reason else "QUEUED"
    assert answer.verdict == (action, direction, status, reason, None if reason else target)
    assert answer.action is not None
    assert answer.action.because.startswith("Not mirrored: " if reason else "Mirrored: ")
    assert answer.action.source == f"{'p' if direction == 'BACKUP' else 's'}{2 if action == 'MOVE' else 1}"
    assert (answer.queued, answer.suppressed) == ((0, 1) if reason else (1, 0))


async def decided(site: SiteBuilder, direction: str, action: str) -> list[Decision]:
    """Decide what a recorder's own tools did, in a change that is rolled back."""
    camera = await (site.camera("Door") if direction == "BACKUP" else site.twin("Door"))
    side = "p" if direction == "BACKUP" else "s"
    here, there = (UUID(site.servers[f"{side}{number}"].split("_")[1]) for number in (1, 2))
    camera_id = UUID(camera.id.split("_")[1])
    verdicts: list[Decision] = []

    async def work(tx: SiteTransaction) -> dict[str, str]:
        if action == "ADD":
            new = cameras.NewCamera(here, "Gate", 0, Hardware(mac(2), None), None)
            (new_id,) = await cameras.insert(tx, [new])
            asked = DeviceAction(DeviceActionKind.ADD, new_id)
        else:
            await cameras.move(tx, [(camera_id, there)])
            asked = DeviceAction(DeviceActionKind.MOVE, camera_id, left_server_id=here)
        verdicts.extend(await decide(tx, [asked]))
        return {}

    request = Request("anonymous", "test", dry_run=True)
    await change_site(site.api.database, UUID(site.id.split("_")[1]), request, work)
    return verdicts


@pytest.mark.parametrize("cell", [one for one in CELLS if one.values[0] in NOT_THROUGH_THE_API])
async def test_in_manual_mode_the_statement_decides_what_recorders_report(
    site: SiteBuilder, cell: Cell
) -> None:
    mode, style, direction, action, reason = cell
    await laid_out(site, mode, style)
    (decision,) = await decided(site, direction, action)
    assert (decision.asked, decision.direction, decision.reason) == (action, direction, reason)
    assert decision.because.startswith("Not mirrored: in Manual mode ")
    assert decision.target_server_id is None
