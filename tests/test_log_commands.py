"""The command that lets go of what is old."""

import asyncio

import pytest

from tests.command_line import run, said
from tests.conftest import run as run_sql

SITES = """INSERT INTO site (id, name, epoch, revision) SELECT id, name, id, 4
FROM (SELECT uuid_v7() AS id, name FROM unnest(ARRAY['East', 'West']) AS name) AS made"""
EVENTS = """INSERT INTO event
  (site_id, revision, change_id, kind, end_of_change, at, actor, version, subject_id, payload)
SELECT id, n, id, 'SITE_UPDATED', n = 4, now() - interval '100 days' * (4 - n), 'a', 1, id, '{}'
FROM site, generate_series(1, 4) AS n WHERE name = 'West' OR n = 4"""
KEY = """INSERT INTO idempotency_key (actor, mutation, key, input_hash, answer, created_at)
VALUES ('a', 'm', 'k', '', '{}', now() - interval '25 hours')"""


@pytest.fixture(autouse=True)
def no_retention_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAMERA_REDUNDANCY_RETENTION_DAYS", raising=False)


def test_pruning_says_what_was_removed(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(run_sql(dsn, SITES, EVENTS, KEY))
    none = "0 idempotency keys, older than 24 hours"
    assert said(run("prune", dsn=dsn)) == (
        0,
        "Removed 0 events of 0 sites, older than 400 days, and 1 idempotency key, older than 24 hours.\n",
        "",
    )
    monkeypatch.setenv("CAMERA_REDUNDANCY_RETENTION_DAYS", "250")
    told = run("prune", dsn=dsn).stdout
    assert told == f"Removed 1 event of 1 site, older than 250 days, and {none}.\n"
    told = run("prune", "--older-than", "1", dsn=dsn).stdout
    assert told == f"Removed 2 events of 1 site, older than 1 day, and {none}.\n"
    assert run("check", dsn=dsn).exit_code == 0
    assert run("prune", "--older-than", "0", dsn=dsn).exit_code == 2
