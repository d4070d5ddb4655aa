"""The stand-in over HTTP/2: a real process on loopback, asked by the client side of the library h2."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import resources

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, TrailersReceived
from hyperframe.frame import Frame, GoAwayFrame

from nodrop.lab.ready_test import HEALTH_METHOD, SECONDS_HEADER

SCRIPT = str(resources.files("nodrop.lab") / "ready_test.py")
SERVING, NOT_SERVING = b"\0\0\0\0\2\x08\1", b"\0\0\0\0\2\x08\2"


class Client:
    """One connection of HTTP/2 in clear."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.connection.initiate_connection()
        self.events = []
        self.ended = False

    def ask(self, path="/", **headers):
        stream = self.connection.get_next_available_stream_id()
        pseudo = [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "test")]
        more = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.connection.send_headers(stream, [*pseudo, *more], end_stream=True)
        self.socket.sendall(self.connection.data_to_send())
        return stream

    def until(self, kind, stream=None):
        """The next event of that kind; None where the connection ends before."""
        while True:
            for event in self.events:
                if isinstance(event, kind) and stream in (None, getattr(event, "stream_id", None)):
                    self.events.remove(event)
                    return event
            received = b"" if self.ended else self.socket.recv(65536)
            if not received:
                self.ended = True
                return None
            self.events += self.connection.receive_data(received)
            self.socket.sendall(self.connection.data_to_send())

    def frames_to_the_end(self):
        """What else comes until the connection is closed; the library takes nothing more after GOAWAY."""
        received = b"".join(iter(lambda: self.socket.recv(65536), b""))
        while received:
            frame, length = Frame.parse_frame_header(memoryview(received[:9]))
            frame.parse_body(memoryview(received[9 : 9 + length]))
            yield frame
            received = received[9 + length :]


@contextmanager
def running(*options, **environment):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    arguments = [sys.executable, "-I", SCRIPT, "--http2", f"--port={port}", *options]
    with subprocess.Popen(arguments, env={"POD_NAME": "pod-1", **environment}) as process:
        try:
            while True:
                try:
                    yield process, Client(port)
                    break
                except ConnectionRefusedError:
                    assert process.poll() is None, "the stand-in has ended"
                    time.sleep(0.02)
        finally:
            process.kill()


def test_requests_are_answered_side_by_side():
    with running("--longest-request-seconds=5") as (_, client):
        slow, fast = client.ask(x_seconds="0.5"), client.ask()
        assert dict(client.until(ResponseReceived, fast).headers)["x-pod"] == "pod-1"
        begin = time.monotonic()
        assert dict(client.until(ResponseReceived, slow).headers)[":status"] == "200"
        assert time.monotonic() - begin > 0.3


def test_at_term_an_application_that_drains_sends_goaway_and_finishes_what_is_in_flight():
    with running("--longest-request-seconds=5", "--on-term=drain") as (process, client):
        slow = client.ask(x_seconds="0.8")
        client.until(StreamEnded, client.ask())
        process.send_signal(signal.SIGTERM)
        goaway, *answer = client.frames_to_the_end()
        assert isinstance(goaway, GoAwayFrame)
        assert [frame.stream_id for frame in answer] == [slow, slow]
        assert "END_STREAM" in answer[-1].flags
        assert process.wait(5) == 0


@pytest.mark.parametrize(("on_term", "answered"), [("exit", False), ("serve", True)])
def test_one_that_does_not_drain_sends_no_goaway(on_term, answered):
    with running("--longest-request-seconds=5", f"--on-term={on_term}") as (process, client):
        client.until(ResponseReceived, client.ask())
        asked = client.ask(x_seconds="0.5")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert (client.until(ResponseReceived, asked) is not None) is answered
        assert not any(isinstance(event, ConnectionTerminated) for event in client.events)


def test_an_idle_connection_is_told_to_go_away():
    with running("--keep-alive-timeout-seconds=0.3") as (_, client):
        client.until(StreamEnded, client.ask())
        (goaway,) = client.frames_to_the_end()
        assert isinstance(goaway, GoAwayFrame)


def test_its_health_by_grpc_is_its_readiness():
    with running(READY_TEST_TOKEN="secret") as (_, client):
        call = {"content_type": "application/grpc", "te": "trailers"}
        for expected in (SERVING, NOT_SERVING):
            asked = client.ask(HEALTH_METHOD, **call)
            assert client.until(DataReceived, asked).data == expected
            assert dict(client.until(TrailersReceived, asked).headers)["grpc-status"] == "0"
            client.until(StreamEnded, client.ask("/unready/", authorization="Bearer secret"))


def test_a_call_of_grpc_whose_other_container_has_stopped_is_unavailable():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with running(f"--needs=proxy={other.getsockname()[1]}") as (_, client):
            other.close()
            call = {"content_type": "application/grpc", SECONDS_HEADER: "0"}
            asked = client.ask(HEALTH_METHOD, **call)
            assert dict(client.until(ResponseReceived, asked).headers)["x-stopped"] == "proxy"
            assert dict(client.until(TrailersReceived, asked).headers)["grpc-status"] == "14"


def test_http_1_is_spoken_beside_it():
    with running() as (_, client):
        port = client.socket.getpeername()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            assert plain.recv(65536).startswith(b"HTTP/1.1 200 OK")
