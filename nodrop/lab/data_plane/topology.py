"""The lab's network: described first, then built in namespaces over netlink.

    client 192.0.2.10 - 192.0.2.1 load balancer 10.130.0.1 -+- 10.130.0.2 node-1 10.0.30.1 - 10.0.30.x pods
                                  35.191.0.1..              +- 10.130.0.3 node-2 10.0.31.1 - 10.0.31.x pods

Nodes and pods have the ranges of the field report of unready pods (GKE, 2019); the proxies' source addresses lie in a
range of Google's load balancers, one for each proxy. Pods hang off their node by a veth pair and a host route, as on
GKE; a pod's range is unreachable where no pod has the address. The client is the namespace that the lab runs in.

Where guests are asked for, each node's address is its guest's, a kernel on the VPC beside the node's namespace, which
then has the address of the guest plus 16.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from pyroute2.iproute.linux import IPRoute
from pyroute2.netlink.rtnl.ifinfmsg import IFF_PROMISC

from nodrop.lab.data_plane.namespaces import NetNamespace

CLIENT_ADDRESS = "192.0.2.10"
LOAD_BALANCER_ADDRESS = "192.0.2.1"
NODE_NETWORK = IPv4Network("10.130.0.0/20")
LOAD_BALANCER_RANGE = IPv4Network("35.191.0.0/16")
NODE_COUNT = 2
"""One node in each of two zones: the smallest cluster in which a NodePort can lead to another node."""

GUEST_INTERFACE = "vec0"
"""The veth end that a guest's raw packets pass."""
_GUEST_OFFSET = 16
_FIRST_CLIENT_PORT = 32768
"""Linux's own first source port (Documentation/networking/ip-sysctl.rst, ip_local_port_range)."""

_ROUTER_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
}


def proxy_address(proxy: int) -> str:
    """The source address of the proxy with that number, from 0."""
    return str(LOAD_BALANCER_RANGE[proxy + 1])


@dataclass
class Node:
    """One node: its addresses, and the namespace that stands for it."""

    number: int
    namespace: NetNamespace
    guest: NetNamespace | None = None
    """Where a guest finds its interface `GUEST_INTERFACE`, which is on the VPC; None: there is no guest."""
    _hosts: Iterator[int] = field(default_factory=lambda: itertools.count(2))

    @property
    def name(self) -> str:
        """The Node object's name."""
        return f"node-{self.number}"

    @property
    def zone(self) -> str:
        """The zone that the node is in, one for each node."""
        return f"zone-{self.number}"

    @property
    def address(self) -> str:
        """The node's own address."""
        return str(NODE_NETWORK[self.number + 1])

    @property
    def host_address(self) -> str:
        """The address of its namespace on the VPC."""
        return str(NODE_NETWORK[self.number + 1 + (0 if self.guest is None else _GUEST_OFFSET)])

    @property
    def pod_range(self) -> IPv4Network:
        """The range of its pods' addresses."""
        return IPv4Network(f"10.0.{29 + self.number}.0/24")

    @property
    def gateway(self) -> str:
        """The address by which pods know the node."""
        return str(self.pod_range[1])

    def add_pod(self) -> tuple[str, NetNamespace]:
        """Makes a pod's namespace with an address never used before on this node. Must run outside an event loop."""
        host = next(self._hosts)
        address, veth = str(self.pod_range[host]), f"pod{host}"
        pod = NetNamespace(veth)
        with self.namespace.entered(), IPRoute() as ip:
            ip.link("add", ifname=veth, kind="veth", peer={"ifname": "eth0", "net_ns_fd": pod.fd})
            (index,) = ip.link_lookup(ifname=veth)
            ip.link("set", index=index, state="up")
            ip.route("add", dst=f"{address}/32", oif=index)
        with pod.entered(), IPRoute() as ip:
            _sysctl({"net/ipv4/ip_unprivileged_port_start": "0"})  # as containerd: port 80 needs no capability
            _up(ip, "lo")
            index = _up(ip, "eth0", f"{address}/32")
            ip.route("add", dst=f"{self.gateway}/32", oif=index, scope=253)
            ip.route("add", dst="default", gateway=self.gateway)
        return address, pod

    def remove_pod(self, address: str) -> None:
        """Takes the pod's veth pair down at once, whoever still holds its namespace. Outside an event loop."""
        host = int(address.rpartition(".")[2])
        with self.namespace.entered(), IPRoute() as ip:
            for index in ip.link_lookup(ifname=f"pod{host}"):
                ip.link("del", index=index)


