"""What a program's cluster and node pools say of its pods: whether one takes them, zones, drains, versions."""

import pytest

from gke_nodrop.cluster import sdk
from nodrop.paths.fields import Field
from nodrop.preview import evaluate
from nodrop.preview.judged import judge_program
from nodrop.preview.node_pools import on_nodes
from nodrop.rollout import ObjectRef, Placement

PLATFORM = """
    import pulumi_gcp as gcp

    cluster = gcp.container.Cluster("main", {CLUSTER})
    pool = gcp.container.NodePool("pool", cluster=cluster.id, {POOL})
    {MORE}
    provider = k8s.Provider("main", kubeconfig=cluster.id.apply(lambda _: "{}"))
    on = pulumi.ResourceOptions(provider=provider, depends_on=[pool])
    meta = {"name": "api", "namespace": "shop"}
    service = k8s.core.v1.Service("api", metadata=meta | {"annotations": {"cloud.google.com/neg": '{"ingress": true}'}},
        spec={"selector": {"app": "api"}, "ports": [{"port": 80, "targetPort": 8080}]}, opts=on)
    k8s.networking.v1.Ingress("api", metadata=meta, spec={
        "defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}}, opts=on)
    k8s.policy.v1.PodDisruptionBudget("api", metadata=meta, spec={
        "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": {"app": "api"}}},
        opts=on)
    k8s.apps.v1.Deployment("api", metadata=meta, spec={
        "replicas": 3, "minReadySeconds": MIN_READY, "selector": {"matchLabels": {"app": "api"}}, "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {
                "terminationGracePeriodSeconds": 90, "nodeSelector": {SELECTS}, {POD}, "containers": [{
                    "name": "api", {CONTAINER}, "ports": [{"containerPort": 8080}],
                    "lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}]}}}, opts=on)
"""
ANOTHER_POOL = 'gcp.container.NodePool("other", cluster=cluster.id, {POOL}, node_config={"labels": {"role": "other"}})'


@pytest.fixture
def found(program):
    """The rules that the platform breaks, with each severity."""

    def found(
        cluster='location="europe-west1"',
        pool="node_count=1",
        *,
        more="",
        min_ready=0,
        selects="",
        pod='"os": {"name": "linux"}',
        container='"image": "api:1"',
    ):
        text = PLATFORM
        inputs = {"CLUSTER": cluster, "POOL": pool, "MORE": more, "SELECTS": selects, "POD": pod}
        for name, value in {**inputs, "CONTAINER": container}.items():
            text = text.replace("{" + name + "}", "{" + value + "}" if name == "SELECTS" else value)
        judgement = judge_program(evaluate(program(text.replace("MIN_READY", str(min_ready))), "dev"))
        [path] = judgement.paths
        return {each.rule: each for each in path.diagnostics}

    return found


EMPTY_ZONE = "every-zone-keeps-an-endpoint"


@pytest.mark.parametrize(
    ("cluster", "pool", "zones"),
    [
        ('location="europe-west1"', "node_count=1", 3),
        ('location="europe-west1", enable_autopilot=True', "node_count=1", 3),
        ('location="us-central1", node_locations=["us-central1-a", "us-central1-f"]', "node_count=1", 2),
        ('location="us-central1-a", node_locations=["us-central1-f"]', "node_count=1", 2),
        ('location="us-central1-a"', "node_count=1", None),
        ('location="us-central1-a"', 'node_locations=["us-central1-a", "us-central1-b"]', 2),
        ('location="us-central1"', 'node_locations=["us-central1-a"]', None),
        ('location=pulumi.Config().get("nowhere") or provided', "node_count=1", None),
    ],
)
def test_a_rollout_that_may_empty_one_of_the_clusters_zones_is_at_risk(found, cluster, pool, zones):
    if "provided" in cluster:
        cluster = 'location=gcp.compute.Network("net").gateway_ipv4'  # known only once it exists
    told = found(cluster, pool).get(EMPTY_ZONE)
    assert (told is None) == (zones is None)
    if told is not None:
        assert f"over {zones} zones" in told.seen
    assert EMPTY_ZONE not in found(cluster, pool, min_ready=60)


