"""What people live through, from beginning to end."""

from tests.builders import SiteBuilder, mac
from tests.lifecycle.sides import Estate, made


async def test_an_add_fails_waits_and_is_retried(site: SiteBuilder, backup: Estate) -> None:
    addition = await backup.door(1)
    await site.fail(addition, error="No disk.")
    assert await site.protection("Door") == "FAILED"
    await site.retry(addition)
    assert await site.protection("Door") == "PENDING"
    renewed = await backup.replace(2)
    await site.fail(addition)
    assert await backup.states(addition, renewed) == [("ADD", "SUPERSEDED"), ("ADD", "QUEUED")]
    await site.ack(renewed, external_id="t-1")
    assert await site.protection("Door") == "PROTECTED"
    assert await backup.held() == [("p1", mac(2), False), ("s1", mac(2), False)]


async def test_an_add_fails_and_the_camera_is_deleted(site: SiteBuilder, backup: Estate) -> None:
    await site.fail(await backup.door(1))
    deletion = await backup.delete()
    assert deletion.verdict == ("DELETE", "BACKUP", "QUEUED", None, "s1")
    await site.ack(deletion)
    assert (await backup.held(), await backup.open()) == ([], [])


async def test_a_camera_is_replaced_on_both_sides_at_once(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1)
    mirrored = await backup.replace(2)
    back = made(await site.replace(await backup.twin(), 3))
    assert back.verdict == ("REPLACE", "RESTORE", "QUEUED", None, "p1")
    assert await backup.states(mirrored) == [("REPLACE", "SUPERSEDED")]
    await site.settle()
    assert await backup.held() == [("p1", mac(3), False), ("s1", mac(3), False)]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_camera_is_replaced_on_both_sides_by_the_same(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1)
    await backup.replace(2)
    await site.replace(await backup.twin(), 2)
    assert (await backup.open(), await site.protection("Door")) == ([], "PROTECTED")


async def test_two_primaries_of_one_secondary_hold_the_same_camera(site: SiteBuilder) -> None:
    await site.unpair("p1", "p2")
    await site.add("p1", "Door", 1)
    await site.add("p2", "Same door", 1)
    answer = await site.pair("ASYMMETRIC", ["p1", "p2"], ["s1"])
    assert [(one.verdict, one.cause) for one in answer.planned] == [
        (("ADD", "BACKUP", "SUPPRESSED", "TARGET_OCCUPIED", "s1"), "PAIRING"),
        (("ADD", "BACKUP", "QUEUED", None, "s1"), "PAIRING"),
    ]
    await site.settle()
    assert [await site.protection(one) for one in ("Door", "Same door")] == ["PROTECTED", "UNPROTECTED"]
    await site.delete("Door")
    await site.settle()
    assert await site.inventory("s1") == []
    assert await site.protection("Same door") == "UNPROTECTED"


async def test_auto_manual_auto_on_an_unchanged_estate_queues_nothing(
    site: SiteBuilder, backup: Estate
) -> None:
    await backup.mirrored_door(1)
    await site.add("p2", "Gate", 2)
    await site.settle()
    links = [(one.id, one.counterpart) for one in await site.inventory()]
    made_before = await site.actions()
    await site.mode("MANUAL")
    await site.mode("AUTO")
    answer = await site.pair_all(
        site.pairing("SYMMETRIC", ["p1"], ["s1"]), site.pairing("SYMMETRIC", ["p2"], ["s2"])
    )
    assert (answer.queued, answer.blocked, answer.suppressed) == (0, 0, 0)
    assert await site.actions() == made_before
    assert [(one.id, one.counterpart) for one in await site.inventory()] == links


async def test_a_queued_action_is_abandoned_and_comes_late(site: SiteBuilder, backup: Estate) -> None:
    addition = await backup.door(1)
    await site.abandon(addition)
    assert await site.protection("Door") == "UNPROTECTED"
    await site.ack(addition)
    assert await backup.held("s1") == [("s1", mac(1), True)]
    await site.unpair("p1")
    answer = await site.pair("SYMMETRIC", ["p1"], ["s1"])
    assert [one.verdict for one in answer.planned] == [("ADD", "BACKUP", "BLOCKED", None, "s1")]
    await site.settle()
    assert await backup.held("s1") == [("s1", mac(1), False)]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_camera_goes_round_and_comes_home(site: SiteBuilder, backup: Estate) -> None:
    await backup.mirrored_door(1)
    for back in (False, True, False, True):
        await backup.move(back=back)
    applied = await site.settle()
    assert [one.action for one in applied][-1] == "DELETE"
    assert await backup.held() == [("p1", mac(1), False), ("s1", mac(1), False)]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_label_is_wrong_and_must_change(site: SiteBuilder, backup: Estate) -> None:
    action = await backup.door(1)
    await site.fail(action)
    assert {code for code, _ in await site.refused(site.label("PRIMARY", "s1"))} == {"LABEL_IN_USE"}
    await site.unpair("p1", twins="REMOVE")
    assert {code for code, _ in await site.refused(site.label("PRIMARY", "s1"))} == {"LABEL_IN_USE"}
    await site.settle()
    await site.label("PRIMARY", "s1")
    assert (await backup.held(), await backup.open()) == ([("p1", mac(1), False)], [])


async def test_a_move_fails_and_the_camera_is_deleted_and_added_again(
    site: SiteBuilder, backup: Estate
) -> None:
    await backup.mirrored_door(1, "t-1")
    await site.fail(await backup.move())
    deletion = await backup.delete()
    assert await backup.held("s1", "s2") == [("s1", mac(1), True)]
    addition = await backup.door(1)
    assert await backup.states(deletion, addition) == [("DELETE", "QUEUED"), ("ADD", "BLOCKED")]
    await site.settle()
    assert await backup.held("s1", "s2") == [("s1", mac(1), False)]
    assert await site.protection("Door") == "PROTECTED"


async def test_a_device_that_another_camera_has_by_now_is_not_deleted(
    site: SiteBuilder, backup: Estate
) -> None:
    await backup.mirrored_door(1)
    await site.fail(await backup.replace(2))
    await site.add("p1", "Same", 1)
    await site.settle()
    answer = await site.delete("Door")
    assert (answer.queued, answer.planned) == (0, ())
    ended = made(answer)
    assert (ended.verdict[:3], ended.note) == (
        ("DELETE", "BACKUP", "SUPERSEDED"),
        "Another camera is wanted in the place of this one.",
    )
    assert (await backup.held("s1"), await backup.open()) == ([("s1", mac(1), False)], [])
    assert await site.protection("Same") == "PROTECTED"
