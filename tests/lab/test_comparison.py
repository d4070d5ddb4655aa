"""What `nodrop compare` runs: every combination, on both kinds of backend."""

from dataclasses import replace

import pytest

from nodrop.gke.services import READINESS_GATE
from nodrop.lab.comparison import comparison
from nodrop.lab.job import Experiment, Settings
from nodrop.lab.variants import without_pre_stop
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

DEFAULTS = Behaviour(longest_request_seconds=1, startup_seconds=2, keep_alive_timeout_seconds=3, on_term=OnTerm.SERVE)


@pytest.fixture
def jobs(neg_path, node_port_path):
    return comparison(neg_path, node_port_path, DEFAULTS, Settings(), replicas=4)


def test_every_combination_of_backend_pre_stop_and_gate_is_rolled_out(jobs):
    rollouts = [job for job in jobs if job.experiment is Experiment.ROLLOUT]
    assert {job.path.replicas for job in rollouts} == {4}
    assert {
        job.variant: (
            job.path.backend.value,
            job.path.pre_stop_seconds("app"),
            job.path.readiness_gates,
            job.inject_gate,
        )
        for job in rollouts
        if "slow attach" not in job.variant
    } == {
        f"{backend}, {name}": (backend, pre_stop, (READINESS_GATE,) if gate else (), gate)
        for backend in ("NodePort", "NEG")
        for name, pre_stop, gate in (
            ("neither", None, False),
            ("preStop", 60, False),
            ("gate", None, True),
            ("preStop + gate", 60, True),
        )
    }


def test_the_gate_is_compared_where_attaching_takes_longer_than_any_detaching(jobs):
    slow = {job.variant: job for job in jobs if "slow attach" in job.variant}
    assert [*slow] == ["NEG, preStop, slow attach", "NEG, preStop + gate, slow attach"]
    for variant, job in slow.items():
        usual = next(other for other in jobs if variant == f"{other.variant}, slow attach")
        assert (job.path, job.application.behaviour, job.inject_gate) == (
            usual.path,
            usual.application.behaviour,
            usual.inject_gate,
        )
        assert job.settings.attach_lag_seconds[0] > job.settings.detach_lag_seconds[1]
        assert replace(job.settings, attach_lag_seconds=usual.settings.attach_lag_seconds) == usual.settings


def test_with_pre_stop_the_neg_paths_grace_period_comes_along(jobs):
    graces = {job.variant: job.path.termination_grace_period_seconds for job in jobs}
    assert graces["NodePort, preStop"] == graces["NodePort, preStop + gate"] == graces["NEG, preStop"] == 95
    assert graces["NodePort, neither"] == graces["NodePort, gate"] == 30


def test_variants_have_unique_names(jobs):
    assert len({job.variant for job in jobs}) == len(jobs) == 15


def test_pods_turn_unready_alone_and_with_company_with_and_without_keep_alive(jobs):
    unready = [
        (job.path.backend.value, job.path.replicas, job.application.behaviour.keep_alive_timeout_seconds > 0)
        for job in jobs
        if job.experiment is Experiment.UNREADY
    ]
    assert sorted(unready) == [
        ("NEG", 1, True),
        ("NEG", 2, True),
        ("NodePort", 1, False),
        ("NodePort", 1, True),
        ("NodePort", 2, True),
    ]
    for job in jobs:
        closes = "Connection: close" in job.variant
        assert closes is (job.application.behaviour.keep_alive_timeout_seconds == 0)


def test_unready_pods_are_rehearsed_as_declared(jobs, neg_path):
    (job,) = [job for job in jobs if job.variant == "NEG, keep-alive, 2 pods"]
    assert job.path == neg_path


def test_the_applications_behave_as_their_deployments_state(jobs):
    for job in jobs:
        stated = job.application.behaviour
        neg = job.path.backend.value == "NEG"
        assert (stated.longest_request_seconds, stated.on_term) == ((30, OnTerm.DRAIN) if neg else (10, OnTerm.EXIT))


def test_what_they_do_not_state_is_the_default(neg_path, node_port_path):
    bare = {**neg_path.deployment, "metadata": {"name": "web", "namespace": "demo"}}
    path = replace(neg_path, deployment=bare)
    jobs = comparison(path, node_port_path, DEFAULTS, Settings())
    behaviours = {job.application.behaviour for job in jobs if job.path.backend.value == "NEG"}
    assert behaviours == {DEFAULTS}


def test_the_settings_reach_every_job_and_replicas_may_stay_as_declared(neg_path, node_port_path):
    jobs = comparison(neg_path, node_port_path, DEFAULTS, Settings(seed=7))
    assert {job.settings.seed for job in jobs} == {7}
    assert {job.path.replicas for job in jobs if job.experiment is Experiment.ROLLOUT} == {2}


def test_the_wrong_kind_of_backend_is_refused_by_name(neg_path, node_port_path):
    with pytest.raises(ValueError, match="demo/web has NodePort backends; the comparison needs NEG there"):
        comparison(node_port_path, node_port_path, DEFAULTS, Settings())
    with pytest.raises(ValueError, match="demo/web has NEG backends; the comparison needs NodePort there"):
        comparison(neg_path, neg_path, DEFAULTS, Settings())


def test_without_a_pre_stop_there_is_nothing_to_compare_with(neg_path, node_port_path):
    with pytest.raises(ValueError, match="demo/web has no preStop that sleeps"):
        comparison(without_pre_stop(neg_path), node_port_path, DEFAULTS, Settings())