def test_zones_are_those_of_the_pools_that_the_pods_select(found):
    one_zone = 'node_locations=["us-central1-a"], node_config={"labels": {"role": "web"}}'
    beside = ANOTHER_POOL.replace("{POOL}", 'node_locations=["us-central1-b"]')
    assert "over 2 zones" in found('location="us-central1"', one_zone, more=beside)[EMPTY_ZONE].seen
    only = found('location="us-central1"', one_zone, more=beside, selects='"role": "web"')
    assert EMPTY_ZONE not in only


def drained(settings):
    if not sdk.NODE_POOL.is_met:
        pytest.skip(sdk.NODE_POOL.rule)
    return f'node_drain_configs=[{{"{settings}": "30s"}}]'


def test_a_grace_period_beyond_what_the_pools_drain_waits_for_is_cut(found):
    assert "grace-within-eviction-limits" not in found()
    told = found(pool=drained("grace_termination_duration"))["grace-within-eviction-limits"]
    assert told.is_error
    assert "graceTerminationDuration is 90s" in str(told.would_pass)
    assert "longer than the 30 s that a node upgrade waits" in told.seen
    assert "grace-within-eviction-limits" not in found(pool=drained("grace_termination_duration").replace("30s", "90s"))


def test_a_drain_that_does_not_wait_until_the_next_pod_is_ready_overruns_the_budget(found):
    assert "drain-waits-for-successors" not in found()
    told = found(pool=drained("pdb_timeout_duration").replace("30s", "5.5s"))["drain-waits-for-successors"]
    assert (str(told.severity), told.value) == ("warning", 5.5)
    assert "drain-waits-for-successors" not in found(pool=drained("pdb_timeout_duration").replace("30s", "120s"))


def test_of_several_pools_the_one_that_waits_least_counts_and_one_that_says_nothing_waits_an_hour(found):
    beside = ANOTHER_POOL.replace("{POOL}", drained("grace_termination_duration"))
    assert "30 s" in found(more=beside)["grace-within-eviction-limits"].seen
    patient = drained("grace_termination_duration").replace("30s", "7200s")
    assert "30 s" in found(pool=patient, more=beside)["grace-within-eviction-limits"].seen


def test_a_pool_of_a_version_without_the_sleep_of_a_pre_stop_is_told(found):
    told = found(pool='version="1.29.14-gke.1018000"')["kubernetes-has-the-features"]
    assert (told.is_error, told.value) == (True, "1.29")
    assert "kubernetes-has-the-features" not in found(pool='version="1.35.8-gke.100"')
    assert "kubernetes-has-the-features" not in found(pool='version="latest"')


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
LATER = 'gcp.compute.Network("net").gateway_ipv4'


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
    more = more and f'k8s.core.v1.Namespace("of", metadata={labelled})'
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


def test_pods_that_none_of_the_programs_pools_take_are_judged_by_the_cluster_and_gkes_own_limits(found):
    impatient = drained("grace_termination_duration") + ', node_config={"labels": {"role": "web"}}'
    elsewhere = found(pool=impatient, selects='"role": "batch"')
    assert "grace-within-eviction-limits" not in elsewhere
    assert "over 3 zones" in elsewhere[EMPTY_ZONE].seen
    assert "grace-within-eviction-limits" in found(pool=impatient, selects='"role": "web"')


QUOTA = 'k8s.core.v1.ResourceQuota("all", metadata={"namespace": "shop"}, spec={"hard": {"requests.cpu": "50"}})'
STANDARD, AUTOPILOT = 'location="europe-west1"', 'location="europe-west1", enable_autopilot=True'


@pytest.mark.parametrize(
    ("cluster", "selects", "refused"),
    [
        (STANDARD, "", True),
        (f"{STANDARD}, enable_autopilot=False", "", True),
        (STANDARD, '"cloud.google.com/compute-class": "autopilot"', False),
        (AUTOPILOT, "", False),
        (f"{STANDARD}, enable_autopilot={LATER}.apply(bool)", "", False),
    ],
)
def test_pods_that_lack_what_a_quota_wants_are_refused_where_no_autopilot_fills_it_in(found, cluster, selects, refused):
    assert ("pods-are-admitted" in found(cluster, more=QUOTA, selects=selects)) == refused


def test_a_cluster_that_a_program_only_reads_may_be_an_autopilot_one(found):
    reads = 'location="europe-west1"); cluster = gcp.container.Cluster.get("read", "main"'
    assert "pods-are-admitted" not in found(reads, more=QUOTA)
