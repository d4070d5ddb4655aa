"""An update that replaces what the pods run on says so for each path, with the way around it."""

import pytest

from nodrop.preview import as_deployed, compare, read_state
from tests.preview.updated_platform import PLATFORM, WEB, edits_of

SHARED = '{"host_project": "shop-network", "service_project_number": "123456789012"}'


@pytest.fixture
def edited(evaluated, export):
    return edits_of(evaluated, export)


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


OWN = """
    import pulumi_gcp as gcp

    network = gcp.compute.Network("net")
    cluster = gcp.container.Cluster("main", location="europe-west1", network=network.id)
    pool = gcp.container.NodePool("pool", cluster=cluster.id)
"""
IDENTIFIED = WEB.replace('"main", kubeconfig', '"main", cluster_identifier=cluster.id, kubeconfig')


def told_from_both(evaluated, export, before, after):
    exported = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
    found, exported_found = (
        [(str(each.severity), str(each.value)) for each in infrastructure(comparison)]
        for comparison in (compare(evaluated(after), as_deployed(evaluated(before))), exported)
    )
    assert found == exported_found
    return found


@pytest.mark.parametrize(
    ("call", "kind", "value"),
    [
        ('Cluster("main"', "cluster", "Kubernetes provider main: clusterIdentifier = that of the new cluster other"),
        ('Network("net"', "network", "cluster main: network = that of the new network other"),
    ],
)
def test_what_stands_on_a_new_resource_in_the_place_of_another_is_replaced(evaluated, export, call, kind, value):
    before = OWN + IDENTIFIED
    new = call[: call.index('"')] + '"other"'
    (severity, told), *_ = told_from_both(evaluated, export, before, before.replace(call, new))
    assert (severity, told.startswith(value)) == ("error", True)
    name = call[call.index('"') + 1 : -1]
    aliased = before.replace(f"{call}", f'{new}, opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="{name}")])')
    for text in (aliased, aliased.replace("aliases=[pulumi.Alias(name=", 'import_="x", aliases=[pulumi.Alias(name=')):
        assert told_from_both(evaluated, export, before, text) == []


POOL = '    pool = gcp.container.NodePool("pool", cluster=cluster.id)\n'
SECOND = POOL + '    second = gcp.container.NodePool("second", cluster=cluster.id)\n'


@pytest.mark.parametrize("renamed", [False, True])
def test_a_node_pool_that_goes_is_a_warning_and_one_that_comes_is_none(evaluated, export, renamed):
    both, one = (OWN.replace(POOL, pools) + IDENTIFIED for pools in (SECOND, POOL))
    after = one.replace('Pool("pool"', 'Pool("third"') if renamed else one
    pools = ["pool", "second"] if renamed else ["second"]
    assert told_from_both(evaluated, export, both, after) == [
        ("warning", f"node pool {name}: absent") for name in pools
    ]
    assert told_from_both(evaluated, export, one, both) == []


def test_a_node_pool_that_is_retained_or_of_another_cluster_is_silent(evaluated, export):
    retained = SECOND.replace('"second", ', '"second", opts=pulumi.ResourceOptions(retain_on_delete=True), ')
    other = 'other = gcp.container.Cluster("other", location="europe-west1")'
    elsewhere = SECOND.replace("    second", f"    {other}\n    second").replace(
        '"second", cluster=cluster', '"second", cluster=other'
    )
    after = OWN + IDENTIFIED
    assert (
        infrastructure(compare(evaluated(after), as_deployed(evaluated(OWN.replace(POOL, retained) + IDENTIFIED))))
        == []
    )
    assert told_from_both(evaluated, export, OWN.replace(POOL, elsewhere) + IDENTIFIED, after) == []
