"""The stand-in for a container: a real process on loopback."""

import select
import signal
import socket
import time

import pytest

from tests.lab.stand_ins import Stand, closed_by_server, running, until_closed

TOKEN = "let-me-in"


# Ports


def test_it_listens_on_every_port_that_it_is_given():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        second = unused.getsockname()[1]
    with running(f"--port={second}") as stand:
        assert stand.get("/ready/")[0] == 200
        other = Stand(stand.process, second)
        other.wait_until_it_listens()
        assert other.get("/ready/")[0] == 200


# Needs


@pytest.mark.parametrize("ready_path", ["/ready/", "/", "/?full=1"])
def test_it_answers_clients_only_while_what_it_needs_listens_and_probes_always(ready_path):
    other = socket.create_server(("127.0.0.1", 0))
    with other, running(f"--needs=proxy={other.getsockname()[1]}", f"--ready-path={ready_path}") as stand:
        assert stand.get(X_Seconds="0")[0] == 200
        other.close()
        status, body, headers = stand.get(X_Seconds="0")
        assert (status, body, headers["X-Stopped"]) == (502, "container proxy had stopped\n", "proxy")
        assert stand.get(ready_path)[:2] == (200, "ready\n")
        assert stand.get("/")[0] == 200  # the load balancer's check


def test_a_request_needs_the_others_until_it_is_answered():
    with socket.create_server(("127.0.0.1", 0)) as other:
        options = (f"--needs=proxy={other.getsockname()[1]}", "--longest-request-seconds=0.5")
        with running(*options) as stand:
            connection = stand.connect()
            connection.request("GET", "/", headers={"X-Seconds": "0.5"})
            time.sleep(0.2)
            other.close()
            assert connection.getresponse().status == 502


def test_a_request_that_lasts_for_no_number_costs_the_connection_and_no_drain():
    with socket.create_server(("127.0.0.1", 0)) as other, running(f"--needs=proxy={other.getsockname()[1]}") as stand:
        assert until_closed(stand, b"GET / HTTP/1.1\r\nX-Seconds: long\r\n\r\n") == ""
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


@pytest.mark.parametrize(
    ("ready_path", "asked"),
    [("/healthz?full=1", "/healthz?full=1"), ("/health z", "/health%20z"), ("/up?a=1%2C2", "/up?a=1,2")],
)
def test_readiness_is_asked_with_its_query(ready_path, asked):
    with running(f"--ready-path={ready_path}", READY_TEST_TOKEN=TOKEN) as stand:
        assert stand.get(asked)[:2] == (200, "ready\n")
        assert stand.get("/unready/", Authorization=f"Bearer {TOKEN}")[0] == 200
        assert stand.get(asked)[:2] == (503, "unready\n")
        assert stand.get("/healthz")[:2] == (200, "pod-1\n")


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


# Times


def test_it_listens_only_after_its_start_up():
    begin = time.monotonic()
    with running("--startup-seconds=0.5"):
        assert time.monotonic() - begin > 0.5


def duration(stand, path="/", **headers):
    begin = time.monotonic()
    assert stand.get(path, **headers)[0] == 200
    return time.monotonic() - begin


def test_requests_last_as_long_as_stated_and_probes_do_not():
    with running("--request-seconds=0.6") as stand:
        assert duration(stand, "/") > 0.59
        assert duration(stand, "/ready/") < 0.5


def test_a_request_may_ask_for_its_length_up_to_the_longest():
    with running("--longest-request-seconds=0.8") as stand:
        assert duration(stand) < 0.5
        assert 0.19 < duration(stand, X_Seconds="0.2") < 0.75
        assert 0.79 < duration(stand, X_Seconds="100") < 5


def test_it_lasts_as_long_where_the_readiness_path_is_what_clients_ask_for():
    with running("--longest-request-seconds=0.3", "--ready-path=/") as stand:
        assert duration(stand, X_Seconds="0.3") > 0.29


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
