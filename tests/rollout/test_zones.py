"""Proof of the zone rule: every order of events that controllers and scheduler allow, searched for an unchecked pod.

A gate passes unchecked where no endpoint in the pod's zonal NEG has a health status. So a rollout is unsafe if at some
moment a zone holds a new pod but neither an old one nor a new one that was found healthy. Whatever timing decides is
the adversary's choice: which zone among those that the spread constraint allows, which pod becomes healthy next, which
old pod goes among those that the ReplicaSet controller ranks alike, and how the controllers' steps interleave.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count, permutations, product
from typing import NamedTuple, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.controllers.replica_set import rank_for_deletion
from nodrop.rollout import Placement, solve
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint

GOOD = solve(longest_request_seconds=20, startup_seconds=5, replicas=2)

State = TypeVar("State")


class Update(NamedTuple):
    replicas: int
    surge: int
    unavailable: int = 0
    spread: bool = True
    """Whether the new pods' zones differ by one pod at most."""

    def may_create(self, old: int, new: int) -> bool:
        return new < self.replicas and old + new < self.replicas + self.surge

    def may_delete(self, old: int, healthy: int) -> bool:
        return old > 0 and old + healthy > self.replicas - self.unavailable

    def may_place(self, new: int, fewest_new: int) -> bool:
        return not self.spread or new == fewest_new


def search(starts: list[State], steps: Callable[[State], Iterator[tuple[str, State]]]) -> list[str] | None:
    """The fewest steps that lead to "unchecked"; None: nothing does."""
    paths: dict[State, tuple[State, str] | None] = dict.fromkeys(starts)
    waiting = deque(starts)
    while waiting:
        state = waiting.popleft()
        for step, after in steps(state):
            if step == "unchecked":
                return _path(paths, state)
            if after not in paths:
                paths[after] = state, step
                waiting.append(after)
    return None


def _path(paths: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    path = []
    while (before := paths[state]) is not None:
        state, step = before
        path.append(step)
    return path[::-1]


# One zone ("here") against all others, each pod alone on its node


class Zones(NamedTuple):
    """The adversary aims at one zone, so no new pod is healthy here, and of the others only sums matter."""

    old_here: int
    new_here: int
    old_elsewhere: int
    new_elsewhere: tuple[int, ...]
    """By zone, ascending."""
    healthy_elsewhere: int


def zone_steps(update: Update, state: Zones) -> Iterator[tuple[str, Zones]]:
    if state.new_here and not state.old_here:
        yield "unchecked", state
    old, new = state.old_here + state.old_elsewhere, state.new_here + sum(state.new_elsewhere)
    if update.may_create(old, new):
        fewest = min(state.new_here, *state.new_elsewhere) if state.new_elsewhere else state.new_here
        if update.may_place(state.new_here, fewest):
            yield "new here", state._replace(new_here=state.new_here + 1)
        for index, pods in enumerate(state.new_elsewhere):
            if update.may_place(pods, fewest):
                more = (*state.new_elsewhere[:index], pods + 1, *state.new_elsewhere[index + 1 :])
                yield "new elsewhere", state._replace(new_elsewhere=tuple(sorted(more)))
    if state.healthy_elsewhere < sum(state.new_elsewhere):
        yield "healthy elsewhere", state._replace(healthy_elsewhere=state.healthy_elsewhere + 1)
    if update.may_delete(old, state.healthy_elsewhere):
        if state.old_here:
            yield "old gone here", state._replace(old_here=state.old_here - 1)
        if state.old_elsewhere:
            yield "old gone elsewhere", state._replace(old_elsewhere=state.old_elsewhere - 1)


def unchecked(update: Update, zones: int, old_here: int | None = None) -> list[str] | None:
    """How a pod gets in unchecked; without `old_here` the old pods are spread evenly, and the zone has the fewest."""
    here = update.replicas // zones if old_here is None else old_here
    start = Zones(here, 0, update.replicas - here, (0,) * (zones - 1), 0)
    return search([start], lambda state: zone_steps(update, state))


# All nodes of all zones

Node = tuple[int, int, int]
"""Old, new and healthy new pods."""
Cluster = tuple[tuple[Node, ...], ...]
"""Nodes by zone."""


def node_steps(update: Update, state: Cluster) -> Iterator[tuple[str, Cluster]]:
    new = [sum(node[1] for node in zone) for zone in state]
    nodes = [node for zone in state for node in zone]
    old, healthy = sum(node[0] for node in nodes), sum(node[2] for node in nodes)
    if any(pods and not any(node[0] or node[2] for node in zone) for pods, zone in zip(new, state, strict=True)):
        yield "unchecked", state
    most = most_on_a_node(nodes)
    for z, n in ((z, n) for z, zone in enumerate(state) for n in range(len(zone))):
        node = state[z][n]
        if update.may_create(old, sum(new)) and update.may_place(new[z], min(new)):
            yield "new", with_node(state, z, n, (node[0], node[1] + 1, node[2]))
        if node[2] < node[1]:
            yield "healthy", with_node(state, z, n, (node[0], node[1], node[2] + 1))
        if node[0] and node[0] + node[1] == most and update.may_delete(old, healthy):
            yield "old gone", with_node(state, z, n, (node[0] - 1, node[1], node[2]))


def most_on_a_node(nodes: list[Node]) -> int:
    """Pods on the fullest of the nodes with old ones: those are the next to go."""
    return max((old + new for old, new, _ in nodes if old), default=0)


def with_node(state: Cluster, z: int, n: int, node: Node) -> Cluster:
    zone = tuple(sorted((*state[z][:n], node, *state[z][n + 1 :])))
    return tuple(sorted((*state[:z], zone, *state[z + 1 :])))


def unchecked_on_nodes(update: Update, zones: int, nodes_per_zone: int) -> list[str] | None:
    """The same, with old pods spread evenly over zones and in any way over a zone's nodes."""
    pods = [update.replicas // zones + (zone < update.replicas % zones) for zone in range(zones)]
    fillings = [[f for f in product(range(held + 1), repeat=nodes_per_zone) if sum(f) == held] for held in pods]
    starts = {
        tuple(sorted(tuple(sorted((old, 0, 0) for old in zone)) for zone in filling)) for filling in product(*fillings)
    }
    return search(sorted(starts), lambda state: node_steps(update, state))


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
