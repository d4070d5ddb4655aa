"""Programs that the project shows: what they make is clean, and what is not says why."""

import functools
from copy import deepcopy

import pytest

from harness.examples import ELSEWHERE, EXAMPLES, STACKS, evaluate_program, evaluate_stack
from nodrop.judge import Verdict, judge
from nodrop.paths import resolve
from nodrop.preview import kubernetes_object
from nodrop.preview.judged import judge_program
from tests.judge.aimed_edits import AIMED, BESIDE

ROLLS_FROM_A_NODE_PORT = {
    name for name in ELSEWHERE if name.startswith(("By DNS", "On one Ingress")) and not name.endswith("3")
}
"""The steps of a migration before its last: the service that the reader has still stands beside the new one."""
SHOWS_DROPS = {name for name in STACKS if name.startswith(("legacy-nodeport", "comparison"))}
"""The stacks with the service that drops requests, to be compared."""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Evaluates a program's text, each once."""
    return functools.cache(lambda program: evaluate_program(program, tmp_path_factory.mktemp("project")))


def verdicts(evaluation):
    return {path.name: path.verdict for path in judge_program(evaluation).paths}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.slug)
def test_every_path_of_an_example_is_clean(example, evaluated):
    assert set(verdicts(evaluated(example.program)).values()) == {Verdict.CLEAN}


@pytest.mark.parametrize("name", [name for name in ELSEWHERE if name not in ROLLS_FROM_A_NODE_PORT])
def test_every_path_of_a_program_of_another_page_is_clean(name, evaluated):
    assert set(verdicts(evaluated(ELSEWHERE[name])).values()) == {Verdict.CLEAN}


@pytest.mark.parametrize("name", [name for name in STACKS if name not in SHOWS_DROPS])
def test_every_path_of_a_stack_is_clean(name):
    assert set(verdicts(evaluate_stack(name)).values()) == {Verdict.CLEAN}


@pytest.mark.parametrize("name", sorted(SHOWS_DROPS))
def test_the_node_port_that_a_stack_shows_drops(name):
    assert verdicts(evaluate_stack(name))["legacy-nodeport/web"] == Verdict.DROPS


@pytest.mark.parametrize("name", sorted(ROLLS_FROM_A_NODE_PORT))
def test_the_service_that_a_migration_starts_from_is_told(name, evaluated):
    assert Verdict.DROPS in verdicts(evaluated(ELSEWHERE[name])).values()


AUTOSCALER_AND_REPLICAS = """
import pulumi_kubernetes as k8s
meta, labels = {"name": "api", "namespace": "shop"}, {"app": "api"}
container = {"name": "api", "image": "api:1", "ports": [{"containerPort": 8080}]}
k8s.core.v1.Service("api", metadata=meta, spec={"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]})
k8s.networking.v1.Ingress(
    "api", metadata=meta, spec={"defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}}
)
target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "api", metadata=meta, spec={"minReplicas": 3, "maxReplicas": 30, "scaleTargetRef": target}
)
template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
k8s.apps.v1.Deployment(
    "api", metadata=meta, spec={"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
)
"""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.slug)
def test_no_harmful_edit_of_a_path_of_an_example_is_called_clean(example, evaluated):
    made = [kubernetes_object(each) for each in evaluated(example.program).resources]
    objects = [each for each in made if each is not None]
    missed = []
    for number in range(len(resolve(objects).paths)):
        for edit in AIMED:
            altered = deepcopy(objects)
            path = resolve(altered).paths[number]
            edit.change(path)
            missed += told_otherwise(altered, path, edit.name, edit.meant)
        for name, (added, meant) in BESIDE.items():
            path = resolve(objects).paths[number]
            more = added | {"metadata": {"name": "added", "namespace": path.namespace}}
            others = [each for each in objects if each["kind"] != added["kind"]]
            missed += told_otherwise([more, *others], path, name, meant)
    assert not missed


def told_otherwise(objects, path, edit, meant):
    """What is wrong with the judgement of the edited objects: nothing, or one line."""
    [judged] = [each for each in judge(objects).paths if each.path and each.path.name == path.name]
    if judged.verdict == Verdict.CLEAN or meant not in {each.rule for each in judged.diagnostics}:
        return [f"{path.name}, {edit}: {judged.verdict} by {[each.rule for each in judged.diagnostics]}, not {meant}"]
    return []


def test_replicas_beside_an_autoscaler_are_told(evaluated):
    [path] = judge_program(evaluated(AUTOSCALER_AND_REPLICAS)).paths
    assert "autoscaler-owns-replicas" in {each.rule for each in path.diagnostics}
