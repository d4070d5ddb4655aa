"""Connections of ready-test that turn out to speak HTTP/2 or WebSocket, and go on in asyncio's streams."""

import asyncio
from collections.abc import Awaitable
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
        serve = partial(_serve_http2, application)
    elif application.options.websocket and b"\nupgrade: websocket" in head.lower():
        serve = partial(_serve_websocket, application, head)
    else:
        return False
    reader = asyncio.StreamReader()
    reader.feed_data(received)
    protocol = asyncio.StreamReaderProtocol(reader, serve)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return True


async def _serve_http2(application: "ReadyTest", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from nodrop.lab.ready_test_http2 import Http2Connection

    connection = Http2Connection(application, reader, writer)
    await _to_its_end(application, connection, connection.serve(), writer)


async def _serve_websocket(
    application: "ReadyTest", head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    from nodrop.lab.ready_test_websocket import WebSocketConnection

    connection = WebSocketConnection(application, reader, writer)
    await _to_its_end(application, connection, connection.serve(head), writer)


async def _to_its_end(
    application: "ReadyTest", connection: Any, serving: Awaitable[None], writer: asyncio.StreamWriter
) -> None:
    application.others.add(connection)
    try:
        await serving
    except (ValueError, ConnectionError):
        pass  # not what it said that it is, or gone
    finally:
        application.others.discard(connection)
        writer.close()
        application.end_if_drained()
