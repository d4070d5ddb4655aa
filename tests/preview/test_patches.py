"""What a patch resource changes, or two resources make, is not judged as the program declares it."""

import pytest

from nodrop.judge import Verdict
from nodrop.preview import as_deployed, compare, evaluate, read_state
from nodrop.preview.judged import judge_program
from nodrop.preview.program_objects import MADE_TWICE
from tests.preview.clean_shop import SHOP

META = '{"name": "web", "namespace": "shop"}'
META_OTHER = META.replace("web", "other")
PATCHES = {
    "Deployment": f"k8s.apps.v1.DeploymentPatch('tuned', metadata={META}, spec={{'replicas': 1}})",
    "Service": f"k8s.core.v1.ServicePatch('tuned', metadata={META})",
    "Ingress": f"k8s.networking.v1.IngressPatch('tuned', metadata={META})",
    "PodDisruptionBudget": f"k8s.policy.v1.PodDisruptionBudgetPatch('tuned', metadata={META})",
    "BackendConfig": "k8s.apiextensions.CustomResourcePatch('tuned', api_version='cloud.google.com/v1', "
    f"kind='BackendConfig', metadata={META}, spec={{'timeoutSec': 1}})",
    "Namespace": "k8s.core.v1.NamespacePatch('tuned', "
    "metadata={'name': 'shop', 'labels': {'istio-injection': 'enabled'}})",
}
NAMESPACE = "Deployment shop/web: NamespacePatch tuned changes its Namespace shop: "
CURE = "write into the object itself what the patch states"


@pytest.fixture
def reasons(program):
    def reasons(*lines):
        [path] = judge_program(evaluate(program("\n".join([SHOP, *lines])), "dev")).paths
        assert (path.verdict is Verdict.NOT_JUDGED) == bool(path.not_judged)
        return list(path.not_judged)

    return reasons


@pytest.mark.parametrize("kind", PATCHES)
def test_a_path_is_not_judged_where_something_of_it_is_patched(reasons, kind):
    named = "Namespace shop" if kind == "Namespace" else f"{kind} shop/web"
    assert reasons("shop()", PATCHES[kind]) == [f"{named}: {kind}Patch tuned changes it: {CURE}"]


def test_a_namespace_that_others_make_counts_where_it_is_patched(reasons):
    assert reasons("shop(but=['Namespace'])", PATCHES["Namespace"]) == [f"{NAMESPACE}{CURE}"]


@pytest.mark.parametrize(
    "name",
    ["k8s.core.v1.Namespace('x').metadata.apply(lambda it: it.uid)", "pulumi.Output.secret('web')"],
    ids=["known later", "secret"],
)
def test_a_patch_of_an_unknown_name_may_change_any_of_its_kind(reasons, name):
    patch = f"k8s.apps.v1.DeploymentPatch('tuned', metadata={{'name': {name}, 'namespace': 'shop'}})"
    assert reasons("shop()", patch) == [f"Deployment shop/web: DeploymentPatch tuned may change it: {CURE}"]


def test_a_patch_without_a_namespace_is_in_that_of_its_provider(reasons):
    patch = "k8s.apps.v1.DeploymentPatch('tuned', metadata={'name': 'web'}, opts=pulumi.ResourceOptions(provider=it))"
    where = "it = k8s.Provider('it', kubeconfig='x', namespace='NAMESPACE')"
    assert reasons(where.replace("NAMESPACE", "shop"), "shop(it)", patch)
    assert not reasons(where.replace("NAMESPACE", "other"), "shop(it)", patch)
    later = where.replace("'NAMESPACE'", "k8s.core.v1.Namespace('x').id")
    assert reasons(later, "shop(it)", patch)


@pytest.mark.parametrize(
    "patch",
    [
        "k8s.apps.v1.DeploymentPatch('tuned', metadata={'name': 'other', 'namespace': 'shop'})",
        "k8s.apps.v1.StatefulSetPatch('tuned', metadata={'name': 'web', 'namespace': 'shop'})",
        "k8s.apps.v1.DeploymentPatch('tuned', metadata={'name': 'web', 'namespace': 'other'})",
        PATCHES["Deployment"].removesuffix(")") + ", opts=pulumi.ResourceOptions(provider=cluster('other')))",
    ],
    ids=["name", "kind", "namespace", "cluster"],
)
def test_a_patch_of_another_object_changes_nothing_here(reasons, patch):
    assert not reasons("shop()", patch)


TWICE = {
    "Namespace": "k8s.core.v1.Namespace('again', metadata={'name': 'shop'})",
    "PodDisruptionBudget": f"k8s.policy.v1.PodDisruptionBudget('again', metadata={META}, "
    "spec={'maxUnavailable': 1, 'selector': {'matchLabels': {'app': 'web'}}})",
}


@pytest.mark.parametrize("kind", TWICE)
def test_an_object_that_two_resources_make_is_not_judged(reasons, kind):
    named = "Namespace shop" if kind == "Namespace" else f"{kind} shop/web"
    [reason] = reasons("shop()", TWICE[kind])
    assert reason.startswith(f"{named}: {kind} and again make it: the second one is refused")


def test_all_objects_of_two_services_that_are_one_are_told_alike(evaluated):
    twice = evaluated(SHOP + "shop()\nshop(label='again')")
    [path] = judge_program(twice).paths
    kinds = ["Ingress", "Service", "Deployment", "BackendConfig", "Namespace", "PodDisruptionBudget"]
    named = {each: "Namespace shop" if each == "Namespace" else f"{each} shop/web" for each in kinds}
    told = [f"{named[each]}: {each} and again{each} make it: {MADE_TWICE}" for each in kinds]
    assert sorted(path.not_judged) == sorted(told)
    change = compare(evaluated(SHOP + "shop()"), as_deployed(twice))
    gone = [f"{named[each]}: {each} and again{each} made it: what deletes either deletes it" for each in kinds]
    assert sorted(change.not_compared) == sorted(gone)


