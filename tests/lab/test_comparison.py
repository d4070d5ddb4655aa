"""What `nodrop compare` runs: one application on both sides, every combination, and one thing changed a row."""

import re
from dataclasses import asdict, replace

import pytest

from nodrop.gke.services import READINESS_GATE
from nodrop.lab.comparison import CLIENT_PORTS, ROWS_WITH_IPVS, ComparisonError, comparison
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Ipvs, Job, Settings
from nodrop.lab.variants import with_gate, without_gate, without_pre_stop
from nodrop.paths import Behaviour, behaviour
from nodrop.rollout import OnTerm
from tests.lab.jobs import with_pod

DEFAULTS = Behaviour(longest_request_seconds=1, startup_seconds=2, keep_alive_timeout_seconds=3, on_term=OnTerm.SERVE)
KERNEL = Ipvs(packages="/ipvs")
SETTINGS = Settings()
IPVS = frozenset({"ipvs", *asdict(KERNEL)})
"""Nodes with a kernel of their own: what it sets has no counterpart without one."""
DECLARED = ("NodePort, the report's", "NodePort, the report's, 1 pod")


def rollouts(*paths, settings=SETTINGS):
    """Of each path as it is declared."""
    return [
        Job(
            experiment=Experiment.ROLLOUT,
            variant="",
            path=path,
            application=Application(behaviour(path.deployment, DEFAULTS), None),
            settings=settings,
        )
        for path in paths
    ]


@pytest.fixture
def jobs(neg_path, node_port_path):
    made = comparison(*rollouts(neg_path, node_port_path), replicas=4, declared="the report's")
    return {job.variant: job for job in made}


def things(job):
    """What may differ from row to row, by name."""
    path = job.path
    return {
        "experiment": job.experiment,
        "backend": path.backend,
        "replicas": path.replicas,
        "preStop": path.pre_stops.of("app").seconds,
        "gate": path.readiness_gates,
        "injected": job.inject_gate,
        "grace": path.termination_grace_period_seconds,
        "draining": path.draining_timeout_seconds,
        "check": path.health_check,
        "probe": path.readiness_probe,
        "surge": path.max_surge,
        "behaviour": job.application.behaviour,
        "settings": replace(job.settings, ipvs=None, client_ports=None),
        "client_ports": job.settings.client_ports,
        "ipvs": job.ipvs is not None,
    } | (asdict(job.ipvs) if job.ipvs else {})


def test_every_combination_is_rolled_out_but_a_gate_that_nobody_looks_at(jobs):
    rollouts = [job for job in jobs.values() if job.experiment is Experiment.ROLLOUT]
    assert {job.path.replicas for job in rollouts} == {4}
    assert {
        job.variant: (
            job.path.backend.value,
            job.path.pre_stops.of("app").seconds,
            job.path.readiness_gates,
            job.inject_gate,
        )
        for job in rollouts
        if "slow attach" not in job.variant and job.variant not in DECLARED
    } == {
        f"{backend}, {name}": (backend, pre_stop, (READINESS_GATE,) if gate else (), gate)
        for backend, name, pre_stop, gate in (
            ("NodePort", "neither", None, False),
            ("NodePort", "preStop", 60, False),
            ("NEG", "neither", None, False),
            ("NEG", "preStop", 60, False),
            ("NEG", "gate", None, True),
            ("NEG", "preStop + gate", 60, True),
        )
    }


def test_each_row_differs_in_what_it_says(neg_path, node_port_path):
    made = comparison(*rollouts(neg_path, node_port_path), replicas=4, declared="the report's", ipvs=KERNEL)
    jobs = {job.variant: job for job in made}
    alone = {frozenset({"preStop"}), frozenset({"gate", "injected"}), frozenset({"backend"}), frozenset({"settings"})}
    alone |= {frozenset({"behaviour"}), frozenset({"replicas"}), frozenset({"check"}), IPVS}
    alone |= {frozenset({one}) for one in ("client_ports", "conn_reuse_mode", "expire_nodest_conn", "delete_at_once")}
    assert jobs["NEG, neither"].differs.startswith("the NEG stack as declared, but without preStop, readiness gate")
    of_rows = [job for name, job in jobs.items() if name not in (*DECLARED, "NEG, neither") and job.differs]
    told = {job.variant: job.differs.split(", but ") for job in of_rows}
    assert len(told) == 18
    for name, (other, _) in told.items():
        ours, theirs = things(jobs[name]), things(jobs[other])
        changed = {each for each in ours | theirs if ours.get(each) != theirs.get(each)}
        assert frozenset(changed) in alone, (name, other, changed)


