"""Addresses and SslPolicies, whose names only a deployment knows, that an update makes anew."""

import pytest

from nodrop.preview import as_deployed, compare, read_state
from tests.preview.shop import SHOP

TAKES_BY_INGRESS = """
    import pulumi_gcp as gcp

    address = gcp.compute.GlobalAddress("web")
""" + SHOP.replace(
    '{"kubernetes.io/ingress.class": "gce"}',
    '{"kubernetes.io/ingress.class": "gce", "kubernetes.io/ingress.global-static-ip-name": address.name}',
)
ADDRESS = 'GlobalAddress("web")'


def stated(inputs: str, name: str = "web") -> str:
    return TAKES_BY_INGRESS.replace(ADDRESS, f'GlobalAddress("{name}", {inputs})')


@pytest.fixture
def update(evaluated, export):
    """Compares two programs, from the exported state of the first and as `nodrop.testing` does; both say the same."""

    def update(before: str, after: str):
        exported = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
        told = compare(evaluated(after), as_deployed(evaluated(before)))
        assert [each.rule for each in told.diagnostics] == [each.rule for each in exported.diagnostics]
        assert (told.not_compared, exported.not_compared) == ((), ())
        return told

    return update


ANEW = [
    (TAKES_BY_INGRESS, TAKES_BY_INGRESS.replace(ADDRESS, 'GlobalAddress("other")')),
    (stated('description="a"'), stated('description="b"')),
    (stated('project="a"'), stated('project="b"')),
    (stated('address="192.0.2.1"'), stated('address="192.0.2.2"')),
    (
        stated('labels={"a": "b"}'),
        stated('labels={"a": "c"}, opts=pulumi.ResourceOptions(replace_on_changes=["labels"])'),
    ),
    (
        stated("opts=pulumi.ResourceOptions(replacement_trigger=1)"),
        stated("opts=pulumi.ResourceOptions(replacement_trigger=2)"),
    ),
]


@pytest.mark.parametrize(("before", "after"), ANEW)
def test_an_address_that_is_made_anew_is_another_one(update, before, after):
    assert [each.rule for each in update(before, after).diagnostics] == ["address-stays"]


def test_an_address_that_is_made_anew_under_its_name_is_another_one(update):
    before = stated('name="shop", description="a"')
    (found,) = update(before, before.replace('"a"', '"b"')).diagnostics
    assert (found.rule, found.value) == ("address-stays", "shop, made anew for another description")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TAKES_BY_INGRESS, TAKES_BY_INGRESS),
        (stated('labels={"a": "b"}'), stated('labels={"a": "c"}')),
        (stated('address="192.0.2.1"'), TAKES_BY_INGRESS),  # the provider takes what there is
        (
            TAKES_BY_INGRESS,
            stated('opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="web")])', name="other"),
        ),
    ],
)
def test_an_address_that_stays_is_silent(update, before, after):
    assert update(before, after).diagnostics == ()


@pytest.mark.parametrize("scope", ["ingress", "gateway"])
def test_an_internal_service_in_another_region_gets_another_address(update, scope):
    by = {"ingress": '"scope": "internal"', "gateway": '"gateway_class": "gke-l7-rilb"'}[scope]
    program = f"""
    from gke_nodrop import WebService

    WebService("shop", {{"image": "shop/web:1", "rollout": {{"keep_alive_timeout_seconds": 620}},
        "{scope}": {{{by}, "region": "us-central1", "subnetwork": "projects/p/regions/us-central1/subnetworks/s"}}}})
    """
    rules = [each.rule for each in update(program, program.replace("us-central1", "us-east1")).diagnostics]
    assert rules == ["address-stays"]
