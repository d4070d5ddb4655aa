"""Objects of two Kubernetes providers are in two clusters: judged apart, each path under a name of its own."""

from dataclasses import replace

import pytest

from nodrop.cli.check_input import from_stack
from nodrop.judge import Verdict
from nodrop.policy import pack
from nodrop.preview import as_deployed, compare, evaluate
from nodrop.preview.judged import judge_program
from nodrop.project_file import ProjectFile
from nodrop.testing import Program, assert_no_dropped_requests, assert_update_drops_no_requests
from tests.preview.clean_shop import SHOP

SPLIT = """
    shop(cluster("east"), but=["Deployment"])
    shop(cluster("west"), but=["Ingress", "Service"])
"""
TWICE = """
    shop(cluster("east"))
    shop(cluster("west"))
"""
BESIDE = """
    shop(cluster("east"))
    shop(cluster("west"), but=["Ingress", "Service"], grace=5)
"""
ONE_CLUSTER = """
    shop(cluster("east", cluster_identifier="main"), but=["Deployment"])
    shop(cluster("west", cluster_identifier="main"), but=["Ingress", "Service", "BackendConfig", "Namespace",
        "PodDisruptionBudget"])
"""
SAME_NAMES = """
    class Region(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__(f"shop:index:{name}", name)
            opts = pulumi.ResourceOptions(parent=self)
            shop(k8s.Provider("main", kubeconfig=name, opts=opts), parent=self)
    Region("East")
    Region("West")
"""


@pytest.fixture
def evaluated(program):
    def evaluated(text):
        return evaluate(program(SHOP + "\n".join(each.removeprefix("    ") for each in text.splitlines())), "dev")

    return evaluated


def verdicts(judgement):
    return {each.name: each.verdict for each in judgement.paths}


@pytest.mark.parametrize("under", ["", 'cluster("east")'])
def test_all_objects_under_one_provider_are_one_cluster(evaluated, under):
    assert verdicts(judge_program(evaluated(f"    shop({under})"))) == {"shop/web": Verdict.CLEAN}


def test_pods_of_another_cluster_are_behind_no_service(evaluated):
    [way] = judge_program(evaluated(SPLIT)).paths
    assert (way.verdict, way.path) == (Verdict.NOT_JUDGED, None)
    assert "selects no Deployment among the objects" in way.not_judged[0]


def test_the_default_provider_is_a_cluster_of_its_own(evaluated):
    text = '    shop(but=["Deployment"])\n    shop(cluster("west"), but=["Ingress", "Service"])'
    assert judge_program(evaluated(text)).verdict is Verdict.NOT_JUDGED


def test_the_same_objects_in_two_clusters_are_two_paths_that_say_which(evaluated):
    evaluation = evaluated(TWICE)
    names = ["shop/web by provider east", "shop/web by provider west"]
    assert verdicts(judge_program(evaluation)) == dict.fromkeys(names, Verdict.CLEAN)
    assert [each.name for each in Program(evaluation).paths] == names
    assert_no_dropped_requests(Program(evaluation), names[0])
    with pytest.raises(AssertionError, match="2 paths shop/web; there are"):
        assert_no_dropped_requests(Program(evaluation), "shop/web")


def test_a_deployment_of_another_cluster_is_no_part_of_a_path(evaluated):
    assert verdicts(judge_program(evaluated(BESIDE))) == {"shop/web": Verdict.CLEAN}


def test_providers_with_one_cluster_identifier_are_one_cluster(evaluated):
    [path] = judge_program(evaluated(ONE_CLUSTER)).paths
    assert path.name == "shop/web"
    assert {each.rule for each in path.diagnostics} == {"load-balancer-before-pods"}


def test_providers_of_one_name_are_told_by_their_parents(evaluated):
    found = verdicts(judge_program(evaluated(SAME_NAMES)))
    assert found == dict.fromkeys(
        [f"shop/web by provider main of shop:index:{name}" for name in ("East", "West")], Verdict.CLEAN
    )


def test_the_default_providers_of_the_engine_are_one_cluster(evaluated):
    """The policy pack is told of one for each version of the package."""
    evaluation = evaluated("    shop()")
    urn = "urn:pulumi:dev::demo::pulumi:providers:kubernetes::default"
    objects = [
        replace(each, provider=f"{urn}_4_{number % 2}_0" if number else urn)
        for number, each in enumerate(evaluation.resources[1:])
    ]
    judgement = judge_program(replace(evaluation, resources=(evaluation.resources[0], *objects)))
    assert verdicts(judgement) == {"shop/web": Verdict.CLEAN}


def test_a_finding_of_the_policy_pack_stands_at_the_resource_of_its_cluster(evaluated):
    evaluation = evaluated('    shop(cluster("east"), grace=5)\n    shop(cluster("west"), grace=5)')
    violations = pack(ProjectFile()).judge(evaluation).violations
    found = {(each.message.splitlines()[0], (each.urn or "").rpartition("::")[2]) for each in violations}
    assert found == {
        ("error on the serving path shop/web by provider east", "east-Deployment"),
        ("error on the serving path shop/web by provider west", "west-Deployment"),
    }


def test_what_the_commands_are_given_is_judged_apart_too(evaluated):
    given = from_stack(evaluated(TWICE))
    assert len(given.judged(given.objects, ProjectFile()).paths) == 2


def test_an_update_is_compared_by_cluster(evaluated):
    before = evaluated(TWICE)
    assert_update_drops_no_requests(Program(before), Program(before), "shop/web by provider east")
    change = compare(evaluated(TWICE.replace('"west")', '"west"), but=["Deployment"]')), as_deployed(before))
    assert change.paths == ("shop/web by provider east", "shop/web by provider west")
    assert (change.verdict, change.not_compared) == (Verdict.DROPS, ())


def test_pods_of_another_cluster_are_compared_with_no_service(evaluated):
    evaluation = evaluated(SPLIT)
    change = compare(evaluation, as_deployed(evaluation))
    assert change.paths == ()
    assert any("selects no Deployment among the objects" in each for each in change.not_compared)


def test_what_a_patch_changes_is_not_compared(evaluated):
    patch = (
        '    k8s.apps.v1.DeploymentPatch("tuned", metadata={"name": "web", "namespace": "shop"}, spec={"replicas": 1})'
    )
    evaluation = evaluated(f"    shop()\n{patch}")
    change = compare(evaluation, as_deployed(evaluation))
    assert change.verdict is Verdict.NOT_JUDGED
    assert change.not_compared[0].startswith("Deployment shop/web: DeploymentPatch tuned changes it")