@pytest.mark.parametrize(("gate", "seconds"), [(with_gate, 0), (without_gate, 60)], ids=["gate", "no gate"])
def test_min_ready_seconds_stay_where_they_are_what_a_rollout_waits_for(neg_path, node_port_path, gate, seconds):
    def waits(path):
        deployment = path.deployment
        return replace(path, deployment={**deployment, "spec": {**deployment["spec"], "minReadySeconds": 60}})

    made = comparison(*rollouts(waits(gate(neg_path)), waits(node_port_path)), declared="the report's")
    assert {job.path.min_ready_seconds for job in made if job.variant not in DECLARED} == {seconds}
    assert {job.path.min_ready_seconds for job in made if job.variant in DECLARED} == {60}


def test_the_gate_is_compared_where_attaching_takes_longer_than_any_detaching(jobs):
    slow = [job for name, job in jobs.items() if "slow attach" in name]
    assert [job.variant for job in slow] == ["NEG, preStop, slow attach", "NEG, preStop + gate, slow attach"]
    assert all(job.settings.attach_lag_seconds[0] > job.settings.detach_lag_seconds[1] for job in slow)


def test_the_other_stack_runs_as_it_is_declared_and_is_named_so(jobs, node_port_path):
    rollout, unready = (jobs[name] for name in DECLARED)
    assert rollout.path == replace(node_port_path, deployment=rollout.path.deployment)
    assert (rollout.path.replicas, unready.path.replicas) == (4, 1)
    assert rollout.application.behaviour.on_term is OnTerm.EXIT
    assert "own application" in rollout.differs


def test_variants_have_unique_names_one_for_each_job(neg_path, node_port_path):
    jobs = comparison(*rollouts(neg_path, node_port_path))
    assert len({job.variant for job in jobs}) == len(jobs) == 16


def test_behind_a_gateway_with_few_ports_one_setting_after_the_other_is_changed(neg_path, node_port_path):
    without = comparison(*rollouts(neg_path, node_port_path))
    jobs = comparison(*rollouts(neg_path, node_port_path), ipvs=KERNEL)
    assert [job.variant for job in jobs[: len(without)]] == [job.variant for job in without]
    assert not any(job.ipvs for job in jobs[: len(without)])
    added = jobs[len(without) :]
    assert {job.path.pre_stops.of("app").seconds for job in added} == {60}
    assert {job.application.behaviour.keep_alive_timeout_seconds for job in added} == {0}
    assert {
        job.variant.removeprefix("NodePort, preStop, "): (
            job.settings.client_ports,
            job.ipvs and (job.ipvs.conn_reuse_mode, job.ipvs.expire_nodest_conn, job.ipvs.delete_at_once),
        )
        for job in added
    } == {
        "short connections": (None, None),
        "short connections, 64 ports": (CLIENT_PORTS, None),
        "IPVS today": (CLIENT_PORTS, (1, 1, False)),
        "IPVS of kube-proxy 1.21": (CLIENT_PORTS, (0, 1, False)),
        "IPVS before Linux 5.16": (CLIENT_PORTS, (0, 0, False)),
        "IPVS of kube-proxy 1.21 + agent": (CLIENT_PORTS, (0, 1, True)),
    }


def test_a_real_control_plane_has_no_agent_that_deletes_servers(neg_path, node_port_path):
    real = Settings(control_plane="kubernetes")
    jobs = comparison(*rollouts(neg_path, node_port_path, settings=real), ipvs=KERNEL)
    assert len([job for job in jobs if job.ipvs]) == 3
    assert not any(job.ipvs.delete_at_once for job in jobs if job.ipvs)


def test_pods_turn_unready_alone_and_with_company_with_and_without_keep_alive(jobs):
    unready = [
        (job.path.backend.value, job.path.replicas, job.application.behaviour.keep_alive_timeout_seconds > 0)
        for job in jobs.values()
        if job.experiment is Experiment.UNREADY and job.variant not in DECLARED
    ]
    assert sorted(unready) == [
        ("NEG", 1, True),
        ("NEG", 2, True),
        ("NodePort", 1, False),
        ("NodePort", 1, True),
        ("NodePort", 2, True),
        ("NodePort", 2, True),
    ]
    for job in jobs.values():
        closes = "Connection: close" in job.variant
        assert closes is (job.application.behaviour.keep_alive_timeout_seconds == 0)


def test_the_application_is_that_of_the_neg_path_on_both_sides(jobs):
    for name, job in jobs.items():
        stated = job.application.behaviour
        own = name in DECLARED
        assert (stated.longest_request_seconds, stated.on_term) == ((10, OnTerm.EXIT) if own else (30, OnTerm.DRAIN))


