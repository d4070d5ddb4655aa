"""A change that replaces pods ends them by the spec that they have, not by the one that it brings."""

import copy
from pathlib import Path

import pytest

from nodrop.gke.applications import ON_TERM
from nodrop.judge.change import judge_change
from nodrop.judge.judgement import Verdict
from nodrop.paths import read_manifests
from nodrop.rollout import Facts, OnTerm

RULE = "old-pods-drop-no-request"
ACCEPT = "gke-nodrop/accept"


@pytest.fixture(scope="module", params=["gateway", "ingress"])
def clean(request):
    return read_manifests([Path(__file__).parent / "clean" / f"{request.param}.yaml"])


def one(objects, kind):
    return next(each for each in objects if each["kind"] == kind)


def version(objects, edit=lambda pod: None, **annotations):
    made = copy.deepcopy(objects)
    deployment = one(made, "Deployment")
    deployment["metadata"].setdefault("annotations", {}).update(annotations)
    edit(deployment["spec"]["template"]["spec"])
    return made


def without_pre_stop(pod):
    del pod["containers"][0]["lifecycle"]


def short_grace(pod):
    pod["terminationGracePeriodSeconds"] = 62


def shuts_down_at_once(pod):
    pod["containers"][0].setdefault("env", []).append({"name": "SERVER_SHUTDOWN", "value": "immediate"})
    pod["containers"][0]["lifecycle"] = {"preStop": {"sleep": {"seconds": 45}}}


def another_image(pod):
    pod["containers"][0]["image"] = "eu/x:2"


def both(*edits):
    def edit(pod):
        for each in edits:
            each(pod)

    return edit


def told(before, after, **options):
    judged = judge_change(before, after, **options)
    return [(each.rule, each.input, str(each.severity)) for each in judged.diagnostics if each.waiver is None]


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (without_pre_stop, "rollout.pre_stop_seconds"),
        (short_grace, "rollout.termination_grace_period_seconds"),
    ],
)
@pytest.mark.parametrize("mended", [True, False])
def test_pods_that_drop_requests_when_they_end_are_told_whatever_replaces_them(clean, bad, named, mended):
    after = version(clean) if mended else version(clean, both(bad, another_image))
    judged = judge_change(version(clean, bad), after)
    assert [(each.rule, each.input) for each in judged.diagnostics] == [(RULE, named)]
    assert judged.verdict is Verdict.AT_RISK
    assert "low traffic" in str(judged.diagnostics[0].would_pass)


def test_a_change_that_replaces_no_pod_or_only_such_as_end_well_is_clean(clean):
    bad = version(clean, without_pre_stop)
    scaled = copy.deepcopy(bad)
    one(scaled, "Deployment")["spec"]["replicas"] = 5
    assert told(bad, bad) == told(bad, scaled) == []
    assert told(version(clean), version(clean, another_image)) == []


def test_pods_of_a_deployment_that_goes_end_as_well(clean):
    """Two Deployments behind one Service, of which the change takes the first away."""
    bad = version(clean, without_pre_stop)
    second = copy.deepcopy(one(version(clean), "Deployment"))
    second["metadata"]["name"] = "second"
    labels = second["spec"]["template"]["metadata"]["labels"]
    labels["track"] = "second"
    second["spec"]["selector"]["matchLabels"] = {"track": "second"}
    after = [each for each in bad if each["kind"] != "Deployment"]
    assert RULE in [rule for rule, *_ in told([*bad, second], [*after, second])]


def test_draining_that_is_too_short_can_be_changed_first(clean):
    def draining(objects, seconds):
        for each in objects:
            if each["kind"] == "BackendConfig":
                each["spec"]["connectionDraining"]["drainingTimeoutSec"] = seconds
            if each["kind"] == "GCPBackendPolicy":
                each["spec"]["default"]["connectionDraining"]["drainingTimeoutSec"] = seconds
        return objects

    before = draining(version(clean), 0)
    judged = judge_change(before, version(clean, another_image))
    (found,) = judged.diagnostics
    assert (found.rule, found.input) == (RULE, "rollout.draining_timeout_seconds")
    assert "1. change the load balancer's draining and nothing else" in str(found.would_pass)
    assert told(before, version(clean)) == []


def test_what_was_accepted_of_the_old_pods_or_is_of_the_change_is_not_told(clean):
    kept = {ACCEPT: '{"pre-stop-outlasts-deprogramming": "clients retry"}'}
    assert told(version(clean, without_pre_stop, **kept), version(clean)) == []
    at_night = {ACCEPT: f'{{"{RULE}": "at night"}}'}
    assert told(version(clean, without_pre_stop), version(clean, **at_night)) == []
    assert told(version(clean, without_pre_stop), version(clean), waivers=lambda _: {RULE: "at night"}) == []


def test_what_the_container_states_goes_before_what_is_stated_of_all_as_in_any_judgement(clean):
    def states_nothing(objects):
        one(objects, "Deployment")["metadata"]["annotations"].pop(ON_TERM)
        return objects

    before = states_nothing(version(clean, shuts_down_at_once))
    after = states_nothing(version(clean, another_image))
    drains = Facts(on_term=OnTerm.DRAIN)
    assert told(before, after, defaults=drains) == [(RULE, "rollout.pre_stop_seconds", "warning")]
    assert told(before, after, facts=lambda _: drains) == []
    assert told(after, before, defaults=drains) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("restartPolicy", "Always"),
        ("enableServiceLinks", True),
        ("serviceAccount", "web"),
        ("securityContext", {}),
        ("containers.0.imagePullPolicy", "IfNotPresent"),
        ("containers.0.terminationMessagePath", "/dev/termination-log"),
        ("containers.0.ports.0.protocol", "TCP"),
        ("containers.0.readinessProbe.successThreshold", 1),
        ("containers.0.readinessProbe.httpGet.scheme", "HTTP"),
        ("containers.0.resources.requests.cpu", "0.1"),
        ("containers.0.env", []),
        ("nodeName", None),
    ],
)
def test_what_the_api_server_fills_in_replaces_no_pod(clean, path, value):
    def stated(pod):
        pod["serviceAccountName"] = "web"
        pod["containers"][0]["resources"] = {"requests": {"cpu": "100m"}}

    def filled_in(pod):
        *above, last = path.split(".")
        for step in above:
            pod = pod[int(step)] if isinstance(pod, list) else pod[step]
        pod[last] = value

    before = version(clean, both(without_pre_stop, stated))
    assert told(before, version(clean, both(without_pre_stop, stated, filled_in))) == []
