"""ready-test: the application of a field report (unready pods, GKE 2019), and the lab's stand-in for a container.

An HTTP/1.1 server in one file without dependencies; with `--http2` it speaks HTTP/2 too, which is another file. `/`
answers with the pod's name, `/ready/` with 200 or 503, and `/unready/` toggles that, where the variable
READY_TEST_TOKEN is set, for those who send it as a bearer token; else it does not exist. Every other path answers as
`/` does. It may listen on several ports, which all answer alike.
"""

import argparse
import asyncio
import hmac
import os
import signal
import ssl
import sys
import tempfile
from typing import Any
from urllib.parse import parse_qs, urlsplit

EXIT, DRAIN, SERVE = "exit", "drain", "serve"
RETRY_SECONDS = 0.02
"""Wall-clock seconds between two looks for what it needs."""
HEALTH_METHOD = "/grpc.health.v1.Health/Check"
"""The method of gRPC's own health service, which health checks and the lab's clients call."""
SECONDS_HEADER = "x-seconds"
"""With which a client of gRPC says how long its request is to last; also tells it from a health check."""
STALL_WATCH_SECONDS = 0.05
"""Wall-clock seconds between two looks at how late this process wakes up."""


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """The options; all times in seconds."""
    parser = argparse.ArgumentParser(description="An application that can be slow, unready and persistent.")
    parser.add_argument("--port", type=int, action="append", dest="ports", help="may be repeated; 8080 without any")
    parser.add_argument(
        "--tls-port",
        type=int,
        action="append",
        default=[],
        dest="tls_ports",
        help="one of the ports, where it speaks TLS with the certificate in READY_TEST_CERTIFICATE; may be repeated",
    )
    parser.add_argument("--http2", action="store_true", help="speak HTTP/2 with those who do; needs the package h2")
    parser.add_argument("--websocket", action="store_true", help="accept WebSocket; needs the package websockets")
    parser.add_argument("--ready-path", default="/ready/", help="answers 200 while ready, else 503, on every port")
    parser.add_argument(
        "--keep-alive-header", action="store_true", help="say Connection: Keep-Alive and Keep-Alive: timeout=N"
    )
    parser.add_argument(
        "--keep-alive-timeout-seconds",
        type=float,
        default=620,
        help="close a connection that was idle for so long; 0: close after each response",
    )
    parser.add_argument("--request-seconds", type=float, default=0, help="a request lasts so long")
    parser.add_argument(
        "--longest-request-seconds", type=float, default=0, help="/?seconds=S lasts S instead, but at most so long"
    )
    parser.add_argument(
        "--needs",
        metavar="NAME=PORT",
        action="append",
        default=[],
        help="a container of the same pod without which a request is answered with 502; may be repeated",
    )
    parser.add_argument("--startup-seconds", type=float, default=0, help="listen only after so long")
    parser.add_argument(
        "--on-term",
        choices=(EXIT, DRAIN, SERVE),
        default=DRAIN,
        help="SIGTERM: exit at once; close what is idle, finish what is in flight, exit; or go on serving",
    )
    options = parser.parse_args(arguments)
    options.ports = options.ports or [8080]
    options.needs = {name: int(port) for name, _, port in (need.partition("=") for need in options.needs)}
    return options


