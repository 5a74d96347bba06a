"""A PostgreSQL of one's own, to be killed, stopped, frozen and started again."""

import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from os import kill
from pathlib import Path

from service.store.embedded.account import surroundings
from service.store.embedded.cluster import Cluster, dsn, free_port, postmaster, server_command, wait_until
from service.store.migrate import migrate
from tests.cluster import available_binaries, checked_port, initialised
from tests.conftest import chosen_version

# What is committed survives the death of the server, for the kernel holds what it wrote; not that of the machine.
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}
GOING_DOWN_SECONDS = 30.0
# Its input ends when we leave or are killed; told `keep`, it leaves the folder for the next start.
KEEPER = (
    'folder=$1; shift; exec >>"$folder/server.log" 2>&1; "$@" & read -r word;'
    ' kill -CONT $!; kill -QUIT $!; wait $!; [ "$word" = keep ] || rm -rf "$folder"'
)


class Postgres:
    """One cluster with one migrated database; each start takes the same port."""

    def __init__(self, cluster: Cluster, settings: Mapping[str, str]) -> None:
        self.cluster = cluster
        self._settings = tuple(f"{name}={value}" for name, value in {**SETTINGS, **settings}.items())
        self._port = free_port()
        self._keeper: subprocess.Popen[bytes] | None = None
        self._frozen: list[int] = []

    @property
    def dsn(self) -> str:
        """The superuser's, with the password."""
        return dsn(self.cluster, self._port, "postgres")

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = server_command(self.cluster, self._port, *self._settings)
        self._keeper = subprocess.Popen(
            ("/bin/sh", "-c", KEEPER, "sh", self.cluster.folder, *command),
            **surroundings(self.cluster.account),
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        assert checked_port(self.cluster) == self._port

    def kill(self) -> None:
        """End all of its processes with SIGKILL, at once."""
        processes = self._processes()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            _signal(processes, number)
        assert wait_until(lambda: not any(_lives(process) for process in processes), GOING_DOWN_SECONDS)
        self._leave()

    def stop(self) -> None:
        """End it in good order, but for its clients, who lose their connections."""
        processes = self._processes()
        _signal(processes[:1], signal.SIGINT)
        assert wait_until(lambda: not any(_lives(process) for process in processes), GOING_DOWN_SECONDS)
        self._leave()

    def freeze(self) -> None:
        """Hold all of its processes: connections stay, and nothing answers."""
        self._frozen = self._processes()
        _signal(self._frozen, signal.SIGSTOP)

    def thaw(self) -> None:
        _signal(self._frozen, signal.SIGCONT)
        self._frozen = []

    def end(self) -> None:
        """End it for good, however it stands."""
        self.thaw()
        if self._keeper:
            self.kill()

    def _leave(self) -> None:
        assert self._keeper
        self._keeper.communicate(b"keep\n", GOING_DOWN_SECONDS)
        self._keeper = None
        self._frozen = []

    def _processes(self) -> list[int]:
        """The server, then its children."""
        server = int(postmaster(self.cluster)[0])
        children = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _parent(folder) == server]
        return [server, *children]


@contextmanager
def own_postgres(**settings: str) -> Iterator[Postgres]:
    """A server of the version that is tested, started, with a migrated database; settings are PostgreSQL's."""
    with initialised(available_binaries()[chosen_version()]) as cluster:
        made = Postgres(cluster, settings)
        made.start()
        try:
            with ThreadPoolExecutor(1) as beside:  # an event loop may be running here
                beside.submit(migrate, made.dsn).result()
            yield made
        finally:
            made.end()


def _parent(folder: Path) -> int:
    try:
        return int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            kill(process, number)


def _lives(process: int) -> bool:
    try:
        state = Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
