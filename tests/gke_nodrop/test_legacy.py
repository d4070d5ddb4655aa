"""What a `LegacyNodePortService` declares: the field report's way of serving, and nothing better."""

import json
from typing import Any

import pytest

from gke_nodrop import InputError, LegacyNodePortService, OnTerm


def legacy(deploy: Any, **more: Any) -> Any:
    def program() -> dict[str, Any]:
        service = LegacyNodePortService("old", {"image": "example/shop:1", **more})
        return {"url": service.url, "address": service.address}

    return deploy(program)


def test_the_service_is_reached_through_node_ports_and_instance_groups(deploy):
    service = legacy(deploy).inputs("Service")
    assert service["spec"]["type"] == "NodePort"
    assert json.loads(service["metadata"]["annotations"]["cloud.google.com/neg"]) == {"ingress": False}


def test_pods_get_the_probe_of_the_report_and_no_help_on_their_way_out(deploy):
    spec = legacy(deploy).inputs("Deployment")["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert container["readinessProbe"] == {
        "httpGet": {"path": "/ready/", "port": "http"},
        "periodSeconds": 10,
        "timeoutSeconds": 5,
        "successThreshold": 1,
        "failureThreshold": 2,
    }
    assert not {"lifecycle", "livenessProbe", "startupProbe"} & container.keys()
    assert not {"readinessGates", "terminationGracePeriodSeconds"} & pod.keys()
    assert not {"strategy", "minReadySeconds"} & spec.keys()


def test_the_ingress_routes_the_given_paths_to_the_service(deploy):
    spec = legacy(deploy, paths=["/", "/unready/"]).inputs("Ingress")["spec"]
    (rule,) = spec["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/", "/unready/"]
    assert spec["defaultBackend"]["service"] == {"name": "old", "port": {"name": "http"}}


def test_its_address_is_the_ingresses(deploy):
    assert legacy(deploy).exports == {"url": "http://203.0.113.9/", "address": "203.0.113.9"}


def test_behaviour_is_written_down_but_not_judged(deploy):
    rollout = {"keep_alive_timeout_seconds": 30, "on_term": OnTerm.EXIT}
    annotations = legacy(deploy, rollout=rollout).inputs("Deployment")["metadata"]["annotations"]
    assert annotations["gke-nodrop/keep-alive-timeout-seconds"] == "30"
    assert annotations["gke-nodrop/on-term"] == "exit"


@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("keep_alive_seconds", [30, 0])
def test_a_variant_of_the_report_differs_in_its_pods_and_in_what_is_told_of_the_application_alone(
    deploy, replicas, keep_alive_seconds
):
    def objects(deployed: Any) -> dict[str, Any]:
        return {each.typ: each.inputs for each in deployed.registered if each.custom}

    plain = objects(legacy(deploy))
    rollout = {"keep_alive_timeout_seconds": keep_alive_seconds}
    variant = objects(legacy(deploy, replicas=replicas, rollout=rollout))
    deployment = variant["kubernetes:apps/v1:Deployment"]
    assert deployment["spec"].pop("replicas") == replicas
    told = deployment["metadata"].pop("annotations")
    assert told["gke-nodrop/keep-alive-timeout-seconds"] == str(keep_alive_seconds)
    plain["kubernetes:apps/v1:Deployment"]["spec"].pop("replicas")
    plain["kubernetes:apps/v1:Deployment"]["metadata"].pop("annotations", None)
    assert variant == plain


@pytest.mark.parametrize(
    ("paths", "wrong"),
    [(["/", "/"], "paths[1]"), (["/a", "/a/"], "paths[1]"), (["/a/*"], "paths[0]"), (["a"], "paths[0]"), ([], "paths")],
)
def test_paths_that_are_none_or_the_same_are_refused_by_their_names(deploy, paths, wrong):
    with pytest.raises(InputError) as raised:
        legacy(deploy, paths=paths)
    (fault,) = raised.value.faults
    assert fault.input == wrong
    assert "rules[" not in str(fault)
