"""ConfigMaps and Secrets that the API refuses, and the paths whose pods name them."""

import copy
from pathlib import Path

import pytest

from nodrop.judge import judge
from nodrop.judge.judgement import Verdict
from nodrop.paths import read_manifests

CLEAN = read_manifests([Path(__file__).parent / "clean" / "ingress.yaml"])


def source(kind, **content):
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "held", "namespace": "shop"}, **content}


def judged(held, pod=None, container=None):
    objects = copy.deepcopy(CLEAN)
    spec = next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    spec.update(pod or {})
    spec["containers"][0].update(container or {})
    return judge([*objects, held])


@pytest.mark.parametrize(
    ("kind", "pod", "container"),
    [
        ("ConfigMap", {"volumes": [{"name": "v", "configMap": {"name": "held"}}]}, {}),
        ("ConfigMap", {"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "held"}}]}}]}, {}),
        ("ConfigMap", {}, {"envFrom": [{"configMapRef": {"name": "held"}}]}),
        ("ConfigMap", {}, {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "held", "key": "a"}}}]}),
        ("Secret", {"volumes": [{"name": "v", "secret": {"secretName": "held"}}]}, {}),
        ("Secret", {}, {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "held", "key": "a"}}}]}),
        ("Secret", {}, {"envFrom": [{"secretRef": {"name": "held"}}]}),
        ("Secret", {"imagePullSecrets": [{"name": "other"}, {"name": "held"}]}, {}),
    ],
)
def test_a_number_in_what_pods_read_is_refused_on_their_path(kind, pod, container):
    found = judged(source(kind, data={"a": 5}), pod, container)
    (path,) = found.paths
    assert path.verdict is Verdict.DROPS
    (diagnostic,) = path.diagnostics
    assert (str(diagnostic.object), diagnostic.field) == (f"{kind} shop/held", "data.a")
    assert "is a number, not a text" in diagnostic.seen
    assert judged(source(kind, data={"a": "NQ=="}), pod, container).verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("ConfigMap", {"data": {"a": True}}),
        ("ConfigMap", {"data": {"a": {"b": "c"}}}),
        ("ConfigMap", {"data": {"conf/a": "b"}}),
        ("ConfigMap", {"binaryData": {"a": 5}}),
        ("Secret", {"stringData": {"a": 5.5}}),
        ("Secret", {"stringData": {"a": ["b"]}}),
        ("Secret", {"stringData": {"a": "[secret number]"}}),
    ],
)
def test_what_is_no_text_is_refused_of_what_no_pod_names_too(kind, content):
    found = judged(source(kind, **content))
    assert found.paths[0].verdict is Verdict.CLEAN
    assert [str(each.object) for each in found.objects] == [f"{kind} shop/held"]


@pytest.mark.parametrize(
    "content", [{}, {"data": {"a": None}}, {"data": {"a": "[unknown]"}}, {"stringData": {"a.b-c_D": "[secret]"}}]
)
def test_texts_and_what_is_not_known_pass(content):
    assert judged(source("Secret", **content)).objects == ()


@pytest.mark.parametrize(("value", "kind"), [({"b": "c"}, "a mapping"), (["b"], "a list")])
def test_quotation_marks_are_no_cure_of_what_has_several_values(value, kind):
    (found,) = judged(source("ConfigMap", data={"a": value})).objects
    assert f"is {kind}, not a text" in found.seen
    assert found.would_pass.startswith("a text: the same lines after key: |")


def test_no_value_is_shown():
    (found,) = judged(source("Secret", stringData={"pin": 98765})).objects
    assert "98765" not in str(found)
