"""Planned ranges hold what they are asked to, are the smallest that do, and overlap nothing."""

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gke_nodrop.cluster import planner
from gke_nodrop.cluster.planner import RESERVED, WITHIN, Needs, Plan, PlanError, free_range, plan

NEEDS = st.builds(
    Needs,
    nodes=st.integers(1, 2000),
    services=st.integers(1, 20_000),
    pods_per_node=st.integers(8, 256),
    growth_percent=st.integers(0, 200),
    proxies=st.booleans(),
)


@st.composite
def ranges(draw: Any, within: IPv4Network = WITHIN, least: int = 10) -> IPv4Network:
    prefix = draw(st.integers(max(least, within.prefixlen), 28))
    first = draw(st.integers(0, (1 << (prefix - within.prefixlen)) - 1))
    return IPv4Network((int(within.network_address) + (first << (32 - prefix)), prefix))


def planned(needs: Needs, **more: Any) -> Plan | PlanError:
    try:
        return plan(needs, **more)
    except PlanError as error:
        return error


@given(NEEDS, st.lists(ranges(), max_size=12))
def test_no_range_overlaps_another_one_that_is_taken_or_one_of_googles(needs, taken):
    found = planned(needs, taken=taken)
    if isinstance(found, Plan):
        cidrs = [each.cidr for each in found.ranges.values()]
        assert not [pair for pair in combinations(cidrs, 2) if pair[0].overlaps(pair[1])]
        assert not [(one, other) for one in cidrs for other in (*taken, *RESERVED) if one.overlaps(other)]
        assert all(each.subnet_of(WITHIN) for each in cidrs)


@pytest.mark.parametrize("reserved", [each for each in RESERVED if each.num_addresses >= 1 << 12], ids=str)
def test_nothing_is_placed_on_a_reserved_range_even_where_nothing_else_is_free(reserved):
    error = planned(Needs(nodes=1, services=1), within=reserved)
    assert isinstance(error, PlanError)
    assert error.need == "within"


@given(NEEDS)
def test_every_range_holds_what_was_asked_for_and_half_of_it_would_not(needs):
    found = plan(needs, within=IPv4Network("10.0.0.0/8"))
    nodes, services = needs.grown(needs.nodes), needs.grown(needs.services)
    on_each = 16
    while on_each < 2 * needs.pods_per_node:
        on_each *= 2
    asked = {"nodes": (nodes + 4, 29), "pods": (nodes * on_each, 24), "services": (services, 27)}
    for name, (addresses, smallest) in asked.items():
        size = found.ranges[name].cidr.num_addresses
        assert size >= addresses
        assert size // 2 < addresses or found.ranges[name].cidr.prefixlen == smallest
    assert ("proxies" in found.ranges) == needs.proxies


@pytest.mark.parametrize(
    ("pods", "on_each"), [(8, 16), (9, 32), (16, 32), (17, 64), (32, 64), (64, 128), (65, 256), (110, 256), (256, 512)]
)
def test_a_node_has_as_many_addresses_for_pods_as_google_says(pods, on_each):
    assert planner.addresses_per_node(pods) == on_each


SMALL = IPv4Network("10.0.0.0/22")
SMALL_NEEDS = st.builds(
    Needs, nodes=st.integers(1, 9), services=st.integers(1, 90), pods_per_node=st.just(8), growth_percent=st.just(0)
)


def fits_somewhere(prefixes: list[int], blocked: list[IPv4Network]) -> bool:
    """Whether the blocks have a place each, by trying every place."""
    if not prefixes:
        return True
    places = SMALL.subnets(new_prefix=prefixes[0])
    return any(
        fits_somewhere(prefixes[1:], [*blocked, place]) for place in places if not any(map(place.overlaps, blocked))
    )


