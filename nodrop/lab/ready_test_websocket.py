"""WebSocket for ready-test: one connection, whose messages are sent back.

The server side of the library websockets. At SIGTERM an application that drains says goodbye (close frame 1001), so
that its clients can connect anew; one that exits or goes on says nothing.
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
                    self.accept(event)
                elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    self.protocol.send_text(event.data)
            self.flush()
            received = await self.reader.read(65536)

    def accept(self, request: Request) -> None:
        """Answers the opening request."""
        response = self.protocol.accept(request)
        for name, value in self.application.marks():
            response.headers[name] = value
        self.protocol.send_response(response)
        if self.application.draining:
            self.go_away()

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
