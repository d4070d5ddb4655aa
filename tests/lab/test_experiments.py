"""The experiments on real packets: what they write down hangs together, and shows what each setting is good for."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from itertools import pairwise

import pytest

from nodrop.gke.services import READINESS_GATE
from nodrop.lab import variants
from nodrop.lab.causes import TIMEOUT_AT_RETRY
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.counting import DRAINING_ENDED
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.pace import FORCED
from nodrop.lab.results import STAND_IN, Conditions, PodTimeline, Result, RolloutResult, UnreadyResult
from nodrop.lab.runner import run_all
from tests.lab.jobs import SETTINGS, SPEED_UP, job, with_backend_config

pytestmark = pytest.mark.lab

ASKED = Settings(
    speed_up=SPEED_UP,
    seed=7,
    requests_per_second=10,
    proxies=3,
    attach_lag_seconds=(3, 5),
    detach_lag_seconds=(2, 4),
    kube_proxy_lag_seconds=(12, 14),
)
SLOW_ATTACH = replace(SETTINGS, attach_lag_seconds=(90, 110))
"""So slow that both pods are replaced before the first proxy knows a new one, even where a pod starts late."""
LATENCY_SECONDS = LATENCY_ALLOWANCE_REAL_SECONDS * SPEED_UP
"""What the machine may add to any step, in seconds of the rehearsed system."""
NOTICED_SECONDS = 0.01 * SPEED_UP
"""By which an event may be written down late: a controller acts on it first."""
COMMAND = f"{sys.executable} -I -S {resources.files('nodrop.lab') / 'ready_test.py'} --port {{port}}"
CLOSING_COMMAND = f"{COMMAND} --keep-alive-timeout-seconds 0"
"""Closes each connection, whatever the Deployment's annotations say of it."""


ROLLOUTS = ("preset", "legacy", "no draining", "slow attach, gate injected", "slow attach, gate not injected")
UNREADY = ("check elsewhere", "command")

Results = Mapping[str, Result]


@pytest.fixture(scope="module")
def jobs(neg_path, node_port_path) -> dict[str, Job]:
    rollout, unready = Experiment.ROLLOUT, Experiment.UNREADY
    undrained = with_backend_config(neg_path, lambda spec: spec.pop("connectionDraining"))
    elsewhere = with_backend_config(neg_path, lambda spec: spec["healthCheck"].update(requestPath="/"))
    ungated, alone = variants.without_gate(neg_path), variants.with_replicas(node_port_path, 1)
    made = [
        job("preset", rollout, neg_path),
        job("legacy", rollout, node_port_path),
        job("no draining", rollout, undrained),
        replace(job("check elsewhere", unready, elsewhere), accepted={"some-rule": "some reason"}),
        job("slow attach, gate injected", rollout, ungated, settings=SLOW_ATTACH),
        job("slow attach, gate not injected", rollout, ungated, settings=SLOW_ATTACH, gate=False),
        job("command", unready, alone, command=CLOSING_COMMAND, settings=ASKED),
    ]
    return {each.variant: each for each in made}


@pytest.fixture(scope="module")
def results(jobs) -> Results:
    measured = run_all(list(jobs.values()), lambda _job, _phase: None, parallel=2)
    return dict(zip(jobs, measured, strict=True))


def rollout(results: Results, name: str) -> RolloutResult:
    result = results[name]
    assert isinstance(result, RolloutResult)
    assert result.finished
    return result


def unready(results: Results, name: str) -> UnreadyResult:
    result = results[name]
    assert isinstance(result, UnreadyResult)
    return result


def old_and_new(result: Result) -> tuple[list[PodTimeline], list[PodTimeline]]:
    return [pod for pod in result.pods if pod.old], [pod for pod in result.pods if not pod.old]


def in_order(pod: PodTimeline, *events: str) -> bool:
    return all(pod.events[earlier] <= pod.events[later] for earlier, later in pairwise(events))


def test_a_result_says_which_rules_the_deployments_owner_accepts(results):
    assert unready(results, "check elsewhere").subject.accepted == {"some-rule": "some reason"}
    assert rollout(results, "preset").subject.accepted == {}


@pytest.mark.parametrize("name", ROLLOUTS)
def test_every_pod_is_replaced_and_its_events_come_in_their_order(results, name):
    old, new = old_and_new(rollout(results, name))
    assert len(old) == len(new) == 2
    for pod in old + new:
        assert in_order(pod, "created", "started", "ready")
        assert in_order(pod, "started", "attached")
    for pod in old:
        assert pod.events["attached"] < 0 < pod.events["deleted"]
        assert in_order(pod, "deleted", "term", "gone")
        assert in_order(pod, "deleted", "removed")
    for pod in new:
        assert pod.events["created"] >= 0
        assert not {"deleted", "removed", "term", "killed", "gone"} & set(pod.events)