def test_network_policies_of_kubernetes_and_calico_are_two_objects(evaluated):
    text = f"""
k8s.networking.v1.NetworkPolicy("a", metadata={META}, spec={{"podSelector": {{}}, "policyTypes": ["Egress"]}})
k8s.apiextensions.CustomResource("b", api_version="crd.projectcalico.org/v1", kind="NetworkPolicy", metadata={META},
    spec={{"selector": "app == 'other'", "types": ["Egress"]}})
"""
    assert judge_program(evaluated(SHOP + "shop()" + text)).verdict is Verdict.CLEAN


def test_two_components_that_make_one_namespace_are_told_by_their_names(reasons):
    text = """
class Shop(pulumi.ComponentResource):
    def __init__(self, name, but):
        super().__init__("shop:index:Shop", name)
        shop(but=but, parent=self)
Shop("a", ["PodDisruptionBudget"])
Shop("b", ["BackendConfig", "Service", "Ingress", "PodDisruptionBudget", "Deployment"])
"""
    [reason] = reasons(text.replace("shop(but", "shop(label=name, but"))
    assert reason.startswith("Namespace shop: aNamespace of Shop a and bNamespace of Shop b make it")


def test_objects_of_one_name_in_two_clusters_are_two(reasons):
    elsewhere = TWICE["Namespace"].removesuffix(")") + ", opts=pulumi.ResourceOptions(provider=cluster('x')))"
    assert not reasons("shop()", elsewhere)


@pytest.mark.parametrize("read", ["exported", "as deployed"])
@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ("Deployment", "Deployment shop/web: DeploymentPatch tuned is deleted, and gives up the fields that it set"),
        ("BackendConfig", "BackendConfig shop/web: BackendConfigPatch tuned is deleted"),
        (None, ""),
    ],
)
def test_a_patch_that_goes_gives_up_its_fields(evaluated, export, read, patch, told):
    before = evaluated("\n".join([SHOP, "shop()", PATCHES.get(patch, "")]))
    state = read_state(export(before), "state.json") if read == "exported" else as_deployed(before)
    change = compare(evaluated(SHOP + "shop()"), state)
    assert [each.startswith(told) for each in change.not_compared] == ([True] if patch else [])


def test_a_patch_of_another_cluster_that_goes_is_nothing_to_a_path(evaluated):
    patch = PATCHES["Deployment"].replace("metadata", "opts=pulumi.ResourceOptions(provider=other), metadata")
    before = "\n".join([SHOP, "other = cluster('other')", "shop()", patch])
    assert compare(evaluated(before.replace(patch, "")), as_deployed(evaluated(before))).not_compared == ()


SELECTS = "spec={'podSelector': {'matchLabels': {'app': 'web'}}}"
RETARGETS = {
    "NetworkPolicy": f"k8s.networking.v1.NetworkPolicyPatch('tuned', metadata={META_OTHER}, {SELECTS})",
    "PodDisruptionBudget": f"k8s.policy.v1.PodDisruptionBudgetPatch('tuned', metadata={META_OTHER}, "
    "spec={'selector': {'matchLabels': {'app': 'web'}}})",
    "HorizontalPodAutoscaler": f"k8s.autoscaling.v2.HorizontalPodAutoscalerPatch('tuned', metadata={META_OTHER}, "
    "spec={'scaleTargetRef': {'kind': 'Deployment', 'name': 'web'}})",
}


@pytest.mark.parametrize("kind", RETARGETS)
def test_a_patch_that_may_make_its_object_select_the_pods_is_told(evaluated, export, kind):
    without, patched = (evaluated("\n".join([SHOP, "shop()", each])) for each in ("", RETARGETS[kind]))
    judgement = judge_program(patched)
    [told] = map(str, judgement.passed_over)
    assert told.startswith(f"{kind}Patch shop/tuned: what it makes its object select is not followed")
    assert f"objects of {kind}Patch shop/tuned" in str(judgement.paths[0].assumptions)
    for before, after, what in [(without, patched, "is new"), (patched, without, "is deleted"), (patched, patched, "")]:
        for state in (as_deployed(before), read_state(export(before), "state.json")):
            told = [f"{kind}Patch tuned {what}: what its object selects then is not compared"] if what else []
            assert list(compare(after, state).not_compared) == told


def test_a_patch_that_changes_what_its_object_selects_is_not_compared(evaluated):
    before, after = (
        "\n".join([SHOP, "shop()", each])
        for each in (RETARGETS["NetworkPolicy"], RETARGETS["NetworkPolicy"].replace("'web'}", "'other'}"))
    )
    [told] = compare(evaluated(after), as_deployed(evaluated(before))).not_compared
    assert told.startswith("NetworkPolicyPatch tuned changes")


@pytest.mark.parametrize(
    "patch",
    [
        RETARGETS["NetworkPolicy"].replace(SELECTS, "spec={'policyTypes': ['Ingress']}"),
        PATCHES["Service"].replace("web", "x"),
    ],
)
def test_a_patch_that_selects_nothing_else_is_not_told(evaluated, patch):
    assert judge_program(evaluated("\n".join([SHOP, "shop()", patch]))).passed_over == ()
