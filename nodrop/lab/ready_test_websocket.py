"""WebSocket for ready-test: one connection, whose messages are sent back.

The server side of the library websockets. At SIGTERM an application that drains says goodbye (close frame 1001), so
that its clients can connect anew; one that exits or goes on says nothing. Where a container that it needs has stopped,
an opening request is answered with 502, and a message with close frame 1011.
"""

import asyncio
from typing import TYPE_CHECKING

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from nodrop.lab.ready_test import ReadyTest


class WebSocketConnection:
    """One connection."""

    def __init__(self, application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Of which the head of the opening request has been read."""
        self.application = application
        self.reader = reader
        self.writer = writer
        self.protocol = ServerProtocol()

    async def serve(self, head: bytes) -> None:
        """Until either side closes it."""
        received = head
        while received:
            self.protocol.receive_data(received)
            for event in self.protocol.events_received():
                if isinstance(event, Request):
                    self.answer(event, await self.application.missing())
                elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    self.send_back(bytes(event.data), await self.application.missing())
            self.flush()
            received = await self.reader.read(65536)

    def answer(self, request: Request, missing: str) -> None:
        """Answers the opening request, `missing` being the name of a container that has stopped, or empty."""
        if missing:
            response = self.protocol.reject(502, f"container {missing} had stopped\n")
            response.headers["X-Stopped"] = missing
        else:
            response = self.protocol.accept(request)
        for name, value in self.application.marks():
            response.headers[name] = value
        self.protocol.send_response(response)
        if self.application.draining and not missing:
            self.go_away()

    def send_back(self, message: bytes, missing: str) -> None:
        """Answers a message; fails where a container of the name `missing` has stopped."""
        if self.protocol.close_sent is not None:
            return
        if missing:
            self.protocol.send_close(CloseCode.INTERNAL_ERROR, f"container {missing} had stopped")
        else:
            self.protocol.send_text(message)

    def go_away(self) -> None:
        """Says goodbye; the client closes then."""
        if self.protocol.close_sent is None:
            self.protocol.send_close(CloseCode.GOING_AWAY)
            self.flush()

    def flush(self) -> None:
        """Sends what the library has to send; nothing stands for the end."""
        for data in self.protocol.data_to_send():
            if data:
                self.writer.write(data)
            else:
                self.writer.close()
