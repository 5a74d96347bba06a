"""Throw-away PostgreSQL clusters: fast, private, and gone when their maker is gone, SIGKILL included."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from service.store.embedded.account import (
    PROGRAMS,
    EmbeddedError,
    account_for,
    give,
    reachable_binaries,
    require_reach,
    surroundings,
)
from service.store.embedded.cluster import (
    Cluster,
    dsn,
    free_port,
    initialise,
    last_lines,
    major_version,
    query,
    ready_port,
    server_command,
    wait_until,
)
from service.store.embedded.sharing import available, embedded_binaries

SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "dynamic_shared_memory_type=mmap",  # in the folder, which goes even when the server is killed
    "shared_buffers=128MB",
)
COMING_UP_SECONDS = 30.0
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
ROOM_BYTES = 4 << 30
# Its input ends when we leave or are killed; TERM is for a server too young to know QUIT.
KEEPER = (
    'folder=$1; shift; exec >"$folder/server.log" 2>&1; "$@" & read -r _;'
    ' kill -TERM $!; kill -QUIT $!; wait $!; rm -rf "$folder"'
)


def available_binaries() -> dict[str, Path]:
    """Return the folders of PostgreSQL programs on this machine by major version; the embedded one wins."""
    found: dict[str, Path] = {}
    for folder in _candidates():
        if all((folder / program).exists() for program in PROGRAMS):
            found.setdefault(major_version(folder), folder)
    return found


def _candidates() -> Iterator[Path]:
    if available():
        yield embedded_binaries()
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if program := shutil.which("pg_config"):
        named = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=True).stdout
        yield Path(named.strip())


@contextmanager
def throwaway(bin_dir: Path) -> Iterator[str]:
    """Yield the superuser's DSN of a new cluster that nothing is promised to survive in."""
    with initialised(bin_dir) as cluster, _kept(cluster):
        yield dsn(cluster, checked_port(cluster), "postgres")


@contextmanager
def initialised(bin_dir: Path) -> Iterator[Cluster]:
    """Yield a new cluster that nobody has started yet."""
    with _folder() as folder:
        account = account_for(folder)
        give(folder, account)
        require_reach(folder, account)
        cluster = Cluster(reachable_binaries(bin_dir, folder / "software", account), folder, account)
        initialise(cluster, "--no-sync")
        yield cluster


def _memory() -> Path | None:
    """Return a place in memory, if this machine has one with room, where programs may run: it is twice as fast."""
    with suppress(OSError):
        room = os.statvfs(MEMORY)
        if room.f_bavail * room.f_frsize > ROOM_BYTES and not room.f_flag & os.ST_NOEXEC:
            return MEMORY if os.access(MEMORY, os.W_OK) else None
    return None


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="camera-redundancy-", dir=_memory())).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kept(cluster: Cluster) -> Iterator[None]:
    program = (
        "/bin/sh",
        "-c",
        KEEPER,
        "sh",
        cluster.folder,
        *server_command(cluster, free_port(), *SETTINGS),
    )
    with subprocess.Popen(
        program, **surroundings(cluster.account), stdin=subprocess.PIPE, start_new_session=True
    ):
        yield


def checked_port(cluster: Cluster) -> int:
    """Wait until the cluster's server takes connections, and return its port."""
    wait_until(lambda: ready_port(cluster), COMING_UP_SECONDS)
    port = ready_port(cluster)
    if port is None:
        raise EmbeddedError(
            f"The throw-away PostgreSQL did not come up: {last_lines(cluster.log.read_text())}"
        )
    if query(cluster, port, "SHOW data_directory").strip() != str(cluster.data):
        raise EmbeddedError(f"The server on port {port} is not the one that was started.")
    return port
