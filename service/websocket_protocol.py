"""uvicorn's WebSocket protocol, for clients that read slowly or not at all."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class PatientWebSocket(WebSocketsSansIOProtocol):
    """A connection on which nothing piles up while its client does not read, however much it asks for.

    As it comes from uvicorn all who wait to send write a message each as soon as there is room for one, and each
    ping is answered at once, room or not.
    """

    _late_pong = b""

    async def send(self, message: Any) -> None:  # noqa: ANN401 - one of ASGI's dictionaries
        """Send when there is room; of those who wait, one at a time."""
        while not self.writable.is_set():
            await self.writable.wait()
        await super().send(message)

    def handle_ping(self) -> None:
        """Answer, but while there is no room keep the newest answers only: they stand for those before."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            # Of pings that came together the first to be handled takes the answers to all.
            self._late_pong = b"".join(self.conn.data_to_send()) or self._late_pong

    def resume_writing(self) -> None:
        """Give what was kept first: a client that waits for the answer might give up."""
        super().resume_writing()
        late, self._late_pong = self._late_pong, b""
        if late and not self.transport.is_closing():
            self.transport.write(late)
