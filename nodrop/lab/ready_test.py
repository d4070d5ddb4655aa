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
from typing import Any, TypeAlias
from urllib.parse import unquote

EXIT, DRAIN, SERVE = "exit", "drain", "serve"
RETRY_SECONDS = 0.02
"""Wall-clock seconds between two looks for what it needs."""
HEALTH_METHOD = "/grpc.health.v1.Health/Check"
"""The method of gRPC's own health service, which health checks and the lab's clients call."""
SECONDS_HEADER = "x-seconds"
"""With which a client says how long its request is to last; also tells it from a probe or a health check."""
MOST_HEAD_BYTES = 65536
"""Of a request; a longer one ends its connection. Source: the limit of asyncio's streams."""
BUFFER_BYTES = 65536
"""Read at a time, at most. Source: chosen."""
STALL_WATCH_SECONDS = 0.05
"""Wall-clock seconds between two looks at how late this process wakes up."""
STALL_TOLD_SECONDS = 1
"""Wall-clock seconds for which answers tell of a stall, so that those of a load's begin are over when it is measured.
Source: chosen."""

Outcome: TypeAlias = tuple[str, bytes, list[tuple[str, str]]]
"""Of a request: status line, body and further headers."""


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
    parser.add_argument("--streams", action="store_true", help="send events to those who accept text/event-stream")
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
        "--longest-request-seconds", type=float, default=0, help="X-Seconds: S lasts S instead, but at most so long"
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
        self.idle: set[HttpConnection] = set()
        self.busy: set[HttpConnection] = set()
        self.others: set[Any] = set()
        """Other connections than HttpConnection; what `upgrade` makes of them."""
        self.done = asyncio.Event()
        self.servers: list[asyncio.Server] = []
        self.buffer = memoryview(bytearray(BUFFER_BYTES))
        self.stall_seconds = 0.0
        """How much later than asked this process has woken up, at worst, within `STALL_TOLD_SECONDS`."""

    async def run(self) -> None:
        """Serves until SIGTERM is answered as the options say."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.terminate)
        await asyncio.sleep(self.options.startup_seconds)
        while await self.missing():
            await asyncio.sleep(RETRY_SECONDS)
        for port in self.options.ports:
            tls = tls_context(http2=self.options.http2) if port in self.options.tls_ports else None
            self.servers.append(await loop.create_server(self.connected, port=port, backlog=1024, ssl=tls))
        watch = asyncio.create_task(self.watch_stalls())
        await self.done.wait()
        watch.cancel()

    def connected(self) -> "HttpConnection":
        """A connection that is about to be made."""
        return HttpConnection(self)

    async def watch_stalls(self) -> None:
        """Keeps `stall_seconds`."""
        loop, told_until = asyncio.get_running_loop(), 0.0
        while True:
            asleep = loop.time()
            await asyncio.sleep(STALL_WATCH_SECONDS)
            awake = loop.time()
            stall = awake - asleep - STALL_WATCH_SECONDS
            if stall >= self.stall_seconds or awake >= told_until:
                self.stall_seconds, told_until = stall, awake + STALL_TOLD_SECONDS

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
        for waiting in self.idle:
            waiting.transport.close()
        for connection in self.others:
            connection.go_away()
        self.end_if_drained()

    def end_if_drained(self) -> None:
        """Ends the process where nothing is left to answer."""
        if self.draining and not self.busy and not self.others:
            self.done.set()

    def marks(self) -> list[tuple[str, str]]:
        """Headers that tell who answers, and how late it wakes up."""
        return [("X-Pod", self.name), ("X-Stall", f"{self.stall_seconds:.4f}")]

    def outcome_at_once(self, target: str, headers: dict[str, str]) -> Outcome | None:
        """Of a request that neither lasts nor needs another container; of others, None. Raises ValueError."""
        if self.needs_others(headers) or self.seconds_of(target, headers):
            return None
        return *self.respond(target, headers), self.marks()

    async def outcome(self, target: str, headers: dict[str, str]) -> Outcome:
        """Of any request, when it has lasted as long as it does."""
        status, body = self.respond(target, headers)
        needs_others = self.needs_others(headers)
        missing = await self.missing() if needs_others else ""
        await asyncio.sleep(self.seconds_of(target, headers))
        missing = missing or (await self.missing() if needs_others else "")
        if missing:
            stopped = ("X-Stopped", missing)
            return "502 Bad Gateway", f"container {missing} had stopped\n".encode(), [*self.marks(), stopped]
        return status, body, self.marks()

    def seconds_of(self, target: str, headers: dict[str, str]) -> float:
        """How long a request lasts. Raises ValueError where it asks for what is no number."""
        if wished := headers.get(SECONDS_HEADER):
            return min(float(wished), self.options.longest_request_seconds)
        return 0 if self.asks_readiness(target) or target == HEALTH_METHOD else self.options.request_seconds

    def needs_others(self, headers: dict[str, str]) -> bool:
        """Whether a request is one of the clients', and not a probe's or the lab's, and other containers are needed."""
        return bool(self.options.needs) and SECONDS_HEADER in headers

    def asks_readiness(self, target: str) -> bool:
        """Whether it is the readiness path, with its query, however its characters are escaped."""
        return unquote(target) == unquote(self.options.ready_path)

    def respond(self, target: str, headers: dict[str, str]) -> tuple[str, bytes]:
        """Status line and body for a path with its query."""
        if self.asks_readiness(target):
            return ("200 OK", b"ready\n") if self.ready else ("503 Service Unavailable", b"unready\n")
        if target != "/unready/":
            return "200 OK", f"{self.name}\n".encode()
        if not self.token:
            return "404 Not Found", b"not found\n"
        if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {self.token}".encode()):
            return "403 Forbidden", b"forbidden\n"
        self.ready = not self.ready
        return "200 OK", (b"ready\n" if self.ready else b"unready\n")


