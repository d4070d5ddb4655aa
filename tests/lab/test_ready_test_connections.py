"""The stand-in's connections of HTTP/1.1: what comes over them, and how long they are kept."""

import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path

from tests.lab.stand_ins import closed_by_server, running, until_closed

LONG = b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000
NEGATIVE = b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"


def test_a_connection_serves_several_requests_posts_too():
    with running() as stand:
        connection = stand.connect()
        for method, body in (("GET", None), ("POST", b"four words, no request\r\n\r\n"), ("GET", None)):
            status, _, headers = stand.get(connection=connection, method=method, body=body)
            assert status == 200
            assert headers["Connection"] is None
        local = connection.sock.getsockname()
        stand.get(connection=connection)
        assert connection.sock.getsockname() == local


def test_requests_that_come_together_are_answered_one_after_the_other():
    with running("--longest-request-seconds=0.3") as stand:
        lasting, last = (
            b"GET / HTTP/1.1\r\nX-Seconds: 0.3\r\n\r\n",
            b"GET /ready/ HTTP/1.1\r\nConnection: close\r\n\r\n",
        )
        said = until_closed(stand, lasting + lasting + last)
        assert said.count("HTTP/1.1 200 OK") == 3
        assert said.endswith("\r\n\r\nready\n")


def test_over_tls_what_comes_in_two_records_at_once_is_taken_whole():
    with running(tls=True) as stand, socket.create_connection(("127.0.0.1", stand.port), timeout=5) as raw:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing)

        def until_done(ask):
            while True:
                try:
                    return ask()
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    incoming.write(raw.recv(65536))

        until_done(client.do_handshake)
        client.write(b"GET /some/where HTTP/1.1\r\n\r\nGET /ready/ HT")
        client.write(b"TP/1.1\r\nConnection: close\r\n\r\n")
        raw.sendall(outgoing.read())
        said = b""
        while not said.endswith(b"ready\n"):
            said += until_done(lambda: client.read(65536))
        assert said.count(b"HTTP/1.1 200 OK") == 2


def test_a_client_that_sends_no_more_gets_the_answer_that_it_waits_for():
    with (
        running("--longest-request-seconds=0.3") as stand,
        socket.create_connection(("127.0.0.1", stand.port), timeout=5) as raw,
    ):
        raw.sendall(b"GET / HTTP/1.1\r\nX-Seconds: 0.3\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: raw.recv(1000), b"")).endswith(b"\r\n\r\npod-1\n")


def test_a_request_may_come_in_pieces():
    with running() as stand, socket.create_connection(("127.0.0.1", stand.port), timeout=5) as raw:
        for piece in (
            b"POST / HT",
            b"TP/1.1\r\nContent-Length: 6\r\n",
            b"\r",
            b"\nbo",
            b"dy..GET /ready/ HTTP/1.0\r\n\r\n",
        ):
            raw.sendall(piece)
            time.sleep(0.02)
        said = b"".join(iter(lambda: raw.recv(1000), b"")).decode()
        assert said.count("HTTP/1.1 200 OK") == 2
        assert said.endswith("\r\n\r\nready\n")


def test_a_large_body_is_read_and_not_kept():
    with running() as stand:
        assert stand.get(method="POST", body=b"x" * 64 * 2**20)[0] == 200
        status = Path(f"/proc/{stand.process.pid}/status").read_text()
    (peak_kib,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak_kib < 48 * 1024


def test_an_idle_connection_is_closed_after_the_keep_alive_timeout():
    with running("--keep-alive-timeout-seconds=0.3") as stand:
        connection = stand.connect()
        stand.get(connection=connection)
        begin = time.monotonic()
        assert closed_by_server(connection)
        assert time.monotonic() - begin > 0.25


def test_the_keep_alive_timeout_begins_when_a_request_has_its_answer():
    with running("--keep-alive-timeout-seconds=0.4", "--longest-request-seconds=0.7") as stand:
        connection = stand.connect()
        assert stand.get(connection=connection, X_Seconds="0.7")[0] == 200
        begin = time.monotonic()
        assert closed_by_server(connection)
        assert 0.35 < time.monotonic() - begin < 2


def test_connections_that_have_ended_leave_nothing():
    with running() as stand:
        kept = []
        for _ in range(3):
            for _ in range(1000):
                stand.get()
            kept.append(resident_kib(stand))
        assert kept[2] - kept[0] < 1024


def resident_kib(stand):
    status = Path(f"/proc/{stand.process.pid}/status").read_text()
    (found,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return found


def test_a_keep_alive_timeout_of_0_closes_after_each_response():
    with running("--keep-alive-timeout-seconds=0") as stand:
        said = until_closed(stand, b"GET / HTTP/1.1\r\n\r\n")
        assert "\r\nConnection: close\r\n" in said
        assert said.endswith("\r\n\r\npod-1\n")


def test_the_keep_alive_header_is_said_only_if_asked_for():
    with running("--keep-alive-header", "--keep-alive-timeout-seconds=75") as stand:
        headers = stand.get()[2]
        assert (headers["Connection"], headers["Keep-Alive"]) == ("Keep-Alive", "timeout=75")
        assert stand.get(Connection="close")[2]["Keep-Alive"] is None


def test_a_client_that_wants_to_close_is_heard():
    with running() as stand:
        for request in (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"):
            said = until_closed(stand, request)
            assert "\r\nConnection: close\r\n" in said
            assert said.endswith("\r\n\r\npod-1\n")


def test_what_is_not_http_costs_the_connection_and_nothing_else():
    with running() as stand:
        for junk in (b"junk\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", NEGATIVE, LONG, b"x" * 200_000):
            with socket.create_connection(("127.0.0.1", stand.port), timeout=5) as raw:
                raw.sendall(junk)
                with suppress(ConnectionError):  # closed before all of it was read
                    assert raw.recv(100) == b""
            assert stand.get()[0] == 200
