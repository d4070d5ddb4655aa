"""A Namespace that enforces another Pod Security Standard refuses the pods that take the place of old ones."""

import copy
from pathlib import Path

import pytest

from nodrop.judge.change import judge_change
from nodrop.paths import read_manifests

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
ENFORCE = "pod-security.kubernetes.io/enforce"
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.fixture(scope="module", params=["gateway", "ingress"])
def clean(request):
    return read_manifests([Path(__file__).parent / "clean" / f"{request.param}.yaml"])


def version(objects, level=None, context=None, *, namespace=True):
    """The clean objects, in a Namespace that enforces a level, with such a security context of each container."""
    made = copy.deepcopy([each for each in objects if each["kind"] != "Namespace"])
    for each in made:
        if each["kind"] == "Deployment":
            pod = each["spec"]["template"]["spec"]
            pod.pop("securityContext", None)
            for container in (*pod["containers"], *pod.get("initContainers", ())):
                container["securityContext"] = context or {}
    labels = {"labels": {ENFORCE: level}} if level else {}
    return [*made, *([{**NAMESPACE, "metadata": {"name": "shop", **labels}}] if namespace else [])]


def told(before, after):
    return [(each.rule, str(each.severity)) for each in judge_change(before, after).diagnostics]


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ((None, None), ("restricted", RESTRICTED), "warning"),
        (("baseline", None), ("restricted", RESTRICTED), "warning"),
        (("baseline", None), ("restricted", None), "error"),
        (("privileged", {"privileged": True}), ("baseline", {"privileged": True}), "error"),
        (("baseline", None), ("baseline", RESTRICTED), None),
        (("baseline", RESTRICTED), ("restricted", RESTRICTED), None),
        (("restricted", None), ("restricted", RESTRICTED), None),
        (("restricted", RESTRICTED), ("baseline", None), None),
    ],
)
def test_old_pods_stay_admitted(clean, before, after, severity):
    expected = [("old-pods-stay-admitted", severity)] if severity else []
    assert told(version(clean, *before), version(clean, *after)) == expected


def test_a_namespace_that_is_new_among_the_objects_counts(clean):
    before = version(clean, namespace=False)
    assert told(before, version(clean, "restricted", RESTRICTED)) == [("old-pods-stay-admitted", "warning")]


def test_a_namespace_that_is_not_among_the_objects_says_nothing(clean):
    assert told(version(clean, "baseline"), version(clean, namespace=False)) != [("old-pods-stay-admitted", "warning")]
