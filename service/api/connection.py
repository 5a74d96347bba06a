"""One WebSocket, and how it ends when this process does: nothing that was begun is broken off."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

from service.api.context import Context

if TYPE_CHECKING:
    from service.api.http import GraphQLApp

SERVICE_RESTART = 1012


class Connection(BaseGraphQLTransportWSHandler[Context, None]):
    """The operations of one client, by graphql-transport-ws."""

    view: "GraphQLApp"
    _deaf = False

    async def handle(self) -> None:
        """Serve the client until either side closes."""
        self._under_way: set[asyncio.Task[None]] = set()
        with self.view.connected(self):
            if self.view.draining:
                await self.drain()
            await super().handle()

    async def drain(self) -> None:
        """Let what is under way finish, then close, so that the client goes on elsewhere.

        What comes meanwhile is carried out too (subscriptions are complete at once), but for what comes after
        all that was under way has ended: that has not begun when the connection closes.
        """
        await _ended(self._under_way)
        self._deaf = True
        await _ended(self._under_way)
        with suppress(WebSocketDisconnect, RuntimeError):  # the client was quicker
            await self.websocket.close(SERVICE_RESTART, "This process stops. Connect again, and go on there.")

    async def handle_message(self, message: Message) -> None:
        """Do what the client says; close when that cannot be understood."""
        if self._deaf:
            return
        if _is_understood(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("The message cannot be understood.")

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what went wrong in an operation, but not that its client was gone when it had something to say."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation."""
        await super().handle_subscribe(message)
        operation = self.operations.get(message["id"])
        if operation and operation.task:
            self._under_way.add(operation.task)
            operation.task.add_done_callback(self._under_way.discard)


def _is_understood(message: object) -> bool:
    """Tell whether a message has the form that the protocol gives it; what lacks is missed later."""
    if not isinstance(message, dict) or not isinstance(message.get("id", ""), str | int):
        return False
    return message.get("type") != "subscribe" or _is_request(message.get("payload"))


def _is_request(payload: object) -> bool:
    return isinstance(payload, dict) and all(
        isinstance(payload.get(name), kind | None)
        for name, kind in (("query", str), ("variables", dict), ("operationName", str))
    )


async def _ended(tasks: "set[asyncio.Task[None]]") -> None:
    if tasks:
        await asyncio.wait(tasks)
