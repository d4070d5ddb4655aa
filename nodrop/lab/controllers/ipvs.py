"""What kube-proxy's IPVS mode does to a node's virtual servers. Pure: from what the kernel has to what changes.

Follows kubernetes/kubernetes pkg/proxy/ipvs (proxier.go syncEndpoint, graceful_termination.go) as of 1.37. A server
that no longer belongs to a Service is deleted where it has no connections; else its weight is set to 0, so that it gets
no new ones, and it is asked again every `CHECK_SECONDS`. No period ends that: 1.11 to 1.12 had 15 minutes, which is
gone. Not here: IPv6, UDP, session affinity.
"""

from collections.abc import Iterable
from typing import NamedTuple

from nodrop.lab.controllers.kube_proxy import NodePorts

CHECK_SECONDS = 60
"""Source: pkg/proxy/ipvs/graceful_termination.go, rsCheckDeleteInterval."""


class Server(NamedTuple):
    """One real server of a node port's virtual server, as the kernel has it."""

    node_port: int
    address: str
    port: int
    weight: int
    connections: int
    """Active and inactive ones: also those that have ended and wait in TIME_WAIT."""


class Change(NamedTuple):
    """One change of the kernel's table: `add` (with weight 1), `drain` (weight 0) or `delete`."""

    do: str
    node_port: int
    address: str
    port: int


def changes(wanted: NodePorts, servers: Iterable[Server], *, delete_at_once: bool) -> list[Change]:
    """What a sync changes, in order: servers are added before others leave.

    Args:
        wanted: which pods each node port is spread over. A port whose packets are to be dropped has no server.
        servers: of all virtual servers, as the kernel has them.
        delete_at_once: whether servers that still have connections are deleted too, as an agent does that watches
            endpoints and gives graceful termination up.
    """
    wish = {(node_port, *pod) for node_port, pods in wanted.items() for pod in pods or ()}
    there = {server[:3]: server for server in servers}
    back = [key for key in sorted(wish & set(there)) if not there[key].weight]
    leaving = [there[key] for key in sorted(set(there) - wish)]
    return [
        *(Change("delete", *key) for key in back),
        *(Change("add", *key) for key in [*back, *sorted(wish - set(there))]),
        *(
            Change("delete" if delete_at_once or not server.connections else "drain", *server[:3])
            for server in leaving
            if server.weight
        ),
    ]


def ended(servers: Iterable[Server]) -> list[Change]:
    """What the check every `CHECK_SECONDS` deletes: servers of weight 0 whose last connection has ended."""
    return [Change("delete", *server[:3]) for server in servers if not server.weight and not server.connections]