@pytest.mark.parametrize("name", ROLLOUTS)
def test_term_comes_when_the_pre_stop_has_slept(results, name):
    result = rollout(results, name)
    slept = result.subject.pre_stop_seconds or 0
    for pod in old_and_new(result)[0]:
        assert slept <= pod.events["term"] - pod.events["deleted"] < slept + LATENCY_SECONDS


@pytest.mark.parametrize("name", ["preset", "no draining", "slow attach, gate injected"])
def test_a_gated_rollout_deletes_no_old_pod_before_a_proxy_serves_its_successor(results, name):
    old, new = old_and_new(rollout(results, name))
    deleted = sorted(pod.events["deleted"] for pod in old)
    gates = sorted(pod.events["gate"] for pod in new)
    assert all(gate <= deletion for gate, deletion in zip(gates, deleted, strict=True))
    assert all(in_order(pod, "attached", "gate") for pod in new)


def test_without_a_gate_the_rollout_does_not_wait_for_the_load_balancer(results):
    old, new = old_and_new(rollout(results, "slow attach, gate not injected"))
    assert max(pod.events["deleted"] for pod in old) < min(pod.events["attached"] for pod in new)


@pytest.mark.parametrize("name", [*ROLLOUTS, *UNREADY])
def test_the_histogram_holds_every_request_and_failure(results, name):
    result = results[name]
    bins = result.histogram
    assert sum(bins.requests) == result.requests > 500
    assert sum(bins.failures) == sum(result.failures.values())
    assert sum(bins.by_old) == sum(pod.requests for pod in result.pods if pod.old)
    assert len(bins.requests) == len(bins.by_old) == len(bins.failures)
    assert bins.width == pytest.approx(0.1 * SPEED_UP)
    assert bins.start < 0 < bins.start + bins.width * len(bins.requests)


@pytest.mark.parametrize("name", [*ROLLOUTS, *UNREADY])
def test_each_request_was_answered_by_one_pod_or_failed(results, name):
    result = results[name]
    assert sum(pod.requests for pod in result.pods) + sum(result.failures.values()) == result.requests


@pytest.mark.parametrize("name", ROLLOUTS)
def test_the_slack_is_the_least_margin_between_the_pods_events(results, jobs, name):
    result = rollout(results, name)
    old, new = old_and_new(result)
    grace = jobs[name].path.termination_grace_period_seconds
    served = [(pod.events, pod.last_request, pod.last_response) for pod in old]
    swaps = zip(sorted(p.events["deleted"] for p in old), sorted(p.events["attached"] for p in new), strict=True)
    least = (
        min(events["term"] - request for events, request, _ in served if request is not None),
        min(events["deleted"] + grace - response for events, _, response in served if response is not None),
        min(deleted - attached for deleted, attached in swaps),
    )
    slack = result.slack
    measured = (slack.term_after_last_request, slack.kill_after_last_response, slack.deletion_after_new_routable)
    assert measured == pytest.approx(least, abs=0.01)


@pytest.mark.parametrize("name", ["preset", "no draining"])
def test_an_old_pod_gets_its_last_request_before_the_slowest_proxy_has_forgotten_it(results, name):
    result = rollout(results, name)
    slowest = max(result.conditions.detach_lag_seconds)
    for pod in old_and_new(result)[0]:
        deleted, last = pod.events["deleted"], pod.last_request
        assert slowest - NOTICED_SECONDS <= pod.events["removed"] - deleted < slowest + LATENCY_SECONDS
        assert last is not None
        assert last < deleted + slowest + LATENCY_SECONDS


def test_a_pod_attaches_no_sooner_than_the_fastest_proxy(results):
    for name, fastest in (("preset", 7), ("slow attach, gate injected", 90)):
        for pod in [pod for pod in results[name].pods if not pod.old]:
            assert pod.events["attached"] - pod.events["started"] >= fastest


def test_without_connection_draining_requests_in_flight_are_cut(results):
    assert rollout(results, "preset").failures == {}
    failures = rollout(results, "no draining").failures
    assert failures[DRAINING_ENDED] > 0
    assert set(failures) <= {DRAINING_ENDED, TIMEOUT_AT_RETRY}  # a GET that was cut is sent once more


def test_the_gate_is_injected_at_admission_where_the_template_declares_none(results, jobs):
    name = "slow attach, gate injected"
    assert jobs[name].path.readiness_gates == ()
    result = rollout(results, name)
    assert result.subject.readiness_gate
    assert all("gate" in pod.events for pod in result.pods)


