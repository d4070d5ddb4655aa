"""Whether a node pool of the program takes the pods: labels, taints, and nodes that GKE makes."""

import pytest

from nodrop.paths.fields import Field
from nodrop.preview import evaluate
from nodrop.preview.judged import judge_program
from nodrop.preview.node_pools import on_nodes
from nodrop.rollout import ObjectRef, Placement
from tests.preview.platforms import ANOTHER_POOL, LATER, found_on


@pytest.fixture
def found(program):
    """The rules that the platform breaks, with each severity."""
    return found_on(program)


NO_POOL = "a-node-pool-takes-the-pods"
SPOT = '{"key": "cloud.google.com/gke-spot", "value": "true", "effect": "NO_SCHEDULE"}'
SPOT_POOL = f'node_config={{"spot": True, "taints": [{SPOT}]}}'
OWN_POOLS = 'location="europe-west1", remove_default_node_pool=True, initial_node_count=1'


def test_pods_that_tolerate_the_taint_of_no_pool_stay_pending(found):
    told = found(OWN_POOLS, SPOT_POOL)[NO_POOL]
    assert told.is_error
    assert told.value == ("node pool pool: the pods do not tolerate cloud.google.com/gke-spot=true:NoSchedule",)
    assert str(told.object) == "Deployment shop/api"


def test_pods_that_select_a_label_of_no_pool_stay_pending(found):
    pools = {"pool": 'node_config={"labels": {"role": "web"}}', "more": ANOTHER_POOL.replace("{POOL}", "node_count=1")}
    told = found(OWN_POOLS, **pools, selects='"role": "batch"')[NO_POOL]
    assert [each.partition(": ")[2] for each in told.value] == ["lacks the label role=batch that the pods select"] * 2
    assert NO_POOL not in found(OWN_POOLS, **pools, selects='"role": "web"')
    assert NO_POOL not in found(OWN_POOLS, **pools, selects='"kubernetes.io/os": "linux"')
    unlabelled = found('location="europe-west1"', **pools, selects='"role": "batch"')[NO_POOL]
    assert [each.partition(":")[0] for each in unlabelled.value][-1] == "node pool default-pool"


OTHER = 'gcp.container.NodePool("other", cluster=cluster.id, node_count=1)'


@pytest.mark.parametrize(
    ("cluster", "pool", "more"),
    [
        (OWN_POOLS, SPOT_POOL, OTHER),
        (OWN_POOLS, SPOT_POOL, 'gcp.container.NodePool("other", cluster="main", node_count=1)'),
        (OWN_POOLS, SPOT_POOL, 'gcp.container.NodePool.get("other", "shop/europe-west1/main/other")'),
        (OWN_POOLS, 'node_config={"spot": True}', ""),
        (OWN_POOLS, SPOT_POOL.replace("NO_SCHEDULE", "PREFER_NO_SCHEDULE"), ""),
        (OWN_POOLS, SPOT_POOL.replace('"true"', LATER), ""),
        (f'{OWN_POOLS}, cluster_autoscaling={{"enabled": True}}', SPOT_POOL, ""),
        (f'{OWN_POOLS}, cluster_autoscaling={{"enabled": {LATER}.apply(bool)}}', SPOT_POOL, ""),
        ('location="europe-west1", enable_autopilot=True', SPOT_POOL, ""),
        ('location="europe-west1", initial_node_count=1', SPOT_POOL, ""),
    ],
)
def test_pods_that_some_node_may_take_are_not_told_to_stay_pending(found, cluster, pool, more):
    assert NO_POOL not in found(cluster, pool, more=more)


@pytest.mark.parametrize(
    ("toleration", "told"),
    [
        ('{"key": "cloud.google.com/gke-spot", "value": "true", "effect": "NoSchedule"}', False),
        ('{"key": "cloud.google.com/gke-spot", "operator": "Equal", "value": "true"}', False),
        ('{"key": "cloud.google.com/gke-spot", "operator": "Exists"}', False),
        ('{"key": "", "operator": "Exists"}', False),
        ('{"operator": "Exists"}', False),
        ('{"key": "cloud.google.com/gke-spot", "value": "true", "effect": "NoExecute"}', True),
        ('{"key": "cloud.google.com/gke-spot", "value": "false"}', True),
        ('{"key": "role", "operator": "Exists"}', True),
    ],
)
def test_a_toleration_lets_the_pods_onto_the_pool(found, toleration, told):
    with_it = f'"os": {{"name": "linux"}}, "tolerations": [{toleration}]'
    assert (NO_POOL in found(OWN_POOLS, SPOT_POOL, pod=with_it)) == told


