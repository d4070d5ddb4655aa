"""The stand-in for a container: a real process on loopback."""

import select
import signal
import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.stand_ins import Stand, closed_by_server, running, until_closed

TOKEN = "let-me-in"
LONG = b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000
NEGATIVE = b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"


# Ports


def test_it_listens_on_every_port_that_it_is_given():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        second = unused.getsockname()[1]
    with running(f"--port={second}") as stand:
        assert stand.get("/ready/")[0] == 200
        assert Stand(stand.process, second).get("/ready/")[0] == 200


# Needs


def test_it_answers_requests_only_while_what_it_needs_listens():
    other = socket.create_server(("127.0.0.1", 0))
    with other, running(f"--needs=proxy={other.getsockname()[1]}") as stand:
        assert stand.get()[0] == 200
        other.close()
        status, body, headers = stand.get()
        assert (status, body, headers["X-Stopped"]) == (502, "container proxy had stopped\n", "proxy")
        assert stand.get("/ready/")[0] == 200


def test_a_request_needs_the_others_until_it_is_answered():
    with socket.create_server(("127.0.0.1", 0)) as other:
        options = (f"--needs=proxy={other.getsockname()[1]}", "--request-seconds=0.5")
        with running(*options) as stand:
            connection = stand.connect()
            connection.request("GET", "/")
            time.sleep(0.2)
            other.close()
            assert connection.getresponse().status == 502


def test_a_request_that_lasts_for_no_number_costs_the_connection_and_no_drain():
    with socket.create_server(("127.0.0.1", 0)) as other, running(f"--needs=proxy={other.getsockname()[1]}") as stand:
        assert until_closed(stand, b"GET /?seconds=long HTTP/1.1\r\n\r\n") == ""
        term(stand)
        assert stand.process.wait(5) == 0


def test_it_listens_once_what_it_needs_does():
    with socket.socket() as later:
        later.bind(("127.0.0.1", 0))
        with running(f"--needs=proxy={later.getsockname()[1]}", listening=False) as stand:
            time.sleep(0.4)
            assert not stand.listens()
            later.listen()
            give_up = time.monotonic() + 5
            while not stand.listens() and time.monotonic() < give_up:
                time.sleep(0.05)
            assert stand.get()[0] == 200


# Paths


@pytest.mark.parametrize("environment", [{"POD_NAME": "pod-1"}, {"POD_NAME": "", "HOSTNAME": "pod-1"}])
def test_every_path_answers_with_the_pods_name(environment):
    with running(**environment) as stand:
        for path in ("/", "/some/where?x=1"):
            status, body, headers = stand.get(path)
            assert (status, body, headers["X-Pod"]) == (200, "pod-1\n", "pod-1")


def test_readiness_has_a_path_of_its_own():
    with running("--ready-path=/healthz") as stand:
        assert stand.get("/healthz")[:2] == (200, "ready\n")
        assert stand.get("/ready/")[1] == "pod-1\n"


def test_with_the_token_readiness_can_be_toggled():
    with running(READY_TEST_TOKEN=TOKEN) as stand:
        for status, answer in ((503, "unready\n"), (200, "ready\n")):
            assert stand.get("/unready/", Authorization=f"Bearer {TOKEN}")[:2] == (200, answer)
            assert stand.get("/ready/")[:2] == (status, answer)
            assert stand.get("/")[:2] == (200, "pod-1\n")


def test_without_the_token_readiness_stays():
    with running(READY_TEST_TOKEN=TOKEN) as stand:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
            assert stand.get("/unready/", **headers)[0] == 403
            assert stand.get("/ready/")[0] == 200


def test_where_no_token_is_set_nobody_can_toggle():
    with running() as stand:
        assert stand.get("/unready/", Authorization="Bearer ")[0] == 404
        assert stand.get("/ready/")[0] == 200


# Connections


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
        lasting, last = b"GET /?seconds=0.3 HTTP/1.1\r\n\r\n", b"GET /ready/ HTTP/1.1\r\nConnection: close\r\n\r\n"
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
        raw.sendall(b"GET /?seconds=0.3 HTTP/1.1\r\n\r\n")
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
        assert stand.get("/?seconds=0.7", connection=connection)[0] == 200
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


# Times


def test_it_listens_only_after_its_start_up():
    begin = time.monotonic()
    with running("--startup-seconds=0.5"):
        assert time.monotonic() - begin > 0.5


def duration(stand, path):
    begin = time.monotonic()
    assert stand.get(path)[0] == 200
    return time.monotonic() - begin


def test_requests_last_as_long_as_stated_and_probes_do_not():
    with running("--request-seconds=0.6") as stand:
        assert duration(stand, "/") > 0.59
        assert duration(stand, "/ready/") < 0.5


def test_a_request_may_ask_for_its_length_up_to_the_longest():
    with running("--longest-request-seconds=0.8") as stand:
        assert duration(stand, "/") < 0.5
        assert 0.19 < duration(stand, "/?seconds=0.2") < 0.75
        assert 0.79 < duration(stand, "/?seconds=100") < 5


def test_it_lasts_as_long_where_the_readiness_path_is_what_clients_ask_for():
    with running("--longest-request-seconds=0.3", "--ready-path=/") as stand:
        assert duration(stand, "/?seconds=0.3") > 0.29


# SIGTERM


def term(stand):
    stand.process.send_signal(signal.SIGTERM)


def in_flight(stand):
    """A connection with a request that the stand-in is working on."""
    connection = stand.connect()
    stand.get("/ready/", connection=connection)  # it has been accepted
    connection.request("GET", "/")
    time.sleep(0.1)
    return connection


def test_exit_cuts_what_is_in_flight():
    with running("--on-term=exit", "--request-seconds=5") as stand:
        connection = in_flight(stand)
        begin = time.monotonic()
        term(stand)
        assert stand.process.wait(5) == 0
        assert time.monotonic() - begin < 2
        with pytest.raises(ConnectionError):
            connection.getresponse()


def test_drain_closes_what_is_idle_finishes_what_is_in_flight_and_exits():
    with running("--on-term=drain", "--request-seconds=0.7") as stand:
        idle = stand.connect()
        stand.get("/ready/", connection=idle)
        busy = in_flight(stand)
        term(stand)
        assert closed_by_server(idle)
        assert not stand.listens()
        assert not select.select([busy.sock], [], [], 0)[0]  # not answered yet
        response = busy.getresponse()
        assert (response.status, response.read(), response.headers["Connection"]) == (200, b"pod-1\n", "close")
        assert stand.process.wait(5) == 0


def test_drain_with_nothing_in_flight_exits_at_once():
    with running("--on-term=drain") as stand:
        idle = stand.connect()
        stand.get(connection=idle)
        term(stand)
        assert stand.process.wait(5) == 0
        assert closed_by_server(idle)


def test_serve_goes_on_with_new_requests_until_it_is_killed():
    with running("--on-term=serve") as stand:
        kept = stand.connect()
        stand.get(connection=kept)
        term(stand)
        time.sleep(0.2)
        assert stand.get(connection=kept)[0] == 200
        assert stand.get()[0] == 200
        assert stand.process.poll() is None


@pytest.mark.parametrize("on_term", ["exit", "drain"])
def test_term_during_start_up_is_answered_at_once(on_term):
    with running("--startup-seconds=30", f"--on-term={on_term}", listening=False) as stand:
        time.sleep(0.5)  # the handler is there
        term(stand)
        assert stand.process.wait(5) == 0
