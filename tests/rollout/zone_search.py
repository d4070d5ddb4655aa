"""Every order of events that controllers and scheduler allow in an update, searched for an unchecked pod.

A gate passes unchecked where no endpoint in the pod's zonal NEG has a health status. So a rollout is unsafe if at some
moment a zone holds a new pod but neither an old one nor a new one that was found healthy. Whatever timing decides is
the adversary's choice: which zone among those that the spread constraint allows, which pod becomes healthy next, which
old pod goes among those that the ReplicaSet controller ranks alike, and how the controllers' steps interleave.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple, TypeVar

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