GPU = '{"nvidia.com/gpu": 1}'
GPU_POOL = 'node_config={"taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]}'


@pytest.mark.parametrize("asked", [f'"limits": {GPU}', f'"requests": {GPU}'])
def test_pods_that_ask_for_a_resource_tolerate_the_taint_of_its_name(found, asked):
    container = f'"image": "api:1", "resources": {{{asked}}}'
    first = f'"os": {{"name": "linux"}}, "initContainers": [{{"name": "warm", {container}}}]'
    assert NO_POOL in found(OWN_POOLS, GPU_POOL)
    assert NO_POOL not in found(OWN_POOLS, GPU_POOL, container=container)
    assert NO_POOL not in found(OWN_POOLS, GPU_POOL, pod=first)
    assert NO_POOL in found(OWN_POOLS, GPU_POOL.replace("NO_SCHEDULE", "NO_EXECUTE"), container=container)


OF_MACHINES = 'node_config={"machine_type": "MACHINE"}'
ARM_TAINT = 'node_config={"machine_type": "c4a-1", "taint_config": {"architecture_taint_behavior": "BEHAVIOR"}}'
ARM_NODES = '"kubernetes.io/arch": "arm64"'


@pytest.mark.parametrize("machine", ["t2a-standard-4", "c4a-standard-8", "n4a-standard-2"])
def test_pods_that_do_not_select_arm_nodes_are_refused_where_there_are_no_others(found, machine):
    pool = OF_MACHINES.replace("MACHINE", machine)
    [reason] = found(OWN_POOLS, pool)[NO_POOL].value
    assert reason == (
        "node pool pool: the pods do not tolerate kubernetes.io/arch=arm64:NoSchedule, which GKE gives nodes of "
        + machine
    )
    assert NO_POOL not in found(OWN_POOLS, pool, selects=ARM_NODES)
    assert NO_POOL not in found(OWN_POOLS, pool, more=ANOTHER_POOL.replace("{POOL}", "node_count=1"))


@pytest.mark.parametrize(
    ("pool", "told"),
    [
        (OF_MACHINES.replace("MACHINE", "e2-standard-4"), False),
        (OF_MACHINES.replace("MACHINE", "t2d-standard-4"), False),
        (f'node_config={{"machine_type": {LATER}}}', False),
        (ARM_TAINT.replace("BEHAVIOR", "NONE"), False),
        (ARM_TAINT.replace("BEHAVIOR", "ARM"), True),
    ],
    ids=["Intel or AMD", "AMD", "known later", "no taint", "the taint, stated"],
)
def test_only_arm_nodes_with_their_taint_refuse_such_pods(found, pool, told):
    assert (NO_POOL in found(OWN_POOLS, pool)) == told


LINUX = '"os": {"name": "linux"}'
CLASS = "cloud.google.com/compute-class"


def affinity(key, operator, *values):
    expression = {"key": key, "operator": operator, "values": list(values)}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return f'{LINUX}, "affinity": {{"nodeAffinity": {{"requiredDuringSchedulingIgnoredDuringExecution": {terms}}}}}'


@pytest.mark.parametrize(
    ("selects", "pod", "more", "told"),
    [
        ("", LINUX, "", True),
        (f'"{CLASS}": "cheap"', LINUX, "", False),
        ("", affinity(CLASS, "In", "cheap"), "", False),
        ("", affinity("disk", "In", "cheap"), "", True),
        ("", LINUX, "shop", False),
        ("", LINUX, "other", True),
        ("", f'{LINUX}, "runtimeClassName": "gvisor"', "", False),
    ],
)
def test_pods_that_may_get_nodes_or_tolerations_of_their_own_are_not_told(found, selects, pod, more, told):
    labelled = {"name": more, "labels": {"cloud.google.com/default-compute-class": "cheap"}}
    more = more and f'k8s.core.v1.Namespace("of", metadata={labelled}, opts=on)'
    assert (NO_POOL in found(OWN_POOLS, SPOT_POOL, selects=selects, pod=pod, more=more)) == told


