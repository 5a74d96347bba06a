"""The composition root: the only place that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http import graphql_app
from service.feed.prune import pruning
from service.feed.tail import running_feed
from service.observability import Readiness, RequestIdMiddleware, healthz, readyz
from service.settings import Settings
from service.store.database import connect
from service.store.watch import watching

# An answer that comes later than this is lost: the network forgot the connection, and tells nobody.
COMMAND_SECONDS = 300.0
# Room for the largest call, an inventory report of 50,000 cameras.
BODY_BYTES = 32 << 20


def create_app(settings: Settings) -> Starlette:
    """Put the service together; its lifespan opens what it needs of the database at `settings.dsn`.

    It starts while the database is away or not migrated, says so in the log and on /readyz, and works as soon
    as that has changed: a process that ends instead would only be started again by whoever runs it.
    """
    return Starlette(
        routes=[
            Route("/", RedirectResponse("/graphql")),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/graphql", GraphQLRoute(), max_body_size=BODY_BYTES),
            Route("/graphql/{path:path}", GraphQLRoute()),
            WebSocketRoute("/graphql", GraphQLRoute()),
        ],
        middleware=[Middleware(RequestIdMiddleware)],
        lifespan=partial(_lifespan, settings),
    )


class GraphQLRoute:
    """Hands requests to what the lifespan made; a class, for Starlette takes a function for an endpoint."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one WebSocket."""
        graphql: ASGIApp = scope["app"].state.graphql
        await graphql(scope, receive, send)


@asynccontextmanager
async def _lifespan(settings: Settings, app: Starlette) -> AsyncIterator[None]:
    readiness = app.state.readiness = Readiness()
    async with (
        connect(
            settings.dsn,
            pool_size=settings.pool_size,
            statement_cache=settings.statement_cache,
            lock_timeout=settings.site_lock_timeout,
            command_timeout=COMMAND_SECONDS,
        ) as database,
        running_feed(
            database,
            settings.listen_dsn,
            poll_interval=settings.poll_interval,
            heartbeat=settings.heartbeat,
        ) as feed,
        watching(database, settings.dsn, readiness.tell),
        pruning(database, days=settings.retention_days, interval=settings.prune_interval),
    ):
        app.state.graphql = graphql_app(replace(database, moved=feed.moved), feed, graphiql=settings.graphiql)
        app.state.drain = app.state.graphql.drain
        yield
