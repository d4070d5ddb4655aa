"""HTTP/2 for ready-test: one connection, over TLS or in clear, with the calls that a gRPC health check makes.

The server side of the library h2; gRPC's frames and its health service are those of gRPC's documentation
(PROTOCOL-HTTP2, Health Checking Protocol). At SIGTERM an application that drains sends GOAWAY; one that exits or
goes on sends none.
"""

import asyncio
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error
from hyperframe.frame import GoAwayFrame

from nodrop.lab.ready_test_stream import EVENT, EVENT_SECONDS, EVENT_STREAM

if TYPE_CHECKING:
    from nodrop.lab.ready_test import ReadyTest

PREFACE = b"PRI * HTTP/2.0\r\n\r\n"
"""Begins every connection of HTTP/2, where HTTP/1.1 has the head of its first request (RFC 9113, 3.4)."""
LINGER_SECONDS = 0.2
"""Wall-clock seconds after GOAWAY in which requests that crossed it are still taken. Source: chosen."""
_ALL_STREAMS = 2**31 - 1
_MESSAGE = {True: b"\0\0\0\0\2\x08\1", False: b"\0\0\0\0\2\x08\2"}
"""HealthCheckResponse with status SERVING, and with NOT_SERVING, each in a frame."""
_UNAVAILABLE = "14"


class Http2Connection:
    """One connection."""

    def __init__(self, application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Of which PREFACE has been read."""
        self.application = application
        self.reader = reader
        self.writer = writer
        self.connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.requests: dict[int, dict[str, str]] = {}
        """Headers by stream, until the request has ended."""
        self.answers: dict[int, asyncio.Task[None]] = {}
        self.closing: asyncio.Task[None] | None = None
        self.going_away: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.connection.initiate_connection()
        self.flush()

    async def serve(self) -> None:
        """Until either side closes it."""
        if self.application.draining:
            self.go_away()
        received, timeout = PREFACE, self.application.options.keep_alive_timeout_seconds or None
        try:
            while received:
                for event in self.connection.receive_data(received):
                    self.take(event)
                self.flush()
                received = await self.read(timeout)
        except (H2Error, ConnectionError):
            pass  # not HTTP/2, or gone
        finally:
            for answer in self.answers.values():
                answer.cancel()

    async def read(self, timeout_seconds: float | None) -> bytes:
        """What comes next; nothing at its end, or when it was idle for so long."""
        while True:
            try:
                async with asyncio.timeout(timeout_seconds):
                    return await self.reader.read(65536)
            except TimeoutError:
                if not self.answers:
                    self.go_away()

    def take(self, event: Event) -> None:
        """What one event asks for."""
        if isinstance(event, RequestReceived):
            self.requests[event.stream_id] = {str(name): str(value) for name, value in event.headers}
        elif isinstance(event, DataReceived):
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            headers = self.requests.pop(event.stream_id)
            self.answers[event.stream_id] = asyncio.create_task(self.answer(event.stream_id, headers))
        elif isinstance(event, StreamReset) and (answer := self.answers.pop(event.stream_id, None)):
            answer.cancel()

    async def answer(self, stream: int, headers: dict[str, str]) -> None:
        """One request, when it has lasted as long as it does."""
        streams = self.application.options.streams and headers.get("accept") == EVENT_STREAM
        if streams and not await self.application.missing():
            await self.stream(stream)
            return
        grpc = headers.get("content-type", "").startswith("application/grpc")
        status, body, more = await self.application.outcome(headers[":path"], headers)
        if grpc:
            stopped = status.startswith("502")
            first = [(":status", "200"), ("content-type", "application/grpc"), *more]
            last = [("grpc-status", _UNAVAILABLE if stopped else "0"), ("grpc-message", "stopped" if stopped else "")]
            body = _MESSAGE[self.application.ready]
        else:
            first = [(":status", status.split()[0]), ("content-type", "text/plain"), *more]
            last = []
        try:
            self.connection.send_headers(stream, [(name.lower(), value) for name, value in first])
            self.connection.send_data(stream, body, end_stream=not last)
            if last:
                self.connection.send_headers(stream, last, end_stream=True)
            self.flush()
        except (H2Error, ConnectionError):
            pass  # the client has gone
        self.answers.pop(stream, None)
        if self.application.options.keep_alive_timeout_seconds == 0:
            self.go_away()

    async def stream(self, stream: int) -> None:
        """One response of many events, until this connection is to end."""
        first = [(":status", "200"), ("content-type", EVENT_STREAM), *self.application.marks()]
        try:
            self.connection.send_headers(stream, [(name.lower(), value) for name, value in first])
            while not self.closing and not await self.application.missing():
                self.connection.send_data(stream, EVENT)
                self.flush()
                await asyncio.wait([self.going_away], timeout=EVENT_SECONDS)
            if self.closing:
                self.connection.end_stream(stream)
            else:
                self.connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
            self.flush()
        except (H2Error, ConnectionError):
            pass  # the client has gone
        self.answers.pop(stream, None)

    def go_away(self) -> None:
        """Asks for no more requests, and closes when all have their answers."""
        if self.closing is None:
            self.writer.write(GoAwayFrame(0, last_stream_id=_ALL_STREAMS).serialize())
            self.closing = asyncio.create_task(self.close())
            self.going_away.set_result(None)

    async def close(self) -> None:
        """When requests that crossed GOAWAY have come, and all have their answers."""
        await asyncio.sleep(LINGER_SECONDS)
        while self.answers:
            await asyncio.wait(self.answers.values())
        self.writer.close()

    def flush(self) -> None:
        """Sends what the library has to send."""
        self.writer.write(self.connection.data_to_send())
