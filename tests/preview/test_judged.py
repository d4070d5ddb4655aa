"""A program is judged by its objects, and by what they stand on in the same program."""

import pytest

from nodrop.judge import Verdict
from nodrop.lab.conditions import unrehearsed
from nodrop.paths import Backend
from nodrop.preview import evaluate
from nodrop.preview.judged import judge_program

PLATFORM = """
    import pulumi_gcp as gcp
    from gke_nodrop import AutopilotCluster, Network, NodePool, StandardCluster, WebService

    net = Network("net", {"region": "europe-west1"})
    cluster = StandardCluster("main", {"location": "europe-west1", "network": net.cluster_network})
    pool = NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})
    WebService("shop", {
        "image": "shop/web:1", "replicas": 3,
        "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[pool]))
"""
OBJECTS = """
    meta = {"name": "api", "namespace": "shop"}
    after = {}
    service = k8s.core.v1.Service("api", metadata=meta | {"annotations": {"cloud.google.com/neg": '{"ingress": true}'}},
        spec={"selector": {"app": "api"}, "ports": [{"port": 80, "targetPort": 8080}]})
    ingress = k8s.networking.v1.Ingress("api", metadata=meta, spec={
        "defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}})
    k8s.apps.v1.Deployment("api", metadata=meta, spec={
        "replicas": 3, "selector": {"matchLabels": {"app": "api"}}, "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {"containers": [{"name": "api", "image": "api:1", "ports": [{"containerPort": 8080}]}]}}},
        opts=pulumi.ResourceOptions(**after))
"""


@pytest.fixture
def judged(program):
    def judged(text, *edits):
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        return judge_program(evaluate(program(text), "dev"))

    return judged


def rules(judgement):
    return {(each.rule, str(each.severity)) for path in judgement.paths for each in path.diagnostics}


def test_a_web_service_on_a_platform_of_its_own_is_clean(judged):
    judgement = judged(PLATFORM)
    assert [path.name for path in judgement.paths] == ["shop/shop"]
    assert judgement.verdict is Verdict.CLEAN, judgement


def test_what_an_annotation_tells_another_deployer_means_nothing_to_pulumi(judged):
    meta = 'meta = {"name": "api", "namespace": "shop"'
    hooks = (meta, meta + ', "annotations": {"helm.sh/hook": "post-upgrade", "argocd.argoproj.io/hook": "Sync"}')
    assert "release-updates-in-place" not in {rule for rule, _ in rules(judged(OBJECTS, hooks))}


GATEWAY = ('"replicas": 3,', '"replicas": 3, "gateway": {},')
WITHOUT_API = """
    def without_api(args):
        if args.type_ == "gcp:container/cluster:Cluster":
            del args.props["gatewayApiConfig"]
            return pulumi.ResourceTransformResult(args.props, args.opts)

    pulumi.runtime.register_resource_transform(without_api)
    net = """


def test_a_gateway_on_a_cluster_without_the_gateway_api_drops(judged):
    assert judged(PLATFORM, GATEWAY).verdict is Verdict.CLEAN
    assert ("gateway-api-is-on", "error") in rules(judged(PLATFORM, GATEWAY, ("    net = ", WITHOUT_API[1:])))


INTERNAL = ('"replicas": 3,', '"replicas": 3, "ingress": {"scope": "internal"},')
PROXIES = ('"region": "europe-west1"}', '"region": "europe-west1", "ranges": {"proxies": "10.40.0.0/23"}}')


def test_an_internal_load_balancer_needs_a_subnet_for_its_proxies_in_the_clusters_region(judged):
    assert ("proxies-have-a-subnet", "error") in rules(judged(PLATFORM, INTERNAL))
    assert judged(PLATFORM, INTERNAL, PROXIES).verdict is Verdict.CLEAN
    elsewhere = ('{"location": "europe-west1"', '{"location": "europe-west4"')
    assert ("proxies-have-a-subnet", "error") in rules(judged(PLATFORM, INTERNAL, PROXIES, elsewhere))
    assert judged(PLATFORM).verdict is Verdict.CLEAN


ACROSS_REGIONS = """
    def across_regions(args):
        if args.type_ == "kubernetes:gateway.networking.k8s.io/v1:Gateway":
            spec = args.props["spec"] | {"gatewayClassName": "gke-l7-CLASS"}
            return pulumi.ResourceTransformResult({**args.props, "spec": spec}, args.opts)

    pulumi.runtime.register_resource_transform(across_regions)
    net = """


@pytest.mark.parametrize(("name", "asked"), [("rilb", True), ("cross-regional-internal-managed-mc", False)])
def test_of_a_load_balancer_across_regions_no_subnet_of_one_region_is_asked(judged, name, asked):
    found = rules(judged(PLATFORM, GATEWAY, ("    net = ", ACROSS_REGIONS[1:].replace("CLASS", name))))
    assert (("proxies-have-a-subnet", "error") in found) == asked


