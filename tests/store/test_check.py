"""Each check stays silent on a sound database and speaks when its rule is broken behind PostgreSQL's back."""

import asyncpg
import pytest

from service.store.check import ROWS_SHOWN, Finding, check, names
from service.store.database import Database

DOOR, GATE, OTHER = (f"02:00:00:00:00:{last}" for last in ("aa", "bb", "cc"))
SITE = "00000000-0000-7000-8000-000000000001"
CHANGE = "00000000-0000-7000-8000-0000000000c1"
PRIMARY, OTHER_PRIMARY, SECONDARY = (f"00000000-0000-7000-8000-00000000001{number}" for number in (1, 2, 3))
PAIRING = "00000000-0000-7000-8000-0000000000b1"
CAMERA, TWIN, LEAVING = (f"00000000-0000-7000-8000-0000000000a{number}" for number in (1, 2, 3))
QUEUED, DELETING = "00000000-0000-7000-8000-0000000000d1", "00000000-0000-7000-8000-0000000000d2"

SOUND = f"""
INSERT INTO site (id, name, epoch, revision, design_revision) VALUES ('{SITE}', 'Sound', '{SITE}', 3, 3);
INSERT INTO server (id, site_id, name, label) VALUES
  ('{PRIMARY}', '{SITE}', 'one', 'PRIMARY'), ('{OTHER_PRIMARY}', '{SITE}', 'two', 'PRIMARY'),
  ('{SECONDARY}', '{SITE}', 'three', 'SECONDARY');
INSERT INTO pairing (id, site_id, style) VALUES ('{PAIRING}', '{SITE}', 'ASYMMETRIC');
INSERT INTO pairing_member (server_id, site_id, pairing_id, label, home_id) VALUES
  ('{SECONDARY}', '{SITE}', '{PAIRING}', 'SECONDARY', NULL),
  ('{PRIMARY}', '{SITE}', '{PAIRING}', 'PRIMARY', '{SECONDARY}'),
  ('{OTHER_PRIMARY}', '{SITE}', '{PAIRING}', 'PRIMARY', '{SECONDARY}');
INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address, removing,
                    confirmed_server_id, confirmed_mac_address) VALUES
  ('{CAMERA}', '{SITE}', '{PRIMARY}', 'PRIMARY', 'door', 0, '{DOOR}', false, '{PRIMARY}', '{DOOR}'),
  ('{TWIN}', '{SITE}', '{SECONDARY}', 'SECONDARY', 'door', 0, '{DOOR}', false, NULL, NULL),
  ('{LEAVING}', '{SITE}', '{SECONDARY}', 'SECONDARY', 'gate', 0, '{GATE}', true, '{SECONDARY}', '{GATE}');
INSERT INTO link (primary_camera_id, secondary_camera_id, site_id) VALUES ('{CAMERA}', '{TWIN}', '{SITE}');
INSERT INTO mirrored_action (id, site_id, position, created_position, change_id, action, direction, cause, status,
                             because, target_server_id, target_camera_id, device, attempts, actor)
SELECT id::uuid, '{SITE}', n, n, '{CHANGE}', camera_due.action, 'BACKUP', 'DEVICE_ACTION', 'QUEUED', 'So.',
  camera_due.target_server_id, camera_id, device, 1, 'test'
FROM (VALUES (2, '{QUEUED}', '{TWIN}'), (3, '{DELETING}', '{LEAVING}')) AS asked (n, id, camera)
JOIN camera_due ON camera_id = camera::uuid;
INSERT INTO event (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
SELECT '{SITE}', n, '{CHANGE}', kind, n = 3, now(), 'test', 1, subject::uuid,
  coalesce((SELECT jsonb_build_object('mirrored_action', to_jsonb(mirrored_action))
            FROM mirrored_action WHERE id = subject::uuid), '{{}}')
FROM (VALUES (1, 'SITE_CREATED', '{SITE}'), (2, 'MIRRORED_ACTION', '{QUEUED}'),
             (3, 'MIRRORED_ACTION', '{DELETING}')) AS told (n, kind, subject);
"""

LINK_INSERT = "INSERT INTO link (primary_camera_id, secondary_camera_id, site_id) VALUES "

