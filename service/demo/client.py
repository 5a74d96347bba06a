"""A client as anybody would write one: GraphQL over HTTP, and subscriptions over graphql-transport-ws."""

import asyncio
import json
from collections.abc import AsyncIterator
from http.client import HTTPConnection
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from service.failures import StoppedError

# Of each mutation: the type that it answers with unless it is refused, and what the demo reads of that.
ACTION = "mirroredAction { id }"
ANSWERS = {
    "createSite": ("SiteCreated", "site { id }"),
    "registerServers": ("ServersRegistered", "servers { id name }"),
    "labelServers": ("ServersLabeled", ""),
    "setMode": ("ModeSet", ""),
    "setSyncPolicy": ("SyncPolicySet", ""),
    "pairServers": (
        "ServersPaired",
        "planned { camerasAdded primaries { server { id name } secondary { id name } } }",
    ),
    "addCamera": ("CameraAdded", f"camera {{ id }} {ACTION}"),
    "moveCamera": ("CameraMoved", ACTION),
    "deleteCamera": ("CameraDeleted", ACTION),
    "replaceCamera": ("CameraReplaced", ACTION),
    "acknowledgeMirroredActions": ("MirroredActionsAcknowledged", "accepted rejected { message }"),
    "retryMirroredActions": ("MirroredActionsRetried", "accepted rejected { message }"),
}
HTTP_SECONDS = 60


class Client:
    """The API at one address, HOST:PORT."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def is_ready(self) -> bool:
        """Ask /readyz."""
        status, _ = await asyncio.to_thread(self._request, "GET", "/readyz", None)
        return status == 200  # noqa: PLR2004 - HTTP's own word for it

    async def query(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """Execute an operation and return its data; StoppedError on errors."""
        body = {"query": document, "variables": variables}
        _, answer = await asyncio.to_thread(self._request, "POST", "/graphql", json.dumps(body))
        return _data(json.loads(answer))

    async def mutate(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Execute one mutation on its input and return its answer; StoppedError when it is refused."""
        answers, fields = ANSWERS[name]
        document = (
            f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ answer: {name}(input: $input) {{"
            f" ... on {answers} {{ revision {fields} }}"
            " ... on Refused { refusals { message } } } }"
        )
        answer: dict[str, Any] = (await self.query(document, input=given))["answer"]
        if refusals := answer.get("refusals"):
            raise StoppedError(f"{name}: {' '.join(refusal['message'] for refusal in refusals)}")
        return answer

    async def subscribe(self, document: str, /, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        """Yield what a subscription sends, until it is completed."""
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(f"ws://{self.address}/graphql", subprotocols=[protocol]) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            async for text in socket:
                message = json.loads(text)
                match message["type"]:
                    case "connection_ack":
                        payload = {"query": document, "variables": variables}
                        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
                    case "ping":
                        await socket.send(json.dumps({"type": "pong"}))
                    case "next":
                        yield _data(message["payload"])
                    case "error":
                        _data({"errors": message["payload"]})
                    case "complete":
                        return

    def _request(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        connection = HTTPConnection(self.address, timeout=HTTP_SECONDS)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    if errors := answer.get("errors"):
        raise StoppedError(f"The API answered: {'; '.join(error['message'] for error in errors)}")
    data: dict[str, Any] = answer["data"]
    return data
