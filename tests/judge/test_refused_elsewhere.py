"""What is refused is told of objects on no path, too: also where a missing object stops the judgement."""

from copy import deepcopy

import pytest

from nodrop.judge import Verdict, judge
from nodrop.paths.files.reading import Position
from tests.judge.edits import Edit, clean, edited


@pytest.fixture
def deployment():
    [found] = [each for each in clean("ingress") if each["kind"] == "Deployment"]
    return found


def test_a_deployment_that_selects_other_pods_than_its_own_is_refused_where_no_service_leads_to_it(deployment):
    deployment["spec"]["template"]["metadata"]["labels"] = {"app": "another"}
    judgement = judge([deployment])
    assert [(each.rule, each.input) for each in judgement.objects] == [("object-is-accepted", "spec.selector")]
    assert judgement.verdict is Verdict.DROPS


def test_a_refused_name_is_told_where_the_service_of_an_ingress_is_missing():
    objects = [each for each in clean("ingress") if each["kind"] != "Service"]
    for each in objects:
        if each["kind"] in ("Deployment", "NetworkPolicy"):
            each["metadata"]["name"] = "Web_1"
    judgement = judge(objects)
    assert {str(each.object) for each in judgement.objects if each.input == "metadata.name"} == {
        f"{kind} {each['metadata']['namespace']}/Web_1"
        for each in objects
        for kind in [each["kind"]]
        if kind in ("Deployment", "NetworkPolicy")
    }


def test_nothing_is_told_of_sound_objects_on_no_path(deployment):
    assert judge([deployment]).objects == ()


def test_an_object_of_another_group_is_not_judged_by_its_kind_alone():
    knative = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "UPPER"}}
    assert judge([knative]).objects == ()


def test_a_field_of_a_type_that_it_cannot_have_is_told(deployment):
    deployment["spec"]["template"]["spec"]["containers"] = "web"
    [found] = judge([deployment]).objects
    assert (found.rule, found.input) == ("object-is-accepted", "spec.template.spec.containers")


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", "spec.strategy", "RollingUpdate"),
        ("Deployment", "spec.template.spec.containers.0.lifecycle.preStop", {"exec": {"command": ["sleep", 60]}}),
        ("Service", "metadata.annotations.cloud\\.google\\.com/neg", {"ingress": True}),
        ("Gateway", "spec.gatewayClassName", None),
        ("Ingress", "apiVersion", "extensions/v1beta1"),
    ],
)
def test_a_fault_of_an_object_whose_way_cannot_be_followed_is_told_once(kind, path, value):
    judgement = judge(edited(Edit(f"{kind}:{path}", value, base="gateway" if kind == "Gateway" else "ingress")))
    told = [each for found in judgement.paths for each in found.diagnostics] + list(judgement.objects)
    assert [(each.rule, str(each.object).split()[0]) for each in told] == [("object-is-accepted", kind)]


def test_the_same_fault_of_two_objects_of_one_name_is_told_of_each():
    objects = edited(Edit("Deployment:spec.strategy", "RollingUpdate"))
    objects += [deepcopy(each) for each in objects if each["kind"] == "Deployment"]
    lines = {id(each): number for number, each in enumerate(objects, 1)}
    judgement = judge(
        objects,
        positions=lambda manifest, _: Position(file="a.yaml", line=lines[id(manifest)], document=1, template=None),
    )
    told = [*judgement.objects, *(each for path in judgement.paths for each in path.diagnostics)]
    twice = [number for number, each in enumerate(objects, 1) if each["kind"] == "Deployment"]
    assert sorted(each.line or 0 for each in told) == twice


@pytest.mark.parametrize(
    ("place", "base"),
    [
        ("BackendConfig:spec.connectionDraining.drainingTimeoutSec", "ingress"),
        ("HealthCheckPolicy:spec.default.checkIntervalSec", "gateway"),
        ("GCPBackendPolicy:spec.default.connectionDraining.drainingTimeoutSec", "gateway"),
    ],
)
def test_a_policy_that_cannot_be_read_is_in_the_way_itself(place, base):
    judgement = judge(edited(Edit(place, "30", base=base)))
    kind, _, field = place.partition(":")
    [found] = judgement.paths
    assert [(str(each.object).split()[0], each.field) for each in found.diagnostics] == [(kind, field)]
    assert (judgement.objects, judgement.passed_over) == ((), ())


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_an_ingress_of_an_earlier_version_lacks_no_field_of_the_later_one(version):
    [ingress] = [each for each in clean("ingress") if each["kind"] == "Ingress"]
    path = {"path": "/", "backend": {"serviceName": "web", "servicePort": 80}}
    spec = {"rules": [{"http": {"paths": [path]}}]}
    judgement = judge([ingress | {"apiVersion": version, "spec": spec}])
    told = [*judgement.objects, *(each for way in judgement.paths for each in way.diagnostics)]
    assert [each.input for each in told] == ["apiVersion"]


@pytest.mark.parametrize(("version", "told"), [("extensions/v1beta1", False), ("apps/v1beta2", True)])
def test_a_deployment_of_an_earlier_version_has_a_selector_by_default(deployment, version, told):
    del deployment["spec"]["selector"]
    found = judge([deployment | {"apiVersion": version}]).objects
    assert {each.input for each in found} == {"apiVersion", *(["spec.selector"] if told else [])}