def test_no_gate_is_there_if_none_is_declared_and_none_injected(results):
    result = rollout(results, "slow attach, gate not injected")
    assert not result.subject.readiness_gate
    assert not any("gate" in pod.events for pod in result.pods)


def test_a_declared_gate_is_not_injected_twice(results, jobs):
    assert jobs["preset"].path.readiness_gates == (READINESS_GATE,)
    assert rollout(results, "preset").subject.readiness_gate


def test_no_gate_is_injected_behind_node_port(results):
    assert not rollout(results, "legacy").subject.readiness_gate


def test_where_attaching_is_slow_it_is_the_gate_that_saves_requests(results):
    assert rollout(results, "slow attach, gate injected").failures == {}
    assert rollout(results, "slow attach, gate not injected").failures["failed_to_pick_backend"] > 0


def test_an_unready_pod_is_never_taken_out_by_a_health_check_of_another_path(results):
    result = unready(results, "check elsewhere")
    assert result.removed_seconds is None
    assert result.failures == {}
    assert result.leak == pytest.approx(0.5, abs=0.2)  # it is one of two
    assert result.last_request_seconds is not None
    assert result.last_request_seconds > 60


def test_the_users_command_is_what_runs(results, jobs):
    result = unready(results, "command")
    assert result.conditions.stand_in == CLOSING_COMMAND
    assert results["preset"].conditions.stand_in == STAND_IN
    # the stand-in would have kept connections alive, as the Deployment says, and gone on answering
    assert jobs["command"].application.behaviour.keep_alive_timeout_seconds > 0
    assert (result.served_after_removal, result.pinned_flows) == (0, 0)
    assert result.requests_after_removal > 500
    # behind NodePort only X-Pod says who answered
    assert result.pods[0].requests == result.requests - sum(result.failures.values()) > 0


def test_an_unready_pod_behind_node_port_is_out_when_its_probe_has_failed_and_the_last_node_follows(results, jobs):
    probe, result = jobs["command"].path.readiness_probe, unready(results, "command")
    assert probe
    assert result.removed_seconds is not None
    follow = max(ASKED.kube_proxy_lag_seconds)
    soonest = (probe.failure_threshold - 1) * probe.period_seconds + follow
    latest = probe.failure_threshold * probe.period_seconds + probe.timeout_seconds + follow + LATENCY_SECONDS
    assert soonest <= result.removed_seconds <= latest


@pytest.mark.parametrize("name", [*ROLLOUTS, *UNREADY])
def test_the_conditions_hold_what_was_asked_for(results, jobs, name):
    conditions, settings = results[name].conditions, jobs[name].settings
    for measured, asked, count in (
        (conditions.attach_lag_seconds, settings.attach_lag_seconds, settings.proxies),
        (conditions.detach_lag_seconds, settings.detach_lag_seconds, settings.proxies),
        (conditions.kube_proxy_lag_seconds, settings.kube_proxy_lag_seconds, 2),
    ):
        assert len(measured) == count
        assert (min(measured), max(measured)) == asked
    asked = (settings.speed_up, settings.seed, settings.requests_per_second)
    assert (conditions.speed_up, conditions.seed, conditions.requests_per_second) == asked
    assert conditions.speed_up_is_forced
    assert conditions.speed_up_is_bounded == (conditions.pace != FORCED)
    stated = jobs[name].application.behaviour
    assert conditions.longest_request_seconds == stated.longest_request_seconds
    assert conditions.startup_seconds == stated.startup_seconds
    assert conditions.keep_alive_timeout_seconds == stated.keep_alive_timeout_seconds
    assert conditions.on_term == stated.on_term


def test_requests_are_sent_at_the_rate_that_was_asked_for(results):
    result = unready(results, "command")
    bins = result.histogram.requests[1:-1]
    assert sum(bins) / (len(bins) * result.histogram.width) == pytest.approx(ASKED.requests_per_second, rel=0.1)


def as_asked(conditions: Conditions) -> Conditions:
    """Without what the machine's latency of the moment decides."""
    return replace(conditions, pace="", speed_up_is_bounded=False, allowance_real_seconds=0)


def test_two_labs_side_by_side_come_to_the_verdict_of_one_alone(results, jobs):
    """So does the preset, which an ordinary user runs alone (`test_ordinary_user`)."""
    (alone,) = run_all([jobs["legacy"]], lambda _job, _phase: None)
    assert alone.failures
    assert rollout(results, "legacy").failures
    assert as_asked(alone.conditions) == as_asked(results["legacy"].conditions)
