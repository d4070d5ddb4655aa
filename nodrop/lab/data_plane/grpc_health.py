"""One gRPC health check from inside a network namespace, over HTTP/2 in clear, as kubelet and load balancer ask.

Source: gRPC, Health Checking Protocol and PROTOCOL-HTTP2; kubernetes/kubernetes pkg/probe/grpc.
"""

import asyncio
import socket

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, Event, StreamEnded, StreamReset
from h2.exceptions import H2Error

from nodrop.lab.data_plane.http import LATE, Reply, words
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.ready_test import HEALTH_METHOD

_SERVING = b"\x08\1"
_FRAME_HEAD_BYTES = 5
_STREAM = 1


async def check(
    namespace: NetNamespace, address: str, port: int, service: str, *, timeout_real_seconds: float
) -> Reply:
    """Over a fresh connection; status 200 stands for SERVING, 503 for any other answer."""
    with namespace.entered():
        opened = socket.socket()
    opened.setblocking(False)
    try:
        async with asyncio.timeout(timeout_real_seconds):
            await asyncio.get_running_loop().sock_connect(opened, (address, port))
            return await _ask(opened, f"{address}:{port}", service)
    except TimeoutError:
        return LATE
    except H2Error:
        return Reply(None, "was answered with something other than HTTP/2")
    except OSError as error:
        return Reply(None, words(error))
    finally:
        opened.close()


async def _ask(opened: socket.socket, authority: str, service: str) -> Reply:
    loop = asyncio.get_running_loop()
    connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    connection.initiate_connection()
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", HEALTH_METHOD),
        (":authority", authority),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    name = service.encode()
    message = b"\x0a" + bytes([len(name)]) + name if name else b""
    connection.send_headers(_STREAM, headers)
    connection.send_data(_STREAM, b"\0" + len(message).to_bytes(4) + message, end_stream=True)
    body = b""
    while True:
        await loop.sock_sendall(opened, connection.data_to_send())
        received = await loop.sock_recv(opened, 65536)
        if not received:
            return Reply(None, "closed the connection without an answer")
        for event in connection.receive_data(received):
            body += event.data if isinstance(event, DataReceived) else b""
            if isinstance(event, StreamEnded):
                serving = body[_FRAME_HEAD_BYTES:] == _SERVING
                return Reply(200, "answered SERVING") if serving else Reply(503, "answered other than SERVING")
            if refusal := _refusal(event):
                return Reply(None, refusal)


def _refusal(event: Event) -> str | None:
    if isinstance(event, StreamReset | ConnectionTerminated):
        code = event.error_code
        return f"ended the request with {code.name if isinstance(code, ErrorCodes) else code}"
    return None
