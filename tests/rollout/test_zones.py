"""Proof of the zone rule: it accepts what the search for an unchecked pod finds safe, and nothing else."""

from dataclasses import replace
from fractions import Fraction
from itertools import count, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.controllers.replica_set import rank_for_deletion
from nodrop.rollout import Placement, solve
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint
from tests.rollout.zone_search import Update, most_on_a_node, unchecked, unchecked_on_nodes

GOOD = solve(longest_request_seconds=20, startup_seconds=5, replicas=2)


# The rule


def accepted(update: Update, zones: int, greatest: int | None = None) -> bool:
    placement = Placement(zones=zones, spreads_each_version_over_zones=update.spread)
    rollout = replace(
        GOOD,
        replicas=update.replicas,
        max_replicas=greatest,
        max_surge=update.surge,
        max_unavailable=update.unavailable,
        placement=placement,
    )
    return not list(every_zone_keeps_an_endpoint(rollout))


some_step = [(surge, unavailable) for surge in range(4) for unavailable in range(3) if surge + unavailable]


@pytest.mark.slow
@pytest.mark.parametrize("zones", [2, 3, 4])
@pytest.mark.parametrize(("surge", "unavailable"), some_step)
def test_the_rule_accepts_the_fewest_replicas_that_the_search_finds_safe(zones, surge, unavailable):
    def safe(replicas):
        return unchecked(Update(replicas, surge, unavailable), zones) is None

    fewest = next(filter(safe, count(1)))
    assert next(n for n in count(1) if accepted(Update(n, surge, unavailable), zones)) == fewest
    for more in range(fewest, fewest + 2 * zones):
        assert safe(more)
        assert accepted(Update(more, surge, unavailable), zones)


@pytest.mark.parametrize("zones", [2, 3, 4])
def test_with_one_pod_of_surge_that_is_the_square_of_the_zones(zones):
    assert unchecked(Update(zones**2 - 1, 1), zones)
    assert unchecked(Update(zones**2, 1), zones) is None


def test_in_one_zone_old_pods_answer_for_the_first_new_one():
    for replicas, surge in product(range(1, 10), range(1, 4)):
        assert unchecked(Update(replicas, surge), 1) is None
        assert accepted(Update(replicas, surge), 1)


@pytest.mark.parametrize("zones", [2, 3])
def test_without_spread_no_number_of_replicas_is_safe(zones):
    for replicas, surge in product(range(1, 25), (1, 3)):
        update = Update(replicas, surge, spread=False)
        assert unchecked(update, zones)
        assert not accepted(update, zones)


def test_twice_the_zones_is_too_few_for_three():
    steps = unchecked(Update(replicas=6, surge=1), zones=3)
    assert steps == [
        "new elsewhere",
        "healthy elsewhere",
        "old gone here",
        "new elsewhere",
        "healthy elsewhere",
        "old gone here",
        "new here",
    ]


@pytest.mark.parametrize("zones", [2, 3])
@pytest.mark.parametrize(("surge", "unavailable"), [(1, 0), (2, 0), (1, 1)])
def test_only_the_old_pods_of_the_zone_with_the_fewest_count(zones, surge, unavailable):
    enough = next(n for n in count(1) if accepted(Update(n, surge, unavailable), zones)) // zones
    for replicas in range(enough * zones, enough * zones + 6):
        update = Update(replicas, surge, unavailable)
        assert [unchecked(update, zones, old) is None for old in range(enough + 2)] == [False] * enough + [True] * 2


