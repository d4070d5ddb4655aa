"""`accept`: a `WebService` may break a rule by name, with a reason, and never silently."""

import json
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError, LegacyNodePortService, WebService
from gke_nodrop.timing import timings
from nodrop.rollout.rules import RULE_NAMES
from nodrop.rollout.waivers import WAIVABLE
from tests.gke_nodrop.refusals import faults_of, outcome

DRAINING = "draining-covers-longest-request"
REASON = "websocket clients reconnect"
SHORT: dict[str, Any] = {"keep_alive_timeout_seconds": 620, "draining_timeout_seconds": 5}


def args(accept: Any, rollout: Any = SHORT, **more: Any) -> Any:
    return {"image": "example/shop:1", "rollout": rollout, "accept": accept, **more}


def error_of(given_args: Any, component: Any = WebService) -> InputError:
    with pytest.raises(InputError) as caught:
        component("web", given_args)
    return caught.value


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """The warnings, each on a resource."""
    said: list[str] = []

    def warn(message: str, resource: pulumi.Resource) -> None:
        assert isinstance(resource, WebService)
        said.append(message)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    return said


def test_a_broken_rule_that_is_accepted_fails_nothing_and_is_said(deploy, said):
    deployed = deploy(lambda: WebService("web", args({DRAINING: REASON})) and None)
    assert deployed.inputs("BackendConfig")["spec"]["connectionDraining"] == {"drainingTimeoutSec": 5}
    (message,) = said
    assert message == (
        "accepted: rollout.draining_timeout_seconds = 5: shorter than longest_request_seconds = 30 s "
        f"[{DRAINING}, error; Google, Enabling connection draining]. Reason: {REASON}"
    )


def test_what_is_accepted_is_said_with_the_severity_that_the_judgement_gives_it(deploy, said):
    rollout = {"keep_alive_timeout_seconds": 620, "longest_request_seconds": 900}
    accept = {"grace-within-eviction-limits": "nodes are never scaled in"}
    deploy(lambda: WebService("web", args(accept, rollout)) and None)
    (message,) = said
    assert "[grace-within-eviction-limits, warning; " in message


def test_a_broken_rule_fails_as_ever_where_another_one_is_accepted():
    assert "rollout.draining_timeout_seconds" in faults_of(WebService, args({"survives-a-lost-pod": "a batch"}))


def test_a_rule_that_warns_is_said_with_the_reason_instead(deploy, said):
    given_args = args({"survives-a-lost-pod": "a batch"}, {"keep_alive_timeout_seconds": 620}, replicas=1)
    deploy(lambda: WebService("web", given_args) and None)
    (message,) = said
    assert message.startswith("accepted: replicas = 1: ")
    assert message.endswith("Reason: a batch")


def test_a_slower_health_check_needs_no_waiver_for_the_liveness_probe_that_follows_it(deploy, said):
    given_args = args({}, {"keep_alive_timeout_seconds": 620}, health_check={"check_interval_seconds": 60})
    deploy(lambda: WebService("web", given_args) and None)
    assert said == []


def test_what_is_accepted_is_one_annotation_of_the_deployment(deploy, said):
    accept = {"survives-a-lost-pod": "a\nbatch", DRAINING: "clients réconnect"}
    metadata = deploy(lambda: WebService("web", args(accept)) and None).inputs("Deployment")["metadata"]
    assert metadata["annotations"]["gke-nodrop/accept"] == (
        '{"draining-covers-longest-request": "clients réconnect", "survives-a-lost-pod": "a batch"}'
    )


@pytest.mark.parametrize("accept", [None, {}])
def test_nothing_accepted_leaves_no_annotation_and_no_word(deploy, said, accept):
    given_args = args(accept, {"keep_alive_timeout_seconds": 620})
    metadata = deploy(lambda: WebService("web", given_args) and None).inputs("Deployment")["metadata"]
    assert "gke-nodrop/accept" not in metadata["annotations"]
    assert said == []


