"""An update that replaces what the pods run on says so for each path, with the way around it."""

import pytest

from nodrop.preview import compare, read_state

SHARED = '{"host_project": "shop-network", "service_project_number": "123456789012"}'
PLATFORM = """
    import pulumi_gcp as gcp
    from gke_nodrop import Network, NodePool, StandardCluster, WebService

    net = Network("net", {"region": "europe-west1"})
    cluster = StandardCluster("main", {
        "location": "europe-west1-b", "network": net.cluster_network, "deletion_protection": False})
    pool = NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})
    WebService("shop", {
        "image": "shop/web:1", "replicas": 3,
        "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[pool]))
"""


@pytest.fixture
def edited(evaluated, export):
    """What comes of deploying the platform with these edits over the platform as it is."""

    def edited(*edits, platform=PLATFORM):
        text = platform
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        return compare(evaluated(text), read_state(export(evaluated(platform)), "state.json"))

    return edited


def infrastructure(comparison):
    return [each for each in comparison.diagnostics if each.rule == "infrastructure-stays"]


@pytest.mark.parametrize(
    "added", ['"flow_log_sample_rate": 0.5', '"nat_addresses": ["nat-1"]', '"load_balancer_ports": ["8080", "9090"]']
)
def test_what_a_network_changes_in_place_is_silent(edited, added):
    assert edited(('"europe-west1"})', f'"europe-west1", {added}}})')).diagnostics == ()


def test_an_unchanged_platform_is_silent(edited):
    comparison = edited()
    assert comparison.paths == ("shop/shop",)
    assert (comparison.diagnostics, comparison.not_compared) == ((), ())


@pytest.mark.parametrize(
    ("edit", "replaced", "was"),
    [
        (('"location": "europe-west1-b"', '"location": "europe-west1"'), "cluster main: location", "europe-west1-b"),
        (('"deletion_protection"', '"datapath": "legacy", "deletion_protection"'), "cluster main: datapath", "ADV"),
        (('"region": "europe-west1"', '"region": "europe-west4"'), "subnetwork net: region", "europe-west1"),
        (
            ('"europe-west1"})', '"europe-west1", "plan": {"nodes": 20, "services": 100}})'),
            "subnetwork net: ipCidrRange",
            "10.10.0.0/20",
        ),
        (
            (
                '"europe-west1"})',
                f'"europe-west1", "shared_vpc": {SHARED}}})',
            ),
            "network net: project",
            "absent",
        ),
    ],
)
def test_a_replaced_cluster_is_an_error_that_names_all_that_goes_with_it(edited, edit, replaced, was):
    (found, *more) = infrastructure(edited(edit))
    assert found.is_error
    assert str(found.value).startswith(replaced)
    assert was in found.seen
    assert "node pool pool" in found.seen
    assert "Kubernetes provider main" in found.seen
    assert "second" in str(found.would_pass)
    assert not [each for each in more if "cluster" in str(each.value)]


BETA = '["a.k8s.io/v1beta1/as", "b.k8s.io/v1beta1/bs"]'
DOMAIN, SCOPES = '"additive_vpc_scope_dns_domain": "shop"', '["storage", "logging"]'
RAW = f"""
    import pulumi_gcp as gcp

    cluster = gcp.container.Cluster("main", location="europe-west1", enable_autopilot=True,
        dns_config={{{DOMAIN}}}, enable_k8s_beta_apis={{"enabled_apis": {BETA}}})
    pool = gcp.container.NodePool("pool", cluster=cluster.id, node_config={{"oauth_scopes": {SCOPES}}})
"""


@pytest.mark.parametrize(
    ("edit", "replaced"),
    [
        ((BETA, '["b.k8s.io/v1beta1/bs"]'), ["cluster main: enableK8sBetaApis.enabledApis"]),
        ((BETA, '["b.k8s.io/v1beta1/bs", "a.k8s.io/v1beta1/as"]'), []),
        ((DOMAIN, DOMAIN.replace("shop", "store")), ["cluster main: dnsConfig.additiveVpcScopeDnsDomain"]),
        ((SCOPES, '["logging", "storage"]'), []),
        ((SCOPES, '["logging"]'), ["node pool pool: nodeConfig.oauthScopes"]),
    ],
)
def test_what_a_cluster_cannot_give_up_replaces_it_and_another_order_of_a_set_does_not(edited, edit, replaced):
    found = infrastructure(edited(edit, platform=RAW + WEB))
    assert [str(each.value).partition(" = ")[0] for each in found] == replaced


def test_a_replaced_node_pool_is_a_warning_with_the_way_by_a_second_one(edited):
    own = 'NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})'
    raw = 'gcp.container.NodePool("pool", cluster=cluster.cluster_id, max_pods_per_node=110, node_count=3)'
    edit = ("max_pods_per_node=110", "max_pods_per_node=64")
    (found,) = infrastructure(edited(edit, platform=PLATFORM.replace(own, raw)))
    assert (found.severity, found.value) == ("warning", "node pool pool: maxPodsPerNode = 64")
    assert "cordon and drain" in str(found.would_pass)


