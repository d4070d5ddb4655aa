import pytest

from nodrop.gke.health_checks import INSTANCE_GROUP_HEALTH_CHECK, NEG_HEALTH_CHECK, HealthCheck
from nodrop.paths import Behaviour, read_rollout, resolve
from nodrop.rollout import OnTerm
from tests.paths.gateways import Behind, gateway, http_route

NOTHING = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def check_of(objects) -> HealthCheck:
    found = resolve(objects.all)
    assert found.problems == ()
    return found.paths[0].health_check


@pytest.fixture
def inferred(objects):
    """The objects without a BackendConfig's health check: the controller has to infer it."""
    del objects.backend_config["spec"]["healthCheck"]
    return objects


def by_nodes(objects):
    objects.service["spec"]["type"] = "NodePort"
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = '{"ingress":false}'


def test_a_backend_config_decides(objects):
    assert check_of(objects) == HealthCheck(
        path="/ready/", check_interval_seconds=5, timeout_seconds=4, healthy_threshold=2, unhealthy_threshold=3
    )


def test_a_backend_config_decides_only_the_fields_that_it_states(objects):
    objects.backend_config["spec"]["healthCheck"] = {"unhealthyThreshold": 4}
    assert check_of(objects) == HealthCheck(
        path="/ready/", check_interval_seconds=5, timeout_seconds=3, healthy_threshold=1, unhealthy_threshold=4
    )


def test_path_and_times_of_a_simple_readiness_probe_are_taken_over_but_not_its_thresholds(inferred):
    inferred.web["readinessProbe"]["failureThreshold"] = 9
    assert check_of(inferred) == HealthCheck(
        path="/ready/", check_interval_seconds=5, timeout_seconds=3, healthy_threshold=1, unhealthy_threshold=2
    )


def test_the_host_that_a_readiness_probe_names_is_taken_over(inferred):
    inferred.web["readinessProbe"]["httpGet"]["httpHeaders"] = [{"name": "Host", "value": "www.example.com"}]
    assert check_of(inferred).host == "www.example.com"


def test_nodes_are_checked_a_minute_less_often_than_the_probe_says(inferred):
    by_nodes(inferred)
    assert check_of(inferred) == HealthCheck(
        path="/ready/", check_interval_seconds=65, timeout_seconds=3, healthy_threshold=1, unhealthy_threshold=10
    )


def test_without_a_probe_the_controllers_defaults_hold(inferred):
    del inferred.web["readinessProbe"]
    assert check_of(inferred) == NEG_HEALTH_CHECK
    by_nodes(inferred)
    assert check_of(inferred) == INSTANCE_GROUP_HEALTH_CHECK


@pytest.mark.parametrize(
    "get",
    [
        {"path": "/ready/", "port": 8080},
        {"path": "/ready/", "port": "http", "scheme": "HTTP", "host": ""},
        {"path": "ready/", "port": "http"},
        {"path": "/ready/", "port": "http", "httpHeaders": [{"name": "Host", "value": "example.org"}]},
    ],
)
@pytest.mark.parametrize("target", ["http", 8080, None])
def test_a_simple_probe_on_the_target_port_is_taken_over(inferred, get, target):
    inferred.web["readinessProbe"]["httpGet"] = get
    inferred.service["spec"]["ports"][0]["targetPort"] = target
    if target is None:
        inferred.service["spec"]["ports"][0]["port"] = 8080
        inferred.ingress["spec"] = {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}}
    assert check_of(inferred).path == "/ready/"


@pytest.mark.parametrize(
    "get",
    [
        {"path": "/ready/", "port": "http", "host": "10.0.0.1"},
        {"path": "/ready/", "port": "http", "scheme": "HTTPS"},
        {"path": "/ready/", "port": 8081},
        {"path": "/ready/", "port": "admin"},
        {"path": "/ready/"},
        {"path": "/ready/", "port": "http", "httpHeaders": [{"name": "X-Probe", "value": "1"}]},
        {"path": "/ready/", "port": "http", "httpHeaders": [{"name": "Host"}, {"name": "X-Probe"}]},
    ],
)
def test_any_other_probe_is_not_taken_over(inferred, get):
    inferred.web["readinessProbe"]["httpGet"] = get
    assert check_of(inferred) == NEG_HEALTH_CHECK


def test_a_probe_without_a_port_is_not_taken_over_on_a_port_without_a_name(inferred):
    inferred.service["spec"]["ports"][0]["targetPort"] = 8080
    inferred.web["ports"] = [{"containerPort": 8080}]
    inferred.web["readinessProbe"]["httpGet"] = {"path": "/ready/"}
    assert check_of(inferred) == NEG_HEALTH_CHECK


def test_a_probe_on_an_undeclared_port_is_not_taken_over(inferred):
    inferred.service["spec"]["ports"][0]["targetPort"] = 8080
    del inferred.web["ports"]
    inferred.web["readinessProbe"]["httpGet"]["port"] = 8080
    assert check_of(inferred) == NEG_HEALTH_CHECK


@pytest.mark.parametrize(
    ("protocol", "scheme", "path"),
    [("HTTP", "HTTP", "/ready/"), ("HTTPS", "HTTPS", "/ready/"), ("HTTP2", "HTTPS", "/ready/"), ("HTTPS", "HTTP", "/")],
)
def test_the_probes_scheme_must_match_the_ports_protocol(inferred, protocol, scheme, path):
    inferred.service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = f'{{"http":"{protocol}"}}'
    inferred.web["readinessProbe"]["httpGet"]["scheme"] = scheme
    assert check_of(inferred).path == path


def test_an_unknown_protocol_is_a_problem(inferred):
    inferred.service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http":"GOPHER"}'
    found = resolve(inferred.all)
    assert found.paths == ()
    assert "wanted HTTP, HTTPS, HTTP2 for each port" in str(found.problems[0])


def test_a_backend_config_decides_port_and_type(objects):
    objects.backend_config["spec"]["healthCheck"] |= {"port": 9090.0, "type": "HTTPS"}
    check = check_of(objects)
    assert (check.port, check.type) == (9090, "HTTPS")


def test_a_health_check_without_type_speaks_the_backends_protocol(inferred):
    inferred.service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http":"HTTP2"}'
    check = check_of(inferred)
    assert (check.port, check.type) == (None, "HTTP2")


@pytest.mark.parametrize("port", [0, 65536, "http"])
def test_a_health_check_on_no_port_is_a_problem(objects, port):
    objects.backend_config["spec"]["healthCheck"]["port"] = port
    (problem,) = resolve(objects.all).problems
    assert "spec.healthCheck.port" in problem.message


def copies(objects):
    (path,) = resolve(objects.all).paths
    return read_rollout(path, NOTHING).health_check_copies_probe


def test_interval_and_timeout_are_the_probes_where_the_controller_takes_it_over(inferred):
    assert copies(inferred)
    inferred.web["readinessProbe"] = {"exec": {"command": ["true"]}, "timeoutSeconds": 60}
    assert not copies(inferred)


@pytest.mark.parametrize("stated", [{"checkIntervalSec": 9}, {"timeoutSec": 2}])
def test_a_stated_time_is_not_the_probes(objects, stated):
    objects.backend_config["spec"]["healthCheck"] = stated
    assert not copies(objects)


def test_a_check_of_nodes_waits_longer_than_the_probe(inferred):
    by_nodes(inferred)
    assert not copies(inferred)


def test_behind_a_gateway_nothing_copies_the_probe(objects):
    behind = Behind(objects)
    (path,) = resolve([gateway(), http_route(), *behind.web]).paths
    assert not read_rollout(path, NOTHING).health_check_copies_probe
