"""Secondary ranges that a cluster has addresses of stay in their subnet."""

import pytest

from tests.preview.updated_platform import PLATFORM, WEB, edits_of


@pytest.fixture
def edited(evaluated, export):
    return edits_of(evaluated, export)


RANGES = '"europe-west1", "ranges": {"pods": "10.20.0.0/16", "services": "10.30.0.0/20"}}'
IN_RANGES = PLATFORM.replace('"europe-west1"}', RANGES)


@pytest.mark.slow
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


@pytest.mark.slow
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