@pytest.mark.parametrize(
    ("more", "replaced"),
    [
        ('"disk": {"key": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}', "nodeConfig.bootDiskKmsKey"),
        ('"spot": {}', "nodeConfig.spot"),
        ('"machine_type": "g2-standard-4", "gpu": {"type": "nvidia-l4"}', "nodeConfig.guestAccelerators"),
    ],
)
def test_what_replaces_our_own_node_pool_is_told_with_the_way_by_a_second_one(edited, more, replaced):
    (found,) = infrastructure(edited(("node_service_account})", f"node_service_account, {more}}})")))
    assert str(found.value).startswith(f"node pool pool: {replaced}")
    assert "cordon and drain" in str(found.would_pass)


@pytest.mark.parametrize(
    "more",
    [
        '"upgrades": {"strategy": "blue-green"}',
        '"taints": [{"key": "role", "value": "web"}]',
        '"image_streaming": True',
    ],
)
def test_what_changes_our_own_node_pool_in_place_is_silent(edited, more):
    assert edited(("node_service_account})", f"node_service_account, {more}}})")).diagnostics == ()


RANGES = '"europe-west1", "ranges": {"pods": "10.20.0.0/16", "services": "10.30.0.0/20"}}'
IN_RANGES = PLATFORM.replace('"europe-west1"}', RANGES)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("10.20.0.0/16", "10.24.0.0/14", "subnetwork net: range pods = 10.24.0.0/14"),
        ("10.30.0.0/20", "10.32.0.0/20", "subnetwork net: range services = 10.32.0.0/20"),
    ],
)
def test_a_range_that_is_changed_under_its_cluster_is_refused(edited, was, becomes, told):
    (found,) = edited((was, becomes), platform=IN_RANGES).diagnostics
    assert (found.rule, str(found.severity), found.value) == ("ranges-in-use-stay", "error", told)
    assert f"was {was}" in found.seen


SUBNET = """
    import pulumi_gcp as gcp

    net = gcp.compute.Network("net", auto_create_subnetworks=False)
    subnet = gcp.compute.Subnetwork("net", network=net.id, region="europe-west1", ip_cidr_range="10.10.0.0/20",
        secondary_ip_ranges=[{"range_name": "pods", "ip_cidr_range": "10.20.0.0/16"},
                             {"range_name": "spare", "ip_cidr_range": "10.21.0.0/16"}])
    cluster = gcp.container.Cluster("main", location="europe-west1", network=net.id, subnetwork=subnet.id,
        ip_allocation_policy={"cluster_secondary_range_name": "pods"})
    pool = gcp.container.NodePool("pool", cluster=cluster.id, network_config={"pod_range": "more"})
"""
WEB = """
    from gke_nodrop import WebService

    provider = k8s.Provider("main", kubeconfig=cluster.id.apply(lambda _: "{}"))
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=provider, depends_on=[pool]))
"""
SPARE = '{"range_name": "spare", "ip_cidr_range": "10.21.0.0/16"}'
PODS = '{"range_name": "pods", "ip_cidr_range": "10.20.0.0/16"}'


@pytest.mark.parametrize(
    ("edits", "lost"),
    [
        ([(f"[{PODS}", f"[{PODS.replace('10.20.', '10.22.')}")], ["range pods = 10.22.0.0/16"]),
        ([(f"[{PODS},", "[")], ["range pods = absent"]),
        ([('"more"', '"spare"'), (f"\n{' ' * 29}{SPARE}", "")], []),
        ([(SPARE, SPARE.replace("10.21.", "10.25."))], []),
        ([(SPARE, f"{SPARE}, {SPARE.replace('spare', 'new').replace('21', '26')}")], []),
        ([(f"secondary_ip_ranges=[{PODS},\n{' ' * 29}{SPARE}]", "description=None")], []),
        (
            [(f"secondary_ip_ranges=[{PODS},\n{' ' * 29}{SPARE}]", "send_secondary_ip_range_if_empty=True")],
            ["range pods = absent"],
        ),
    ],
)
def test_only_ranges_that_a_cluster_has_addresses_of_have_to_stay(edited, edits, lost):
    comparison = edited(*edits, platform=SUBNET + WEB)
    found = [each for each in comparison.diagnostics if each.rule == "ranges-in-use-stay"]
    assert [str(each.value).removeprefix("subnetwork net: ") for each in found] == lost


def lost(comparison):
    return [each.value for each in comparison.diagnostics if each.rule == "ranges-in-use-stay"]


INTERNAL = """
    reserved = gcp.networkconnectivity.InternalRange("pods", network="shared", usage="FOR_VPC", peering="FOR_SELF",
        prefix_length=16)
"""
WITH_INTERNAL = SUBNET.replace("    net = ", f"{INTERNAL}    net = ") + WEB
FROM_INTERNAL = PODS.replace('"10.20.0.0/16"', "reserved.ip_cidr_range")
NOT_KNOWN = ("secondaryIpRanges of subnetwork net are not known before the update",)


