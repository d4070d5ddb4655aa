"""How many checks a new endpoint has to pass before a proxy uses it: by arithmetic, and on real packets."""

from dataclasses import replace
from math import inf

import pytest

from nodrop.gke.health_checks import NEG_HEALTH_CHECK
from nodrop.lab import variants
from nodrop.lab.clock import SimulatedClock
from nodrop.lab.data_plane.first_checks import FirstChecks
from nodrop.lab.job import Experiment, Settings
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_each
from tests.lab.jobs import SETTINGS, job, with_annotation, with_backend_config

A, B = ("10.0.30.2", 8080), ("10.0.30.3", 8080)


def first_checks(threshold):
    check = replace(NEG_HEALTH_CHECK, check_interval_seconds=10, healthy_threshold=threshold)
    made = FirstChecks(SimulatedClock(), check)
    made.programmed(frozenset({A}))
    return made


def finds(checks, at, passes, endpoint=A):
    checks.time.seconds = at
    checks.found(endpoint, passes)
    return checks.held


def test_an_endpoint_is_held_back_until_as_many_checks_have_passed_as_the_threshold_says():
    checks = first_checks(3)
    assert [finds(checks, at, passes) for at, passes in ((0, None), (7, True), (26, True))] == [{A}] * 3
    assert finds(checks, 27, True) == frozenset()


def test_once_a_check_has_failed_envoy_counts_itself():
    checks = first_checks(3)
    assert finds(checks, 7, False) == frozenset()


def test_with_a_threshold_of_1_nothing_is_held_back():
    assert first_checks(1).held == frozenset()


def test_only_what_is_new_to_the_proxy_is_held_back():
    checks = first_checks(2)
    finds(checks, 0, True)
    assert finds(checks, 10, True) == frozenset()
    checks.programmed(frozenset({A, B}))
    assert checks.held == {B}
    checks.programmed(frozenset({A}))
    assert (checks.held, finds(checks, 20, True, endpoint=B)) == (frozenset(), frozenset())
    checks.programmed(frozenset())
    checks.programmed(frozenset({A}))
    assert checks.held == {A}


def attached_seconds(path, *, gate, settings=SETTINGS):
    """Least seconds from a new pod's start until any proxy used it, if one did, and the requests that failed."""

    def times(result):
        return [pod.events.get("attached", inf) - pod.events["started"] for pod in result.pods if not pod.old]

    asked = job(path.name, Experiment.ROLLOUT, path, settings=settings, gate=gate)
    (result,) = run_each([replace(asked, steady_first=False)], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, RolloutResult), result
    assert result.finished
    return min(times(result)), result.failed


def with_threshold(path, threshold):
    stated = {"healthyThreshold": threshold, "checkIntervalSec": 10}
    return with_backend_config(path, lambda spec: spec["healthCheck"].update(stated))


@pytest.mark.lab
@pytest.mark.parametrize(("threshold", "held_seconds"), [(1, 0), (10, 90)])
def test_with_the_readiness_gate_a_rollout_waits_for_every_check_and_drops_nothing(neg_path, threshold, held_seconds):
    seconds, failed = attached_seconds(with_threshold(neg_path, threshold), gate=True)
    assert held_seconds <= seconds < held_seconds + 40
    assert failed == 0


@pytest.mark.lab
def test_without_the_readiness_gate_a_rollout_outruns_the_checks_and_drops(neg_path):
    path = variants.without_gate(with_threshold(neg_path, 10))
    seconds, failed = attached_seconds(path, gate=False)
    assert seconds >= 90
    assert failed > 0


@pytest.mark.lab
@pytest.mark.parametrize(("threshold", "held_seconds"), [(2, 22), (4, 42)])
def test_after_a_failed_first_check_the_threshold_counts_once(neg_path, threshold, held_seconds):
    """Checks fail at 2 s, and pass at 12, 22, 32 and 42."""
    slow = with_annotation(with_threshold(neg_path, threshold), "gke-nodrop/startup-seconds", "7")
    settings = Settings(speed_up=10, attach_lag_seconds=(2.0, 2.0))
    seconds, failed = attached_seconds(slow, gate=True, settings=settings)
    assert held_seconds <= seconds < held_seconds + 18
    assert failed == 0
