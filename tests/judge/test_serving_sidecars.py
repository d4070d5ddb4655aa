"""A native sidecar that serves: the kubelet sends it TERM when the ordinary containers have ended."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.lab.conditions import unrehearsed
from tests.judge.edits import clean
from tests.judge.resources import deployment

SHORT = "pre-stop-outlasts-deprogramming"
SLEEP = {"preStop": {"sleep": {"seconds": 60}}}


def served_by_sidecar(of_sidecar=None, of_application=None, also=()):
    """The clean objects with their serving container as a native sidecar in front of an application."""
    objects = clean("ingress")
    pod = deployment(objects)["spec"]["template"]["spec"]
    serving = next(each for each in pod["containers"] if each["name"] == "web")
    application = {"name": "api", "image": "example/api:1", "ports": [{"containerPort": 3000}]}
    pod["containers"] = [application | ({"lifecycle": of_application} if of_application else {}), *also]
    serving.pop("lifecycle")
    serving["restartPolicy"] = "Always"
    pod["initContainers"] = [serving | ({"lifecycle": of_sidecar} if of_sidecar else {})]
    [path] = judge(objects).paths
    return path


def rules(path):
    return {each.rule for each in path.diagnostics}


def test_the_longest_pre_stop_of_the_ordinary_containers_holds_its_term_back():
    path = served_by_sidecar(of_application=SLEEP)
    assert path.rollout.pre_stop_seconds == 60
    assert SHORT not in rules(path)
    assert path.verdict is Verdict.CLEAN


def test_its_own_pre_stop_does_so_too_but_not_for_the_application_behind_it():
    path = served_by_sidecar(of_sidecar=SLEEP)
    assert path.rollout.pre_stop_seconds == 60
    assert rules(path) == {"every-container-has-pre-stop"}


def test_without_any_pre_stop_it_stops_too_early():
    assert SHORT in rules(served_by_sidecar())


def test_its_pre_stop_by_http_is_not_known():
    path = served_by_sidecar(of_sidecar={"preStop": {"httpGet": {"port": 8080}}}, of_application=SLEEP)
    assert path.verdict is Verdict.NOT_JUDGED
    assert "initContainers[0].lifecycle.preStop: for how many seconds it runs is not known" in " ".join(path.reasons)


def test_its_pre_stop_that_fails_is_told():
    path = served_by_sidecar(of_sidecar={"preStop": {"exec": {"command": ["sleep 60"]}}}, of_application=SLEEP)
    assert rules(path) == {"pre-stop-command-exists"}


def test_an_open_pre_stop_of_an_ordinary_container_is_why_it_is_not_judged():
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 5; /drain"]}}}
    path = served_by_sidecar(of_application=hook)
    assert path.verdict is Verdict.NOT_JUDGED
    assert SHORT not in rules(path)
    assert "containers[0].lifecycle.preStop: it sleeps for 5 s" in " ".join(path.reasons)
    assert not [each for each in path.assumptions if "ends after" in str(each.value)]


def command(*words):
    return {"preStop": {"exec": {"command": list(words)}}}


@pytest.mark.parametrize(
    "hook",
    [
        command("nginx", "-s", "quit"),
        command("sh", "-c", "sleep 5; nginx -s quit"),
        command("sh", "-c", "kill 1"),
        command("sh", "-c", "nginx -s quit; sleep 60"),
        command("sh", "-c", "nginx -s quit; echo done"),
    ],
)
def test_it_serves_no_longer_than_until_its_own_pre_stop_ends_it(hook):
    path = served_by_sidecar(of_sidecar=hook, of_application=SLEEP)
    [found] = [each for each in path.diagnostics if each.rule == SHORT]
    assert found.field == "spec.template.spec.initContainers[0].lifecycle.preStop"
    assert "tells the application to end" in found.seen
    assert path.verdict is Verdict.DROPS


def test_its_pre_stop_that_ends_it_late_enough_is_clean():
    path = served_by_sidecar(of_sidecar=command("sh", "-c", "sleep 60; nginx -s quit"), of_application=SLEEP)
    assert path.verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("hook", "why"),
    [
        (command("sh", "-c", "kill -QUIT 1"), "what it runs after 0 s may end the container before TERM"),
        (command("sh", "-c", "sleep 5; /drain"), "what it runs after 5 s may end the container before TERM"),
    ],
)
def test_its_pre_stop_that_may_end_it_is_why_it_is_not_judged(hook, why):
    path = served_by_sidecar(of_sidecar=hook, of_application=SLEEP)
    assert path.verdict is Verdict.NOT_JUDGED
    assert why in " ".join(path.reasons)
    assert SHORT not in rules(path)


def test_what_may_end_it_hides_nothing_where_no_ordinary_container_holds_its_term_back():
    assert SHORT in rules(served_by_sidecar(of_sidecar=command("sh", "-c", "kill -QUIT 1")))


@pytest.mark.parametrize("words", [("nginx", "-s", "quit"), ("sh", "-c", "kill -QUIT 1")])
def test_a_stand_in_that_its_pre_stop_would_not_end_is_not_rehearsed(words):
    path = served_by_sidecar(of_sidecar=command(*words), of_application=SLEEP)
    assert any("preStop" in each for each in unrehearsed(path.path, path.rollout, stand_in=True))
    assert not unrehearsed(path.path, path.rollout, stand_in=False)


def beside(hook, name="envoy"):
    objects = clean("ingress")
    sidecar = {"name": name, "image": "example/front:1", "restartPolicy": "Always", "lifecycle": hook}
    deployment(objects)["spec"]["template"]["spec"]["initContainers"] = [sidecar]
    [path] = judge(objects).paths
    return path


@pytest.mark.parametrize(
    ("hook", "name", "verdict"),
    [
        (command("nginx", "-s", "quit"), "envoy", Verdict.DROPS),
        (command("sh", "-c", "sleep 5; kill 1"), "envoy", Verdict.DROPS),
        (command("sh", "-c", "kill 1"), "other", Verdict.AT_RISK),
        (command("sh", "-c", "kill -QUIT 1"), "other", Verdict.AT_RISK),
        (command("sh", "-c", "kill -QUIT 1"), "envoy", Verdict.NOT_JUDGED),
        (command("sh", "-c", "sleep 5; /drain"), "envoy", Verdict.NOT_JUDGED),
        (command("/drain"), "other", Verdict.NOT_JUDGED),
        ({"preStop": {"httpGet": {"path": "/quit", "port": 9091}}}, "envoy", Verdict.NOT_JUDGED),
        (command("sh", "-c", "sleep 60; kill 1"), "envoy", Verdict.CLEAN),
        (command("sleep", "5"), "envoy", Verdict.CLEAN),
        (command("sleep 5"), "envoy", Verdict.CLEAN),
    ],
)
def test_a_native_sidecar_beside_is_judged_by_what_its_pre_stop_ends(hook, name, verdict):
    path = beside(hook, name)
    assert path.verdict is verdict
    if verdict in (Verdict.DROPS, Verdict.AT_RISK):
        [found] = path.diagnostics
        assert (found.rule, found.field) == (
            "every-container-has-pre-stop",
            "spec.template.spec.initContainers[0].lifecycle.preStop",
        )
        assert found.seen == "native sidecars whose own preStop ends them, or may end them, before 60 s"
    if verdict is Verdict.NOT_JUDGED:
        assert "initContainers[0].lifecycle.preStop" in " ".join(path.reasons)


@pytest.mark.parametrize(
    ("hook", "name", "refused"),
    [
        (command("nginx", "-s", "quit"), "envoy", True),
        (command("nginx", "-s", "quit"), "other", False),
        (command("sh", "-c", "sleep 60; kill 1"), "envoy", False),
    ],
)
def test_a_needed_native_sidecar_that_its_pre_stop_would_end_is_not_rehearsed(hook, name, refused):
    path = beside(hook, name)
    reasons = unrehearsed(path.path, path.rollout, stand_in=True)
    assert any("initContainers[0].lifecycle.preStop" in each for each in reasons) is refused
