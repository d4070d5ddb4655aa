"""What is refused is told of objects on no path, too: also where a missing object stops the judgement."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean


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