BREAKING = {
    "action_goal": f"UPDATE mirrored_action SET target_server_id = '{OTHER_PRIMARY}' WHERE id = '{QUEUED}'",
    "action_one_under_way": f"UPDATE mirrored_action SET status = 'BLOCKED', blocked = 'PREDECESSOR' "
    f"WHERE id = '{QUEUED}'",
    "action_target": f"UPDATE mirrored_action SET target_camera_id = '{PAIRING}' WHERE id = '{QUEUED}'",
    "camera_due": f"UPDATE mirrored_action SET status = 'ABANDONED' WHERE id = '{DELETING}'",
    "camera_hardware": f"UPDATE camera SET mac_address = '{DOOR}' WHERE id = '{LEAVING}'",
    "camera_side": f"UPDATE camera SET side = 'SECONDARY' WHERE id = '{CAMERA}'",
    "link_ends": f"{LINK_INSERT} ('{LEAVING}', '{CAMERA}', '{SITE}')",
    "link_once": f"{LINK_INSERT} ('{TWIN}', '{CAMERA}', '{SITE}')",
    "log_actions": f"UPDATE mirrored_action SET attempts = 2 WHERE id = '{QUEUED}'",
    "log_changes": f"UPDATE event SET end_of_change = true WHERE site_id = '{SITE}' AND revision = 2",
    "log_gapless": f"DELETE FROM event WHERE site_id = '{SITE}' AND revision = 2",
    "pairing_members": f"UPDATE site SET mode = 'MANUAL' WHERE id = '{SITE}'",
    "pairing_shape": f"DELETE FROM pairing_member WHERE server_id = '{OTHER_PRIMARY}'",
    "rule_matrix": "DELETE FROM mirror_rule WHERE mode = 'MANUAL' AND action = 'ADD' AND direction = 'BACKUP'",
}
# Both ends of the second link; every member of the pairing.
ROWS_THAT_BREAK = {"link_once": 2, "pairing_members": 3}


async def findings(database: Database) -> dict[str, Finding]:
    async with database.pool.acquire() as connection:
        return {finding.name: finding for finding in await check(connection)}


async def execute_unguarded(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def test_every_check_is_tried_here() -> None:
    assert names() == sorted(BREAKING)


async def test_an_empty_database_is_sound(database: Database) -> None:
    assert all(finding.is_fine for finding in (await findings(database)).values())


async def test_a_sound_site_is_fine(dsn: str, database: Database) -> None:
    await execute_unguarded(dsn, SOUND)
    assert {name: finding.rows for name, finding in (await findings(database)).items()} == dict.fromkeys(
        names(), ()
    )


@pytest.mark.parametrize("name", BREAKING)
async def test_a_broken_rule_is_found(name: str, dsn: str, database: Database) -> None:
    # Unique indexes speak even to a replica's session.
    unguarded = (
        "ALTER TABLE camera DROP CONSTRAINT camera_hardware_unique; DROP INDEX mirrored_action_one_under_way"
    )
    await execute_unguarded(dsn, SOUND, unguarded, BREAKING[name])
    found = await findings(database)
    assert len(found[name].rows) == ROWS_THAT_BREAK.get(name, 1)
    assert not found[name].is_fine
    assert found[name].sentence.endswith(".")


@pytest.mark.parametrize("pruned", [1, 2, 3])
async def test_a_log_whose_beginning_is_pruned_is_fine(pruned: int, dsn: str, database: Database) -> None:
    prune = f"DELETE FROM event WHERE site_id = '{SITE}' AND revision <= {pruned}"
    await execute_unguarded(dsn, SOUND, prune)
    assert [name for name, finding in (await findings(database)).items() if not finding.is_fine] == []


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("DELETE FROM event WHERE revision = 3", "log_gapless"),
        ("DELETE FROM event WHERE revision IN (1, 3)", "log_gapless"),
        ("DELETE FROM event; UPDATE mirrored_action SET position = 4 WHERE position = 3", "log_actions"),
        ("DELETE FROM event WHERE revision = 1; UPDATE mirrored_action SET attempts = 2", "log_actions"),
        ("UPDATE site SET revision = 4", "log_gapless"),
    ],
)
async def test_what_is_wrong_with_what_is_kept_is_found(
    broken: str, name: str, dsn: str, database: Database
) -> None:
    await execute_unguarded(dsn, SOUND, broken)
    assert not (await findings(database))[name].is_fine


async def test_only_the_first_rows_are_shown(dsn: str, database: Database) -> None:
    many = f"""
        INSERT INTO camera (id, site_id, server_id, side, name, channel, mac_address)
        SELECT uuid_v7(), '{SITE}', '{SECONDARY}', 'SECONDARY', 'extra', n, '{OTHER}'
        FROM generate_series(1, 50) AS n"""
    await execute_unguarded(dsn, SOUND, many)
    assert len((await findings(database))["camera_due"].rows) == ROWS_SHOWN
