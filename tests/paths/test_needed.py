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
        {"name": "shipper-of-logs", "image": "fluent/fluent-bit:3"},
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


def judged_beside(container, **check):
    objects = clean("ingress")
    containers = deployment(objects)["spec"]["template"]["spec"]["containers"]
    containers.append(container)
    if check:
        [config] = [each for each in objects if each["kind"] == "BackendConfig"]
        config["spec"]["healthCheck"].update(check)
    [path] = judge(objects).paths
    return path


@pytest.mark.parametrize(
    "beside",
    [
        {"name": "metrics", "image": "nginx/nginx-prometheus-exporter:1", "ports": [{"containerPort": 9113}]},
        {"name": "shipper-of-logs", "image": "fluent/fluent-bit:3"},
        {"name": "otel", "image": "otel/opentelemetry-collector-contrib:0.100.0"},
        {"name": "dd", "image": "gcr.io/datadoghq/agent:7", "command": ["/opt/statsd"]},
        {"name": "dd", "image": "datadog/agent:7"},
        {"name": "code", "image": "registry.k8s.io/git-sync/git-sync:v4"},
        {"name": "shipper", "image": "fluent/fluent-bit:3", "lifecycle": {"preStop": {"httpGet": {"port": 2020}}}},
        {"name": "shipper", "image": "fluent/fluent-bit:3", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}},
    ],
)
def test_what_carries_metrics_or_logs_away_needs_no_pre_stop(beside):
    path = judged_beside(beside)
    assert path.verdict is Verdict.CLEAN
    assert [each.value for each in path.assumptions if each.name == f"container {beside['name']}"] == [
        "needed by no request"
    ]


@pytest.mark.parametrize(
    ("lifecycle", "is_assumed"),
    [({"preStop": {"httpGet": {"port": 2020}}}, True), ({"preStop": {"sleep": {"seconds": 5}}}, False), (None, False)],
)
def test_that_no_request_needs_a_native_sidecar_is_assumed_only_where_its_pre_stop_may_end_it(lifecycle, is_assumed):
    objects = clean("ingress")
    shipper = {"name": "shipper", "image": "fluent/fluent-bit:3", "restartPolicy": "Always", "lifecycle": lifecycle}
    deployment(objects)["spec"]["template"]["spec"]["initContainers"] = [shipper]
    [path] = judge(objects).paths
    assert path.verdict is Verdict.CLEAN
    assert ("container shipper" in [each.name for each in path.assumptions]) is is_assumed


@pytest.mark.parametrize(
    "beside",
    [
        {"name": "shipper-of-logs", "image": "example/api:1"},
        {"name": "shipper-of-logs", "image": "gcr.io/logs/api:1"},
        {"name": "x", "image": "example/logs:1"},
        {"name": "x", "image": "example/exporter-api:1"},
        {"name": "fluent-bit", "image": "example/api:1"},
        {"name": "vault-agent", "image": "hashicorp/vault:1.17", "args": ["agent"]},
        {"name": "agent", "image": "example/agent:1"},
        {"name": "other", "image": "example/x:1"},
    ],
)
def test_of_a_container_whose_image_does_not_tell_it_there_is_a_warning(beside):
    path = judged_beside(beside)
    assert path.verdict is Verdict.AT_RISK
    [found] = path.diagnostics
    assert found.rule == "every-container-has-pre-stop"
    assert found.field.startswith("spec.template.spec.containers[")


def test_an_exporter_that_the_health_check_asks_is_told():
    beside = {"name": "metrics", "image": "example/exporter:1", "ports": [{"containerPort": 9113}]}
    assert "every-container-has-pre-stop" in {each.rule for each in judged_beside(beside, port=9113).diagnostics}


def test_a_proxy_without_pre_stop_drops():
    assert judged_beside({"name": "envoy", "image": "envoyproxy/envoy:v1.30.2"}).verdict is Verdict.DROPS


@pytest.mark.parametrize(
    "server",
    [
        {"name": "php", "image": "php:8.3-fpm"},
        {"name": "php", "image": "wordpress:6-fpm-alpine@sha256:0"},
        {"name": "php-fpm", "image": "example/shop:1"},
        {"name": "app", "image": "example/shop:1", "command": ["php-fpm", "-F"]},
        {"name": "app", "image": "example/shop:1", "command": ["bundle", "exec", "puma"]},
        {"name": "app", "image": "example/shop:1", "args": ["/usr/bin/gunicorn", "app"]},
        {"name": "app", "image": "tiangolo/uwsgi-nginx-flask:latest"},
    ],
)
def test_an_application_server_behind_a_proxy_is_needed_without_declaring_a_port(server):
    assert needed(server, WEB | {"image": "nginx:1"})
    assert not needed({"name": "fpm", "image": "hipages/php-fpm_exporter:2"}, WEB | {"image": "nginx:1"})


def test_an_application_server_beside_another_one_may_be_needed_or_not():
    assert not needed({"name": "php", "image": "php:8.3-fpm"})


def test_each_early_container_is_read_as_what_it_is(objects):
    objects.pod["containers"] += [{"name": "envoy", "image": "x"}, {"name": "other", "image": "x"}]
    (path,) = resolve(objects.all).paths
    rollout = read_rollout(path, behaviour(path.deployment, NOTHING))
    assert rollout.containers_that_stop_early == ("envoy",)
    assert rollout.other_containers_that_stop_early == ("other",)


def test_what_serves_behind_a_proxy_is_needed_whatever_else_that_ones_name_says():
    serving = {"name": "web", "image": "quay.io/brancz/kube-rbac-proxy:v0.18", "ports": [{"containerPort": 8443}]}
    assert needed({"name": "app", "image": "example/app:1", "ports": [{"containerPort": 8080}]}, serving)
