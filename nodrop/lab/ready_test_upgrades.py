"""Connections of ready-test that turn out to be HTTP/2, WebSocket or streams of events, and go on in asyncio's."""

import asyncio
from collections.abc import Awaitable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nodrop.lab.ready_test import ReadyTest


def upgrade(application: "ReadyTest", transport: Any, head: bytes, received: bytes) -> bool:
    """Hands the connection over where `head`, its first lines, begin another protocol; returns whether they do.

    Args:
        application: which serves it.
        transport: of asyncio, of the connection.
        head: with the empty line that ends it.
        received: what has come after it.
    """
    if application.options.http2 and head.startswith(b"PRI "):
        begin = partial(_http2, application)
    elif application.options.websocket and b"\nupgrade: websocket" in head.lower():
        begin = partial(_websocket, application, head)
    elif application.options.streams and b"\naccept: text/event-stream" in head.lower():
        begin = partial(_stream, application)
    else:
        return False
    reader = asyncio.StreamReader()
    reader.feed_data(received)
    protocol = asyncio.StreamReaderProtocol(reader, begin)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return True


def _http2(
    application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Coroutine[Any, Any, None]:
    from nodrop.lab.ready_test_http2 import Http2Connection

    connection = Http2Connection(application, reader, writer)
    application.others.add(connection)  # now and not in the task: SIGTERM may come between
    return _to_its_end(application, connection, connection.serve(), writer)


def _websocket(
    application: "ReadyTest", head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Coroutine[Any, Any, None]:
    from nodrop.lab.ready_test_websocket import WebSocketConnection

    connection = WebSocketConnection(application, reader, writer)
    application.others.add(connection)
    return _to_its_end(application, connection, connection.serve(head), writer)


def _stream(
    application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Coroutine[Any, Any, None]:
    from nodrop.lab.ready_test_stream import StreamConnection

    connection = StreamConnection(application, reader, writer)
    application.others.add(connection)
    return _to_its_end(application, connection, connection.serve(), writer)


async def _to_its_end(
    application: "ReadyTest", connection: Any, serving: Awaitable[None], writer: asyncio.StreamWriter
) -> None:
    try:
        await serving
    except (ValueError, ConnectionError):
        pass  # not what it said that it is, or gone
    finally:
        application.others.discard(connection)
        writer.close()
        application.end_if_drained()
