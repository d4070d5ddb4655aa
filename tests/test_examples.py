"""Each program of the docs and of the README makes what its text says, without a warning, and drops no request."""

from pathlib import Path

import pytest

from harness.examples import CLUSTERS, ELSEWHERE, EXAMPLES, NOT_READ, Example, evaluate_program
from nodrop.paths import Backend
from nodrop.testing import Program, assert_no_dropped_requests

TITLES = {
    "Simplest service",
    "Several services on one Ingress",
    "Gateway with a canary",
    "Ingress and Gateway side by side",
    "Internal service",
    "Identity-Aware Proxy",
    "Content delivery network",
    "Cloud Armor",
    "gRPC",
    "Sidecars",
    "Autoscaling",
    "Workload Identity",
    "Locked-down pods",
    "Existing namespace",
    "Network of a planned size",
    "Existing network",
    "Shared VPC",
}
OF_CLUSTERS = {
    "Minimal",
    "Production",
    "Autopilot",
    "Existing cluster",
    "Gateway on Standard",
    "Several clusters",
    "From the network to two services on one load balancer",
    "Another node pool",
}
BY_INSTANCE_GROUPS = {"Deployment": 1, "Ingress": 1, "Namespace": 1, "Service": 1}
BY_NEGS = {**BY_INSTANCE_GROUPS, "BackendConfig": 1, "GlobalAddress": 1, "PodDisruptionBudget": 1}
BY_BOTH = {**BY_NEGS, "Deployment": 2, "Service": 2}
TWO_INGRESSES = {**BY_BOTH, "Ingress": 2, "Namespace": 2}
INVENTORIES = {
    "README 0": {**BY_NEGS, "FrontendConfig": 1, "ManagedCertificate": 1, "SSLPolicy": 1},
    "WebService 0": {**BY_NEGS, "FrontendConfig": 1, "ManagedCertificate": 1, "SSLPolicy": 1},
    "WebService 1": BY_NEGS,
    "WebService 2": BY_NEGS,
    "By DNS, step 0": {**BY_INSTANCE_GROUPS, "RecordSet": 1},
    "By DNS, step 1": {**TWO_INGRESSES, "RecordSet": 1},
    "By DNS, step 2": {**TWO_INGRESSES, "RecordSet": 1},
    "By DNS, step 3": {**BY_NEGS, "RecordSet": 1},
    "On one Ingress, step 0": {**BY_INSTANCE_GROUPS, "GlobalAddress": 1},
    "On one Ingress, step 1": BY_BOTH,
    "On one Ingress, step 2": BY_BOTH,
    "On one Ingress, step 3": BY_NEGS,
}
"""Of the programs that stand elsewhere, whose pages say the same in words."""
WARNS_OF = {
    "WebService 1": "accepted: rollout.longest_request_seconds = 900",
    **dict.fromkeys(
        [name for name in INVENTORIES if ", step" in name and not name.endswith("0")],
        "rollout.keep_alive_timeout_seconds is not stated",
    ),
}
"""What a program is meant to be warned of; all others of nothing."""
EVERY_EXAMPLE = pytest.mark.parametrize("example", [*EXAMPLES, *CLUSTERS], ids=lambda example: example.slug)


def test_there_is_an_example_of_everything_and_each_has_an_inventory() -> None:
    assert {example.title for example in EXAMPLES} == TITLES
    assert {example.title for example in CLUSTERS} == OF_CLUSTERS
    assert NOT_READ == 0
    assert ELSEWHERE.keys() == INVENTORIES.keys()


@EVERY_EXAMPLE
def test_an_example_makes_what_it_says_without_a_warning_and_drops_nothing(example: Example, tmp_path: Path) -> None:
    made = Program(example.evaluate(tmp_path))
    assert made.inventory() == example.inventory
    assert made.warnings == []
    assert_no_dropped_requests(made)


@EVERY_EXAMPLE
def test_the_nodes_of_an_example_may_pull_its_images(example: Example, tmp_path: Path) -> None:
    evaluation = example.evaluate(tmp_path)
    kinds = [each.type.rpartition(":")[2] for each in evaluation.resources]
    if "Cluster" not in kinds:
        return
    readable = [
        "{location}-docker.pkg.dev/{project}/{repository}/".format(**each.inputs)
        for each in evaluation.resources
        if each.type.endswith(":RepositoryIamMember")
    ]
    pods = [each["spec"]["template"]["spec"] for each in Program(evaluation).objects if each["kind"] == "Deployment"]
    private = [one["image"] for pod in pods for one in pod["containers"] if "-docker.pkg.dev/" in one["image"]]
    assert private
    assert [image for image in private if not image.startswith(tuple(readable))] == []
    assert len(readable) == kinds.count("Cluster")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_program_of_another_page_makes_what_it_says_and_its_negs_drop_nothing(name: str, tmp_path: Path) -> None:
    made = Program(evaluate_program(ELSEWHERE[name], tmp_path))
    assert made.inventory() == dict(sorted(INVENTORIES[name].items()))
    expected = [WARNS_OF[name]] if name in WARNS_OF else []
    assert [warning[: len(start)] for warning, start in zip(made.warnings, expected, strict=True)] == expected
    by_negs = [path.name for path in made.paths if path.backend is Backend.NEG]
    assert len(by_negs) == INVENTORIES[name].get("BackendConfig", 0)
    for path in by_negs:
        assert_no_dropped_requests(made, path)


def test_the_canary_can_be_shifted_to_nothing(tmp_path: Path) -> None:
    (example,) = [each for each in EXAMPLES if each.title == "Gateway with a canary"]
    made = Program(example.evaluate(tmp_path, {"canary_percent": "0"}))
    rules = [rule for each in made.objects if each["kind"] == "HTTPRoute" for rule in each["spec"]["rules"]]
    weights = [[backend["weight"] for backend in rule["backendRefs"]] for rule in rules if "backendRefs" in rule]
    assert weights == [[100, 0]]