@given(SMALL_NEEDS, st.lists(ranges(SMALL, least=24), max_size=6))
def test_a_place_is_found_wherever_there_is_one(needs, taken):
    sizes = [each.cidr.prefixlen for each in plan(needs).ranges.values()]
    assert isinstance(planned(needs, within=SMALL, taken=taken), Plan) == fits_somewhere(sorted(sizes), taken)


@given(NEEDS, st.lists(ranges(), max_size=6), st.integers(10, 24))
def test_what_would_pass_passes_and_no_smaller_range_would(needs, taken, prefix):
    error = planned(needs, within=IPv4Network(("10.0.0.0", prefix)), taken=taken)
    if isinstance(error, PlanError) and error.need == "within":
        proposed = IPv4Network(error.would_pass.strip('"'))
        assert isinstance(plan(needs, within=proposed, taken=taken), Plan)
        assert proposed.prefixlen == 32 or all(
            isinstance(planned(needs, within=half), PlanError) for half in proposed.subnets()
        )


def test_more_than_gke_has_ranges_for_is_answered_with_what_it_has():
    for needs in (Needs(nodes=40_000, services=1), Needs(nodes=1, services=60_000)):
        error = planned(needs, within=IPv4Network("10.0.0.0/8"))
        assert isinstance(error, PlanError)
        most: dict[str, Any] = {error.need: int(error.would_pass)}
        more: dict[str, Any] = {error.need: int(error.would_pass) + 1}
        assert isinstance(planned(replace(needs, **most), within=IPv4Network("10.0.0.0/8")), Plan)
        assert isinstance(planned(replace(needs, **more), within=IPv4Network("10.0.0.0/8")), PlanError)


def test_where_no_private_range_is_free_fewer_nodes_are_proposed():
    taken = [IPv4Network(each) for each in ("10.64.0.0/10", "10.128.0.0/9", "172.16.0.0/12", "100.64.0.0/10")]
    error = planned(Needs(nodes=10_000, services=100, growth_percent=0), taken=taken)
    assert isinstance(error, PlanError)
    assert (error.need, error.would_pass) == ("nodes", "5000")
    assert isinstance(plan(Needs(nodes=5000, services=100, growth_percent=0), taken=taken), Plan)


def test_the_numbers_are_explained():
    found = plan(Needs(nodes=20, services=100, pods_per_node=32, proxies=True))
    assert found.explanation.splitlines() == [
        "nodes 10.0.19.0/26: 40 nodes (20 and 100 % growth), an address each, and 4 that Google keeps: 64 addresses",
        "pods 10.0.0.0/20: 40 nodes, and 64 addresses on each for at most 32 pods: 4,096 addresses",
        "services 10.0.18.0/24: 200 Services (100 and 100 % growth), an address each: 256 addresses",
        "proxies 10.0.16.0/23: the size that Google recommends for proxies: 512 addresses",
    ]


def test_a_free_range_is_looked_for_in_private_ones_only():
    assert free_range(9, []) == WITHIN
    ten = IPv4Network("10.0.0.0/8")
    assert free_range(12, [ten]) == IPv4Network("100.64.0.0/12")  # 172.17.0.0/16 is reserved
    assert free_range(13, [ten]) == IPv4Network("172.24.0.0/13")
    assert free_range(9, [ten]) is None


def test_a_plan_looks_at_each_taken_range_once_for_each_range_it_places(monkeypatch):
    """Its work grows with the ranges that are taken, not with the addresses: 10,000 plans are a second's work."""
    looked = 0
    first_free = planner._first_free

    def counted(prefix: int, within: Any, occupied: Any) -> Any:
        nonlocal looked
        looked += len(occupied)
        return first_free(prefix, within, occupied)

    monkeypatch.setattr(planner, "_first_free", counted)
    taken = list(IPv4Network("10.0.0.0/12").subnets(new_prefix=18))
    plan(Needs(nodes=2000, services=20_000, proxies=True), taken=taken)
    assert looked <= 4 * (len(taken) + len(RESERVED) + 4)
