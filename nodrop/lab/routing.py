"""Tracks where one lab's proxies and nodes send requests, and records when pods become reachable and unreachable."""

from collections.abc import Callable, Sequence

from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.topology import Node
from nodrop.lab.job import Job
from nodrop.lab.recorder import Recorder
from nodrop.paths import Backend


class Routing:
    """The routes of one lab at the moment; each change of a pod's reachability goes into the pods' records."""

    def __init__(
        self, job: Job, nodes: Sequence[Node], recorder: Recorder, endpoints: Callable[[], frozenset[NetworkEndpoint]]
    ) -> None:
        """Of a lab for that job, whose proxies know those `endpoints` between them."""
        self.job = job
        self.nodes = nodes
        self.recorder = recorder
        self.endpoints = endpoints
        self.health: dict[tuple[str, int], list[bool | None]] = {}
        """By endpoint (address, port), what each proxy that knows it finds; None: not checked yet."""
        self.node_ports: dict[str, NodePorts] = {}
        """By node, what it translates."""

    def found(self, health: dict[tuple[str, int], list[bool | None]]) -> None:
        """The proxies' health checks find this now."""
        self.health = health
        self.observe()

    def translated(self, node: Node, node_ports: NodePorts) -> None:
        """The node translates so now."""
        self.node_ports[node.name] = node_ports
        self.observe()

    def healthy_anywhere(self, endpoint: NetworkEndpoint) -> bool | None:
        """Whether any proxy finds it healthy; None where none has checked it yet."""
        verdicts = self.health.get((endpoint.address, endpoint.port), [])
        return None if all(verdict is None for verdict in verdicts) else any(verdicts)

    def observe(self) -> None:
        """Notes which pods have become reachable, and which are no longer."""
        routable = self._routable()
        for name, record in self.recorder.pods.items():
            if "removed" not in record.events and record.address:
                if record.address in routable:
                    self.recorder.event(name, "attached")
                elif "attached" in record.events:
                    self.recorder.event(name, "removed")

    def _routable(self) -> set[str]:
        """Addresses of the pods to which any proxy (NEG) or node (NodePort) would send a new request or connection."""
        if self.job.path.backend is Backend.NEG:
            return {e.address for e in self.endpoints() if self.healthy_anywhere(e)}
        return {pod for table in self.node_ports.values() for pods in table.values() for pod, _port in pods or ()}

    def complete(self) -> bool:
        """Whether every proxy finds each of its endpoints healthy, and every node translates to each pod."""
        pods = {record.address for record in self.recorder.present().values()}
        endpoints = self._that_serve(self.endpoints())
        checked = [verdict for e in endpoints for verdict in self.health.get((e.address, e.port), [])]
        healthy = len(checked) == len(endpoints) * self.job.settings.proxies and all(checked)
        if self.job.path.backend is Backend.NEG:
            return healthy and pods == {e.address for e in endpoints}
        return healthy and all(self._translates_to(node, pods) for node in self.nodes)

    def _that_serve(self, endpoints: frozenset[NetworkEndpoint]) -> frozenset[NetworkEndpoint]:
        """Without nodes that drop what arrives, as they have no pod of their own."""
        dropping = {
            node.address
            for node in self.nodes
            if any(pods is None for pods in self.node_ports.get(node.name, {}).values())
        }
        return frozenset(endpoint for endpoint in endpoints if endpoint.address not in dropping)

    def _translates_to(self, node: Node, pods: set[str]) -> bool:
        """Whether the node's rules name all these pods, or, with externalTrafficPolicy Local, its own of them."""
        if self.job.path.service["spec"].get("externalTrafficPolicy") == "Local":
            pods = {each.address for each in self.recorder.pods.values() if each.node == node.name} & pods
        return pods == {pod for each in self.node_ports.get(node.name, {}).values() for pod, _ in each or ()}
