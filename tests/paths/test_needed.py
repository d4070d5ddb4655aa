import pytest

from nodrop.judge import Verdict, judge
from nodrop.paths import Behaviour, behaviour, read_rollout, resolve
from nodrop.paths.fields import Field
from nodrop.paths.needed import is_needed
from nodrop.rollout import ObjectRef, OnTerm
from tests.judge.edits import clean
from tests.judge.resources import deployment

NOTHING = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)
WEB = {"name": "web", "image": "example/web:1", "ports": [{"containerPort": 8080}]}


def needed(beside, serving=WEB, field="containers"):
    pod = {"containers": [beside], "initContainers": []}
    pod[field].append(serving if field == "containers" else serving | {"restartPolicy": "Always"})
    given = Field(pod, ObjectRef(kind="Deployment", namespace="shop", name="web"), "spec.template.spec")
    return is_needed(given, "web", given["containers"].entries()[0])


@pytest.mark.parametrize(
    "beside",
    [
        {"name": "sql", "image": "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14.0"},
        {"name": "sql", "image": "gcr.io/cloudsql-docker/gce-proxy:1.33"},
        {"name": "sql", "image": "example/sql:1", "command": ["/cloud_sql_proxy", "-instances=a"]},
        {"name": "front", "image": "envoyproxy/envoy:distroless-v1.30.2"},
        {"name": "istio", "image": "docker.io/istio/proxyv2:1.22@sha256:0"},
        {"name": "login", "image": "quay.io/oauth2-proxy/oauth2-proxy:v7"},
        {"name": "pool", "image": "edoburu/pgbouncer"},
        {"name": "nginx", "image": "example/front:3"},
        {"name": "lb", "image": "haproxy:3"},
        {"name": "lb", "image": "traefik:v3"},
        {"name": "catalog-proxy", "image": "example/x"},
    ],
)
def test_a_proxy_is_needed_by_whatever_name_it_shows(beside):
    assert needed(beside)


@pytest.mark.parametrize(
    "beside",
    [
        {"name": "metrics", "image": "nginx/nginx-prometheus-exporter:1", "ports": [{"containerPort": 9113}]},
        {"name": "logs", "image": "fluent/fluent-bit:3"},
        {"name": "git-sync", "image": "registry.k8s.io/git-sync/git-sync:v4"},
        {"name": "reload", "image": "example/nginx-config-reloader:1"},
        {"name": "kube-rbac-proxy", "image": "quay.io/brancz/kube-rbac-proxy:v0.18"},
        {"name": "other", "image": "example/other:1", "ports": [{"containerPort": 9000}]},
    ],
)
def test_of_any_other_container_the_objects_do_not_tell_it(beside):
    assert not needed(beside)


def test_behind_a_proxy_that_serves_the_containers_with_ports_are_needed():
    api = {"name": "api", "image": "example/api:1", "ports": [{"containerPort": 3000}]}
    exporter = {"name": "exporter", "image": "example/exporter:1", "ports": [{"containerPort": 9113}]}
    nginx = WEB | {"image": "nginx:1"}
    assert needed(api, nginx)
    assert not needed(exporter, nginx)
    assert not needed({"name": "api", "image": "example/api:1"}, nginx)
    assert needed(api, WEB, "initContainers")


def test_a_metrics_exporter_without_pre_stop_is_at_risk_and_drops_nothing_for_certain():
    objects = clean("ingress")
    containers = deployment(objects)["spec"]["template"]["spec"]["containers"]
    containers.append({"name": "metrics", "image": "nginx/nginx-prometheus-exporter:1"})
    [path] = judge(objects).paths
    assert path.verdict is Verdict.AT_RISK
    [found] = path.diagnostics
    assert (found.rule, found.field) == (
        "every-container-has-pre-stop",
        f"spec.template.spec.containers[{len(containers) - 1}].lifecycle.preStop",
    )
    containers[-1]["image"] = "envoyproxy/envoy:v1.30.2"
    containers[-1]["name"] = "envoy"
    [path] = judge(objects).paths
    assert path.verdict is Verdict.DROPS


def test_each_early_container_is_read_as_what_it_is(objects):
    objects.pod["containers"] += [{"name": "envoy", "image": "x"}, {"name": "other", "image": "x"}]
    (path,) = resolve(objects.all).paths
    rollout = read_rollout(path, behaviour(path.deployment, NOTHING))
    assert rollout.containers_that_stop_early == ("envoy",)
    assert rollout.other_containers_that_stop_early == ("other",)


def test_what_serves_behind_a_proxy_is_needed_whatever_else_that_ones_name_says():
    serving = {"name": "web", "image": "quay.io/brancz/kube-rbac-proxy:v0.18", "ports": [{"containerPort": 8443}]}
    assert needed({"name": "app", "image": "example/app:1", "ports": [{"containerPort": 8080}]}, serving)