ARM_POOL = 'node_config={"taints": [{"key": "kubernetes.io/arch", "value": "arm64", "effect": "NO_SCHEDULE"}]}'


@pytest.mark.parametrize(
    ("selects", "pod", "told"),
    [
        ("", LINUX, True),
        ('"kubernetes.io/arch": "arm64"', LINUX, False),
        ('"kubernetes.io/arch": "amd64"', LINUX, True),
        ("", affinity("kubernetes.io/arch", "In", "amd64", "arm64"), False),
        ("", affinity("kubernetes.io/arch", "NotIn", "arm64"), True),
        ("", affinity("arch", "In", "arm64"), True),
    ],
)
def test_pods_that_select_arm_nodes_tolerate_their_taint(found, selects, pod, told):
    assert (NO_POOL in found(OWN_POOLS, ARM_POOL, selects=selects, pod=pod)) == told


def test_no_other_taint_is_tolerated_for_that(found):
    selects = '"kubernetes.io/arch": "arm64"'
    assert NO_POOL in found(OWN_POOLS, ARM_POOL.replace("NO_SCHEDULE", "NO_EXECUTE"), selects=selects)
    assert NO_POOL in found(OWN_POOLS, ARM_POOL.replace('"arm64"', '"arm"'), selects=selects)
    assert NO_POOL in found(OWN_POOLS, SPOT_POOL, selects=selects)


@pytest.mark.parametrize(
    ("taint", "refused"), [({"effect": ["NO_SCHEDULE"]}, False), ({"key": ["a"], "effect": "NO_SCHEDULE"}, True)]
)
def test_a_taint_of_the_wrong_types_is_no_crash(taint, refused):
    tolerations = [{"key": "a", "effect": "NoExecute"}]
    pod = Field(
        {"tolerations": tolerations, "containers": []}, ObjectRef(kind="Deployment", namespace="shop", name="api")
    )
    pools = {"urn::pool": {"nodeConfig": {"taints": [taint]}}}
    found = on_nodes(Placement(), pod, {"removeDefaultNodePool": True}, pools)
    assert bool(found.refused_by_pools) == refused


@pytest.mark.parametrize(
    ("pool", "selects", "told"),
    [
        ('node_config={"spot": True}', '"cloud.google.com/gke-spot": "true"', False),
        ('node_config={"spot": True}', '"cloud.google.com/gke-provisioning": "spot"', False),
        ('node_config={"spot": True}', '"cloud.google.com/gke-preemptible": "true"', True),
        ('node_config={"preemptible": True}', '"cloud.google.com/gke-preemptible": "true"', False),
        ('node_config={"preemptible": True}', '"cloud.google.com/gke-provisioning": "preemptible"', False),
        ('node_config={"preemptible": True}', '"cloud.google.com/gke-spot": "true"', True),
        ("node_count=1", '"cloud.google.com/gke-spot": "true"', True),
        ("node_count=1", '"cloud.google.com/gke-provisioning": "standard"', False),
    ],
)
def test_gke_labels_nodes_as_they_were_bought(found, pool, selects, told):
    assert (NO_POOL in found(OWN_POOLS, pool, selects=selects)) == told


def test_our_own_pool_of_spot_nodes_alone_serves_nobody(program):
    text = """
        from gke_nodrop import Network, NodePool, StandardCluster, WebService

        net = Network("net", {"region": "europe-west1"})
        cluster = StandardCluster("main", {"location": "europe-west1", "network": net.cluster_network})
        on = {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account}
        pools = [NodePool("spot", {**on, "spot": {}})]
        WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
            pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=pools))
    """
    beside = text.replace('"spot": {}})]', '"spot": {}}), NodePool("main", on)]')
    for number, (written, told) in enumerate(((text, True), (beside, False))):
        [path] = judge_program(evaluate(program(written, folder=f"own{number}"), "dev")).paths
        assert (NO_POOL in {each.rule for each in path.diagnostics}) == told