def test_what_is_waived_and_what_no_rule_judges_of_a_stack_reaches_each_of_its_rows(neg_path, node_port_path):
    neg, node_port = rollouts(neg_path, node_port_path)
    accepted, unjudged = {"every-container-has-pre-stop": "the agent may end first"}, ("schedulerName: mine",)
    rows = comparison(replace(neg, accepted=accepted, unjudged=unjudged), node_port, ipvs=KERNEL)
    own = {row.variant: (row.accepted, row.unjudged) for row in rows if "as declared" in row.variant}
    assert set(map(str, own.values())) == {str(({}, ()))}
    assert all((row.accepted, row.unjudged) == (accepted, unjudged) for row in rows if row.variant not in own)


def test_the_settings_reach_every_job_and_replicas_may_stay_as_declared(neg_path, node_port_path):
    jobs = comparison(*rollouts(neg_path, node_port_path, settings=Settings(seed=7)))
    assert {job.settings.seed for job in jobs} == {7}
    assert {job.path.replicas for job in jobs if job.experiment is Experiment.ROLLOUT} == {2}


def test_the_wrong_kind_of_backend_is_refused_by_name(neg_path, node_port_path):
    with pytest.raises(ValueError, match="demo/web has NodePort backends; the comparison needs NEG there"):
        comparison(*rollouts(node_port_path, node_port_path))
    with pytest.raises(ValueError, match="demo/web has NEG backends; the comparison needs NodePort there"):
        comparison(*rollouts(neg_path, neg_path))


def test_without_a_pre_stop_there_is_nothing_to_compare_with(neg_path, node_port_path):
    with pytest.raises(ValueError, match="demo/web has no preStop that sleeps"):
        comparison(*rollouts(without_pre_stop(neg_path), node_port_path))


def test_where_every_node_port_is_behind_ipvs_the_rows_that_bring_it_are_left_out(neg_path, node_port_path):
    jobs = comparison(*rollouts(neg_path, node_port_path, settings=Settings(ipvs=KERNEL)), ipvs=KERNEL)
    assert {job.ipvs for job in jobs} == {None, KERNEL}
    assert not any("IPVS" in job.variant for job in jobs)


def test_where_keep_alive_races_fail_requests_anyway_these_are_counted_without_a_rollout_first(jobs):
    rollouts = [job for job in jobs.values() if job.experiment is Experiment.ROLLOUT]
    racing = {job.variant for job in rollouts if 0 < job.application.behaviour.keep_alive_timeout_seconds <= 600}
    assert {job.variant for job in rollouts if job.steady_first} == racing != set()


def test_a_pre_stop_of_unknown_duration_is_not_compared(neg_path, node_port_path):
    def drains(pod):
        pod["containers"][0]["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 60; ./drain"]}}}

    with pytest.raises(ComparisonError, match="has a preStop of unknown duration"):
        comparison(*rollouts(with_pod(neg_path, drains), node_port_path))


def test_a_gateway_reaches_negs_only_and_is_not_compared(neg_path, node_port_path):
    by_gateway = replace(neg_path, entry={**neg_path.entry, "kind": "Gateway"})
    with pytest.raises(ComparisonError, match="is behind a Gateway, which reaches NEGs only"):
        comparison(*rollouts(by_gateway, node_port_path))


def test_a_row_has_the_pods_that_it_names_beside_an_autoscaler_too(neg_path, node_port_path):
    spec = {"minReplicas": 3, "maxReplicas": 9, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    scaled = replace(
        neg_path, autoscaler={"kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": spec}
    )
    rows = {row.variant: row.path.replicas for row in comparison(*rollouts(scaled, node_port_path), replicas=5)}
    assert (scaled.replicas, rows["NEG, preStop"], rows["NEG, keep-alive, 1 pod"]) == (3, 5, 1)


def test_the_rows_that_need_a_kernel_with_ipvs_are_known_by_their_names(neg_path, node_port_path):
    jobs = rollouts(neg_path, node_port_path)
    without = {row.variant for row in comparison(*jobs)}
    assert tuple(row.variant for row in comparison(*jobs, ipvs=KERNEL) if row.variant not in without) == ROWS_WITH_IPVS


@pytest.mark.parametrize(("neg", "wanted"), [(True, '{"ingress": true}'), (False, '{"ingress": false}')])
def test_a_stack_that_leaves_to_gke_whether_it_has_negs_is_not_compared(neg_path, node_port_path, neg, wanted):
    annotations = {**neg_path.service["metadata"]["annotations"], "cloud.google.com/neg": None}
    metadata = {**neg_path.service["metadata"], "annotations": annotations}
    service = {**neg_path.service, "metadata": metadata, "spec": {**neg_path.service["spec"], "type": "NodePort"}}
    left = replace(neg_path, service=service)
    stacks = (left, node_port_path) if neg else (neg_path, left)
    with pytest.raises(ComparisonError, match=re.escape(f"Service's annotation cloud.google.com/neg: {wanted}")):
        comparison(*rollouts(*stacks))