def test_a_waiver_that_waives_nothing_is_a_warning(deploy, said):
    given_args = args({DRAINING: REASON}, {"keep_alive_timeout_seconds": 620})
    deploy(lambda: WebService("web", given_args) and None)
    (message,) = said
    assert message.startswith(f'accept["{DRAINING}"] = {REASON}: waives nothing')


@pytest.mark.parametrize("rule", ["health-check-path-stays", "every-zone-keeps-an-endpoint"])
def test_a_waiver_of_what_no_input_says_is_written_down_for_other_tools_without_a_warning(deploy, said, rule):
    given_args = args({rule: "step two of three"}, {"keep_alive_timeout_seconds": 620})
    metadata = deploy(lambda: WebService("web", given_args) and None).inputs("Deployment")["metadata"]
    assert json.loads(metadata["annotations"]["gke-nodrop/accept"]) == {rule: "step two of three"}
    assert said == []


def test_rules_that_are_not_asked_exist():
    assert timings.RULES_WITHOUT_INPUTS < RULE_NAMES


def test_requests_longer_than_draining_can_last_are_served_where_that_is_accepted(deploy, said):
    rollout = {"keep_alive_timeout_seconds": 620, "longest_request_seconds": 5000}
    accept = {DRAINING: REASON, "grace-within-eviction-limits": "nodes are drained by hand"}
    assert list(faults_of(WebService, args({}, rollout))) == ["rollout.longest_request_seconds"]
    deployed = deploy(lambda: WebService("web", args(accept, rollout)) and None)
    assert deployed.inputs("BackendConfig")["spec"]["connectionDraining"] == {"drainingTimeoutSec": 3600}


def test_an_error_about_other_inputs_lists_what_is_accepted_below_its_faults():
    error = error_of(args({DRAINING: REASON}, replicas=0, port=0))
    assert {fault.input for fault in error.faults} == {"replicas", "port"}
    assert str(error).splitlines()[-1] == f"  accepted: {DRAINING}: {REASON}"
    assert str(error).count("accepted: ") == 1


def test_an_error_without_waivers_has_no_such_line():
    assert "accepted: " not in str(error_of(args({}, replicas=0)))


@pytest.mark.parametrize(
    ("accept", "name", "value", "would_pass"),
    [
        (["x"], "accept", "[…] (list)", json.dumps({DRAINING: REASON})),
        (DRAINING, "accept", f'"{DRAINING}" (str)', json.dumps({DRAINING: REASON})),
        (pulumi.Output.from_input({}), "accept", "an Output", json.dumps({DRAINING: REASON})),
        ({5: REASON}, "accept[5]", "5 (int)", f'"{DRAINING}"'),
        ({DRAINING: 5}, f'accept["{DRAINING}"]', "5 (int)", f'"{REASON}"'),
        ({DRAINING: None}, f'accept["{DRAINING}"]', "null (NoneType)", f'"{REASON}"'),
        ({DRAINING: pulumi.Output.from_input("x")}, f'accept["{DRAINING}"]', "an Output", f'"{REASON}"'),
        (
            {DRAINING: " "},
            f'accept["{DRAINING}"]',
            '" "',
            "why the service can live with it, such as: websocket clients reconnect",
        ),
        (
            {"draining_covers_longest_request": REASON},
            'accept["draining_covers_longest_request"]',
            '"draining_covers_longest_request"',
            DRAINING,
        ),
    ],
)
def test_a_waiver_that_cannot_be_right_is_a_fault_with_what_would_pass(accept, name, value, would_pass):
    fault = faults_of(WebService, args(accept))[name]
    assert (fault.value, fault.would_pass) == (value, would_pass)
    assert fault.rule
    assert fault.source


def test_an_unknown_rule_is_answered_with_where_they_are_listed():
    fault = faults_of(WebService, args({"xyzzy": REASON}))['accept["xyzzy"]']
    assert fault.would_pass == "a name that `nodrop rules` lists"


def test_an_endless_reason_is_refused():
    assert "1000 characters" in faults_of(WebService, args({DRAINING: "x" * 1001}))[f'accept["{DRAINING}"]'].rule


