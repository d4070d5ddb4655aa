"""What the lab asks of a load generator, and what it makes of one that ended otherwise than asked."""

import asyncio
import signal
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nodrop.lab import sending as sending_module
from nodrop.lab import traffic
from nodrop.lab.clock import Clock
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.latency import Latencies
from nodrop.lab.sending import failure, plan_of, sending, spoiled
from nodrop.lab.traffic import Record, TrafficPlan
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm
from tests.lab.traffic_servers import Server, ok

SETTINGS = Settings(speed_up=10, requests_per_second=300, proxies=2, seed=7, vegeta="/cache/vegeta")


@pytest.fixture
def job(neg_path):
    behaviour = Behaviour(
        longest_request_seconds=30, startup_seconds=0, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN
    )
    return Job(
        experiment=Experiment.ROLLOUT,
        variant="preset",
        path=neg_path,
        application=Application(behaviour, None),
        settings=SETTINGS,
        steady_first=False,
    )


def test_requests_are_asked_of_each_proxy_as_much_faster_as_the_lab_runs(job):
    assert plan_of(job, Clock(10, allowance_real_seconds=0.5), 30, 4.0) == TrafficPlan(
        targets=("http://192.0.2.1:8001/", "http://192.0.2.1:8002/"),
        requests_per_second=3000,
        longest_request_seconds=3.0,
        connections=1500,
        connection_seconds=4.0,
        seed=7,
        vegeta="/cache/vegeta",
        unreachable_seconds=2 * (0.5 + 0.5),  # two tries, each of the connect timeout and the allowance
    )


@pytest.mark.parametrize("code", [traffic.BEHIND, -signal.SIGTERM])
def test_less_load_than_asked_for_is_the_machines_limit_with_the_reason(code):
    found = failure(code, "150 requests were under way", SETTINGS)
    assert isinstance(found, LabStalledError)
    assert str(found) == (
        "the load generator could not keep up at 300 requests/s on this machine, 3,000 in a second of wall clock: "
        "150 requests were under way"
    )


def test_requests_without_an_answer_are_the_machines_too_and_are_listed():
    found = failure(traffic.NO_ANSWER, "GET http://a/\nPOST http://b/", SETTINGS)
    assert isinstance(found, LabStalledError)
    assert str(found) == "no proxy answered these requests:\nGET http://a/\nPOST http://b/"


def test_a_broken_load_generator_is_a_failure_in_its_own_words():
    found = failure(1, "/usr/bin/vegeta ended with 7: out of memory", SETTINGS)
    assert isinstance(found, LabFailedError)
    assert str(found) == "the load generator failed: /usr/bin/vegeta ended with 7: out of memory"


def test_a_load_generator_that_breaks_ends_the_run_with_that_one_error(job, tmp_path):
    broken = tmp_path / "vegeta"
    broken.write_text("#!/bin/sh\necho some\nsleep 0.3\necho out of memory >&2\nexit 7\n")
    broken.chmod(0o755)

    async def scenario():
        async with asyncio.TaskGroup() as tasks:
            lab = SimpleNamespace(
                job=replace(job, settings=replace(SETTINGS, vegeta=str(broken))),
                clock=Clock(10),
                backend=SimpleNamespace(connection_real_seconds=None),
                latencies=Latencies(0.5),
                spawn=tasks.create_task,
            )
            async with sending(cast("Any", lab), 30):
                await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(scenario())
    (error,) = raised.value.exceptions
    assert isinstance(error, LabFailedError)
    assert str(error) == f"the load generator failed: {broken} ended with 7: out of memory"


# While load begins


def late_at_begin(part, real_seconds):
    latencies = Latencies(0.6)
    latencies.begin_measuring()
    with latencies.load_begins():
        latencies.note_now(part, real_seconds)
    return latencies


FAILED = ok(status="503 Service Unavailable")


def sent(job, monkeypatch, *, answers, late_at=()):
    """Latencies of a lab, and its requests: some 50 while load begins and 50 after it, answered so by their number.

    At each of `late_at`, in seconds, the proxies were 0.5 s late.
    """
    latencies, found = Latencies(0.6), []

    async def scenario():
        server = Server(lambda _number: answers(len(server.asked)))
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        monkeypatch.setattr(sending_module, "LOAD_BALANCER_ADDRESS", "127.0.0.1")
        monkeypatch.setattr(sending_module, "FIRST_PORT", listening.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            lab = SimpleNamespace(
                job=replace(job, settings=replace(SETTINGS, vegeta=None, proxies=1, requests_per_second=5)),
                clock=Clock(20, allowance_real_seconds=0),
                backend=SimpleNamespace(connection_real_seconds=None),
                spawn=tasks.create_task,
                latencies=latencies,
                cuts=[],
            )
            latencies.begin_measuring()
            for each in late_at:
                loop.call_later(each, latencies.note_now, "proxies", 0.5)
            async with sending(cast("Any", lab), 0) as records:
                await asyncio.sleep(1)
            found.extend(records)
        listening.close()

    asyncio.run(scenario())
    return latencies, found


def test_the_first_requests_may_wait_while_connections_are_opened(job, monkeypatch):
    latencies, _ = sent(job, monkeypatch, answers=lambda _number: ok(), late_at=[0.05])
    assert latencies.at_begin_real_seconds == {"proxies": 0.5}
    assert latencies.worst_real_seconds["proxies"] == 0
    assert "load generator" in latencies.worst_real_seconds


def test_where_they_failed_and_the_proxies_were_late_the_run_is_void(job, monkeypatch):
    def answers(number):
        return FAILED if number < 20 else ok()

    latencies, records = sent(job, monkeypatch, answers=answers)
    assert (latencies.at_begin_real_seconds, bool(records[0].cause)) == ({}, True)
    with pytest.raises(ExceptionGroup) as raised:
        sent(job, monkeypatch, answers=answers, late_at=[0.05])
    (error,) = raised.value.exceptions
    assert isinstance(error, LabStalledError)
    assert str(error).startswith("machine too busy: latency of the proxies 500 ms")


def test_what_fails_later_is_not_the_begins(job, monkeypatch):
    answers = [ok()] * 70 + [FAILED] * 200
    latencies, records = sent(job, monkeypatch, answers=answers.__getitem__, late_at=[0.05])
    assert latencies.at_begin_real_seconds == {"proxies": 0.5}
    assert any(record.cause for record in records)


def request(cause="", late=0.0):
    return Record(0, 1, "web-1", "10.0.30.2:8080", cause, late)


def test_lateness_while_load_begins_is_not_the_measurements():
    latencies = late_at_begin("proxies", 0.5)
    assert latencies.worst_real_seconds["proxies"] == 0
    assert spoiled([request()], latencies) == []
    assert latencies.with_begin()["proxies"] == 0.5, "of failures that nobody expects, it may still be the reason"
    with pytest.raises(LabStalledError):
        latencies.note_now("proxies", 0.5)


def test_it_is_why_requests_failed_that_began_the_load():
    (doubt,) = spoiled([request(), request("failed_to_connect_to_backend")], late_at_begin("proxies", 0.5))
    assert doubt == "machine too busy: latency of the proxies 500 ms, bound 200 ms"
    assert spoiled([request("failed_to_connect_to_backend", late=0.3)], late_at_begin("proxies", 0.1)) == [
        "machine too busy: latency of the load generator 300 ms, bound 200 ms"
    ]


def test_without_it_they_failed_for_their_own_reasons():
    assert spoiled([request("failed_to_connect_to_backend")], late_at_begin("proxies", 0.1)) == []