def fewest_after_scaling(least: int, greatest: int, zones: int) -> int:
    """The fewest pods that a zone is left with at `least` replicas while an autoscaler has its way."""
    seen = set()
    waiting = [(least // zones + (zone < least % zones)) for zone in range(zones)]
    stack = [tuple(waiting)]
    while stack:
        state = tuple(sorted(stack.pop()))
        if state in seen:
            continue
        seen.add(state)
        for index, pods in enumerate(state):
            if sum(state) < greatest and pods == state[0]:  # the spread constraint
                stack.append((*state[:index], pods + 1, *state[index + 1 :]))
            if sum(state) > least and pods:
                stack.append((*state[:index], pods - 1, *state[index + 1 :]))
    return min(state[0] for state in seen if sum(state) == least)


@pytest.mark.parametrize(("zones", "least"), [(2, 4), (2, 6), (3, 9), (3, 12)])
def test_what_an_autoscaler_takes_from_a_zone_is_missed(zones, least):
    for greatest in range(least, least + 6):
        old_here = fewest_after_scaling(least, greatest, zones)
        safe = unchecked(Update(least, 1), zones, old_here) is None
        assert accepted(Update(least, 1), zones, greatest) == safe


# Nodes


@pytest.mark.parametrize(("zones", "surge"), [(2, 1), (2, 2), (3, 1)])
def test_with_a_node_for_each_pod_the_search_by_zone_is_exact(zones, surge):
    for replicas in range(1, 8 if zones == 2 else 6):
        update = Update(replicas, surge)
        on_nodes = unchecked_on_nodes(update, zones, nodes_per_zone=min(replicas, 4))
        assert (on_nodes is None) == (unchecked(update, zones) is None)


@pytest.mark.parametrize("zones", [2, 3, 4])
def test_with_one_node_a_zone_the_crowded_one_loses_first_and_a_replica_a_zone_is_enough(zones):
    for replicas in range(1, 2 * zones):
        assert (unchecked_on_nodes(Update(replicas, 1), zones, nodes_per_zone=1) is None) == (replicas >= zones)


def test_twice_the_zones_is_safe_on_two_nodes_a_zone_but_not_on_three():
    assert unchecked_on_nodes(Update(6, 1), zones=3, nodes_per_zone=2) is None
    assert unchecked_on_nodes(Update(6, 1), zones=3, nodes_per_zone=3)


def _pod(name: str, node: int):
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": 0}
    return {
        "metadata": {"name": name, "creationTimestamp": 0},
        "spec": {"nodeName": str(node)},
        "status": {"phase": "Running", "conditions": [ready]},
    }


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=4))
def test_the_search_deletes_what_the_replica_set_controller_may_delete(nodes):
    old = [_pod(f"old-{n}-{i}", n) for n, (pods, _) in enumerate(nodes) for i in range(pods)]
    new = [_pod(f"new-{n}-{i}", n) for n, (_, pods) in enumerate(nodes) for i in range(pods)]
    first = {rank_for_deletion([pod, *old], [*old, *new])[0]["spec"]["nodeName"] for pod in old}
    most = most_on_a_node([(*node, 0) for node in nodes])
    assert first == {str(n) for n, (pods, others) in enumerate(nodes) if pods and pods + others == most}


def test_among_pods_alone_on_their_nodes_and_ready_alike_any_may_go_first():
    pods = [_pod(str(node), node) for node in range(3)]
    for order in permutations(pods):
        assert rank_for_deletion(list(order), pods) == list(order)


# How likely it is, with maxSurge 1 and every choice as likely as another


def share_unchecked(old: tuple[int, ...], new: tuple[int, ...]) -> Fraction:
    """Probability, from the creation of the next new pod on, that one gets in unchecked."""
    if not any(old):
        return Fraction(0)
    places = [zone for zone, pods in enumerate(new) if pods == min(new)]
    return sum((_placed(old, new, zone) for zone in places), Fraction(0)) / len(places)


def _placed(old: tuple[int, ...], new: tuple[int, ...], zone: int) -> Fraction:
    if not old[zone] and not new[zone]:
        return Fraction(1)
    then = tuple(pods + (z == zone) for z, pods in enumerate(new))
    left = [
        (pods, tuple(each - (z == victim) for z, each in enumerate(old))) for victim, pods in enumerate(old) if pods
    ]
    return sum((pods * share_unchecked(after, then) for pods, after in left), Fraction(0)) / sum(old)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("replicas", "zones", "share"),
    [(3, 3, Fraction(5, 6)), (6, 3, Fraction(1, 15)), (9, 3, 0), (2, 2, Fraction(1, 2)), (4, 2, 0)],
)
def test_how_many_rollouts_let_a_pod_in_unchecked(replicas, zones, share):
    assert share_unchecked((replicas // zones,) * zones, (0,) * zones) == share
