"""The firewall rule that lets Google's load balancers reach nodes and pods, on the ports of the services there."""

from collections.abc import Mapping
from typing import Annotated, Any

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit
from nodrop.rollout.facts import LOAD_BALANCER_RANGES

_SOURCE = "Google, VPC firewall rules"
_DEFAULT_PORT = 8080
"""Of `WebService` and `RollingDeployment`."""


def _is_port_range(value: str) -> bool:
    ports = value.split("-")
    if len(ports) > 2 or not all(port.isascii() and port.isdecimal() for port in ports):
        return False
    return 1 <= int(ports[0]) <= int(ports[-1]) <= 65535


PortRange = Annotated[
    str,
    Limit(holds=_is_port_range, rule="a port or a range of ports, 1 to 65535", source=_SOURCE),
    Example("8080"),
]
LoadBalancerPorts = Annotated[list[PortRange], limits.not_empty("ports", _SOURCE)]


def load_balancer_ports(*services: Mapping[str, Any]) -> list[str]:
    """The ports on which load balancers send requests and health checks to services of these inputs.

    Args:
        services: inputs of `WebService` or `RollingDeployment`, as mappings.

    Returns:
        What `load_balancer_ports` of `Network` takes, each port once, in order.
    """
    ports = {int(each.get("port", _DEFAULT_PORT)) for each in services}
    checked = {(each.get("health_check") or {}).get("port") for each in services}
    return [str(port) for port in sorted(ports | {int(port) for port in checked if port is not None})]


def sources(proxies: str | None) -> list[str]:
    """Ranges that requests and health checks come from, with the proxies' of the region if it has some."""
    return [*LOAD_BALANCER_RANGES, *([proxies] if proxies else [])]


def create(
    name: str,
    network: pulumi.Input[str],
    *,
    ports: list[str] | None,
    proxies: str | None,
    project: str | None,
    opts: pulumi.ResourceOptions,
) -> "gcp.compute.Firewall":
    """The rule; nothing but load balancers and their health checks comes in by it."""
    return gcp.compute.Firewall(
        f"{name}-load-balancers",
        network=network,
        project=project,
        direction="INGRESS",
        source_ranges=sources(proxies),
        allows=[{"protocol": "tcp", "ports": opened(ports)}],
        opts=opts,
    )


def opened(ports: list[str] | None) -> list[str]:
    """The ports, or the default."""
    return ports or [str(_DEFAULT_PORT)]
