"""The demo as a person runs it: it tells its story, serves on, and Ctrl-C stops all that it started."""

import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from rich.console import Console

from service.demo.actors import Dashboard, Start
from service.demo.client import Client
from service.failures import StoppedError
from tests.serving import serve_beside

NOBODY = f"site_{0:032x}"
PROJECT = Path(__file__).parents[1]
LAST_WORDS = "Ctrl-C stops it; the data stays for the next time.\n"
ADDRESS = re.compile(r"Whether it is ready: +http://127\.0\.0\.1:(\d+)/readyz")
ROW = re.compile(r"│ (\w+) +│ (\w+) +│ (\w+) +│ ([\w ]*?) *│ +(\d+) │")
TABLE = {
    ("ADD", "BACKUP", "APPLIED", "for the pairing"): 840,
    ("ADD", "BACKUP", "APPLIED", ""): 1,
    ("DELETE", "BACKUP", "APPLIED", ""): 2,
    ("DELETE", "RESTORE", "APPLIED", ""): 1,
    ("MOVE", "BACKUP", "APPLIED", ""): 1,
    ("REPLACE", "BACKUP", "APPLIED", ""): 1,
    ("REPLACE", "RESTORE", "APPLIED", ""): 1,
    ("ADD", "RESTORE", "SUPPRESSED", "ASYMMETRIC_RESTORE"): 1,
    ("MOVE", "RESTORE", "SUPPRESSED", "ASYMMETRIC_RESTORE"): 1,
    ("MOVE", "BACKUP", "SUPPRESSED", "ALREADY_SO"): 1,
    ("DELETE", "BACKUP", "SUPPRESSED", "ACTION_DISABLED"): 1,
}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="camera-redundancy-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # for the account that runs PostgreSQL in the place of root
        yield Path(folder) / "data"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = (sys.executable, "-m", "service", "demo", *map(str, arguments))
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )


def story_of(demo: "subprocess.Popen[str]") -> str:
    """Read until the last words, or to the end of a demo that fails."""
    told = []
    for line in demo.stdout or ():
        told.append(line)
        if line == LAST_WORDS:
            break
    return "".join(told)


def is_ready(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200


@pytest.mark.timeout(300)
def test_the_whole_story(data_dir: Path, taken_port: int) -> None:
    with start("--port", taken_port, "--data-dir", data_dir) as demo:
        text = story_of(demo)
        address = ADDRESS.search(text)
        assert address is not None, text
        used = int(address[1])
        assert is_ready(used)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
        assert demo.stdout is None or demo.stdout.read() == ""
    assert list(data_dir.rglob("postmaster.pid")) == []
    assert f"Port {taken_port} is taken by another program: this runs on port {used}.\n" in text
    assert "   838 of 838 cameras are PROTECTED.\n" in text
    assert {match.group(1, 2, 3, 4): int(match[5]) for match in ROW.finditer(text)} == TABLE


async def test_its_client_says_what_the_api_refuses_or_cannot_do(dsn: str) -> None:
    said: list[str] = []

    async def say(asking: Awaitable[object]) -> None:
        with pytest.raises(StoppedError) as caught:
            await asking
        said.append(str(caught.value))

    async def story(address: str) -> None:
        client = Client(address)
        await say(client.mutate("setMode", siteId=NOBODY, mode="AUTO"))
        await say(client.query("{ nothing }"))
        await say(Dashboard(Console()).run(client, Start(NOBODY, 0, NOBODY.replace("site", "epoch"))))
        await say(anext(client.subscribe("subscription { nothing }")))

    await serve_beside(dsn, story)
    assert said == [
        "setMode: There is no such site; check the id.",
        "The API answered: Cannot query field 'nothing' on type 'Query'.",
        "The subscription ended: There is no such site; check the id.",
        "The API answered: Cannot query field 'nothing' on type 'Subscription'.",
    ]
