"""Tell a database that is away, or too slow, from an error of ours."""

import asyncpg


class ReadTooLongError(Exception):
    """An operation's reads together took too long."""


class ReadTooMuchError(Exception):
    """An operation has read too many rows."""

    def __init__(self) -> None:
        super().__init__("This asks for too much at once; ask for smaller pages, or in several operations.")


_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    # What is said at the door: there is no such database (any more), or no entry for us.
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    # What asyncpg says when the server's last word came before the statement.
    asyncpg.InternalClientError,
)
_SLOW = (asyncpg.QueryCanceledError, ReadTooLongError)


def is_away(error: BaseException) -> bool:
    """Tell whether the database could not be reached, or was lost on the way."""
    return isinstance(error, _AWAY) or (
        # What asyncpg says of a connection that the server closed between two statements.
        isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
    )


def is_slow(error: BaseException) -> bool:
    """Tell whether the database gave up on a statement that took too long."""
    return isinstance(error, _SLOW)
