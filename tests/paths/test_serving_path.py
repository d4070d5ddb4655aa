import pytest

from nodrop.paths import ServingPath, resolve
from nodrop.rollout import Probe


def path_of(objects) -> ServingPath:
    found = resolve(objects.all)
    assert found.problems == ()
    return found.paths[0]


def test_the_readings_of_a_full_manifest(objects):
    path = path_of(objects)
    assert (path.replicas, path.strategy, path.max_surge, path.max_unavailable) == (3, "RollingUpdate", 1, 0)
    assert (path.min_ready_seconds, path.progress_deadline_seconds) == (7, 599)
    assert path.termination_grace_period_seconds == 95
    assert (path.backend_timeout_seconds, path.draining_timeout_seconds) == (35, 30)
    assert path.readiness_gates == ("cloud.google.com/load-balancer-neg-ready",)
    assert path.containers == ("log", "web")
    assert path.pre_stops.containers_without == ()
    assert path.readiness_probe == Probe(
        path="/ready/", period_seconds=5, timeout_seconds=3, success_threshold=1, failure_threshold=2
    )


def test_the_defaults_of_an_empty_manifest(objects):
    objects.deployment["spec"] = {"template": {"metadata": {"labels": {"app": "web"}}}}
    objects.deployment["spec"]["template"]["spec"] = {"containers": [{"name": "web"}]}
    objects.service["spec"]["ports"][0]["targetPort"] = 8080
    objects.service["metadata"]["annotations"] = {}
    path = path_of(objects)
    assert (path.replicas, path.strategy, path.max_surge, path.max_unavailable) == (1, "RollingUpdate", 1, 0)
    assert (path.min_ready_seconds, path.progress_deadline_seconds) == (0, 600)
    assert path.termination_grace_period_seconds == 30
    assert (path.backend_timeout_seconds, path.draining_timeout_seconds) == (30, 0)
    assert path.readiness_gates == ()
    assert path.pre_stops.containers_without == ("web",)
    assert path.pre_stops.of("web").seconds is None
    assert path.readiness_probe is None


def test_whole_floats_are_numbers(objects):
    objects.deployment["spec"]["replicas"] = 4.0
    objects.deployment["spec"]["strategy"]["rollingUpdate"] = {"maxSurge": 2.0, "maxUnavailable": "50%"}
    path = path_of(objects)
    assert (path.replicas, path.max_surge, path.max_unavailable) == (4, 2, 2)


def test_recreate_neither_surges_nor_rolls(objects):
    objects.deployment["spec"]["strategy"] = {"type": "Recreate"}
    path = path_of(objects)
    assert (path.strategy, path.max_surge, path.max_unavailable) == ("Recreate", 0, 0)


@pytest.mark.parametrize("handler", [{"tcpSocket": {"port": 8080}}, {"exec": {"command": ["true"]}}])
def test_a_probe_that_asks_no_http_path_is_not_read(objects, handler):
    objects.web["readinessProbe"] = handler | {"periodSeconds": 3}
    assert path_of(objects).readiness_probe is None


def test_probe_defaults_stand_in_for_what_is_missing_or_0(objects):
    objects.web["readinessProbe"] = {"httpGet": {"port": 8080}, "periodSeconds": 0, "initialDelaySeconds": 4}
    assert path_of(objects).readiness_probe == Probe(
        path="/",
        period_seconds=10,
        timeout_seconds=1,
        success_threshold=1,
        failure_threshold=3,
        initial_delay_seconds=4,
    )
