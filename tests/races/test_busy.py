"""A change that finds its site taken for longer than the setting is refused, and has changed nothing."""

import pytest

from service.commands.camera import add_camera
from service.commands.site import create_site
from service.model.refusals import Refused
from service.model.vocabulary import RefusalCode
from service.store.database import Database
from tests.races.conftest import Opener
from tests.races.stage import LOCK_SITE, Change, Connection, Stage, asked, rows

LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
TAKE_NAME = "INSERT INTO site (id, name, epoch) VALUES (uuid_v7(), $1, uuid_v7())"


def change(database: Database, stage: Stage) -> Change:
    return add_camera(database, asked("addCamera", "busy"), stage.site_id, stage.camera("p1", 1))


async def refused(change: Change) -> tuple[RefusalCode, str, tuple[str, ...]]:
    with pytest.raises(Refused) as caught:
        await change
    (refusal,) = caught.value.refusals
    return refusal.code, refusal.message, refusal.path


def busy(stage: Stage) -> tuple[RefusalCode, str, tuple[str, ...]]:
    message = (
        f"Another change of the site {stage.site_id} has been under way for 0.05 s; try again in a moment."
    )
    return RefusalCode.SITE_BUSY, message, ("siteId",)


@pytest.mark.parametrize("locked", ["the site", "a server"])
async def test_a_locked_row_is_waited_for_no_longer_than_the_setting(
    hurried: Database, stage: Stage, raw: Connection, locked: str
) -> None:
    async with raw.transaction():
        if locked == "the site":
            await raw.execute(LOCK_SITE, stage.site_id)
        else:
            await raw.execute("SELECT FROM server WHERE id = $1 FOR UPDATE", stage.servers["p1"])
        before = await rows(raw)
        assert await refused(change(hurried, stage)) == busy(stage)
        assert await rows(raw) == before
    assert (await change(hurried, stage)).change_id is not None


async def test_the_queue_of_the_process_is_waited_in_no_longer_than_the_setting(
    hurried: Database, stage: Stage
) -> None:
    async with hurried.queue(stage.site_id):
        assert await refused(change(hurried, stage)) == busy(stage)
        # Not one connection was taken for it.
        assert hurried.pool.get_size() == 0
    assert (await change(hurried, stage)).change_id is not None


async def test_a_busy_site_holds_up_no_other(hurried: Database, stage: Stage, raw: Connection) -> None:
    async with raw.transaction(), hurried.queue(stage.site_id):
        await raw.execute(LOCK_SITE, stage.site_id)
        assert (await create_site(hurried, asked("createSite"), "Not held up")).revision == 1


@pytest.mark.parametrize(("taking", "taken"), [(LOCK_KEY, "anonymous taken key"), (TAKE_NAME, "Taken name")])
async def test_a_name_or_key_in_the_making_is_waited_for_no_longer_than_the_setting(
    hurried: Database, open_raw: Opener, taking: str, taken: str
) -> None:
    raw = await open_raw()
    request = asked("createSite", "taken key")
    async with raw.transaction():
        await raw.execute(taking, taken)
        code, message, path = await refused(create_site(hurried, request, "Taken name"))
        assert (code, path) == (RefusalCode.SITE_BUSY, ())
        assert message == (
            "Another site of this name, or with this key, has been in the making for 0.05 s; "
            "try again in a moment."
        )
