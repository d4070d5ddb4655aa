"""A `Network`'s subnet for the proxies of internal and regional load balancers."""

from typing import Any

import pytest

from gke_nodrop import InputError, Network


def network(deploy: Any, **ranges: Any) -> Any:
    args: Any = {"region": "us-central1", "ranges": ranges}
    return deploy(lambda: Network("net", args) and None)


def subnets(deployed: Any) -> dict[str, Any]:
    return {each.name: each.inputs for each in deployed.registered if each.typ.endswith(":Subnetwork")}


def test_the_proxies_have_a_subnet_of_their_own_where_a_range_is_given(deploy):
    assert subnets(network(deploy)).keys() == {"net"}
    proxies = subnets(network(deploy, proxies="10.40.0.0/23"))["net-proxies"]
    assert proxies == {
        "network": "net-id",
        "region": "us-central1",
        "ipCidrRange": "10.40.0.0/23",
        "purpose": "REGIONAL_MANAGED_PROXY",
        "role": "ACTIVE",
    }


def test_the_firewall_lets_the_proxies_in(deploy):
    ranges = network(deploy, proxies="10.40.0.0/23").inputs("Firewall")["sourceRanges"]
    assert ranges == ["130.211.0.0/22", "35.191.0.0/16", "10.40.0.0/23"]


@pytest.mark.parametrize("given", ["10.40.0.0/27", "10.40.0.1/23", "10.40.0.0", "10.20.0.0/23"])
def test_a_range_that_is_too_small_none_or_taken_is_refused(deploy, given):
    with pytest.raises(InputError) as raised:
        network(deploy, proxies=given)
    assert [fault.input for fault in raised.value.faults] == ["ranges.proxies"]