WITHOUT_ADD_ON = """
    def without_add_on(args):
        if args.type_ == "gcp:container/cluster:Cluster":
            addons = {**args.props.get("addonsConfig", {}), "httpLoadBalancing": {"disabled": DISABLED}}
            return pulumi.ResourceTransformResult({**args.props, "addonsConfig": addons}, args.opts)

    pulumi.runtime.register_resource_transform(without_add_on)
    net = """


@pytest.mark.parametrize("more", [(), (GATEWAY,)], ids=["Ingress", "Gateway"])
def test_a_cluster_without_the_load_balancing_add_on_drops(judged, more):
    off = ("    net = ", WITHOUT_ADD_ON[1:].replace("DISABLED", "True"))
    assert rules(judged(PLATFORM, *more, off)) == {("load-balancing-is-on", "error")}
    on = ("    net = ", WITHOUT_ADD_ON[1:].replace("DISABLED", "False"))
    assert judged(PLATFORM, *more, on).verdict is Verdict.CLEAN


ROUTES = """
    def routes(args):
        if args.type_ == "gcp:container/cluster:Cluster":
            return pulumi.ResourceTransformResult({**args.props, "networkingMode": "ROUTES"}, args.opts)

    pulumi.runtime.register_resource_transform(routes)
    net = """


def test_negs_in_a_routes_based_cluster_drop(judged):
    judgement = judged(PLATFORM, ("    net = ", ROUTES[1:]))
    assert rules(judgement) == {("cluster-is-vpc-native", "error")}
    assert "IP aliases cannot be used with a legacy network" in str(judgement.paths[0].diagnostics[0])


def test_pods_that_do_not_wait_for_their_load_balancer_are_told(judged):
    assert ("load-balancer-before-pods", "error") in rules(judged(OBJECTS))
    waits = ("after = {}", 'after = {"depends_on": []}'), ('"replicas": 3', '"replicas": 3')
    assert ("load-balancer-before-pods", "error") in rules(judged(OBJECTS, *waits))
    ordered = OBJECTS.replace("(**after)", "(depends_on=[service, ingress])")
    assert "load-balancer-before-pods" not in {rule for rule, _ in rules(judged(ordered))}


def test_a_port_that_the_networks_firewall_does_not_admit_is_at_risk(judged):
    shut = ('"replicas": 3,', '"replicas": 3, "port": 9090,')
    assert rules(judged(PLATFORM, shut)) == {("firewall-admits-the-ports", "warning")}
    opened = ('"region": "europe-west1"}', '"region": "europe-west1", "load_balancer_ports": ["8080", "9000-9100"]}')
    assert judged(PLATFORM, shut, opened).verdict is Verdict.CLEAN


EXISTING = (
    'Network("net", {"region": "europe-west1"})',
    """ExistingNetwork("net", {
        "network": "projects/shop/global/networks/shop", "pods_range": "pods", "services_range": "services",
        "subnetwork": "projects/shop/regions/europe-west1/subnetworks/shop"})""",
)


def test_the_rule_for_load_balancers_in_a_network_that_exists_is_judged_too(judged):
    existing = (EXISTING, ("import AutopilotCluster, ", "import AutopilotCluster, ExistingNetwork, "))
    assert judged(PLATFORM, *existing).verdict is Verdict.CLEAN
    shut = ('"replicas": 3,', '"replicas": 3, "port": 9090,')
    assert rules(judged(PLATFORM, *existing, shut)) == {("firewall-admits-the-ports", "warning")}
    opened = ('"pods_range"', '"load_balancer_ports": ["9090"], "pods_range"')
    assert judged(PLATFORM, *existing, shut, opened).verdict is Verdict.CLEAN


def test_a_namespace_that_exists_beside_a_network_of_the_program_is_at_risk(judged):
    existing = ('"replicas": 3,', '"replicas": 3, "existing_namespace": "team",')
    assert rules(judged(PLATFORM, existing)) == {("namespace-goes-before-the-network", "warning")}


QUOTA = """
    k8s.core.v1.ResourceQuota(
        "quota", metadata={"name": "quota", "namespace": "shop"}, spec={"hard": {"limits.cpu": "200"}},
        opts=pulumi.ResourceOptions(provider=cluster.kubernetes_provider))
"""
AUTOPILOT = (
    ('StandardCluster("main"', 'AutopilotCluster("main"'),
    ('pool = NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})', ""),
    ("[pool]", "[cluster]"),
)


def test_what_pods_do_not_state_an_autopilot_cluster_fills_in(judged):
    assert rules(judged(PLATFORM + QUOTA)) == {("pods-are-admitted", "error")}
    other = 'AutopilotCluster("other", {"location": "europe-west1", "network": net.cluster_network})'
    beside = ("cluster = ", f"{other}\n    cluster = ")
    assert rules(judged(PLATFORM + QUOTA, beside)) == {("pods-are-admitted", "error")}
    judgement = judged(PLATFORM + QUOTA, *AUTOPILOT)
    assert judgement.verdict is Verdict.NOT_JUDGED
    assert ["whether Autopilot fills that in" in each for each in judgement.paths[0].not_judged] == [True]


