"""A cloud resource that another Pulumi resource has now, without an alias: Google refuses it, or it is deleted."""

import json

import pytest

from nodrop.preview import as_deployed, compare, read_state
from nodrop.testing import Program, assert_update_drops_no_requests

CLOUD = """
    import pulumi_gcp as gcp
    from gke_nodrop import WebService

    account = gcp.serviceaccount.Account("nodes", account_id="shop-nodes")
    network = gcp.compute.Network("net", name="shop")
    firewall = gcp.compute.Firewall("load-balancers", name="shop-lb", network=network.id,
        source_ranges=["130.211.0.0/22", "35.191.0.0/16"], allows=[{"protocol": "tcp", "ports": ["8080"]}])
    grant = gcp.projects.IAMMember("pull", project="shop", role="roles/artifactregistry.reader",
        member=account.email.apply(lambda email: f"serviceAccount:{email}"))
    address = gcp.compute.Address("ip", name="shop-ip", region="europe-west1")
    certificate = gcp.compute.ManagedSslCertificate("tls", name="shop-tls", managed={"domains": ["a.example.com"]})
    policy = gcp.compute.SecurityPolicy("armor", name="shop-armor")
    cluster = gcp.container.Cluster("main", name="shop", location="europe-west1", network=network.id)
    pool = gcp.container.NodePool("pool", name="pool", cluster=cluster.id, location="europe-west1")
    provider = k8s.Provider("main", kubeconfig=cluster.id.apply(lambda _: "{}"), cluster_identifier=cluster.id)
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=provider, depends_on=[pool]))
"""
RULE = "objects-keep-their-resource"
RENAMED = {
    'Account("nodes"': "Account n",
    'Network("net"': "Network n",
    'Firewall("load-balancers"': "Firewall n",
    'IAMMember("pull"': "IAMMember n",
    'Address("ip"': "Address n",
    'Certificate("tls"': "ManagedSslCertificate n",
    'SecurityPolicy("armor"': "SecurityPolicy n",
    'Cluster("main"': "Cluster n",
    'NodePool("pool"': "NodePool n",
}


def renamed(call: str) -> tuple[str, str]:
    assert call in CLOUD
    return call, call[: call.index('"')] + '"n"'


@pytest.fixture
def update(evaluated, export):
    """Compares two programs, from the exported state of the first and as `nodrop.testing` does; both find the same."""

    def update(before: str, after: str):
        exported = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
        told = compare(evaluated(after), as_deployed(evaluated(before)))
        assert [str(each) for each in told.diagnostics] == [str(each) for each in exported.diagnostics]
        return told

    return update


def told(comparison):
    return [str(each.object) for each in comparison.diagnostics if each.rule == RULE and each.is_error]


@pytest.mark.parametrize("call", RENAMED)
def test_a_renamed_cloud_resource_of_the_same_name_in_the_cloud_is_an_error(update, evaluated, call):
    after = CLOUD.replace(*renamed(call))
    assert told(update(CLOUD, after)) == [RENAMED[call]]
    with pytest.raises(AssertionError, match=RULE):
        assert_update_drops_no_requests(Program(evaluated(CLOUD)), Program(evaluated(after)), "shop/shop")


def test_what_comes_of_it_is_told(update):
    [address] = update(CLOUD, CLOUD.replace(*renamed('Address("ip"'))).diagnostics
    assert "Google Cloud refuses to create a second one of that name (409)" in address.why
    [grant] = update(CLOUD, CLOUD.replace(*renamed('IAMMember("pull"'))).diagnostics
    assert "the old one takes it out" in grant.why
    assert "aliases=[urn:pulumi:dev::demo::gcp:projects/iAMMember:IAMMember::pull]" in str(grant.would_pass)


@pytest.mark.parametrize("call", RENAMED)
def test_an_alias_keeps_it(update, call):
    old, new = renamed(call)
    name = old[old.index('"') + 1 : -1]
    after = CLOUD.replace(old, f'{new}, opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="{name}")])')
    assert (told(update(CLOUD, after)), update(CLOUD, after).not_compared) == ([], ())


@pytest.mark.parametrize(
    "edit",
    [
        ('"ip", name="shop-ip"', '"n", name="other-ip"'),
        ('"ip", name="shop-ip"', '"n"'),
        ('"ip", name="shop-ip", region="europe-west1"', '"n", name="shop-ip", region="europe-west4"'),
        ('"pull", project="shop", role="roles/artifactregistry.reader"', '"n", project="shop", role="roles/viewer"'),
        ('"pull", project="shop"', '"n", project="other"'),
    ],
)
def test_another_one_in_the_cloud_is_silent(update, edit):
    assert edit[0] in CLOUD
    comparison = update(CLOUD, CLOUD.replace(*edit))
    assert (told(comparison), comparison.not_compared) == ([], ())


def test_one_that_may_be_the_same_is_not_compared(update):
    after = CLOUD.replace('"ip", name="shop-ip", region="europe-west1"', '"n", name="shop-ip"')
    [why] = update(CLOUD, after).not_compared
    assert why.startswith("Address n is new, and may be what urn:pulumi:dev::demo::gcp:compute/address:Address::ip is")


@pytest.mark.parametrize(("retained", "found"), [(True, []), (False, ["Address n"])])
def test_what_is_retained_and_imported_stays(evaluated, export, retained, found):
    after = CLOUD.replace('"ip", name', '"n", opts=pulumi.ResourceOptions(import_="shop-ip"), name')
    state = json.loads(export(evaluated(CLOUD)))
    [old] = [each for each in state["deployment"]["resources"] if each["urn"].endswith("Address::ip")]
    old["retainOnDelete"] = retained
    assert told(compare(evaluated(after), read_state(json.dumps(state), "state.json"))) == found
    before = CLOUD.replace('"ip", name', f'"ip", opts=pulumi.ResourceOptions(retain_on_delete={retained}), name')
    comparison = compare(evaluated(after), as_deployed(evaluated(before)))
    assert told(comparison) == found
    assert all("it is deleted all the same" in each.why for each in comparison.diagnostics)
