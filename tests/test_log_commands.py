"""The commands that let go of what is old, and that begin a new history; and whom commands tell of what they did."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from service.store.listen import CHANNEL
from tests.command_line import run, said
from tests.conftest import run as run_sql

FILE = (
    "HardwareName,HardwareAddress,MacAddress,RecordingServerName\n{},192.0.2.1,02:00:00:00:00:01,Recorder 1\n"
)
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


class Process:
    """One that serves, as far as hints go."""

    def __init__(self, runner: asyncio.Runner, dsn: str) -> None:
        self._runner = runner
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self.connection = runner.run(asyncpg.connect(dsn))
        runner.run(self.connection.add_listener(CHANNEL, lambda *said: self._heard.put_nowait(str(said[-1]))))

    def hint(self) -> set[UUID]:
        """Wait for a hint: which sites it names."""
        return {UUID(name) for name in self._runner.run(self._heard.get()).split(",")}

    def run(self, statement: str) -> None:
        self._runner.run(self.connection.execute(statement))

    def heads(self) -> dict[str, tuple[UUID, UUID]]:
        """Ids and epochs of the sites by name."""
        rows = self._runner.run(self.connection.fetch("SELECT name, id, epoch FROM site"))
        return {row["name"]: (row["id"], row["epoch"]) for row in rows}


@pytest.fixture
def process(dsn: str) -> Iterator[Process]:
    with asyncio.Runner() as runner:
        made = Process(runner, dsn)
        yield made
        runner.run(made.connection.close())


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


def test_a_new_epoch_is_told_to_the_person_and_to_those_who_serve(dsn: str, process: Process) -> None:
    process.run(SITES)
    before = process.heads()
    one = run("new-epoch", "--site", " East ", dsn=dsn)
    assert said(one) == (0, "East has a new epoch.\n1 site: every subscription gets FeedReset.\n", "")
    assert process.hint() == {before["East"][0]}
    after = process.heads()
    assert (after["East"] == before["East"], after["West"] == before["West"]) == (False, True)
    both = run("new-epoch", dsn=dsn)
    sentences = "East has a new epoch.\nWest has a new epoch.\n2 sites: every subscription gets FeedReset.\n"
    assert said(both) == (0, sentences, "")
    assert process.hint() == {site_id for site_id, _ in before.values()}
    assert not {epoch for _, epoch in process.heads().values()} & {epoch for _, epoch in after.values()}


def test_a_new_epoch_of_no_site_or_of_a_busy_one_is_said(
    dsn: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.run(SITES)
    assert said(run("new-epoch", "--site", "North", dsn=dsn)) == (
        1,
        "",
        "There is no site named North: check --site.\n",
    )
    monkeypatch.setenv("CAMERA_REDUNDANCY_SITE_LOCK_TIMEOUT", "0.05")
    before = process.heads()
    process.run("BEGIN; SELECT FROM site WHERE name = 'West' FOR NO KEY UPDATE")
    busy = run("new-epoch", dsn=dsn)
    process.run("COMMIT")
    sentence = "A change of a site has been under way for 0.05 s; try again in a moment.\n"
    assert said(busy) == (1, "", sentence)
    assert process.heads() == before


def test_an_import_and_a_report_are_told_to_those_who_serve(
    dsn: str, process: Process, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.csv"
    report = "report", "--site", "East", "--server", "Recorder 1", str(file)
    file.write_text(FILE.format("Door"))
    assert run("import", "--site", "East", str(file), dsn=dsn).exit_code == 0
    ((site_id, _),) = process.heads().values()
    assert process.hint() == {site_id}
    file.write_text(FILE.format("Gate"))
    assert run(*report, "--dry-run", dsn=dsn).exit_code == 0
    process.run("NOTIFY camera_redundancy_site_moved, '00000000000000000000000000000000'")
    assert process.hint() == {UUID(int=0)}  # the dry run told nobody
    assert run(*report, dsn=dsn).exit_code == 0
    assert process.hint() == {site_id}
