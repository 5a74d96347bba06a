"""The last resort of a process that is to end: what real servers do with their clients is in tests/live."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PROGRAM = """
import asyncio, contextlib, signal, socket, time, uvicorn
from service.draining import DrainingServer

async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    HANG

async def drain():
    pass

async def serve():
    server = DrainingServer(uvicorn.Config(app, log_config=None), drain, 1)
    serving = asyncio.create_task(server.serve(sockets=[socket.create_server(("127.0.0.1", 0))]))
    while not server.started:
        await asyncio.sleep(0)
    signal.raise_signal(signal.SIGINT)
    await serving

with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(serve())
"""


@pytest.mark.parametrize("hang", ["time.sleep(60)", "await asyncio.to_thread(time.sleep, 60)"])
def test_a_call_that_no_time_out_reaches_holds_up_nothing(hang: str) -> None:
    program = PROGRAM.replace("HANG", hang)
    ended = subprocess.run(
        (sys.executable, "-c", program), cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, "Something did not end in time." in ended.stdout) == (0, True), ended
