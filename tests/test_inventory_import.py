import io
import sys

import pytest

from service.inventory_import import showing_progress


def test_progress_is_some_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with showing_progress() as progress:
        for done in range(0, 101, 2):
            progress(done, 100)
    assert capsys.readouterr().err.splitlines() == [f"{tenth}0 of 100 cameras" for tenth in range(1, 11)]


def test_nothing_to_do_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with showing_progress() as progress:
        progress(0, 0)
    assert capsys.readouterr().err == "0 of 0 cameras\n"


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with showing_progress() as progress:
        progress(0, 840)
        progress(840, 840)
    shown = terminal.getvalue()
    assert "Importing cameras" in shown
    assert "840/840" in shown