def test_all_waivers_that_are_wrong_come_back_at_once_with_what_else_is_wrong():
    accept = {DRAINING: "", "survives_a_lost_pod": "a batch", "grace-exceeds-pre-stop": "why not", 5: "x"}
    assert list(faults_of(WebService, args(accept, image=5))) == [
        "image",
        "accept[5]",
        "rollout.draining_timeout_seconds",
        f'accept["{DRAINING}"]',
        'accept["survives_a_lost_pod"]',
        'accept["grace-exceeds-pre-stop"]',
    ]


@pytest.mark.parametrize(
    ("rule", "given_args"),
    [
        ("check-timeout-within-interval", {"health_check": {"check_interval_seconds": 5, "timeout_seconds": 9}}),
        ("grace-exceeds-pre-stop", {"rollout": {"pre_stop_seconds": 90, "termination_grace_period_seconds": 80}}),
    ],
)
def test_what_an_api_refuses_is_not_waived(rule, given_args):
    fault = faults_of(WebService, args({rule: "why not"}, **given_args))[f'accept["{rule}"]']
    assert "cannot be waived: " in fault.rule
    assert "API refuses" in fault.rule


def test_what_is_judged_are_the_numbers_that_result_not_those_that_overrides_replace(deploy):
    by_hand = {"pre_stop_seconds": 300, "termination_grace_period_seconds": 600}
    rollout = {"keep_alive_timeout_seconds": 620, "longest_request_seconds": 290}
    assert faults_of(WebService, args({}, rollout))
    deploy(lambda: WebService("web", args({}, rollout | by_hand)) and None)


def test_a_progress_deadline_that_kubernetes_refuses_is_refused_whatever_is_accepted():
    rollout = {"keep_alive_timeout_seconds": 620, "min_ready_seconds": 700}
    accept = {"progress-deadline-covers-start-up": "why not"}
    fault = faults_of(WebService, args(accept, {**rollout, "progress_deadline_seconds": 599}))[
        "rollout.progress_deadline_seconds"
    ]
    assert fault.would_pass == "701"
    assert not faults_of(WebService, args(accept, rollout))  # it follows where it is not stated


def test_what_nobody_judges_cannot_be_waived():
    error = error_of({"image": "x", "accept": {DRAINING: REASON}}, LegacyNodePortService)
    assert [fault.input for fault in error.faults] == ["accept"]


EVERYTHING = dict.fromkeys(WAIVABLE, "because")
SECONDS = st.integers(0, 6000)
ROLLOUTS = st.fixed_dictionaries(
    {"keep_alive_timeout_seconds": SECONDS},
    optional={
        "longest_request_seconds": SECONDS,
        "startup_seconds": SECONDS,
        "on_term": st.sampled_from(["exit", "drain", "serve"]),
        "mode": st.sampled_from(["pod-readiness-feedback", "hard-coded-delay"]),
        "max_surge": st.integers(0, 3),
        "pre_stop_seconds": SECONDS,
        "termination_grace_period_seconds": SECONDS,
        "min_ready_seconds": SECONDS,
        "progress_deadline_seconds": SECONDS,
        "draining_timeout_seconds": SECONDS,
    },
)
CHECKS = st.fixed_dictionaries(
    {}, optional={"check_interval_seconds": st.integers(1, 20), "timeout_seconds": st.integers(1, 20)}
)


@pytest.mark.slow
@settings(deadline=None)
@given(rollout=ROLLOUTS, health_check=CHECKS, replicas=st.integers(1, 5))
def test_whatever_is_accepted_no_api_refuses_the_timings(rollout, health_check, replicas):
    found = outcome(WebService, args(EVERYTHING, rollout, health_check=health_check, replicas=replicas))
    if isinstance(found, InputError):
        return
    solution = timings.judge(replicas, found["rollout"], found["health_check"], EVERYTHING).possible
    assert solution.pre_stop_seconds <= solution.termination_grace_period_seconds
    assert solution.min_ready_seconds < solution.progress_deadline_seconds
    assert solution.max_surge + solution.max_unavailable > 0
    assert solution.draining_timeout_seconds <= 3600
    assert solution.health_check.timeout_seconds <= solution.health_check.check_interval_seconds
