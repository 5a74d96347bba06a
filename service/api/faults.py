"""Faults: top-level errors with a code, for what no client can expect. Nothing of our inside shows in them."""

from collections.abc import Collection, Sequence
from enum import StrEnum

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from service.store.outage import ConnectionsInUseError, ReadTooMuchError, is_away, is_slow

log = structlog.stdlib.get_logger(__name__)


class FaultCode(StrEnum):
    """What kind of fault; more may come."""

    BAD_REQUEST = "BAD_REQUEST"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class BadRequestError(Exception):
    """What was asked cannot be understood; the text goes to the client."""


_ASKED_FOR = (
    BadRequestError,
    ReadTooMuchError,
    # Only a document can lead us so deep: its parser recurses before anything can look at it.
    RecursionError,
    MissingQueryError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
)
_MESSAGES = {
    FaultCode.TIMEOUT: "This took too long. Ask for less at once, or try again later.",
    FaultCode.UNAVAILABLE: "The database cannot be reached at the moment. Try again later.",
    FaultCode.INTERNAL: "An internal error happened. The service's log tells more under this request id.",
}


def told(errors: Sequence[GraphQLError] | None, request_id: str) -> list[GraphQLError] | None:
    """Return errors as a client may see them; what is masked goes to the log."""
    if not errors:
        return None
    log_faults(errors)
    return [fault_of(error, request_id) for error in errors]


def log_faults(errors: Sequence[GraphQLError]) -> None:
    """Tell the operator of errors that are not the client's, of each cause once."""
    for cause, path in {
        repr(_cause(error)): (_cause(error), error.path) for error in reversed(errors)
    }.values():
        _log(cause, path)


def _log(cause: BaseException | None, path: Collection[str | int] | None) -> None:
    code = _code(cause)
    if code is FaultCode.UNAVAILABLE:
        # There are many of them at a time, and where it was that the database was missed tells nothing.
        log.warning("fault", code=code.value, path=path, reason=repr(cause))
    elif code is not FaultCode.BAD_REQUEST:
        log.error("fault", code=code.value, path=path, exc_info=cause)


def is_unavailable(errors: Sequence[GraphQLError] | None) -> bool:
    """Tell whether any of these says that the database is away."""
    return any(_code(_cause(error)) is FaultCode.UNAVAILABLE for error in errors or ())


def fault_of(error: GraphQLError, request_id: str) -> GraphQLError:
    """Return one error as a client may see it: with a code, the request's id and no inside."""
    cause = _cause(error)
    code = _code(cause)
    return GraphQLError(
        _own_words(cause) or _MESSAGES.get(code, error.message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value, "requestId": request_id},
    )


def _own_words(cause: BaseException | None) -> str | None:
    """Return what is said of this one error rather than of its kind."""
    if isinstance(cause, CannotGetOperationTypeError):
        return cause.as_http_error_reason()
    if isinstance(cause, InvalidOperationTypeError):
        return cause.as_http_error_reason("GET")  # by POST, and over a connection, all are allowed
    return str(cause) if isinstance(cause, ConnectionsInUseError) else None


def _cause(error: GraphQLError) -> BaseException | None:
    """Return what was raised in our code; null where GraphQL itself says no."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _code(cause: BaseException | None) -> FaultCode:
    if cause is None or isinstance(cause, _ASKED_FOR):
        return FaultCode.BAD_REQUEST
    if is_away(cause):
        return FaultCode.UNAVAILABLE
    return FaultCode.TIMEOUT if is_slow(cause) else FaultCode.INTERNAL