SPOT_POOL = (
    '"service_account": cluster.node_service_account})',
    '"service_account": cluster.node_service_account, "spot": {SPOT}})',
)
TOLERANT = """
    def tolerant(args):
        if args.type_ == "kubernetes:apps/v1:Deployment":
            args.props["spec"]["template"]["spec"]["tolerations"] = [
                {"key": "cloud.google.com/gke-spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}]
            return pulumi.ResourceTransformResult(args.props, args.opts)

    pulumi.runtime.register_resource_transform(tolerant)
    net = """
BESIDE_IT = (
    "    WebService(",
    '    NodePool("spot", {"cluster": cluster.cluster_id, "service_account": "nodes@x", "spot": {}})\n    WebService(',
)


def spot(settings):
    return SPOT_POOL[0], SPOT_POOL[1].replace("{SPOT}", settings)


def test_pods_that_tolerate_the_only_nodes_which_are_spot_drop(judged):
    tolerant = ("    net = ", TOLERANT[1:])
    assert ("nodes-drain-before-they-stop", "error") in rules(judged(PLATFORM, spot("{}"), tolerant))
    judgement = judged(PLATFORM, spot('{"shutdown_seconds": 120}'), tolerant)
    [found] = [
        each for path in judgement.paths for each in path.diagnostics if each.rule == "nodes-drain-before-they-stop"
    ]
    assert "leaves its pods 105 s" in found.seen


def test_pods_that_may_run_on_spot_nodes_too_are_at_risk_and_those_that_do_not_tolerate_them_are_not(judged):
    tolerant = ("    net = ", TOLERANT[1:])
    assert ("nodes-drain-before-they-stop", "warning") in rules(judged(PLATFORM, BESIDE_IT, tolerant))
    assert judged(PLATFORM, BESIDE_IT).verdict is Verdict.CLEAN


def test_pods_that_select_the_other_nodes_never_run_on_spot_ones(judged):
    tolerant = ("    net = ", TOLERANT[1:])
    only = '"nodeSelector"] = {"cloud.google.com/gke-provisioning": "standard"}'
    taken = '"tolerations"] = ['
    selects = (taken, f'{only}\n            args.props["spec"]["template"]["spec"][{taken}')
    assert "nodes-drain-before-they-stop" not in {
        rule for rule, _ in rules(judged(PLATFORM, BESIDE_IT, tolerant, selects))
    }


def test_a_network_policy_that_the_cluster_does_not_enforce_is_told(judged):
    policy = ('"replicas": 3,', '"replicas": 3, "network_policy": {},')
    assert judged(PLATFORM, policy).verdict is Verdict.CLEAN
    legacy = ('"network": net.cluster_network}', '"network": net.cluster_network, "datapath": "legacy"}')
    assert judged(PLATFORM, policy, legacy).verdict is Verdict.CLEAN
    off = WITHOUT_API.replace('del args.props["gatewayApiConfig"]', 'del args.props["networkPolicy"]')
    assert ("network-policies-are-enforced", "warning") in rules(
        judged(PLATFORM, policy, legacy, ("    net = ", off[1:]))
    )


BEHIND_NODE_PORTS = (
    ('{"ingress": true}', '{"ingress": false}'),
    ('spec={"selector": {"app": "api"}, "ports"', 'spec={"type": "NodePort", "selector": {"app": "api"}, "ports"'),
    (
        '"targetPort": 8080}]})',
        '"targetPort": 8080}]}, opts=pulumi.ResourceOptions(provider=cluster.kubernetes_provider))',
    ),
    (
        '"port": {"number": 80}}}})',
        '"port": {"number": 80}}}}, opts=pulumi.ResourceOptions(provider=cluster.kubernetes_provider))',
    ),
    ("after = {}", "after = {'provider': cluster.kubernetes_provider}"),
)


@pytest.mark.parametrize(
    ("datapath", "reason"),
    [("", "Service shop/api: spec.type NodePort: its cluster has Dataplane V2"), ('"datapath": "legacy"', None)],
    ids=["Dataplane V2", "the legacy datapath"],
)
def test_node_ports_are_rehearsed_where_the_cluster_has_a_kube_proxy(judged, datapath, reason):
    cluster = ('"network": net.cluster_network}', f'"network": net.cluster_network, {datapath}}}')
    paths = judged(PLATFORM + OBJECTS, cluster, *BEHIND_NODE_PORTS).paths
    ((path, rollout),) = [(each.path, each.rollout) for each in paths if each.name == "shop/api"]
    assert path.backend is Backend.INSTANCE_GROUP
    found = [each for each in unrehearsed(path, rollout, stand_in=True) if "kube-proxy" in each]
    assert [each.startswith(reason or "") for each in found] == ([True] if reason else [])
