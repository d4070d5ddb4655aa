"""kube-proxy on one node: which pods a NodePort is translated to, and when the node's rules follow.

Follows kubernetes/kubernetes pkg/proxy (endpointschangetracker.go, topology.go CategorizeEndpoints). Rules change as an
ordered queue of whole snapshots: independent lags for each change could remove an old pod before its successor is in.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nodrop.lab.clock import Time
from nodrop.lab.controllers.endpoint_slice import SERVICE_NAME_LABEL
from nodrop.lab.store import Manifest, Store

NodePorts = Mapping[int, tuple[tuple[str, int], ...] | None]
"""For each node port the pods (address, port) that new connections are spread over; without any they are refused.

None: their packets are dropped, as `externalTrafficPolicy: Local` has it on a node without a pod while others have
some.
"""


@dataclass
class KubeProxy:
    """Reconciles one node's NodePort rules."""

    store: Store
    time: Time
    node: str
    lag_seconds: float
    program: Callable[[NodePorts], None]
    """Writes the rules; called with each snapshot in order."""
    _queued: NodePorts = field(default_factory=dict)
    _queue: deque[tuple[float, NodePorts]] = field(default_factory=deque)

    def sync(self) -> float | None:
        """Queues the present state if it is new, and programs what is due."""
        present = node_ports(self.store, self.node)
        if present != self._queued:
            self._queued = present
            self._queue.append((self.time.now() + self.lag_seconds, present))
        while self._queue and self._queue[0][0] <= self.time.now():
            self.program(self._queue.popleft()[1])
        return self._queue[0][0] if self._queue else None


def node_ports(store: Store, node: str) -> NodePorts:
    """What the node ports of all Services translate to on a node, by the EndpointSlices as they are now."""
    table: dict[int, tuple[tuple[str, int], ...] | None] = {}
    for service in store.list("Service"):
        slices = [
            each
            for each in store.list("EndpointSlice")
            if each["metadata"]["namespace"] == service["metadata"]["namespace"]
            and each["metadata"]["labels"][SERVICE_NAME_LABEL] == service["metadata"]["name"]
        ]
        for port in service["spec"]["ports"]:
            if "nodePort" in port:
                table[port["nodePort"]] = usable = _usable(slices, port)
                if service["spec"].get("externalTrafficPolicy") == "Local":
                    table[port["nodePort"]] = _usable(slices, port, node) or (None if usable else ())
    return table


def _usable(slices: list[Manifest], service_port: Manifest, node: str | None = None) -> tuple[tuple[str, int], ...]:
    """The ready endpoints, of one node or of all; where there is none, those that still serve while they terminate."""
    endpoints = [
        (endpoint, port["port"])
        for each in slices
        for port in each["ports"]
        if port.get("name") == service_port.get("name")
        for endpoint in each["endpoints"]
        if node is None or endpoint["nodeName"] == node
    ]

    def addresses(wanted: Callable[[Manifest], bool]) -> list[tuple[str, int]]:
        return sorted((e["addresses"][0], number) for e, number in endpoints if wanted(e["conditions"]))

    ready = addresses(lambda conditions: conditions["ready"])
    return tuple(ready or addresses(lambda conditions: conditions["serving"] and conditions["terminating"]))
