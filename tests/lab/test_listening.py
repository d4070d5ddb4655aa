"""Where a pod's containers listen, and what is known of their answers to the load balancer's health check."""

from dataclasses import replace

import pytest

from nodrop.gke.health_checks import NEG_HEALTH_CHECK
from nodrop.judge import judge
from nodrop.lab.listening import (
    CheckAnswer,
    answer_to_check,
    needed_ports,
    ports_by_container,
    question,
    ready_path,
    tls_ports,
)
from tests.judge.edits import CHECK, GONE, WEB, Edit, clean, edited

CONTAINERS = "Deployment:spec.template.spec.containers"


def path_of(objects):
    (judged,) = judge(objects).paths
    assert judged.path is not None
    return judged.path


def test_a_container_listens_on_what_it_declares_and_its_probes_ask():
    objects = edited(Edit(f"{WEB}.livenessProbe", {"httpGet": {"path": "/alive", "port": 9090}}))
    assert ports_by_container(path_of(objects))["web"] == (8080, 9090)


def test_a_health_check_port_that_nobody_declares_is_the_serving_containers():
    assert ports_by_container(path_of(edited(Edit(f"{CHECK}.port", 9091))))["web"] == (8080, 9091)


def test_no_container_listens_on_anothers_port():
    proxy = {
        "name": "proxy",
        "image": "x",
        "ports": [{"containerPort": 15021}, {"containerPort": 53, "protocol": "UDP"}],
    }
    objects = edited(Edit(f"{CHECK}.port", 15021))
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"].append(proxy)
    assert ports_by_container(path_of(objects)) == {"web": (8080,), "logs": (20001,), "proxy": (15021,)}


def test_a_native_sidecar_listens_too_and_what_runs_to_its_end_does_not():
    objects = clean("ingress")
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["initContainers"] = [
        {"name": "sidecar", "image": "x", "restartPolicy": "Always", "ports": [{"containerPort": 9000}]},
        {"name": "migration", "image": "x", "ports": [{"containerPort": 9001}]},
    ]
    assert ports_by_container(path_of(objects)) == {"web": (8080,), "logs": (20001,), "sidecar": (9000,)}


def test_requests_need_the_containers_beside_that_the_rule_names_unless_that_is_waived():
    assert needed_ports(path_of(clean("ingress")), {}) == {"proxy": 20002}  # and not its logs
    assert needed_ports(path_of(clean("ingress")), {"every-container-has-pre-stop": "x"}) == {}


def test_tls_is_spoken_where_probes_checks_and_requests_are_encrypted():
    assert tls_ports(path_of(clean("ingress"))) == frozenset()
    probed = edited(Edit(f"{WEB}.livenessProbe", {"httpGet": {"path": "/alive", "port": 9090, "scheme": "HTTPS"}}))
    assert tls_ports(path_of(probed)) == {9090}
    (config,) = (each for each in probed if each["kind"] == "BackendConfig")
    config["spec"]["healthCheck"] |= {"port": 9443, "type": "HTTPS"}
    (service,) = (each for each in probed if each["kind"] == "Service")
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTPS"}'
    assert tls_ports(path_of(probed)) == {8080, 9090, 9443}


ALIVE = {"httpGet": {"path": "/alive", "port": 8080}}
WITH_QUERY = {"httpGet": {"path": "up?full=1", "port": 8080}}
CONNECTS = {"tcpSocket": {"port": 8080}}


@pytest.mark.parametrize(
    ("edits", "answer"),
    [
        ([], CheckAnswer.READINESS),
        ([Edit(f"{CHECK}.requestPath", "/other")], CheckAnswer.UNKNOWN),
        ([Edit(f"{CHECK}.port", 9090)], CheckAnswer.UNKNOWN),
        ([Edit(f"{WEB}.livenessProbe", ALIVE), Edit(f"{CHECK}.requestPath", "/alive")], CheckAnswer.ALIVE),
        ([Edit(f"{WEB}.readinessProbe", GONE), Edit(f"{CHECK}.requestPath", "/other")], CheckAnswer.READINESS),
        (
            [Edit(f"{WEB}.readinessProbe", WITH_QUERY), Edit(f"{CHECK}.requestPath", "/up?full=1")],
            CheckAnswer.READINESS,
        ),
        ([Edit(f"{WEB}.readinessProbe", WITH_QUERY), Edit(f"{CHECK}.requestPath", "/up")], CheckAnswer.UNKNOWN),
        ([Edit(f"{WEB}.readinessProbe", CONNECTS)], CheckAnswer.UNKNOWN),
        (
            [
                Edit(f"{WEB}.readinessProbe", CONNECTS),
                Edit(f"{WEB}.livenessProbe", ALIVE),
                Edit(f"{CHECK}.requestPath", "/alive"),
            ],
            CheckAnswer.ALIVE,
        ),
    ],
    ids=[
        "the readiness path",
        "another path",
        "another port",
        "the liveness path",
        "no readiness probe",
        "the readiness path with its query",
        "another query",
        "a readiness probe that connects",
        "a readiness probe that connects, and the liveness path",
    ],
)
def test_what_is_known_of_the_answer(edits, answer):
    objects = clean("ingress")
    for edit in edits:
        (base,) = (each for each in objects if each["kind"] == edit.place.partition(":")[0])
        *keys, last = edit.place.partition(":")[2].split(".")
        for key in keys:
            base = base[int(key)] if isinstance(base, list) else base[key]
        base.pop(last, None)
        if edit.value is not GONE:
            base[last] = edit.value
    assert answer_to_check(path_of(objects)) is answer


def test_a_stand_in_is_ready_where_its_probe_asks_else_where_the_load_balancer_does():
    assert ready_path(path_of(clean("ingress")), "web") == "/healthz"
    unprobed = edited(Edit(f"{WEB}.readinessProbe", GONE))
    assert ready_path(path_of(unprobed), "web") == path_of(unprobed).health_check.path
    with_query = edited(Edit(f"{WEB}.readinessProbe", WITH_QUERY))
    assert ready_path(path_of(with_query), "web") == "/up?full=1"
    connecting = path_of(edited(Edit(f"{WEB}.readinessProbe", CONNECTS)))
    assert ready_path(connecting, "web") != connecting.health_check.path


@pytest.mark.parametrize(
    ("port", "kind", "told"),
    [(None, "HTTP", "GET /up"), (4445, "HTTP", "GET :4445/up"), (4445, "TCP", "connecting to :4445")],
)
def test_a_question_is_told_in_a_few_words(port, kind, told):
    assert question(replace(NEG_HEALTH_CHECK, path="/up", port=port, type=kind)) == told
