"""Which ports the containers of a pod are known to listen on."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.paths import resolve
from nodrop.paths.fields import UNKNOWN, Field
from nodrop.paths.ports import listening_ports, target_port_of
from nodrop.paths.probe_hosts import hosts_not_known, hosts_of_the_node, pre_stop_asks_the_node
from nodrop.paths.wiring import read_wiring
from nodrop.rollout import ObjectRef
from tests.judge.edits import clean
from tests.judge.resources import deployment

WEB = {"name": "web", "image": "example/web:1"}
EXPORTER = {"name": "metrics", "image": "example/exporter:1", "ports": [{"containerPort": 9113}]}
LOGS = {"name": "logs", "image": "fluent/fluent-bit:3"}


def ports_of(*containers):
    pod = {"containers": list(containers)}
    return listening_ports(Field(pod, ObjectRef(kind="Deployment", namespace="shop", name="web"), "spec.template.spec"))


def test_where_a_container_that_may_serve_declares_none_nothing_is_known():
    assert ports_of(WEB, EXPORTER) == ()


def test_a_name_alone_makes_no_error_where_nothing_else_serves():
    assert ports_of({"name": "sync", "image": "example/sync:1"}, EXPORTER) == ()
    assert ports_of(EXPORTER) == (9113,)


@pytest.mark.parametrize(
    ("name", "image", "known"),
    [
        ("sync", "example/shop:1", False),
        ("metrics", "example/shop:1", False),
        ("web", "example/logs-api:1", False),
        ("web", "example/sync-server:1", False),
        ("web", "otel/opentelemetry-collector:1", True),
        ("shop", "registry.k8s.io/git-sync/git-sync:v4", True),
    ],
)
def test_what_the_owner_calls_a_container_does_not_tell_that_it_serves_nothing(name, image, known):
    declared = WEB | {"ports": [{"containerPort": 8080}]}
    assert ports_of(declared, {"name": name, "image": image}) == ((8080,) if known else ())


def test_what_carries_logs_or_metrics_away_or_leads_to_a_database_need_not_declare_any():
    declared = WEB | {"ports": [{"containerPort": 8080}]}
    assert ports_of(declared, LOGS) == (8080,)
    assert ports_of(declared, EXPORTER, LOGS) == (8080, 9113)
    assert ports_of(declared, {"name": "sql", "image": "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2"}) == (8080,)
    assert ports_of(declared, {"name": "front", "image": "envoyproxy/envoy:v1.30.2"}) == ()


def test_an_application_without_ports_beside_an_exporter_with_them_drops_nothing():
    objects = clean("gateway")
    containers = deployment(objects)["spec"]["template"]["spec"]["containers"]
    containers[0].pop("ports")
    containers[0].pop("readinessProbe")
    containers.append(EXPORTER | {"lifecycle": containers[0]["lifecycle"]})
    judgement = judge(objects)
    assert judgement.verdict is Verdict.AT_RISK
    assert {each.rule for path in judgement.paths for each in path.diagnostics} == {"readiness-is-probed"}


@pytest.mark.parametrize("unset", [0, 0.0, "", None])
def test_a_target_port_of_go_s_empty_value_is_the_services_own(objects, unset):
    objects.service["spec"]["ports"][0]["targetPort"] = unset
    objects.web["ports"][0]["containerPort"] = 80
    found = resolve(objects.all)
    assert found.problems == ()
    (path,) = found.paths
    assert (path.target_port, path.container) == (80, "web")
    assert read_wiring(path).target_port == 80
    del objects.backend_config["spec"]["healthCheck"]
    (path,) = resolve(objects.all).paths
    assert path.health_check.path == "/ready/"


@pytest.mark.parametrize("stated", [8081, "http", False, "0"])
def test_any_other_target_port_is_taken_as_stated(stated):
    port = Field({"port": 80, "targetPort": stated}, ObjectRef(kind="Service", namespace="shop", name="web"), "")
    assert target_port_of(port).path == "targetPort"


@pytest.mark.parametrize(
    ("host", "of_the_node"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", True),  # noqa: S104 - what a manifest may state
        ("LocalHost.", True),
        ("10.0.0.1", False),
        ("www.example.com", False),
        ("localhost.example.com", False),
        (UNKNOWN, False),
    ],
)
def test_a_loopback_host_of_a_probe_is_the_nodes(host, of_the_node):
    get = {"httpGet": {"port": 80, "host": host}}
    containers = [{"readinessProbe": get, "livenessProbe": {"tcpSocket": {"port": 80}}}]
    pod = Field({"containers": containers}, ObjectRef(kind="Deployment", namespace="shop", name="web"))
    assert bool(list(hosts_of_the_node(pod))) is of_the_node
    assert bool(list(hosts_not_known(pod))) is not of_the_node


@pytest.mark.parametrize("port", [80, "http"])
@pytest.mark.parametrize(("given", "known"), [(80, False), (81, True), (None, True)])
def test_a_port_of_the_node_may_lead_back_to_the_pod(port, given, known):
    declared = {"name": "http", "containerPort": 80} | ({"hostPort": given} if given else {})
    get = {"httpGet": {"port": port, "host": "127.0.0.1"}}
    container = {"ports": [declared], "readinessProbe": get, "lifecycle": {"preStop": get}}
    pod = Field({"containers": [container]}, ObjectRef(kind="Deployment", namespace="shop", name="web"))
    assert bool(list(hosts_of_the_node(pod))) is known
    assert bool(list(hosts_not_known(pod))) is not known
    assert pre_stop_asks_the_node(pod, pod["containers"].entries()[0]) is known


def test_a_pod_on_the_nodes_network_is_asked_by_loopback():
    get = {"httpGet": {"port": 80, "host": "127.0.0.1"}}
    given = {"hostNetwork": True, "containers": [{"readinessProbe": get, "lifecycle": {"preStop": get}}]}
    pod = Field(given, ObjectRef(kind="Deployment", namespace="shop", name="web"))
    assert [*hosts_of_the_node(pod), *hosts_not_known(pod)] == []
    assert not pre_stop_asks_the_node(pod, pod["containers"].entries()[0])