class HttpConnection(asyncio.BufferedProtocol):
    """One connection of HTTP/1.1.

    A protocol with a buffer of its own, not asyncio's streams: these took 98 us of processor time for a request on
    loopback, this takes 47 (measured with Python 3.11). Half of the rest was 256 KiB that asyncio maps for each read.
    """

    transport: Any

    def __init__(self, application: ReadyTest) -> None:
        """Before it is connected."""
        self.application = application
        self.options = application.options
        self.loop = asyncio.get_running_loop()
        self.idle_since = self.loop.time()
        self.closing: asyncio.TimerHandle | None = None
        self.received = b""
        self.request = ""
        """First line of what is being read or answered; empty while the connection is idle."""
        self.headers: dict[str, str] = {}
        self.body_bytes = 0
        """Of its body, those that have not come yet."""
        self.answering: asyncio.Task[None] | None = None
        """Set while a request lasts; nothing is read meanwhile."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is idle until a request has come."""
        self.transport = transport
        self.application.idle.add(self)
        if self.options.keep_alive_timeout_seconds:
            self.close_if_idle()

    def close_if_idle(self) -> None:
        """Closes what has been idle for the keep-alive timeout; else looks again when it may have been."""
        now = self.loop.time()
        due = (now if self.request else self.idle_since) + self.options.keep_alive_timeout_seconds
        if due <= now:
            self.transport.close()
        else:
            self.closing = self.loop.call_at(due, self.close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Nobody waits for an answer any more."""
        if self.answering:
            self.answering.cancel()
        self.leave()
        self.application.busy.discard(self)
        self.application.end_if_drained()

    def leave(self) -> None:
        """It is idle no more, and never again."""
        self.application.idle.discard(self)
        if self.closing:
            self.closing.cancel()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Where the next read goes, TLS in slices; one buffer for all, as what is in it is taken at once."""
        return self.application.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Takes what has been read."""
        self.received += self.application.buffer[:nbytes]
        self.take_all()

    def take_all(self) -> None:
        """Answers each request that has come as a whole."""
        try:
            while not self.answering and not self.transport.is_closing() and self.take():
                pass
        except ValueError:
            self.transport.close()  # it is not HTTP

    def take(self) -> bool:
        """Begins to answer the next request; returns whether it has come as a whole. Raises ValueError."""
        if not self.request:
            head, ended, rest = self.received.partition(b"\r\n\r\n")
            if len(head) > MOST_HEAD_BYTES:
                raise ValueError(len(head))
            if not ended:
                return False
            if self.options.http2 or self.options.websocket or self.options.streams:
                from nodrop.lab.ready_test_upgrades import upgrade

                if upgrade(self.application, self.transport, head + ended, rest):
                    self.leave()
                    return False
            self.received = rest
            self.application.idle.discard(self)
            self.application.busy.add(self)
            self.request, *lines = head.decode("latin-1").split("\r\n")
            self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if (body_bytes := int(self.headers.get("content-length", 0))) < 0:
                raise ValueError(body_bytes)
            self.body_bytes = body_bytes
        read, self.received = self.received[: self.body_bytes], self.received[self.body_bytes :]
        self.body_bytes -= len(read)
        if self.body_bytes:
            return False
        _method, target, _version = self.request.split(" ")
        if outcome := self.application.outcome_at_once(target, self.headers):
            self.send(outcome)
        else:
            self.transport.pause_reading()
            self.answering = asyncio.create_task(self.answer(target))
        return True

    async def answer(self, target: str) -> None:
        """A request that lasts; then what has come meanwhile."""
        try:
            self.send(await self.application.outcome(target, self.headers))
        except ValueError:
            self.transport.close()  # it asks to last for what is no number
        self.answering = None
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self.take_all()

    def send(self, outcome: Outcome) -> None:
        """The answer to the request."""
        status, body, more = outcome
        kept = self.options.keep_alive_timeout_seconds
        close = (
            self.application.draining
            or kept == 0
            or self.request.endswith(" HTTP/1.0")
            or self.headers.get("connection", "").lower() == "close"
        )
        headers = [("Content-Type", "text/plain"), ("Content-Length", len(body)), *more]
        if close:
            headers.append(("Connection", "close"))
        elif self.options.keep_alive_header:
            headers += [("Connection", "Keep-Alive"), ("Keep-Alive", f"timeout={kept:.0f}")]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.transport.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)
        self.request, self.idle_since = "", self.loop.time()
        self.application.busy.discard(self)
        if close:
            self.transport.close()
            self.application.end_if_drained()
        else:
            self.application.idle.add(self)


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


if __name__ == "__main__":
    asyncio.run(ReadyTest(parse_arguments(sys.argv[1:])).run())
