"""GraphQL over HTTP, as its specification has it, server-sent events and WebSockets."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestProtocol, process_result
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.streaming import SSETransport
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult, SubscriptionExecutionResult

from service.api.connection import Connection
from service.api.context import Context, current_request_id
from service.api.event_stream import EventStream
from service.api.faults import FaultCode
from service.api.schema import schema
from service.feed.tail import Feed
from service.store.database import Database

STATIC = Path(__file__).parent / "static"
PLAIN = "application/json"
PREFERRED = "application/graphql-response+json"
EVENTS = "text/event-stream"
METHODS = ("GET", "POST")


def graphql_app(
    database: Database, feed: Feed, *, graphiql: bool = True, actor: str = "anonymous"
) -> "GraphQLApp":
    """Return the ASGI application; it serves GraphiQL's files from any path with /static/ in it."""
    return GraphQLApp(database, feed, graphiql=graphiql, actor=actor)


class EventTransport(SSETransport):
    """Server-sent events, for clients that like nothing better: some name them beside JSON, to be sure."""

    def accepts(self, accept: str) -> bool:
        """Tell whether a client wants its answer as events."""
        qualities = _qualities(accept)
        events = qualities.get(EVENTS, 0.0)
        return events > max(qualities.get(PLAIN, 0.0), qualities.get(PREFERRED, 0.0))


class GraphQLApp(GraphQL[Context, None]):
    """The view: POST and GET (queries and subscriptions), and WebSockets that speak graphql-transport-ws.

    `draining`: this process stops, and whoever connects now is sent on.
    """

    graphql_transport_ws_handler_class = Connection
    stream_transport_classes_by_protocol = MappingProxyType({GRAPHQL_SSE_PROTOCOL: EventTransport})

    def __init__(self, database: Database, feed: Feed, *, graphiql: bool, actor: str) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=10),
        )
        self.draining = False
        self._connections: set[Connection] = set()
        self._database = database
        self._feed = feed
        self._actor = actor
        self._static = StaticFiles(directory=STATIC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one WebSocket."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    @contextmanager
    def connected(self, connection: Connection) -> Iterator[None]:
        """Know of a WebSocket as long as it is there."""
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.remove(connection)

    async def drain(self) -> None:
        """Complete all subscriptions, let what else is under way finish, and close every WebSocket."""
        self.draining = True
        self._feed.close()
        await asyncio.gather(*(connection.drain() for connection in self._connections))

    async def _respond(self, request: Request) -> Response:
        _, static, name = request.url.path.partition("/static/")
        if static and self.graphql_ide:
            return await self._static.get_response(name, request.scope)
        try:
            return await self.run(request)
        except HTTPException as error:
            return _refused(error)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Return what the operations of a request have in common."""
        del request, response
        return Context(self._database, self._feed, self._actor)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Return what the answer is made on: it carries the media type that the client likes best."""
        response = await super().get_sub_response(request)
        response.media_type = _preferred(request.headers.get("accept", ""))
        return response

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Return the answer: without data, and in the newer media type as 400, when nothing was carried out."""
        answer = _answer({} if isinstance(response_data, list) else response_data)
        status = 400 if "data" not in answer and sub_response.media_type == PREFERRED else 200
        return Response(orjson.dumps(answer), status, media_type=sub_response.media_type)

    async def _create_streaming_response(
        self,
        request: Request,
        result: SubscriptionExecutionResult,
        protocol: GraphQLRequestProtocol,
        sub_response: Response,
    ) -> Response:
        """Return the answers as events; Strawberry's own way leaves generators of lost clients to chance."""
        del request, protocol, sub_response
        return EventStream(_answers(cast("StreamResult", result)))

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Tell a browser from a client that forgot its query."""
        wants_page = "text/html" in request.headers.get("accept", "")
        return request.method == "GET" and wants_page and request.query_params.get("query") is None

    async def render_graphql_ide(self, request: Request) -> Response:
        """Return GraphiQL's page."""
        del request
        return FileResponse(STATIC / "graphiql.html")

    def parse_json(self, data: str | bytes) -> Any:  # noqa: ANN401 - JSON is any
        """Read a body, which must be an object, or a part of a URL."""
        parsed = super().parse_json(data)
        if isinstance(data, bytes) and not isinstance(parsed, dict):
            raise HTTPException(400, "The body must be one JSON object.")
        return parsed

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """Write JSON as text, for WebSockets: as bytes it would go in binary frames."""
        return orjson.dumps(data).decode()


def _refused(error: HTTPException) -> Response:
    """Return what is no GraphQL request as an error of GraphQL's form."""
    extensions = {"code": FaultCode.BAD_REQUEST.value, "requestId": current_request_id()}
    body = orjson.dumps({"errors": [{"message": error.reason, "extensions": extensions}]})
    headers = {"Allow": ", ".join(METHODS)} if error.status_code == 405 else None  # noqa: PLR2004
    return Response(body, error.status_code, headers, PLAIN)


async def _answers(results: StreamResult) -> AsyncGenerator[bytes, None]:
    async with aclosing(results):
        async for result in results:
            if not isinstance(result, ExecutionResult):
                raise TypeError("Answers in parts are not in the schema.")
            yield orjson.dumps(_answer(process_result(result)))


def _answer(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer without data when nothing was carried out."""
    carried_out = answer.get("data") is not None or any("path" in error for error in answer.get("errors", ()))
    return answer if carried_out else {name: value for name, value in answer.items() if name != "data"}


def _preferred(accept: str) -> str:
    """Return the newer media type if a client names it and likes it no less than the older one."""
    qualities = _qualities(accept)
    newer = qualities.get(PREFERRED, 0.0)
    return PREFERRED if newer > 0 and newer >= qualities.get(PLAIN, 0.0) else PLAIN


def _qualities(accept: str) -> Mapping[str, float]:
    return dict(_quality(part) for part in accept.split(","))


def _quality(part: str) -> tuple[str, float]:
    media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return media_type, float(quality)
    except ValueError:
        return media_type, 0.0
