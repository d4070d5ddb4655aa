"""A preStop of which only the sleeps at its beginning are known: what is certain stays, the rest is not judged."""

import json

import pytest

from nodrop.judge import Verdict, judge
from nodrop.lab.conditions import unrehearsed
from tests.judge.edits import POD, WEB, Edit, clean, edited
from tests.judge.resources import deployment

SHORT = "pre-stop-outlasts-deprogramming"
BESIDE = "every-container-has-pre-stop"


def hook(script):
    return {"preStop": {"exec": {"command": ["sh", "-c", script]}}}


def sidecar(name, script=None):
    return {"name": name, "image": f"example/{name}:1"} | ({"lifecycle": hook(script)} if script else {})


def with_hook(script, grace=None, accept=None):
    objects = edited(Edit(f"{WEB}.lifecycle", hook(script)))
    own = deployment(objects)
    if grace:
        own["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = grace
    if accept:
        own["metadata"].setdefault("annotations", {})["gke-nodrop/accept"] = json.dumps({accept: "we know"})
    return objects


def judged(objects):
    [path] = judge(objects).paths
    return path


def errors(path):
    return {each.rule for each in path.diagnostics if each.severity == "error" and each.waiver is None}


def test_what_may_last_long_enough_is_not_judged_and_nothing_is_assumed_of_its_end():
    path = judged(with_hook("sleep 5; /drain.sh"))
    assert path.verdict is Verdict.NOT_JUDGED
    assert "how long what follows takes is not known" in " ".join(path.reasons)
    assert not [each for each in path.assumptions if "ends after" in str(each.value)]


def test_what_is_long_enough_is_assumed_to_end():
    path = judged(with_hook("sleep 60; /drain.sh"))
    assert path.verdict is Verdict.CLEAN
    assert [each for each in path.assumptions if "ends after 60 s" in str(each.value)]


@pytest.mark.parametrize("first", ["nginx -s quit", "kill -TERM 1", "apachectl graceful-stop"])
def test_a_sleep_after_the_application_was_told_to_end_keeps_no_request(first):
    path = judged(with_hook(f"{first}; sleep 60"))
    assert path.verdict is Verdict.DROPS
    assert SHORT in errors(path)
    assert path.reasons == ()


def test_whether_another_command_ends_the_application_is_not_known():
    for first in ("curl -X POST localhost/actuator/shutdown", "pkill java", "supervisorctl stop all"):
        assert judged(with_hook(f"{first}; sleep 60")).verdict is Verdict.NOT_JUDGED


def test_no_hook_outlasts_the_grace_period_so_a_short_one_drops_for_certain():
    path = judged(with_hook("sleep 5; /drain.sh", grace=30))
    assert path.verdict is Verdict.DROPS
    assert SHORT in errors(path)
    assert path.reasons == ()


def test_a_waiver_of_the_rule_is_one_of_an_open_hook_too():
    path = judged(with_hook("sleep 5; /drain.sh", accept=SHORT))
    assert path.reasons == ()
    assert {each.rule for each in path.diagnostics if each.waiver} == {SHORT}
    assert "waiver-of-a-broken-rule" not in {each.rule for each in path.diagnostics}


def test_nodrop_yaml_waives_the_rule_of_an_open_hook_as_an_annotation_does():
    objects = with_hook("sleep 5; /drain.sh")
    [path] = judge(objects, waivers=lambda workload: {SHORT: f"{workload} is drained by hand"}).paths
    assert path.verdict is judged(with_hook("sleep 5; /drain.sh", accept=SHORT)).verdict is Verdict.CLEAN
    assert [each.waiver for each in path.diagnostics] == ["shop/web is drained by hand"]


@pytest.mark.parametrize(
    ("on_term", "accept", "verdict"),
    [
        ("drain", "exit-on-term-cuts-no-request", Verdict.NOT_JUDGED),
        ("exit", "exit-on-term-cuts-no-request", Verdict.NOT_JUDGED),
        ("exit", SHORT, Verdict.NOT_JUDGED),
        ("drain", SHORT, Verdict.CLEAN),
    ],
)
def test_a_waiver_of_one_rule_says_nothing_of_the_other(on_term, accept, verdict):
    objects = with_hook("sleep 5; /drain.sh", accept=accept)
    deployment(objects)["metadata"]["annotations"]["gke-nodrop/on-term"] = on_term
    path = judged(objects)
    assert (path.verdict, errors(path)) == (verdict, set())


@pytest.mark.parametrize(
    ("grace", "longest", "accept", "verdict"),
    [
        (50, None, None, Verdict.NOT_JUDGED),
        (50, 30, "exit-on-term-cuts-no-request", Verdict.NOT_JUDGED),
        (50, 30, None, Verdict.DROPS),
    ],
    ids=["an assumption breaks the other rule", "a waiver holds for the other rule", "the other rule is broken"],
)
def test_a_rule_that_no_pre_stop_meets_says_nothing_of_the_other(grace, longest, accept, verdict):
    objects = with_hook("sleep 5; /drain.sh", grace=grace, accept=accept)
    annotations = deployment(objects)["metadata"].setdefault("annotations", {})
    annotations["gke-nodrop/on-term"] = "exit"
    annotations.pop("gke-nodrop/longest-request-seconds", None)
    if longest:
        annotations["gke-nodrop/longest-request-seconds"] = str(longest)
    path = judged(objects)
    assert path.verdict is verdict
    assert SHORT not in errors(path)


@pytest.mark.parametrize("field", ["shareProcessNamespace", "hostPID"])
def test_where_processes_are_shared_the_first_is_not_the_containers(field):
    objects = with_hook("sleep 5; kill 1; sleep 60")
    assert judged(objects).verdict is Verdict.DROPS
    deployment(objects)["spec"]["template"]["spec"][field] = True
    assert "how long what follows takes is not known" in " ".join(judged(objects).reasons)


@pytest.mark.parametrize(("others", "certain"), [([], set()), ([sidecar("envoy")], {BESIDE})])
def test_a_container_beside_with_an_open_hook_hides_none_without(others, certain):
    objects = clean("ingress")
    deployment(objects)["spec"]["template"]["spec"]["containers"] += [sidecar("tunnel", "sleep 5; /wait"), *others]
    path = judged(objects)
    assert errors(path) == certain
    assert "containers[2].lifecycle.preStop" in " ".join(path.reasons)


def test_a_short_hook_of_a_container_that_requests_may_not_need_hides_nothing():
    objects = clean("ingress")
    deployment(objects)["spec"]["template"]["spec"]["containers"].append(sidecar("shipper", "sleep 5; /flush"))
    path = judged(objects)
    assert (path.verdict, path.reasons) == (Verdict.AT_RISK, ())
    assert [each.rule for each in path.diagnostics] == [BESIDE]
    assert "ends after 5 s" in " ".join(str(each.value) for each in path.assumptions)


@pytest.mark.parametrize(
    ("script", "stand_in", "refused"),
    [
        ("sleep 5; ./drain", True, True),
        ("sleep 5; ./drain", False, False),
        ("sleep 60; ./drain", True, False),
        ("sleep 60; exit 0", True, False),
    ],
)
def test_a_stand_in_does_not_take_the_place_of_what_decides(script, stand_in, refused):
    path = judged(with_hook(script))
    reasons = unrehearsed(path.path, path.rollout, stand_in=stand_in)
    assert any("preStop" in each for each in reasons) is refused


@pytest.mark.parametrize(
    "place", ["BackendConfig:spec.logging", "BackendConfig:spec.sessionAffinity", f"{POD}.dnsConfig"]
)
def test_an_unknown_value_that_no_rule_needs_hides_no_finding(place):
    objects = edited(Edit(place, "[unknown]"))
    deployment(objects)["spec"]["strategy"] = {"type": "Recreate"}
    assert "rolls-without-unavailable" in errors(judged(objects))


def test_a_sleep_after_the_end_is_told():
    objects = clean("ingress")
    deployment = next(each for each in objects if each["kind"] == "Deployment")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "-c", "nginx -s quit; sleep 60"]}}}
    [path] = judge(objects).paths
    [found] = [each for each in path.diagnostics if each.rule == "pre-stop-outlasts-deprogramming"]
    assert found.seen.endswith("; `nginx -s quit` tells the application to end before that: put the sleep first")
