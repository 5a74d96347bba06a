"""How a command ends when it cannot go on: one sentence, an exit code, and nothing left running."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

USAGE = 2
INTERRUPTED = 130


class StoppedError(Exception):
    """The command cannot go on; the text is the sentence to say, `code` the process's exit code."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


@contextmanager
def explained() -> Iterator[None]:
    """End the process with one sentence when something goes wrong that is to be expected."""
    with _signals():
        try:
            yield
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            sentences, code = _verdict(error)
            if not sentences:
                raise
            for sentence in sentences:
                typer.echo(sentence, err=True)
            raise typer.Exit(code) from None


def _verdict(error: Exception) -> tuple[list[str], int]:
    """Return what to say and the exit code; nothing to say of an error of ours."""
    from service.model.inventory_file import InventoryFileError
    from service.model.refusals import Refused
    from service.store.embedded import EmbeddedError
    from service.store.outage import is_away
    from service.store.readiness import NotReadyError, why_unreachable

    if isinstance(error, StoppedError):
        return [str(error)], error.code
    if isinstance(error, Refused):
        return [refusal.message for refusal in error.refusals], 1
    if isinstance(error, EmbeddedError | NotReadyError | InventoryFileError):
        return [str(error)], 1
    return ([why_unreachable(error)], 1) if is_away(error) else ([], 1)


@contextmanager
def _signals() -> Iterator[None]:
    """Let SIGTERM, and a terminal that closes, end this like Ctrl-C: what was started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
