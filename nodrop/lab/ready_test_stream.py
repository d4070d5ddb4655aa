"""Streams for ready-test: one response of many events, such as server-sent events, over HTTP/1.1.

At SIGTERM an application that drains ends the response by its last chunk, so that its client can ask again; one that
exits cuts it, one that goes on ends nothing. Where a container that it needs has stopped, it answers 502, or cuts.
"""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodrop.lab.ready_test import ReadyTest

EVENT_SECONDS = 0.5
"""Wall-clock seconds between two events. Source: chosen."""
EVENT_STREAM = "text/event-stream"
"""What a client accepts, and gets. Source: HTML Standard, server-sent events."""
EVENT = b"data: x\n\n"
_CHUNK, _LAST_CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT), b"0\r\n\r\n"


class StreamConnection:
    """One connection, with one response."""

    def __init__(self, application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Of which the head of the request has been read."""
        self.application = application
        self.reader = reader
        self.writer = writer
        self.ending = asyncio.Event()

    async def serve(self) -> None:
        """Until either side ends it."""
        if missing := await self.application.missing():
            headers = [
                ("Content-Length", "0"),
                ("Connection", "close"),
                ("X-Stopped", missing),
                *self.application.marks(),
            ]
            self.writer.write(f"HTTP/1.1 502 Bad Gateway\r\n{_lines(headers)}\r\n".encode())
            return
        headers = [
            ("Content-Type", EVENT_STREAM),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            *self.application.marks(),
        ]
        self.writer.write(f"HTTP/1.1 200 OK\r\n{_lines(headers)}\r\n".encode())
        if self.application.draining:
            self.go_away()
        gone, ending = asyncio.create_task(self.reader.read()), asyncio.create_task(self.ending.wait())
        try:
            while not gone.done() and not ending.done():
                self.writer.write(_CHUNK)
                await asyncio.wait([gone, ending], timeout=EVENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if await self.application.missing():
                    return
            if not gone.done():
                self.writer.write(_LAST_CHUNK)
        finally:
            gone.cancel()
            ending.cancel()

    def go_away(self) -> None:
        """Ends the response; the client asks again then."""
        self.ending.set()


def _lines(headers: list[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers)
