"""What comes out of the sandbox's pipe is data of stated types and sizes, whoever holds its other end."""

import json
import os
import threading
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

import pytest

from nodrop.lab import pipe
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import (
    Conditions,
    Histogram,
    PodTimeline,
    Result,
    RolloutResult,
    Slack,
    Subject,
    UnreadyResult,
    to_json,
)
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

SUBJECT = Subject(
    variant="NEG, preStop",
    path="demo/web",
    backend="NEG",
    replicas=2,
    pre_stop_seconds=None,
    readiness_gate=True,
    keep_alive=True,
    accepted={"some-rule": "some reason"},
)
CONDITIONS = Conditions(
    speed_up=10.0,
    seed=1,
    requests_per_second=10.0,
    attach_lag_seconds=(7.0, 17.0),
    detach_lag_seconds=(12.0, 28.0),
    kube_proxy_lag_seconds=(5.0, 10.0),
    longest_request_seconds=1.0,
    startup_seconds=2.0,
    keep_alive_timeout_seconds=620.0,
    on_term="drain",
    stand_in="ready-test",
)
POD = PodTimeline(
    name="web-1", node="node-1", old=True, events={"deleted": 1.0}, last_request=30.0, last_response=None, requests=9
)
HISTOGRAM = Histogram(start=-20.0, width=1.0, requests=(9, 8), by_old=(4, 0), failures=(1, 0))
ROLLOUT = RolloutResult(
    subject=SUBJECT,
    conditions=CONDITIONS,
    requests=17,
    failures={"failed_to_pick_backend": 1},
    finished=True,
    duration_seconds=100.0,
    slack=Slack(term_after_last_request=31.0, kill_after_last_response=None, deletion_after_new_routable=-1.0),
    pods=(POD,),
    histogram=HISTOGRAM,
    expected_failed=0.5,
    predicted=(POD,),
)
UNREADY = UnreadyResult(
    subject=SUBJECT,
    conditions=CONDITIONS,
    requests=17,
    failures={},
    removed_seconds=None,
    last_request_seconds=2.0,
    requests_after_removal=0,
    served_after_removal=0,
    pinned_flows=3,
    pods=(POD,),
    histogram=HISTOGRAM,
)


@pytest.fixture
def ends() -> tuple[Connection, Connection]:
    """The caller's end and the lab's."""
    ours, theirs = Pipe()
    return ours, theirs


@pytest.mark.parametrize("result", [ROLLOUT, UNREADY])
def test_a_result_comes_out_as_it_went_in(ends: tuple[Connection, Connection], result: Result) -> None:
    ours, theirs = ends
    pipe.send_result(theirs, result)
    received = pipe.receive(ours)
    assert received == result
    assert isinstance(received, RolloutResult | UnreadyResult)
    assert json.dumps(to_json(received)) == json.dumps(to_json(result))


def test_a_job_comes_out_as_it_went_in(ends: tuple[Connection, Connection], neg_path) -> None:
    stated = Behaviour(
        longest_request_seconds=30, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN
    )
    job = Job(
        experiment=Experiment.UNREADY,
        variant="NEG",
        path=neg_path,
        application=Application(stated, "server {port}", "/fail"),
        settings=replace(Settings(), seed=7),
    )
    pipe.send_job(ends[0], job)
    assert pipe.receive_job(ends[1]) == job


def test_a_phase_comes_out_as_its_name(ends: tuple[Connection, Connection]) -> None:
    pipe.send_progress(ends[1], "warming up")
    assert pipe.receive(ends[0]) == "warming up"


@pytest.mark.parametrize(
    ("kind", "error"),
    [("unavailable", LabUnavailableError), ("stalled", LabStalledError), ("failed", LabFailedError)],
)
def test_an_error_is_raised_with_the_labs_words(ends: tuple[Connection, Connection], kind, error) -> None:
    pipe.send_error(ends[1], kind, "no such thing")
    with pytest.raises(error, match=r"^no such thing$"):
        pipe.receive(ends[0])


class Code:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.marker),)


def test_a_pickled_call_is_not_made(ends: tuple[Connection, Connection], tmp_path: Path) -> None:
    marker = tmp_path / "made"
    ends[1].send(("progress", Code(marker)))
    with pytest.raises(LabFailedError, match="cannot be read"):
        pipe.receive(ends[0])
    assert not marker.exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"kind": "exit", "content": "now"}',
        b'{"kind": "progress", "content": {"a": 1}}',
        b'{"kind": "progress", "content": "\xff"}',
        b'{"kind": "rollout", "content": "done"}',
        b'{"kind": "rollout", "content": {"subject": 1}}',
        b'{"kind": "progress", "content": "a", "more": 1}',
    ],
)
def test_an_answer_of_another_shape_is_one_clear_failure(ends: tuple[Connection, Connection], answer: bytes) -> None:
    ends[1].send_bytes(answer)
    with pytest.raises(LabFailedError, match="the lab's answer cannot be read"):
        pipe.receive(ends[0])


def test_an_answer_longer_than_its_bound_is_not_taken_into_memory(ends: tuple[Connection, Connection]) -> None:
    ours, theirs = ends
    sent = threading.Thread(target=lambda: _send_until_closed(theirs, b'"' + b"a" * pipe.ANSWER_BYTES))
    sent.start()
    with pytest.raises(LabFailedError, match="cannot be read"):
        pipe.receive(ours)
    ours.close()
    sent.join()


def _send_until_closed(connection: Connection, content: bytes) -> None:
    try:
        connection.send_bytes(content)
    except OSError:
        return


def test_a_manifest_that_no_json_can_say_is_one_clear_failure(ends: tuple[Connection, Connection], neg_path) -> None:
    stated = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)
    huge = replace(neg_path, entry={**neg_path.entry, "spec": "\ud800"})
    job = Job(experiment=Experiment.ROLLOUT, variant="", path=huge, application=Application(stated, None))
    with pytest.raises(LabFailedError, match=r"^demo/web: its manifests hold what no JSON can say: .*surrogates"):
        pipe.send_job(ends[0], job)
