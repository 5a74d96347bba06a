"""Real processes of the service, which tests kill, freeze and ask to end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Condition, Thread
from typing import Any
from urllib.parse import urlsplit

from service.store.embedded.cluster import wait_until

PROJECT = Path(__file__).parents[2]
COMING_UP_SECONDS = 60.0
GOING_DOWN_SECONDS = 40.0
PROBE_SECONDS = 5.0
DEFAULTS = {"shutdown_timeout": 5.0, "pool_size": 5}
# What asyncpg leaves behind when connecting is given up.
GIVEN_UP = "unexpected connection_lost() call"
# Its input ends when we leave or are killed: what we started must not outlive us.
KEEPER = "read -r _; kill -KILL $1"


class Replica:
    """One process of the service."""

    def __init__(self, dsn: str, *, listen: str | None = None, port: int = 0, **settings: object) -> None:
        command = (sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", str(port))
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=_environment(dsn, listen, DEFAULTS | settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        keeping = ("/bin/sh", "-c", KEEPER, "sh", str(self.pid))
        self._keeper = subprocess.Popen(keeping, stdin=subprocess.PIPE, start_new_session=True)
        self.log: list[dict[str, Any]] = []
        """What it has logged so far; a line that is no JSON is one with `event` alone."""
        self._logged = Condition()
        self._ended = False
        self._reader = Thread(target=self._read_log, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def address(self) -> str:
        """HOST:PORT, once it listens."""
        return urlsplit(str(self.await_line("serving")["graphql"])).netloc

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """What it logged of errors of its own."""
        errors = [line for line in self.log if line.get("level") not in ("debug", "info", "warning")]
        return [line for line in errors if GIVEN_UP not in line["event"]]

    async def line(self, event: str, seen: int = 0) -> dict[str, Any]:
        """Wait for a line of the log by its event, in what was logged after the first `seen` lines."""
        return await asyncio.to_thread(self.await_line, event, seen)

    async def ready(self) -> None:
        """Wait until /readyz says so."""
        await asyncio.to_thread(self.await_ready)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        await asyncio.to_thread(self.end, signal.SIGKILL)

    async def terminate(self) -> int:
        """End it with SIGTERM, and return its exit code."""
        return await asyncio.to_thread(self.end, signal.SIGTERM)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def await_line(self, event: str, seen: int = 0) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next((line for line in self.log[seen:] if line["event"] == event), None)

        with self._logged:
            self._logged.wait_for(lambda: found() or self._ended, COMING_UP_SECONDS)
        line = found()
        said = "\n".join(str(line["event"]) for line in self.log)
        assert line, f"It never logged {event!r}, but:\n{said}"
        return line

    def await_ready(self) -> None:
        assert wait_until(lambda: self._ended or _is_ready(self.address), COMING_UP_SECONDS), self.log
        assert not self._ended, self.log

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code; SIGKILL when that does not end it."""
        self._process.send_signal(number)
        self._process.send_signal(signal.SIGCONT)
        try:
            code = self._process.wait(GOING_DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._let_go()
        return code

    def _let_go(self) -> None:
        if self._keeper.stdin and not self._keeper.stdin.closed:
            self._keeper.kill()
            self._keeper.stdin.close()
            self._keeper.wait()
            self._reader.join()
            if self._process.stderr:
                self._process.stderr.close()

    def _read_log(self) -> None:
        for text in self._process.stderr or ():
            with self._logged:
                self.log.append(_line(text.decode()))
                self._logged.notify_all()
        with self._logged:
            self._ended = True
            self._logged.notify_all()


@asynccontextmanager
async def replica(
    dsn: str, *, listen: str | None = None, port: int = 0, ready: bool = True, **settings: object
) -> AsyncIterator[Replica]:
    """A process of the service, which works, or with `ready=False` listens; it ends with SIGTERM.

    Settings go by their names in Python, as `poll_interval=0.2`.
    """
    started = Replica(dsn, listen=listen, port=port, **settings)
    try:
        await asyncio.to_thread(started.await_line, "serving")
        if ready:
            await started.ready()
        yield started
    finally:
        await started.terminate()


def _environment(dsn: str, listen: str | None, settings: dict[str, object]) -> dict[str, str]:
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_", "CAMERA_REDUNDANCY_"))
    }
    named = {f"CAMERA_REDUNDANCY_{name.upper()}": str(value) for name, value in settings.items()}
    return outside | named | {"DATABASE_URL": dsn, "DATABASE_LISTEN_URL": listen or dsn}


def _line(text: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(text)
    except ValueError:
        return {"event": text.rstrip(), "level": None}
    return parsed


def _is_ready(address: str) -> bool:
    with closing(HTTPConnection(address, timeout=PROBE_SECONDS)) as probe, suppress(OSError, HTTPException):
        probe.request("GET", "/readyz")
        with probe.getresponse() as response:
            return response.status == 200
    return False
