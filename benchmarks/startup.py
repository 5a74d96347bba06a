"""Measures how soon `serve --embedded` is ready when its data is there, and what memory it holds idle."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
ROUNDS = 5
READY_LIMIT = 3.0  # seconds
MEMORY_LIMIT = 120.0  # MB
IDLE_SECONDS = 2.0


def start(data_dir: str) -> tuple[subprocess.Popen[str], float]:
    """Start the service and return it with the seconds that it took to be ready."""
    command = (sys.executable, "-m", "service", "serve", "--embedded", "--data-dir", data_dir, "--port", "0")
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own
    for line in process.stderr or ():
        if json.loads(line)["event"] == "ready":
            return process, time.perf_counter() - started
    raise AssertionError("It ended before it was ready.")


def resident_megabytes(process_id: int) -> float:
    """Return what a process holds in memory, pages that it shares with others included."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def processor_seconds(process_id: int) -> float:
    """Return what a process and its ended children have computed, which other programs slow down less."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def measure(data_dir: str) -> tuple[float, float, float]:
    """Return of one run the seconds until ready, those of a processor among them, and the megabytes when idle."""
    process, seconds = start(data_dir)
    try:
        computed = processor_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        return seconds, computed, resident_megabytes(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def main() -> None:
    """Measure, print, and fail above a limit."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.pop("DATABASE_URL", None)
        first, *_ = measure(f"{folder}/data")
        runs = [measure(f"{folder}/data") for _ in range(ROUNDS)]
    seconds, computed, megabytes = (
        min(run[0] for run in runs),
        min(run[1] for run in runs),
        max(run[2] for run in runs),
    )
    print(f"first start, with initdb and migrations: ready after {first:.1f} s")
    print(
        f"warm, best of {ROUNDS}: ready after {seconds:.2f} s, limit {READY_LIMIT} s ({computed:.2f} s computing)"
    )
    print(f"idle: {megabytes:.0f} MB, limit {MEMORY_LIMIT:.0f} MB")
    sys.exit(seconds > READY_LIMIT or megabytes > MEMORY_LIMIT)


if __name__ == "__main__":
    main()
