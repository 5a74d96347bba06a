"""The peer that the stream is measured against: WebSockets of Starlette and uvicorn with nothing behind them."""

import socket
import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

EMPTY = '{"id": "1", "type": "next", "payload": {"data": {"feed": {"position": 0, "actions": []}}}}'

connected: set[WebSocket] = set()


async def follow(websocket: WebSocket) -> None:
    """Greet as the stream does, then send what is published."""
    await websocket.accept("graphql-transport-ws")
    try:
        await websocket.receive_text()
        await websocket.send_text('{"type": "connection_ack"}')
        await websocket.receive_text()
        await websocket.send_text(EMPTY)
        connected.add(websocket)
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        connected.discard(websocket)


async def publish(request: Request) -> JSONResponse:
    """Send a text to everybody, and answer when that began."""
    text = (await request.body()).decode()
    at = time.time()
    for websocket in list(connected):
        await websocket.send_text(text)
    return JSONResponse({"at": at})


def main() -> None:
    """Serve on the socket whose number is given."""
    app = Starlette(routes=[WebSocketRoute("/graphql", follow), Route("/publish", publish, methods=["POST"])])
    # Without compression, as the service has it.
    config = uvicorn.Config(app, log_config=None, access_log=False, ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
