import signal

import asyncpg
import pytest
import typer

from service.failures import INTERRUPTED, StoppedError, explained
from service.model.inventory_file import InventoryFileError
from service.model.refusals import Refusal, Refused
from service.model.vocabulary import RefusalCode
from service.store.embedded import EmbeddedError
from service.store.readiness import NotReadyError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (StoppedError("Stop here."), 1, "Stop here.\n"),
        (StoppedError("Wrong use.", 2), 2, "Wrong use.\n"),
        (NotReadyError("Not ready."), 1, "Not ready.\n"),
        (EmbeddedError("No room."), 1, "No room.\n"),
        (InventoryFileError("No text."), 1, "No text.\n"),
        (
            Refused(Refusal(RefusalCode.SITE_BUSY, "Busy."), Refusal(RefusalCode.NAME_TAKEN, "Taken.")),
            1,
            "Busy.\nTaken.\n",
        ),
        (asyncpg.AdminShutdownError("it shut down"), 1, "The database cannot be reached: it shut down.\n"),
        (ConnectionResetError(104, "reset"), 1, "The database cannot be reached: [Errno 104] reset.\n"),
        (KeyboardInterrupt(), INTERRUPTED, ""),
    ],
)
def test_what_is_to_be_expected_ends_in_a_sentence(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, explained():
        raise error
    assert caught.value.exit_code == code
    assert capsys.readouterr() == ("", said)


def test_an_error_of_ours_stays_one() -> None:
    with pytest.raises(LookupError), explained():
        raise LookupError("a bug")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_is_like_an_interrupt_and_handlers_come_back(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore it
    try:
        with pytest.raises(typer.Exit) as caught, explained():
            signal.raise_signal(number)
        assert caught.value.exit_code == INTERRUPTED
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_being_told_to_end_is_heard_where_interrupts_are_not() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(typer.Exit) as caught, explained():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught.value.exit_code == INTERRUPTED


def test_a_terminal_that_closes_is_no_end_where_that_is_not_wanted() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with explained():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
