"""One folder with one PostgreSQL in it: how it is made, started, found and asked."""

import os
import pwd
import re
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.store.embedded.account import EmbeddedError, give, run

PORT, STATUS = 3, 7  # their lines in postmaster.pid, counted from 0
BUILTIN_LOCALES = 17  # since this major PostgreSQL brings C.UTF-8 itself, the same on every system
PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Cluster:
    """A folder with the data of one server, its password, log and locks."""

    binaries: Path
    folder: Path
    account: pwd.struct_passwd | None
    """Who runs the server; None is the account of this process."""

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server wrote since it was last started."""
        return self.folder / "server.log"

    @property
    def password(self) -> Path:
        """The file with the superuser's password."""
        return self.folder / "password"


def initialise(cluster: Cluster, *options: str, held: Sequence[int] = ()) -> None:
    """Make a password and the data, the data whole or not at all; EmbeddedError if initdb fails."""
    draft = cluster.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    _write_password(cluster)
    access: tuple[str | Path, ...] = ("-U", "postgres", "--pwfile", cluster.password, "--auth=scram-sha-256")
    program = (cluster.binaries / "initdb", "-D", draft, *access, *_locale(cluster), *options)
    made = run(cluster.account, *program, held=held)
    if made.returncode != 0:
        raise EmbeddedError(
            f"PostgreSQL's data cannot be made in {cluster.folder}: mend this or choose another folder"
            f" with --data-dir: {last_lines(made.stderr)}"
        )
    draft.rename(cluster.data)


def _write_password(cluster: Cluster) -> None:
    handle = os.open(cluster.password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(24))
        file.flush()
        os.fsync(handle)
    give(cluster.password, cluster.account)


def _locale(cluster: Cluster) -> tuple[str, ...]:
    if int(major_version(cluster.binaries)) < BUILTIN_LOCALES:
        return ("-E", "UTF8", "--locale=C.UTF-8")
    return ("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def major_version(binaries: Path) -> str:
    """Return the major version of the PostgreSQL in this folder; EmbeddedError if it cannot run here."""
    shown = run(None, binaries / "postgres", "--version")
    found = re.search(r"\(PostgreSQL\) (\d+)", shown.stdout)
    if found is None:
        raise EmbeddedError(
            f"{binaries}/postgres does not run here: {last_lines(shown.stderr)}: reinstall it."
        )
    return found[1]


def server_command(cluster: Cluster, port: int, *settings: str) -> list[str | Path]:
    """Return the command of a server on 127.0.0.1 alone, without a unix socket."""
    fixed = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "timezone=UTC")
    options = [word for setting in (*fixed, *settings) for word in ("-c", setting)]
    return [cluster.binaries / "postgres", "-D", cluster.data, *options]


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def ready_port(cluster: Cluster) -> int | None:
    """Return the port of the cluster's server, once it takes connections."""
    lines = postmaster(cluster)
    return int(lines[PORT]) if len(lines) > STATUS and lines[STATUS].strip() == "ready" else None


def postmaster(cluster: Cluster) -> list[str]:
    """Return the lines of postmaster.pid, or none unless that process serves this very folder."""
    try:
        lines = cluster.data.joinpath("postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if lines and _serves(lines[0], cluster.data) else []


def _serves(process: str, data: Path) -> bool:
    if not Path("/proc/self").exists():  # macOS tells no folder: any PostgreSQL there counts, to be safe
        return "postgres" in run(None, "ps", "-o", "args=", "-p", process).stdout
    try:
        here = Path("/proc", process, "cwd").readlink() == data
        return here and b"postgres" in Path("/proc", process, "cmdline").read_bytes()
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return False


def query(cluster: Cluster, port: int, statement: str) -> str:
    """Return what psql prints, unaligned, for one statement of the superuser; EmbeddedError if it fails."""
    where = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres")
    program = (cluster.binaries / "psql", "-XAtqw", *where, "-c", statement)
    asked = run(None, *program, password=cluster.password.read_text())
    if asked.returncode != 0:
        raise EmbeddedError(f"The server in {cluster.folder} does not answer: {last_lines(asked.stderr)}")
    return asked.stdout


def dsn(cluster: Cluster, port: int, database: str) -> str:
    """Return the superuser's DSN, with the password: not for logs."""
    return f"postgresql://postgres:{cluster.password.read_text()}@127.0.0.1:{port}/{database}"


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def last_lines(text: str) -> str:
    """Return the end of a program's output as one line, and before it what says that a disk is full."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    full = [line for line in lines if "No space left on device" in line]
    return " | ".join(dict.fromkeys([*full[:1], *lines[-5:]]))
