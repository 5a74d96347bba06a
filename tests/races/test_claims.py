"""Two changes over two replicas at once: the first to hold the site wins, the other hears why it did not."""

from collections.abc import Callable
from uuid import UUID

import pytest

from service.commands.camera import add_camera
from service.commands.mirrored_action import abandon, acknowledge
from service.commands.pairing import pair_servers
from service.commands.server import label_servers
from service.commands.site import set_mode
from service.model.inputs import ResultInput, ServerLabelInput
from service.model.outcome import Outcome
from service.model.vocabulary import MirrorOutcome, Mode, RefusalCode, ServerLabel
from service.store.database import Database
from tests.races.conftest import Replicas
from tests.races.stage import Answer, Change, Connection, Stage, add, asked, assert_sound, changes, in_turn

Ready = Callable[[Database, Stage], Change]


def pair(primary: str, secondary: str) -> Ready:
    return lambda database, stage: pair_servers(
        database, asked("pairServers"), stage.site_id, stage.symmetric(primary, secondary)
    )


def mode(chosen: Mode, *, confirm: bool = True) -> Ready:
    return lambda database, stage: set_mode(
        database, asked("setMode"), stage.site_id, chosen, confirm_impact=confirm
    )


def label(server: str, chosen: ServerLabel) -> Ready:
    return lambda database, stage: label_servers(
        database, asked("labelServers"), stage.site_id, [ServerLabelInput(stage.servers[server], chosen)]
    )


def camera(server: str, number: int) -> Ready:
    return lambda database, stage: add_camera(
        database, asked("addCamera"), stage.site_id, stage.camera(server, number)
    )


CLAIMS: dict[str, tuple[Ready, Ready, RefusalCode]] = {
    "two pairings claim one primary": (pair("p1", "s1"), pair("p1", "s2"), RefusalCode.SERVER_ALREADY_PAIRED),
    "two pairings claim one secondary": (
        pair("p2", "s1"),
        pair("p1", "s1"),
        RefusalCode.SERVER_ALREADY_PAIRED,
    ),
    "a mode change before a pairing": (mode(Mode.MANUAL), pair("p1", "s1"), RefusalCode.MODE_MISMATCH),
    "a pairing before a mode change": (
        pair("p1", "s1"),
        mode(Mode.MANUAL, confirm=False),
        RefusalCode.CONFIRMATION_REQUIRED,
    ),
    "a label change before a pairing": (
        label("p1", ServerLabel.SECONDARY),
        pair("p1", "s1"),
        RefusalCode.WRONG_LABEL,
    ),
    "a label taken away before a pairing": (
        label("s1", ServerLabel.UNLABELED),
        pair("p1", "s1"),
        RefusalCode.SERVER_UNLABELED,
    ),
    "a pairing before a label change": (
        pair("p1", "s1"),
        label("p1", ServerLabel.SECONDARY),
        RefusalCode.LABEL_IN_USE,
    ),
    "the same hardware twice": (camera("p1", 7), camera("p1", 7), RefusalCode.CAMERA_ALREADY_EXISTS),
    "a label taken away before a camera": (
        label("p1", ServerLabel.UNLABELED),
        camera("p1", 7),
        RefusalCode.SERVER_UNLABELED,
    ),
}


def won(answered: Answer) -> Outcome:
    assert isinstance(answered, Outcome), answered
    return answered


@pytest.mark.parametrize("name", CLAIMS)
async def test_the_first_wins_and_the_other_is_refused(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection, name: str
) -> None:
    first, second, code = CLAIMS[name]
    before = await changes(raw, stage.site_id)
    racing = [ready(database, stage) for ready, database in zip((first, second), replicas, strict=True)]
    winner, loser = await in_turn(raw, watcher, stage.site_id, *racing)
    assert loser == (code,)
    made = (won(winner).change_id, won(winner).revision)
    assert await changes(raw, stage.site_id) == [*before, made]
    await assert_sound(raw)


async def test_two_changes_to_one_mode_dissolve_the_pairings_once(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    await pair("p1", "s1")(replicas[0], stage)
    racing = [mode(Mode.MANUAL)(database, stage) for database in replicas]
    first, second = map(won, await in_turn(raw, watcher, stage.site_id, *racing))
    assert len(first.detail["dissolvedPairingIds"]) == 1
    assert (second.change_id, second.revision) == (None, first.revision)
    assert second.detail["dissolvedPairingIds"] == []
    assert (await changes(raw, stage.site_id))[-1] == (first.change_id, first.revision)


async def test_of_two_that_read_the_same_revision_one_changes_it(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    ((_, _), (_, revision)) = await changes(raw, stage.site_id)
    racing = [
        set_mode(database, asked("setMode", if_revision=revision), stage.site_id, chosen, confirm_impact=True)
        for database, chosen in zip(replicas, (Mode.MANUAL, Mode.AUTO), strict=True)
    ]
    first, second = await in_turn(raw, watcher, stage.site_id, *racing)
    assert won(first).revision > revision
    assert second == (RefusalCode.STALE_REVISION,)
    assert await raw.fetchval("SELECT mode FROM site WHERE id = $1", stage.site_id) == Mode.MANUAL


async def queued(database: Database, stage: Stage) -> UUID:
    """Return an action that is under way."""
    await pair("p1", "s1")(database, stage)
    await add(database, stage, "p1", 1)
    rows = await database.pool.fetch("SELECT id FROM mirrored_action WHERE site_id = $1", stage.site_id)
    (action_id,) = (row["id"] for row in rows)
    assert isinstance(action_id, UUID)
    return action_id


@pytest.mark.parametrize("applied_first", [True, False])
async def test_an_action_is_applied_or_abandoned(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection, *, applied_first: bool
) -> None:
    action_id = await queued(replicas[0], stage)
    racing = [
        acknowledge(
            replicas[0],
            asked("acknowledgeMirroredActions"),
            stage.site_id,
            [ResultInput(action_id, MirrorOutcome.APPLIED)],
        ),
        abandon(replicas[1], asked("abandonMirroredActions"), stage.site_id, [action_id], "Not wanted."),
    ]
    answers = await in_turn(raw, watcher, stage.site_id, *(racing if applied_first else racing[::-1]))
    first, second = map(won, answers)
    status = "APPLIED" if applied_first else "ABANDONED"
    assert (first.detail["accepted"], first.detail["rejected"]) == (1, [])
    assert second.detail["accepted"] == 0
    assert [(one["actionId"], one["status"]) for one in second.detail["rejected"]] == [
        (str(action_id), status)
    ]
    assert await raw.fetchval("SELECT status FROM mirrored_action WHERE id = $1", action_id) == status
    await assert_sound(raw)


async def test_a_label_does_not_change_under_an_action_that_was_just_queued(
    replicas: Replicas, stage: Stage, raw: Connection, watcher: Connection
) -> None:
    await pair("p1", "s1")(replicas[0], stage)
    racing = [camera("p1", 1)(replicas[0], stage), label("s1", ServerLabel.PRIMARY)(replicas[1], stage)]
    added, relabelled = await in_turn(raw, watcher, stage.site_id, *racing)
    assert won(added).mirrored.queued == 1
    # Paired, and its camera linked, and named by the action: each stands against it.
    assert relabelled == (RefusalCode.LABEL_IN_USE,) * 3
