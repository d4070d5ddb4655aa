"""Every object that the examples and the stacks render passes kube-score and checkov.

What they find and is no fault stands in scans/exceptions.yaml, with its reason; an exception that nothing needs fails.
"""

import copy
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import scans
from harness.examples import CLUSTERS, EXAMPLES, STACKS, evaluate_stack
from harness.scans import Finding
from nodrop.lab.kubernetes.rest import Object
from nodrop.preview import kubernetes_objects
from tools import venvs

pytestmark = pytest.mark.engine
LOCKED_DOWN = "locked-down-pods"
BY_DESIGN = {
    "container-resources: CPU limit is not set",
    "CKV_K8S_11: CPU limits should be set",
    "container-ephemeral-storage-request-and-limit: Ephemeral Storage limit is not set",
    "container-ephemeral-storage-request-and-limit: Ephemeral Storage request is not set",
    "container-image-pull-policy: ImagePullPolicy is not set to Always",
    "deployment-has-host-podantiaffinity: Deployment does not have a host podAntiAffinity set",
    "container-security-context-user-group-id: The container running with a low group ID",
    "pod-networkpolicy: The pod does not have a matching egress NetworkPolicy",
}
"""What is left where every input that a scanner asks for is stated."""

Programs = dict[str, list[Object]]


@pytest.fixture(scope="module", autouse=True)
def checkov() -> None:
    if why_not := venvs.CHECKOV.missing():
        if os.environ.get("NODROP_REQUIRE_ENGINE"):
            pytest.fail(f"the engine must run here, but cannot: {why_not}")
        pytest.skip(f"the engine cannot run here: {why_not}")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    examples = {each.slug: each.evaluate(tmp_path_factory.mktemp(each.slug)) for each in [*EXAMPLES, *CLUSTERS]}
    stacks = {name.replace(", ", "-").replace(" ", "-"): evaluate_stack(name) for name in STACKS}
    return {name: kubernetes_objects(evaluation) for name, evaluation in (examples | stacks).items()}


@pytest.fixture(scope="module")
def found(rendered: Programs, tmp_path_factory: pytest.TempPathFactory) -> set[Finding]:
    folder = tmp_path_factory.mktemp("rendered")
    scans.write(rendered, folder)
    return scans.scan(folder)


EXCEPTIONS = scans.read_exceptions(scans.EXCEPTIONS.read_text())


def test_every_finding_is_excepted_for_a_reason(
    rendered: Programs, found: set[Finding], tell: Callable[[str], None]
) -> None:
    faults = sorted(finding for finding in found if not any(each.covers(finding) for each in EXCEPTIONS))
    objects = sum(len(each) for each in rendered.values())
    tell(f"{objects} objects of {len(rendered)} programs: {len(faults)} faults, {len(found)} findings excepted")
    assert faults == []


def test_every_exception_is_needed(found: set[Finding]) -> None:
    assert [unneeded for each in EXCEPTIONS if (unneeded := each.not_needed(found))] == []


def test_locked_down_pods_need_the_exceptions_by_design_alone(found: set[Finding]) -> None:
    assert {each.check for each in found if each.object.startswith(f"{LOCKED_DOWN}:")} == BY_DESIGN


@pytest.mark.parametrize(
    ("spoil", "checks"),
    [
        (
            lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
            {
                "container-security-context-privileged: The container is privileged",
                "CKV_K8S_16: Container should not be privileged",
            },
        ),
        (
            lambda pod: pod["containers"][0]["resources"].pop("limits"),
            {"container-resources: Memory limit is not set", "CKV_K8S_13: Memory limits should be set"},
        ),
    ],
    ids=["privileged", "no memory limit"],
)
def test_a_fault_is_found_by_both_in_the_program_that_has_it_alone(
    rendered: Programs, tmp_path: Path, spoil: Callable[[Object], object], checks: set[str]
) -> None:
    spoilt = copy.deepcopy(rendered["simplest-service"])
    (deployment,) = [each for each in spoilt if each["kind"] == "Deployment"]
    spoil(deployment["spec"]["template"]["spec"])
    scans.write({"as-it-is": rendered["simplest-service"], "spoilt": spoilt}, tmp_path)
    faults = {each for each in scans.scan(tmp_path) if not any(one.covers(each) for one in EXCEPTIONS)}
    assert {each.object for each in faults} == {"spoilt: Deployment web/web"}
    assert {each.check for each in faults} == checks


def test_an_exception_without_a_reason_is_refused() -> None:
    with pytest.raises(AssertionError, match="why is it no fault"):
        scans.read_exceptions("[{checks: {checkov: CKV_K8S_11}, objects: ['*'], reason: ''}]")


def test_an_exception_that_nothing_needs_is_told_with_its_pattern(found: set[Finding]) -> None:
    check = "CKV_K8S_11: CPU limits should be set"
    entry = f"[{{checks: {{checkov: '{check}', kube-score: none}}, objects: ['*', 'gone: *'], reason: none}}]"
    (excepted,) = scans.read_exceptions(entry)
    assert excepted.not_needed(found) == ["kube-score none", "gone: *"]
