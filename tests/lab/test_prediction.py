"""What the model expects of a rehearsal: of which rollouts it may doubt a run, when pods are ready, and until when."""

from copy import deepcopy
from dataclasses import replace
from itertools import islice

import pytest

from benchmarks.consistency_cases import configurations, draws
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment
from nodrop.lab.prediction import PROCESS_STARTS_REAL_SECONDS, predict, ready_seconds, steady_seconds
from nodrop.lab.protocols import Requests
from nodrop.lab.variants import behind_node_port, with_gate, with_replicas
from tests.lab.jobs import SPEED_UP, with_pod
from tests.lab.jobs import job as job_of


@pytest.fixture(scope="module")
def drawn():
    return configurations(12, seed=3)


@pytest.fixture
def job(drawn):
    return drawn[0].job(1)


def failed(job):
    prediction = predict(job)
    return None if prediction is None else prediction.failed


def test_rollouts_like_the_records_have_the_range_of_what_a_machine_may_start_late():
    found = []
    for each in islice(draws(seed=1), 12):
        least, most = failed(each.job(1))
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
        lambda job: replace(job, path=behind_node_port(job.path)),
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
        "NodePort",
    ],
)
def test_what_the_record_does_not_know_is_not_held_to_the_model(job, change):
    assert failed(job) is not None
    assert failed(change(job)) is None


def test_of_a_pre_stop_that_a_command_runs_nothing_is_expected(job):
    def drains(pod):
        pod["containers"][0]["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 60; ./drain"]}}}

    slept = replace(job, path=with_pod(job.path, drains))
    run = replace(slept, application=replace(job.application, command="./serve"))
    assert predict(slept) is not None
    assert predict(run) is None


def rollout_of(path):
    return job_of("a", Experiment.ROLLOUT, path)


def predicted(job, name):
    prediction = predict(job)
    assert prediction
    (pod,) = (pod for pod in prediction.pods if pod.name == name)
    return pod


def test_behind_a_node_port_pods_are_predicted_but_no_request_and_nothing_that_a_load_balancer_does(neg_path):
    job = rollout_of(with_gate(behind_node_port(neg_path)))
    prediction = predict(job)
    assert prediction
    assert (prediction.drops, prediction.failed) == (None, None)
    old, new = predicted(job, "old-1"), predicted(job, "new-1")
    assert (set(new.events), set(old.events)) == ({"created", "started", "ready"}, {"deleted", "term", "gone"})
    assert new.events["ready"] == predicted(rollout_of(neg_path), "new-1").events["ready"]
    assert old.events["deleted"] == new.events["ready"]  # the gate holds nobody up
    assert (old.last_request, old.last_response) == (None, None)


def test_behind_a_node_port_an_old_pod_gets_requests_until_it_stops_and_ends_with_the_last(neg_path):
    neg, node_port = (predicted(rollout_of(path), "old-1").events for path in (neg_path, behind_node_port(neg_path)))
    assert (neg["term"] - neg["deleted"], neg["gone"] - neg["deleted"]) == (60, 60)
    assert (node_port["term"] - node_port["deleted"], node_port["gone"] - node_port["deleted"]) == (60, 90)


PROCESS_START_SECONDS = PROCESS_STARTS_REAL_SECONDS[1] * SPEED_UP


def test_a_new_pod_is_ready_at_the_beat_of_its_probe_after_a_slow_start_whatever_the_backend(neg_path):
    """15 s to start and 2 s of start-up; a probe every 5 s."""
    assert PROCESS_START_SECONDS == 15
    assert ready_seconds(rollout_of(neg_path)) == ready_seconds(rollout_of(behind_node_port(neg_path))) == 20


@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        (lambda pod: pod["containers"][0]["readinessProbe"].update(periodSeconds=60), 60),
        (lambda pod: pod["containers"][0].update(startupProbe=probe(periodSeconds=22)), 22),
        (lambda pod: pod["containers"].append(beside(readinessProbe=probe(initialDelaySeconds=31))), 31),
        (lambda pod: pod["containers"].append(beside(readinessProbe=probe(periodSeconds=4))), 20),
        (lambda pod: pod.update(initContainers=[sidecar(startupProbe=probe(periodSeconds=16))]), 16 + 20),
        (lambda pod: pod.update(initContainers=[sidecar(readinessProbe=probe(periodSeconds=32))]), 32),
    ],
    ids=["readiness", "startup", "beside", "beside, quicker", "sidecar's startup", "sidecar's readiness"],
)
def test_a_pod_is_ready_when_the_slowest_probe_of_all_its_containers_has_passed(neg_path, change, seconds):
    assert ready_seconds(rollout_of(with_pod(neg_path, change))) == seconds


def probe(**timing):
    return {"tcpSocket": {"port": 15020}, **timing}


def beside(**fields):
    return {"name": "beside", "ports": [{"containerPort": 15020}], **fields}


def sidecar(**fields):
    return beside(restartPolicy="Always", **fields)


@pytest.mark.parametrize("moved", [False, True], ids=["NEG", "NodePort"])
@pytest.mark.parametrize("replicas", [1, 2, 20])
def test_the_window_without_a_rollout_is_as_long_as_the_rollout_is_predicted_to_take(neg_path, replicas, moved):
    job = rollout_of(with_replicas(behind_node_port(neg_path) if moved else neg_path, replicas))
    last = predicted(job, f"old-{replicas}").events["gone"]
    assert steady_seconds(job) == last


def test_the_window_takes_a_pre_stop_that_is_run_for_as_long_as_the_grace_period(neg_path):
    def unknown(pod):
        pod["containers"][0]["lifecycle"] = {"preStop": {"exec": {"command": ["/drain"]}}}

    known, job = rollout_of(neg_path), rollout_of(with_pod(neg_path, unknown))
    assert predict(job) is None
    assert steady_seconds(job) == steady_seconds(known) + 95 - 60
