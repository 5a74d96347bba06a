"""Tell a database that is away, or too slow, from an error of ours."""

import asyncpg


class DatabaseAwayError(Exception):
    """The database is known to be away, so nothing was tried."""


class ConnectionsInUseError(Exception):
    """All connections were in use for too long: many operations at once, or long ones."""

    def __init__(self) -> None:
        super().__init__("All connections to the database are in use at the moment. Try again in a moment.")


class ReadTooLongError(Exception):
    """An operation's reads together took too long."""


class ReadTooMuchError(Exception):
    """An operation has read too many rows."""

    def __init__(self) -> None:
        super().__init__("This asks for too much at once; ask for smaller pages, or in several operations.")


_AWAY = (
    DatabaseAwayError,
    ConnectionsInUseError,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    # A change of a process that was halted in the middle lets go of its site (sql/begin_change.sql).
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    # What is said at the door: there is no such database (any more), or no entry for us.
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    # What asyncpg says when the server's last word came before the statement.
    asyncpg.InternalClientError,
)
_SLOW = (asyncpg.QueryCanceledError, ReadTooLongError)
# What ending a transaction or giving a connection back may raise when the connection is lost; nothing depends on it.
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def is_away(error: BaseException) -> bool:
    """Tell whether the database could not be reached, or was lost on the way."""
    if isinstance(error, asyncpg.InterfaceError):
        # What asyncpg says of a connection that was lost between two statements; the second, of the pool's.
        return "closed" in str(error) or "released back to the pool" in str(error)
    return isinstance(error, _AWAY)


def is_slow(error: BaseException) -> bool:
    """Tell whether the database gave up on a statement that took too long."""
    return isinstance(error, _SLOW)
