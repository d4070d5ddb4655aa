"""What the model expects of a rehearsal, and of which rollouts it may doubt a run."""

from copy import deepcopy
from dataclasses import replace
from itertools import islice

import pytest

from benchmarks.consistency_cases import configurations, draws
from nodrop.lab.containers import Application
from nodrop.lab.prediction import PROCESS_STARTS_REAL_SECONDS, predict
from nodrop.lab.protocols import Requests
from nodrop.lab.variants import with_replicas
from tests.lab.jobs import with_pod


@pytest.fixture(scope="module")
def drawn():
    return configurations(12, seed=3)


@pytest.fixture
def job(drawn):
    return drawn[0].job(1)


def failed(job, configuration):
    prediction = predict(job, configuration.programming)
    return None if prediction is None else prediction.failed


def test_rollouts_like_the_records_have_the_range_of_what_a_machine_may_start_late():
    found = []
    for each in islice(draws(seed=1), 12):
        least, most = failed(each.job(1), each)
        totals = [each.expected.total, *(each.expected_after(late).total for late in PROCESS_STARTS_REAL_SECONDS)]
        assert (least, most) == (min(totals), max(totals))
        found.append(most > least)
    assert any(found)


def test_the_record_itself_repeats_no_run_that_the_model_does_not_expect(drawn):
    assert not any(each.job(1).held_to_model for each in drawn)


def with_container(path):
    return with_pod(path, lambda pod: pod["containers"].append({"name": "beside"}))


def with_sidecar(path):
    return with_pod(path, lambda pod: pod.update(initContainers=[{"name": "beside", "restartPolicy": "Always"}]))


def encrypted(path):
    service = deepcopy(path.service)
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"": "HTTPS"}'
    return replace(path, service=service)


def kept(job, seconds):
    behaviour = replace(job.application.behaviour, keep_alive_timeout_seconds=seconds)
    return replace(job, application=replace(job.application, behaviour=behaviour))


@pytest.mark.parametrize(
    "change",
    [
        lambda job: replace(job, application=Application(job.application.behaviour, "./serve")),
        lambda job: replace(job, application=replace(job.application, requests=Requests.WEBSOCKET)),
        lambda job: replace(job, deployer=("pulumi",)),
        lambda job: replace(job, settings=replace(job.settings, control_plane="kubernetes")),
        lambda job: replace(job, path=with_container(job.path)),
        lambda job: replace(job, path=with_sidecar(job.path)),
        lambda job: replace(job, path=encrypted(job.path)),
        lambda job: replace(job, path=with_replicas(job.path, 3)),
        lambda job: kept(job, 15),
    ],
    ids=[
        "command",
        "WebSocket",
        "deployer",
        "Kubernetes",
        "container",
        "sidecar",
        "TLS",
        "a pod a zone",
        "keep-alive races",
    ],
)
def test_what_the_record_does_not_know_is_not_held_to_the_model(job, drawn, change):
    assert failed(job, drawn[0]) is not None
    assert failed(change(job), drawn[0]) is None


def test_of_a_pre_stop_that_a_command_runs_nothing_is_expected(job, drawn):
    def drains(pod):
        pod["containers"][0]["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 60; ./drain"]}}}

    slept = replace(job, path=with_pod(job.path, drains))
    run = replace(slept, application=replace(job.application, command="./serve"))
    assert predict(slept, drawn[0].programming) is not None
    assert predict(run, drawn[0].programming) is None
