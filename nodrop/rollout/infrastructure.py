"""What the objects of a path stand on, as the program that makes them says: cluster, network, order of creation.

Values only; whether they are right is for `rules` to say.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """What the program's own firewall rules let load balancers reach in a network; other rules may let in more."""

    ports: tuple[str, ...] | None = None
    """Ports and ranges of ports that are let in, such as "8080" or "30000-32767"; empty: every port; None: no rule is
    known that lets load balancers in."""
    denied: tuple[str, ...] = ()
    """The same that a rule denies them, which goes before that of GKE's own controller."""

    doubted: tuple[str, ...] = ()
    """The same that a rule denies them at some nodes or addresses, or may, as its inputs are not known yet."""

    def lets_in(self, port: int) -> bool:
        """Whether a rule lets the port in, and none denies it."""
        is_stated = self.ports is not None and (not self.ports or any(_holds(each, port) for each in self.ports))
        return is_stated and not self.denies(port)

    def denies(self, port: int) -> bool:
        """Whether a rule denies the port, whatever another one lets in."""
        return any(_holds(each, port) for each in self.denied)

    def doubts(self, port: int) -> bool:
        """Whether a rule may deny the port."""
        return any(_holds(each, port) for each in self.doubted)


@dataclass(frozen=True, kw_only=True)
class Infrastructure:
    """What is known of what a path stands on; None: unknown."""

    gateway_api: bool | None = None
    """Whether the Gateway API is on in the cluster."""
    http_load_balancing: bool | None = None
    """Whether the cluster has the add-on whose controller makes load balancers."""
    vpc_native: bool | None = None
    """Whether pods of the cluster have addresses of the network (alias IP ranges)."""
    proxy_subnet: bool | None = None
    """Whether the cluster's region has a proxy-only subnet in the network that the same program makes."""
    firewall: Firewall | None = None
    """What is said of the load balancer's ranges in the cluster's network; None: nothing."""
    network_policies: bool | None = None
    """Whether the cluster enforces NetworkPolicies."""
    kube_proxy: bool | None = None
    """Whether the cluster's nodes have kube-proxy; Dataplane V2 takes its place."""
    own_network: str | None = None
    """Name of the network under the cluster, where the same program deletes it."""
    own_namespace: bool = True
    """Whether the program has the Namespace too."""


UNKNOWN = Infrastructure()
"""Nothing is known."""


def _holds(ports: str, port: int) -> bool:
    first, _, last = ports.partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return True