def test_a_range_in_use_that_is_known_only_after_the_update_is_not_compared(edited):
    comparison = edited((PODS, FROM_INTERNAL), platform=WITH_INTERNAL)
    assert (comparison.diagnostics, comparison.not_compared) == ((), NOT_KNOWN)
    assert edited((SPARE, FROM_INTERNAL.replace("pods", "spare")), platform=WITH_INTERNAL).not_compared == ()


def test_ranges_that_are_known_only_after_the_update_as_a_whole_are_not_compared(edited):
    ranges = f"[{PODS},\n{' ' * 29}{SPARE}]"
    comparison = edited((ranges, "reserved.ip_cidr_range.apply(lambda _: [])"), platform=WITH_INTERNAL)
    assert (comparison.diagnostics, comparison.not_compared) == ((), NOT_KNOWN)


def test_a_range_that_follows_from_the_same_unchanged_resource_as_before_counts_as_unchanged(edited):
    platform = WITH_INTERNAL.replace(PODS, FROM_INTERNAL)
    unchanged, changed = edited(platform=platform), edited(("prefix_length=16", "prefix_length=14"), platform=platform)
    assert (unchanged.diagnostics, unchanged.not_compared) == ((), ())
    assert NOT_KNOWN[0] in changed.not_compared


BY_NAME = (SUBNET + WEB).replace('"net", network', '"net", name="nodes", network')


@pytest.mark.parametrize(
    ("named", "is_it"),
    [
        ("nodes", True),
        ("projects/shop/regions/europe-west1/subnetworks/nodes", True),
        pytest.param(
            "https://www.googleapis.com/compute/v1/projects/shop/regions/europe-west1/subnetworks/nodes",
            True,
            marks=pytest.mark.slow,
        ),
        ("projects/shop/regions/europe-west10/subnetworks/nodes", False),
        pytest.param("other-nodes", False, marks=pytest.mark.slow),
    ],
)
def test_a_cluster_that_names_its_subnet_by_a_text_uses_its_ranges(edited, named, is_it):
    platform = BY_NAME.replace("subnetwork=subnet.id", f'subnetwork="{named}"')
    edit = (PODS, PODS.replace("10.20.", "10.22."))
    told = ["subnetwork net: range pods = 10.22.0.0/16"] if is_it else []
    assert lost(edited(edit, platform=platform)) == told
    elsewhere = platform.replace('name="nodes",', 'name="nodes", project="other",')
    assert lost(edited(edit, platform=elsewhere)) == (told if "/" not in named else [])
    both = elsewhere.replace('"main", location', '"main", project="other", location')
    assert lost(edited(edit, platform=both)) == (told if "/" not in named else [])
    assert lost(edited(edit, platform=both.replace('"main", project="other"', '"main", project="shop"'))) == []
    after_it = platform.replace('name": "pods"})', 'name": "pods"}, opts=pulumi.ResourceOptions(depends_on=[subnet]))')
    assert lost(edited(edit, platform=after_it)) == told


@pytest.mark.parametrize(
    ("ignored", "told"),
    [
        ("secondary_ip_ranges", 0),
        ("secondaryIpRanges", 0),
        ("secondaryIpRanges[0].ipCidrRange", 0),
        ("secondary_ip_ranges[*].ip_cidr_range", 0),
        ("secondary_ip_ranges[*].range_name", 1),
        ("*", 0),
        ("secondaryIpRanges[1]", 1),
        ("description", 1),
    ],
)
def test_a_range_whose_changes_are_ignored_stays(edited, ignored, told):
    options = f'opts=pulumi.ResourceOptions(ignore_changes=["{ignored}"])'
    platform = (SUBNET + WEB).replace(f"{SPARE}])", f"{SPARE}], {options})")
    assert len(lost(edited((PODS, PODS.replace("10.20.", "10.22.")), platform=platform))) == told


def test_a_range_that_a_node_pool_names_has_to_stay(edited):
    platform = (SUBNET + WEB).replace('"more"', '"spare"')
    (found,) = edited((SPARE, SPARE.replace("10.21.", "10.25.")), platform=platform).diagnostics
    assert found.value == "subnetwork net: range spare = 10.25.0.0/16"


def test_what_changes_in_place_is_silent(edited):
    edit = ('"deletion_protection": False', '"deletion_protection": False, "upgrades": {"release_channel": "rapid"}')
    assert edited(edit).diagnostics == ()


@pytest.mark.parametrize(("needed", "told"), [(True, 1), (False, 0)])
def test_a_needed_resource_whose_fixed_inputs_are_unknown_is_not_compared(edited, needed, told):
    platform = PLATFORM.replace(
        "    WebService", '    logs = gcp.storage.Bucket("logs", location="EU")\n    WebService'
    )
    if needed:
        platform = platform.replace("depends_on=[pool]", "depends_on=[pool, logs]")
    comparison = edited(('location="EU"', 'location="US"'), platform=platform)
    assert (comparison.diagnostics, len(comparison.not_compared)) == ((), told)
    assert comparison.verdict == ("not judged" if needed else "clean")
