"""Which edits cure a judgement, and the patches for kustomize that say the same."""

from pathlib import Path

import pytest
import yaml

from nodrop.cures import cure, edit_of, patches, with_fields
from nodrop.judge import Judgement, Verdict, judge
from nodrop.paths import read_manifests
from nodrop.rollout import Diagnostic, ObjectRef, Severity

WEB = ObjectRef(kind="Deployment", namespace="shop", name="web")
POD = "spec.template.spec"


@pytest.fixture
def objects() -> list[dict]:
    return list(yaml.safe_load_all((Path(__file__).parent / "shop.yaml").read_text()))


def fields(objects: list[dict]) -> dict[str, object]:
    return {edit.field: edit.value for edit in cure(objects, judge, judge(objects)).edits}


def test_edits_go_together_until_nothing_is_left_that_one_cures(objects):
    assert fields(objects) == {
        f"{POD}.containers[0].lifecycle.preStop.sleep.seconds": 60,
        f"{POD}.terminationGracePeriodSeconds": 95,
    }


def test_the_judgement_of_a_cure_is_that_of_the_edited_objects(objects):
    cured = cure(objects, judge, judge(objects))
    edited, unset = with_fields(objects, {(edit.object, edit.field): edit.value for edit in cured.edits})
    assert not unset
    assert cured.judgement.verdict is judge(edited).verdict is Verdict.CLEAN


def test_the_given_objects_stay_as_they_are(objects):
    before = yaml.safe_dump_all(objects)
    cure(objects, judge, judge(objects))
    assert yaml.safe_dump_all(objects) == before


def test_what_is_clean_or_accepted_is_not_edited(objects):
    deployment = objects[-1]
    deployment["metadata"]["annotations"] = {
        "gke-nodrop/accept": '{"pre-stop-outlasts-deprogramming": "a", "grace-covers-longest-request": "b"}'
    }
    assert fields(objects) == {}


def test_edits_that_lessen_nothing_are_not_made(objects):
    before = judge(objects)

    def worse(_: object) -> Judgement:
        return Judgement(paths=(*before.paths, *before.paths), objects=(), passed_over=())

    assert cure(objects, worse, before).edits == ()


@pytest.mark.parametrize(
    ("changes", "edited"),
    [
        ({}, True),
        ({"would_pass": ("a", "b")}, False),
        ({"object": None}, False),
        ({"field": None}, False),
        ({"field": "metadata.annotations"}, False),
        ({"input": "rollout.longest_request_seconds"}, False),
        ({"input": "placement.spot"}, False),
        ({"would_pass": "2 or more"}, False),
    ],
)
def test_only_what_one_field_cures_is_an_edit(changes, edited):
    found = {
        "rule": "survives-a-lost-pod",
        "severity": Severity.WARNING,
        "input": "replicas",
        "value": 1,
        "seen": "one",
        "why": "lost",
        "source": "a page",
        "would_pass": 2,
        "object": WEB,
        "field": "spec.replicas",
    }
    assert (edit_of(Diagnostic(**(found | changes))) is not None) is edited


def test_a_health_check_policy_without_a_check_gets_its_type_with_the_path():
    objects = list(read_manifests([Path(__file__).parent / "judge" / "clean" / "gateway.yaml"]))
    [policy] = [each for each in objects if each["kind"] == "HealthCheckPolicy"]
    del policy["spec"]["default"]["config"]
    cured = cure(objects, judge, judge(objects))
    config = {"type": "HTTP", "httpHealthCheck": {"requestPath": "/healthz"}}
    assert [each["spec"]["default"] for each in patches(objects, cured.edits)] == [{"config": config}]
    assert cured.judgement.verdict is Verdict.CLEAN


@pytest.mark.parametrize("spec", [{"strategy": {"type": "Recreate"}, "replicas": 1}, {"replicas": 0}])
def test_what_keeps_pods_apart_or_away_is_a_decision(objects, spec):
    objects[-1]["spec"].update(spec)
    assert fields(objects).keys().isdisjoint({"spec.strategy.type", "spec.replicas"})


def test_a_patch_names_the_object_and_the_container_and_nothing_else(objects):
    (patch,) = patches(objects, cure(objects, judge, judge(objects)).edits)
    assert patch == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "template": {
                "spec": {
                    "containers": [{"name": "web", "lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}],
                    "terminationGracePeriodSeconds": 95,
                }
            }
        },
    }
