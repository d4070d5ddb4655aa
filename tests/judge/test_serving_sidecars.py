"""A native sidecar that serves: the kubelet sends it TERM when the ordinary containers have ended."""

from nodrop.judge import Verdict, judge
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
