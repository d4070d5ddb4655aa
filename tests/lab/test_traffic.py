"""The clients: a real process that sends requests at a steady rate to a server of the test's own."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections import Counter

import aiohttp
import pytest

from nodrop.lab import traffic
from nodrop.lab.causes import TIMEOUT_AT_RETRY, is_own_error
from nodrop.lab.kept_open import AGAIN_SECONDS
from nodrop.lab.kubernetes import programs
from nodrop.lab.protocols import Requests
from nodrop.lab.ready_test import SECONDS_HEADER
from nodrop.lab.results import PYTHON
from nodrop.lab.traffic import Record, TrafficPlan, parse_records, to_line
from nodrop.lab.vegeta_traffic import FRESH_SHARE
from tests.lab.traffic_servers import Server, always, ok, send

pytestmark = pytest.mark.timed


@pytest.fixture(scope="module", params=[PYTHON, pytest.param(programs.VEGETA, marks=pytest.mark.vegeta)])
def vegeta(request):
    """The path of the vegeta that sends, or None: both load generators send the same."""
    return str(programs.vegeta()) if request.param == programs.VEGETA else None


@pytest.fixture(scope="module")
def served(vegeta):
    """A second of requests of which one in ten may last long."""
    server = Server(always(ok()))
    records, _ = send(server, seconds=1, requests_per_second=200, longest_request_seconds=0.25, vegeta=vegeta)
    return server, records


def test_every_request_is_written_down_with_who_answered(served):
    server, records = served
    assert len(records) == len(server.asked)
    assert {(record.pod, record.upstream, record.cause) for record in records} == {("web-1", "10.0.30.2:8080", "")}
    assert all(record.start <= record.end for record in records)


def test_requests_are_sent_at_the_stated_rate(served):
    _, records = served
    starts = sorted(record.start for record in records)
    assert 150 < (len(starts) - 1) / (starts[-1] - starts[0]) < 250


def test_requests_are_of_all_kinds(served, vegeta):
    server, _ = served
    fresh = FRESH_SHARE if vegeta else 0.5
    methods = Counter(method for _, method, *_ in server.asked)
    assert set(methods) == {"GET", "POST"}
    assert min(methods.values()) > 0.35 * len(server.asked)
    connections = Counter(connection for connection, *_ in server.asked)
    once = sum(uses == 1 for uses in connections.values())
    assert once > 0.6 * fresh * len(server.asked)
    assert max(connections.values()) > 5
    assert {target for _, _, target, _ in server.asked} == {"/"}
    lasts = Counter(seconds for *_, seconds in server.asked)
    assert set(lasts) == {"0.0", "0.25"}
    assert 0.04 < lasts["0.25"] / len(server.asked) < 0.2


def test_what_is_written_down_is_what_was_sent(served, vegeta):
    server, records = served
    fresh = FRESH_SHARE if vegeta else 0.5
    methods = Counter(method for _, method, *_ in server.asked)
    assert Counter(record.method for record in records) == methods
    assert 0.6 * fresh < sum(not record.reused for record in records) / len(records) < 1.4 * fresh
    assert 0 <= min(record.late for record in records) < 0.1


def test_a_slow_answer_delays_no_later_request_and_is_waited_for_at_the_end(vegeta):
    records, stopped = send(Server(always(ok()), lasts=0.4), vegeta=vegeta, unreachable_seconds=2.0)
    assert all(record.end - record.start > 0.39 for record in records)
    assert all(record.cause == "" for record in records)
    starts = sorted(record.start for record in records)
    assert len(starts) > 30
    assert sum(start - starts[0] < 0.39 for start in starts) > 20  # before the first answer
    if vegeta is None:  # vegeta sends for longer: it has begun once it has answers
        assert starts[len(starts) // 2] - starts[0] < 0.39
    assert stopped > 0.2


def test_failures_are_named_in_the_load_balancers_words(vegeta):
    causes: dict[bytes | None, str] = {
        ok("UF", "503 Service Unavailable"): "failed_to_connect_to_backend",
        ok("UC", "503 Service Unavailable"): "backend_connection_closed_before_data_sent_to_client",
        ok("UH", "503 Service Unavailable"): "failed_to_pick_backend",
        ok("UT", "504 Gateway Timeout"): "backend_timeout",
        ok("UT", "504 Gateway Timeout").replace(b"X-Pod", b"x-envoy-attempt-count: 2\r\nX-Pod"): TIMEOUT_AT_RETRY,
        ok("URX,UF", "503 Service Unavailable"): "failed_to_connect_to_backend",
        ok("unready\n", "503 Service Unavailable"): "application answered 503",
        ok("", "404 Not Found"): "application answered 404",
        ok("cut short", length=1000): "backend_connection_closed_after_partial_response_sent",
    }
    if vegeta is None:  # Go sends a GET again whose kept connection was closed without an answer, as no proxy closes it
        causes[None] = "load generator: ServerDisconnectedError"
    answers = itertools.cycle(causes)
    given = []

    def answer(_number):
        given.append(next(answers))
        return given[-1]

    records, _ = send(Server(answer), vegeta=vegeta)
    assert len(records) > 2 * len(causes)
    assert Counter(record.cause for record in records) == Counter(causes[each] for each in given)


@pytest.mark.parametrize("answered", [0, 1], ids=["on no connection", "on a kept connection neither"])
def test_nothing_is_retried(answered):
    server = Server(lambda number: ok() if number < answered else None)
    records, _ = send(server, seconds=0.4)
    assert len(server.asked) == len(records)
    assert "load generator: ServerDisconnectedError" in {record.cause for record in records}


def draws(monkeypatch, seed, longest=1.0):
    """What the first 100 requests are, without sending them."""
    drawn = []

    async def scenario():
        stop = asyncio.Event()

        async def note(session, method, base, _records, _planned, lasts):
            asked = traffic._asked(method, base, lasts)
            drawn.append((session.connector.force_close, method, asked["url"], asked["headers"][SECONDS_HEADER]))
            if len(drawn) >= 100:
                stop.set()

        monkeypatch.setattr(traffic, "_request", note)
        targets = ("http://a/", "http://b/", "http://c/")
        await traffic._send(
            TrafficPlan(targets=targets, requests_per_second=5000, longest_request_seconds=longest, seed=seed),
            stop,
            set(),
        )

    asyncio.run(scenario())
    return drawn[:100]


def test_the_seed_decides_every_request(monkeypatch):
    assert draws(monkeypatch, 1) == draws(monkeypatch, 1)
    assert draws(monkeypatch, 1) != draws(monkeypatch, 2)


def test_all_requests_are_short_where_the_longest_is(monkeypatch):
    assert {seconds for *_, seconds in draws(monkeypatch, 1, longest=0)} == {"0.0"}
    assert {seconds for *_, seconds in draws(monkeypatch, 1)} == {"0.0", "1.0"}


def test_all_proxies_are_asked(monkeypatch):
    assert {url for _, _, url, _ in draws(monkeypatch, 1)} == {"http://a/", "http://b/", "http://c/"}


def test_records_travel_as_json():
    record = Record(start=1.5, end=2.5, pod="web-1", upstream="10.0.30.2:8080", cause="")
    assert parse_records(json.dumps([record])) == [record]


def test_a_plan_is_one_line():
    line = to_line(TrafficPlan(targets=("http://a/",), requests_per_second=1, longest_request_seconds=0, seed=1))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_what_fails_before_a_proxy_answers_is_the_load_generators_own_with_either(vegeta):
    records, _ = send(Server(always(None)), vegeta=vegeta)
    assert records
    assert all(is_own_error(record.cause) for record in records)


def test_a_million_records_share_their_texts_and_travel_in_pieces():
    records = [Record(1, 2, "web-1", "10.0.30.2:8080", "") for _ in range(traffic.LINE_RECORDS + 1)]
    lines = list(traffic.to_lines(records))
    assert len(lines) == 2
    read = [record for line in lines for record in parse_records(line)]
    assert read == records
    assert len({id(record.upstream) for record in read}) == 1


def test_nobody_listening_is_a_failure_too():
    async def scenario():
        records = []
        async with aiohttp.ClientSession() as session:
            await traffic._request(session, "GET", "http://127.0.0.1:1/", records, time.monotonic() - 1)
        return records

    (record,) = asyncio.run(scenario())
    assert record.cause.startswith("load generator: ")
    assert 1 <= record.late < 2
    assert (record.pod, record.upstream) == ("", "")


BEHIND = """
import asyncio, time
from nodrop.lab import traffic
traffic.GIVE_UP_SECONDS = 0.1
async def slow(*_request):
    time.sleep(0.2)  # the loop stalls
traffic._request = slow
asyncio.run(traffic._main())
"""


def test_a_load_generator_that_is_behind_its_plan_gives_up_with_a_code_of_its_own():
    plan = TrafficPlan(targets=("http://a/",), requests_per_second=100, longest_request_seconds=0, seed=1)
    ended = subprocess.run([sys.executable, "-c", BEHIND], input=to_line(plan), capture_output=True, timeout=20)
    assert ended.returncode == traffic.BEHIND
    assert ended.stderr == b"it was 0.1 s behind its plan\n"


def test_a_response_that_is_no_stream_of_events_fails_and_is_not_asked_for_without_a_pause():
    server = Server(always(ok()))
    records, _ = send(server, seconds=3, longest_request_seconds=0, requests=Requests.STREAM, connections=2)
    assert {record.cause for record in records} == {"application answered 200 without text/event-stream"}
    assert len(records) < 2 * 5.5 / AGAIN_SECONDS
