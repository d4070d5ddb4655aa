"""What translates a node's NodePorts: nftables in the node's namespace, or a kernel with IPVS in the node's place."""

from pathlib import Path
from typing import Protocol

from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.data_plane import netfilter
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.data_plane.topology import Fabric
from nodrop.lab.job import Ipvs


class Translation(Protocol):
    """One node's; its methods must run outside an event loop."""

    def program(self, node_ports: NodePorts) -> None:
        """Replaces what the node translates."""
        ...

    def pinned_flows(self, address: str) -> int:
        """How many connections the node still leads to the pod `address`."""
        ...

    def delete_ended(self) -> None:
        """Forgets pods that were taken out and have no connection left."""
        ...


class _Nftables:
    def __init__(self, namespace: NetNamespace) -> None:
        self.namespace = namespace

    def program(self, node_ports: NodePorts) -> None:
        netfilter.program(self.namespace, node_ports)

    def pinned_flows(self, address: str) -> int:
        return netfilter.pinned_flows(self.namespace, address)

    def delete_ended(self) -> None:
        """Nothing: the rules name no such pod."""


def of_kube_proxy(fabric: Fabric) -> tuple[Translation, ...]:
    """The translation of each node that kube-proxy has prepared, the real one or the lab's."""
    return tuple(_Nftables(node.namespace) for node in fabric.nodes)


def start(fabric: Fabric, ipvs: Ipvs | None, speed_up: float, folder: Path) -> tuple[Translation, ...]:
    """The translation of each node, in their order. Must run outside an event loop.

    Raises:
        LabFailedError: a kernel does not start.
    """
    if ipvs is None:
        for node in fabric.nodes:
            netfilter.prepare(node.namespace)
        return of_kube_proxy(fabric)
    from nodrop.lab.data_plane.ipvs_node import boot_all

    return boot_all(fabric, ipvs, folder, speed_up)