@dataclass(frozen=True)
class Fabric:
    """The built network."""

    load_balancer: NetNamespace
    nodes: tuple[Node, ...]


def build(proxies: int, *, guests: bool = False, client_ports: int | None = None) -> Fabric:
    """Builds the network around the calling thread's namespace. Must run outside an event loop, as pyroute2's
    synchronous calls run one of their own.

    Args:
        proxies: how many proxies get an address.
        guests: whether each node's address is left to a guest.
        client_ports: how many source ports each proxy has towards a node; None: as many as Linux has.
    """
    balancer = NetNamespace("load-balancer")
    nodes = tuple(
        Node(number, NetNamespace(f"node-{number}"), NetNamespace(f"guest-{number}") if guests else None)
        for number in range(1, NODE_COUNT + 1)
    )
    with IPRoute() as ip:
        _up(ip, "lo")
        ip.link("add", ifname="lb", kind="veth", peer={"ifname": "client", "net_ns_fd": balancer.fd})
        _up(ip, "lb", f"{CLIENT_ADDRESS}/24")
    with balancer.entered(), IPRoute() as ip:
        _sysctl(_ROUTER_SYSCTLS if client_ports is None else _ROUTER_SYSCTLS | _few_ports(client_ports))
        _up(ip, "lo")
        _up(ip, "client", f"{LOAD_BALANCER_ADDRESS}/24")
        ip.link("add", ifname="vpc", kind="bridge")
        vpc = _up(ip, "vpc", f"{NODE_NETWORK[1]}/{NODE_NETWORK.prefixlen}")
        for proxy in range(proxies):
            ip.addr("add", index=vpc, address=proxy_address(proxy), prefixlen=32)
        for node in nodes:
            peer = {"ifname": "eth0", "net_ns_fd": node.namespace.fd}
            ip.link("add", ifname=node.name, kind="veth", peer=peer)
            ip.link("set", index=_up(ip, node.name), master=vpc)
            # the alias IP range: the load balancer reaches pods without going through a NodePort
            ip.route("add", dst=str(node.pod_range), gateway=node.host_address)
            if node.guest:
                guest = {"ifname": GUEST_INTERFACE, "net_ns_fd": node.guest.fd}
                ip.link("add", ifname=f"guest-{node.number}", kind="veth", peer=guest)
                ip.link("set", index=_up(ip, f"guest-{node.number}"), master=vpc)
    for node in nodes:
        with node.namespace.entered(), IPRoute() as ip:
            _sysctl(_ROUTER_SYSCTLS)
            _up(ip, "lo", f"{node.gateway}/32")
            _up(ip, "eth0", f"{node.host_address}/{NODE_NETWORK.prefixlen}")
            ip.route("add", dst="default", gateway=str(NODE_NETWORK[1]))
            ip.route("add", type="unreachable", dst=str(node.pod_range))
            for other in nodes:
                if other is not node:
                    ip.route("add", dst=str(other.pod_range), gateway=other.host_address)
        if node.guest:
            with node.guest.entered(), IPRoute() as ip:
                ip.link("set", index=_up(ip, GUEST_INTERFACE), flags=IFF_PROMISC, change=IFF_PROMISC)
    return Fabric(balancer, nodes)


def _few_ports(count: int) -> dict[str, str]:
    """So many source ports; one that the proxy closed itself may be used again after a second, as on busy gateways."""
    return {
        "net/ipv4/ip_local_port_range": f"{_FIRST_CLIENT_PORT} {_FIRST_CLIENT_PORT + count - 1}",
        "net/ipv4/tcp_tw_reuse": "1",
    }


def _up(ip: IPRoute, name: str, address: str | None = None) -> int:
    (index,) = ip.link_lookup(ifname=name)
    if address:
        host, _, length = address.partition("/")
        ip.addr("add", index=index, address=host, prefixlen=int(length))
    ip.link("set", index=index, state="up")
    return index


def _sysctl(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        with open(f"/proc/sys/{name}", "w") as file:
            file.write(value)
