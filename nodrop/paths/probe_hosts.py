"""Hosts that the kubelet is told to ask instead of the pod: of probes, and of hooks.

It connects from the node, so that a loopback address is the node's. Source: kubernetes.io, Liveness, Readiness, and
Startup Probes, HTTP probes; kubernetes/website#13815.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from nodrop.paths.containers import PROBES, containers_of
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.ports import port_of_handler

_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def hosts_of_the_node(pod: Field) -> Iterator[Field]:
    """Each field in which a container states a host that is the node, and not the pod. Raises ReadingError."""
    for container, handler, host in _stated(pod):
        if _is_loopback(host) and not _may_be_pod(pod, container, handler):
            yield host


def hosts_not_known(pod: Field) -> Iterator[tuple[Field, str]]:
    """Each field in which a container states a host that may be any, with the reason. Raises ReadingError."""
    for container, handler, host in _stated(pod):
        if not _is_loopback(host):
            yield host, f"the kubelet asks {host.value} instead of the pod; what answers there is not known"
        elif pod["hostNetwork"].value is not True and _may_be_pod(pod, container, handler):
            why = "which is the node's; whether its hostPort there leads to the pod depends on the node's network"
            yield host, f"the kubelet asks {host.value}, {why}"


def pre_stop_asks_the_node(pod: Field, container: Field) -> bool:
    """Whether the container's preStop asks the node, and not the pod. Raises ReadingError."""
    handler = container["lifecycle"]["preStop"]
    return _is_loopback(handler["httpGet"]["host"]) and not _may_be_pod(pod, container, handler)


def _stated(pod: Field) -> Iterator[tuple[Field, Field, Field]]:
    """Container, probe or postStart hook, and host, of the containers that run beside each other."""
    for container in containers_of(pod):
        for handler in (*(container[probe] for probe in PROBES), container["lifecycle"]["postStart"]):
            for host in (handler[kind]["host"] for kind in ("httpGet", "tcpSocket")):
                if host.value not in (None, ""):
                    yield container, handler, host


def _may_be_pod(pod: Field, container: Field, handler: Field) -> bool:
    """Whether the node's loopback may lead to the pod: they have one network, or the node has a port for the pod's."""
    if pod["hostNetwork"].value is True:
        return True
    asked = port_of_handler(container, handler)
    given = [port["hostPort"].number() for each in containers_of(pod) for port in each["ports"].entries()]
    return asked is not None and asked in given


def _is_loopback(host: Field) -> bool:
    """Whether the host is the loopback of who asks; the unspecified address leads there on Linux, too."""
    if host.value in (None, "") or is_unknown_or_masked(host.value):
        return False
    name = str(host.value).strip("[]").rstrip(".").lower()
    try:
        address = ip_address(name)
    except ValueError:
        return name in _LOOPBACK_NAMES
    return address.is_loopback or address.is_unspecified