class ReadyTest:
    """The server."""

    def __init__(self, options: argparse.Namespace) -> None:
        """`options` as from parse_arguments."""
        self.options = options
        self.name = os.environ.get("POD_NAME") or os.environ.get("HOSTNAME", "")
        self.token = os.environ.get("READY_TEST_TOKEN", "")
        self.ready = True
        self.draining = False
        self.idle: set[asyncio.StreamWriter] = set()
        self.busy: set[asyncio.StreamWriter] = set()
        self.others: set[Any] = set()
        """Connections of HTTP/2 and WebSocket (Http2Connection, WebSocketConnection)."""
        self.done = asyncio.Event()
        self.servers: list[asyncio.Server] = []
        self.longest_stall_seconds = 0.0
        """How much later than asked this process has woken up, at worst."""

    async def run(self) -> None:
        """Serves until SIGTERM is answered as the options say."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.terminate)
        await asyncio.sleep(self.options.startup_seconds)
        while await self.missing():
            await asyncio.sleep(RETRY_SECONDS)
        for port in self.options.ports:
            tls = tls_context(http2=self.options.http2) if port in self.options.tls_ports else None
            self.servers.append(await asyncio.start_server(self.serve, port=port, backlog=1024, ssl=tls))
        watch = asyncio.create_task(self.watch_stalls())
        await self.done.wait()
        watch.cancel()

    async def watch_stalls(self) -> None:
        """Keeps `longest_stall_seconds`."""
        loop = asyncio.get_running_loop()
        while True:
            asleep = loop.time()
            await asyncio.sleep(STALL_WATCH_SECONDS)
            self.longest_stall_seconds = max(self.longest_stall_seconds, loop.time() - asleep - STALL_WATCH_SECONDS)

    async def missing(self) -> str:
        """The name of a needed container that does not listen; empty if all do."""
        for name, port in self.options.needs.items():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return name
            writer.close()
        return ""

    def terminate(self) -> None:
        """What SIGTERM does."""
        if self.options.on_term == SERVE:
            return
        if self.options.on_term == EXIT or not self.servers:
            os._exit(0)  # not the default action, which the first process of a container does not have
        self.draining = True
        for server in self.servers:
            server.close()
        for writer in self.idle:
            writer.close()
        for connection in self.others:
            connection.go_away()
        self.end_if_drained()

    def end_if_drained(self) -> None:
        """Ends the process where nothing is left to answer."""
        if self.draining and not self.busy and not self.others:
            self.done.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        timeout = self.options.keep_alive_timeout_seconds or None
        try:
            while not writer.is_closing():
                self.idle.add(writer)
                async with asyncio.timeout(timeout):
                    head = await reader.readuntil(b"\r\n\r\n")
                self.idle.discard(writer)
                if self.options.http2 and head.startswith(b"PRI "):
                    await self.serve_http2(reader, writer)
                    break
                if self.options.websocket and b"\nupgrade: websocket" in head.lower():
                    await self.serve_websocket(head, reader, writer)
                    break
                self.busy.add(writer)
                close = await self.answer(head.decode("latin-1"), reader, writer)
                self.busy.discard(writer)
                if close or self.draining:
                    break
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ConnectionError):
            pass  # idle for too long, gone, or not HTTP: either way this connection is over
        finally:
            self.idle.discard(writer)
            self.busy.discard(writer)
            writer.close()
            self.end_if_drained()

    async def serve_http2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of HTTP/2, whose preface has been read."""
        from nodrop.lab.ready_test_http2 import Http2Connection

        connection = Http2Connection(self, reader, writer)
        self.others.add(connection)
        try:
            await connection.serve()
        finally:
            self.others.discard(connection)

    async def serve_websocket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of WebSocket, whose opening request has been read."""
        from nodrop.lab.ready_test_websocket import WebSocketConnection

        connection = WebSocketConnection(self, reader, writer)
        self.others.add(connection)
        try:
            await connection.serve(head)
        finally:
            self.others.discard(connection)

    def marks(self) -> list[tuple[str, str]]:
        """Headers that tell who answers, and how late it wakes up."""
        return [("X-Pod", self.name), ("X-Stall", f"{self.longest_stall_seconds:.4f}")]

    async def answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Reads the rest of one request and answers it; returns whether the connection is to be closed."""
        request, *lines = head.split("\r\n")
        _method, target, version = request.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        await discard(reader, int(headers.get("content-length", 0)))
        status, body, more = await self.outcome(target, headers)
        close = (
            self.draining
            or self.options.keep_alive_timeout_seconds == 0
            or version == "HTTP/1.0"
            or headers.get("connection", "").lower() == "close"
        )
        answer = [
            f"HTTP/1.1 {status}",
            "Content-Type: text/plain",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in more),
        ]
        if close:
            answer.append("Connection: close")
        elif self.options.keep_alive_header:
            answer += ["Connection: Keep-Alive", f"Keep-Alive: timeout={self.options.keep_alive_timeout_seconds:.0f}"]
        writer.write("\r\n".join([*answer, "", ""]).encode() + body)
        await writer.drain()
        return close

    async def outcome(self, target: str, headers: dict[str, str]) -> tuple[str, bytes, list[tuple[str, str]]]:
        """Status line, body and further headers, when the request has lasted as long as it does."""
        url = urlsplit(target)
        status, body = self.respond(url.path, headers)
        needs_others = self.needs_others(url.path, headers)
        missing = await self.missing() if needs_others else ""
        if wished := parse_qs(url.query).get("seconds", [headers.get(SECONDS_HEADER, "")])[0]:
            await asyncio.sleep(min(float(wished), self.options.longest_request_seconds))
        elif self.options.request_seconds and url.path not in (self.options.ready_path, HEALTH_METHOD):
            await asyncio.sleep(self.options.request_seconds)
        missing = missing or (await self.missing() if needs_others else "")
        if missing:
            stopped = ("X-Stopped", missing)
            return "502 Bad Gateway", f"container {missing} had stopped\n".encode(), [*self.marks(), stopped]
        return status, body, self.marks()

    def needs_others(self, path: str, headers: dict[str, str]) -> bool:
        """Whether a request is one of the clients', and not a probe's or the lab's, and other containers are needed."""
        asked = path in (self.options.ready_path, "/unready/", HEALTH_METHOD) and SECONDS_HEADER not in headers
        return bool(self.options.needs) and not asked

    def respond(self, path: str, headers: dict[str, str]) -> tuple[str, bytes]:
        """Status line and body for a path."""
        if path == self.options.ready_path:
            return ("200 OK", b"ready\n") if self.ready else ("503 Service Unavailable", b"unready\n")
        if path != "/unready/":
            return "200 OK", f"{self.name}\n".encode()
        if not self.token:
            return "404 Not Found", b"not found\n"
        if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {self.token}".encode()):
            return "403 Forbidden", b"forbidden\n"
        self.ready = not self.ready
        return "200 OK", (b"ready\n" if self.ready else b"unready\n")


def tls_context(*, http2: bool = False) -> ssl.SSLContext:
    """Of a server with the key and the certificate, in PEM, of the variable READY_TEST_CERTIFICATE."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if http2:
        context.set_alpn_protocols(["h2", "http/1.1"])
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(os.environ["READY_TEST_CERTIFICATE"])
        file.flush()
        context.load_cert_chain(file.name)
    return context


async def discard(reader: asyncio.StreamReader, size_bytes: int) -> None:
    """Reads a body of that size and keeps nothing of it. Raises asyncio.IncompleteReadError where it ends early."""
    while size_bytes > 0:
        piece = min(size_bytes, 65536)
        await reader.readexactly(piece)
        size_bytes -= piece


if __name__ == "__main__":
    asyncio.run(ReadyTest(parse_arguments(sys.argv[1:])).run())
