"""The command line, against real databases: in this process where that shows enough, else by a process of its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from service.chosen_database import NO_DATABASE
from service.store.readiness import newest_migration
from tests.command_line import run, said
from tests.conftest import run as run_sql
from tests.conftest import with_database

PROJECT = Path(__file__).parents[1]
AWAY = "postgresql://somebody:very-secret@127.0.0.1:1/cameras"
HEADER = "HardwareName,HardwareAddress,MacAddress,RecordingServerName\n"
GOOD = "Door,192.0.2.1,02:00:00:00:00:01,Recorder 1\n"
BAD = "Gate,192.0.2.2,not-a-mac,Recorder 1\n"


@pytest.fixture(autouse=True)
def no_database_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("DATABASE_", "CAMERA_REDUNDANCY_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def empty_dsn(server_dsn: str) -> Iterator[str]:
    """A database without tables."""
    name = f"empty_{os.getpid()}"
    asyncio.run(run_sql(server_dsn, f"CREATE DATABASE {name}"))
    yield with_database(server_dsn, name)
    asyncio.run(run_sql(server_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    file = tmp_path / "cameras.csv"
    file.write_text(HEADER + GOOD)
    return file


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["migrate"],
        ["check"],
        ["import", "--site", "S", "file.csv"],
        ["report", "--site", "S", "--server", "R", "file.csv"],
        ["prune"],
        ["new-epoch"],
    ],
)
def test_without_a_database_it_says_what_to_set(command: list[str]) -> None:
    assert said(run(*command)) == (2, "", f"{NO_DATABASE}\n")


def test_two_databases_are_one_too_many() -> None:
    sentence = "--embedded and --database-url name two databases: give one of them.\n"
    assert said(run("serve", "--embedded", dsn=AWAY)) == (2, "", sentence)


def test_a_data_folder_is_for_the_embedded_database() -> None:
    sentence = "--data-dir is for the embedded PostgreSQL: give --embedded too.\n"
    assert said(run("serve", "--data-dir", "somewhere", dsn=AWAY)) == (2, "", sentence)


def test_a_setting_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_REDUNDANCY_POOL_SIZE", "0")
    sentence = "CAMERA_REDUNDANCY_POOL_SIZE cannot be used: input should be greater than or equal to 1.\n"
    assert said(run("serve", dsn=AWAY)) == (2, "", sentence)


@pytest.mark.parametrize("command", [["migrate"], ["check"], ["serve", "--migrate", "--port", "0"]])
def test_a_database_that_is_away_is_said_without_its_password(command: list[str]) -> None:
    code, out, err = said(run(*command, dsn=AWAY))
    assert (code, out) == (1, "")
    assert err.startswith("The database cannot be reached: ")
    assert err.count("\n") == 1
    assert "very-secret" not in err


@pytest.mark.parametrize("command", ["check", "import"])
def test_a_database_without_tables_is_said(command: str, empty_dsn: str, inventory: Path) -> None:
    arguments = {"check": ["check"], "import": ["import", "--site", "S", str(inventory)]}[command]
    sentence = "The database is not migrated: it has no tables yet. Run `camera-redundancy migrate`.\n"
    assert said(run(*arguments, dsn=empty_dsn)) == (1, "", sentence)


def test_migrating_brings_the_tables_and_may_be_done_again(empty_dsn: str) -> None:
    sentence = f"The database is at migration {newest_migration()}.\n"
    assert said(run("migrate", dsn=empty_dsn)) == (0, sentence, "")
    assert said(run("migrate", dsn=empty_dsn)) == (0, sentence, "")
    assert run("check", dsn=empty_dsn).exit_code == 0


def test_an_older_database_is_not_migrated_and_a_newer_one_is(dsn: str) -> None:
    asyncio.run(run_sql(dsn, "UPDATE alembic_version SET version_num = '0001'"))
    newest = newest_migration()
    state = f"it is at 0001, and {newest} is needed"
    sentence = f"The database is not migrated: {state}. Run `camera-redundancy migrate`.\n"
    assert said(run("check", dsn=dsn)) == (1, "", sentence)
    asyncio.run(run_sql(dsn, "UPDATE alembic_version SET version_num = '9999'"))
    assert run("check", dsn=dsn).exit_code == 0


def test_importing_says_what_came_of_it_and_may_be_done_again(dsn: str, inventory: Path) -> None:
    code, out, err = said(run("import", "--site", " Retail ", str(inventory), dsn=dsn))
    none = "Mirrored actions: 0 queued, 0 blocked, 0 suppressed."
    assert (code, err) == (0, "1 of 1 cameras\n")
    assert out == f"Imported into Retail: 1 new server, 1 new camera, 0 there already. {none}\n"
    again = run("import", "--site", "Retail", str(inventory), dsn=dsn)
    assert again.stdout == f"Imported into Retail: 0 new servers, 0 new cameras, 1 there already. {none}\n"
    assert run("check", dsn=dsn).exit_code == 0


def test_json_is_known_by_its_name_or_by_the_option(dsn: str, tmp_path: Path) -> None:
    servers = [{"name": "Recorder 1", "cameras": [{"name": "Door", "macAddress": "02:00:00:00:00:01"}]}]
    for name, option in (("inventory.JSON", []), ("inventory.txt", ["--format", "json"])):
        file = tmp_path / name
        file.write_text(json.dumps(servers))
        result = run("import", "--site", name, str(file), *option, dsn=dsn)
        assert result.stdout.startswith(f"Imported into {name}: 1 new server, 1 new camera,")


def test_bad_rows_stop_an_import_unless_they_are_skipped(dsn: str, inventory: Path) -> None:
    inventory.write_text(HEADER + BAD + GOOD)
    code, out, err = said(run("import", "--site", "Retail", str(inventory), dsn=dsn))
    row, verdict = err.splitlines()
    assert (code, out) == (1, "")
    assert row.startswith(f"{inventory}, line 2: ")
    assert "not-a-mac" not in row
    assert verdict == (
        "Nothing was imported, for 1 row cannot be: mend the file, or import the others with --skip-bad."
    )
    skipped = run("import", "--site", "Retail", "--skip-bad", str(inventory), dsn=dsn)
    assert skipped.exit_code == 0
    assert ": 1 new server, 1 new camera, 0 there already, 1 bad row skipped." in skipped.stdout


def test_a_file_or_a_site_that_cannot_be_is_said(dsn: str, inventory: Path) -> None:
    missing = inventory.with_name("missing.csv")
    assert said(run("import", "--site", "S", str(missing), dsn=dsn)) == (
        1,
        "",
        f"{missing} cannot be read: No such file or directory.\n",
    )
    assert said(run("import", "--site", " ", str(inventory), dsn=dsn)) == (
        1,
        "",
        "A site's name must not be empty.\n",
    )
    inventory.write_bytes(b"\xff\xfe")
    sentence = "The file is not UTF-8 text; save it as UTF-8 and give it again.\n"
    assert said(run("import", "--site", "S", str(inventory), dsn=dsn)) == (1, "", sentence)


def test_a_check_that_finds_something_fails(dsn: str) -> None:
    asyncio.run(
        run_sql(
            dsn,
            "INSERT INTO site (id, name, epoch, revision, design_revision) "
            "VALUES (uuid_v7(), 'S', uuid_v7(), 7, 8)",
        )
    )
    code, out, err = said(run("check", dsn=dsn))
    assert code == 1
    assert "\nBROKEN log_gapless: What is kept of a site's events is numbered without a gap" in out
    assert out.count("BROKEN") == 1
    assert err.endswith("checks found something that must not be.\n")


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = said(run("serve", "--port", str(port), dsn=AWAY))
    assert code == 1
    assert (
        err
        == f"Cannot listen on 127.0.0.1 port {port} (Address already in use): choose another with --port.\n"
    )


def test_the_schema_is_printed_as_it_is_exported() -> None:
    assert said(run("schema")) == (0, (PROJECT / "schema.graphql").read_text(), "")


def test_help_tells_of_every_command() -> None:
    text = run("--help").stdout
    commands = ("serve", "demo", "migrate", "import", "report", "schema", "check", "prune", "new-epoch")
    assert all(f" {command} " in text for command in commands)


class Served:
    """A service in a process of its own; its log is read line by line."""

    def __init__(self, *arguments: str) -> None:
        command = (sys.executable, "-m", "service", "serve", "--port", "0", *arguments)
        self.process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
        self.port = int(self.until("serving")["ready"].split(":")[-1].split("/")[0])

    def until(self, event: str) -> dict[str, str]:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            told: dict[str, str] = json.loads(line)
            if told["event"] == event:
                return told
        raise AssertionError(f"It ended before it said {event!r}.")

    def get(self, path: str) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def servers() -> Iterator[list[Served]]:
    started: list[Served] = []
    yield started
    for served in started:
        served.process.kill()
        served.process.communicate()


def test_serving_waits_for_a_database_that_is_away(servers: list[Served]) -> None:
    served = Served("--database-url", AWAY)
    servers.append(served)
    reason = served.until("not ready")["reason"]
    assert reason.startswith("The database cannot be reached: ")
    assert served.get("/healthz") == (200, "ok\n")
    assert served.get("/readyz") == (
        503,
        json.dumps({"ready": False, "reason": reason}, separators=(",", ":")),
    )
    assert served.stop(signal.SIGTERM) == 0


def test_serving_becomes_ready_when_somebody_migrates(servers: list[Served], empty_dsn: str) -> None:
    served = Served("--database-url", empty_dsn)
    servers.append(served)
    assert served.until("not ready")["reason"].startswith(
        "The database is not migrated: it has no tables yet."
    )
    assert run("migrate", dsn=empty_dsn).exit_code == 0
    served.until("ready")
    assert served.get("/readyz") == (200, '{"ready":true}')
    assert served.stop(signal.SIGINT) == 0


@pytest.mark.long
def test_serving_embedded_stops_what_it_started(servers: list[Served]) -> None:
    with tempfile.TemporaryDirectory(prefix="camera-redundancy-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # for the account that runs PostgreSQL in the place of root
        served = Served("--embedded", "--data-dir", f"{folder}/data")
        servers.append(served)
        served.until("ready")
        assert served.get("/readyz")[0] == 200
        assert list(Path(folder).rglob("postmaster.pid")) != []
        assert served.stop(signal.SIGTERM) == 0
        assert list(Path(folder).rglob("postmaster.pid")) == []
