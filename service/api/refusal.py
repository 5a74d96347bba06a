"""Refusals as data: one handler turns what commands raise into the answer's `Refused`."""

from functools import singledispatch
from typing import Self

import strawberry
from strawberry.types.field import StrawberryField

from service.api import ids
from service.api.context import Info
from service.api.scalars import Revision
from service.api.types.mode import ModeChangeImpact
from service.model import refusals as model
from service.model.vocabulary import PairingStyle, RefusalCode


@strawberry.interface(description="One thing that stands against a change.")
class Refusal:
    """A refusal of any kind."""

    code: RefusalCode = strawberry.field(description="What kind, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for persons.")
    path: list[str] = strawberry.field(
        description='Where in the input: ["pairings", "0", "primaryIds", "2"]. Empty: not a matter of one input.'
    )


@strawberry.type(description="A refusal of which there is nothing more to say.")
class GeneralRefusal(Refusal):
    """Any other refusal."""


@strawberry.type(description="The site's design changed after ifRevision.")
class StaleRevision(Refusal):
    """What was decided upon is out of date."""

    expected: Revision = strawberry.field(description="The ifRevision that was given.")
    actual: Revision = strawberry.field(description="The revision at which the design last changed.")


@strawberry.type(description="The numbers of servers do not fit the style.")
class PairingShape(Refusal):
    """A pairing that cannot be."""

    style: PairingStyle = strawberry.field(description="The style that was asked for.")
    primaries: int = strawberry.field(description="How many primaries the pairing would have.")
    secondaries: int = strawberry.field(description="How many secondaries the pairing would have.")


@strawberry.type(description="The change has an impact that somebody must confirm.")
class ConfirmationRequired(Refusal):
    """A change that costs something."""

    impact: ModeChangeImpact = strawberry.field(description="What the change would do.")


@strawberry.type(
    description="A report would change so much of a server that it may be of the wrong recorder, or of one that is "
    "being repaired."
)
class SuspiciousChange(Refusal):
    """A report that somebody must look at first."""

    server_id: strawberry.ID = strawberry.field(description="The server.")
    adds: int = strawberry.field(description="How many cameras are new there.")
    deletes: int = strawberry.field(description="How many cameras are gone.")
    replaces: int = strawberry.field(description="How many cameras have other hardware.")
    moves: int = strawberry.field(description="How many cameras left it for other servers.")
    requeues: int = strawberry.field(description="How many twins are gone and would be added again.")
    of: int = strawberry.field(description="How many cameras the inventory has there.")


@strawberry.type(description="The change was not made. Always data, never a top-level error.")
class Refused:
    """All that stands against a change."""

    refusals: list[Refusal] = strawberry.field(description="All reasons that apply, at least one.")

    @classmethod
    def of(cls, refused: model.Refused) -> Self:
        """Make the answer of what a command raised."""
        return cls(refusals=[refusal_of(refusal) for refusal in refused.refusals])


@singledispatch
def refusal_of(refusal: model.Refusal) -> Refusal:
    """Return a refusal as its GraphQL type."""
    return GeneralRefusal(code=refusal.code, message=refusal.message, path=list(refusal.path))


@refusal_of.register
def _(refusal: model.StaleRevision) -> Refusal:
    return StaleRevision(
        code=refusal.code,
        message=refusal.message,
        path=list(refusal.path),
        expected=Revision(refusal.expected),
        actual=Revision(refusal.actual),
    )


@refusal_of.register
def _(refusal: model.PairingShape) -> Refusal:
    return PairingShape(
        code=refusal.code,
        message=refusal.message,
        path=list(refusal.path),
        style=refusal.style,
        primaries=refusal.primaries,
        secondaries=refusal.secondaries,
    )


@refusal_of.register
def _(refusal: model.ConfirmationRequired) -> Refusal:
    if refusal.impact is None:
        raise ValueError("A change that must be confirmed has an impact.")
    return ConfirmationRequired(
        code=refusal.code,
        message=refusal.message,
        path=list(refusal.path),
        impact=ModeChangeImpact.of(refusal.impact),
    )


@refusal_of.register
def _(refusal: model.SuspiciousChange) -> Refusal:
    if refusal.server_id is None:
        raise ValueError("A suspicious report is of a server.")
    return SuspiciousChange(
        code=refusal.code,
        message=refusal.message,
        path=list(refusal.path),
        server_id=ids.id_of(ids.SERVER, refusal.server_id),
        adds=refusal.adds,
        deletes=refusal.deletes,
        replaces=refusal.replaces,
        moves=refusal.moves,
        requeues=refusal.requeues,
        of=refusal.of,
    )


class RefusedHandler(strawberry.ExceptionHandler[model.Refused, Refused]):
    """Turns a refusal that anything raises below a mutation into the mutation's answer."""

    def handle(self, exception: model.Refused, *, field: StrawberryField, info: Info) -> Refused:
        """Return the answer."""
        del field, info
        return Refused.of(exception)
