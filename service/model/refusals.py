"""Refusals: a rule or the state says no. Expected, typed data, never a fault."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from service.model.vocabulary import Mode, PairingStyle, RefusalCode

Path = tuple[str, ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that stands against a change; `path` points into the input."""

    code: RefusalCode
    message: str
    path: Path = ()


@dataclass(frozen=True, slots=True)
class StaleRevision(Refusal):
    """The design moved past ifRevision."""

    expected: int = 0
    actual: int = 0


@dataclass(frozen=True, slots=True)
class PairingShape(Refusal):
    """The counts do not fit the style."""

    style: PairingStyle = PairingStyle.SYMMETRIC
    primaries: int = 0
    secondaries: int = 0


@dataclass(frozen=True, slots=True)
class ModeChangeImpact:
    """What a change of mode does; `summary` holds sentences for a person, most important first."""

    from_mode: Mode
    to_mode: Mode
    pairings_dissolved: int
    links_kept: int
    cameras_losing_protection: int
    summary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfirmationRequired(Refusal):
    """The change has an impact that somebody must confirm."""

    impact: ModeChangeImpact | None = None


@dataclass(frozen=True, slots=True)
class SuspiciousChange(Refusal):
    """A report would change so much of a server, `of` so many cameras, that somebody must confirm it."""

    server_id: UUID | None = None
    adds: int = 0
    deletes: int = 0
    replaces: int = 0
    moves: int = 0
    requeues: int = 0
    of: int = 0


class Refused(Exception):  # noqa: N818 - the glossary's word
    """Nothing was changed, for these refusals: at least one."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


def collect(refusals: list[Refusal], path: Path, parse: Callable[..., Value], *texts: object) -> Value | None:
    """Return what a text parses to; where it does not, add its refusal and return None."""
    try:
        return parse(*texts)
    except ValueError as error:
        refusals.append(Refusal(RefusalCode.INVALID_INPUT, str(error), path))
        return None


def refuse_if(refusals: list[Refusal]) -> None:
    """Refuse with all that was collected, if anything was."""
    if refusals:
        raise Refused(*refusals)
