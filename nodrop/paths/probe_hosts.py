"""Hosts that the kubelet is told to ask instead of the pod: of probes, and of postStart hooks.

It connects from the node, so that a loopback address is the node's. Source: kubernetes.io, Liveness, Readiness, and
Startup Probes, HTTP probes; kubernetes/website#13815.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from nodrop.paths.containers import containers_of
from nodrop.paths.fields import Field, is_unknown_or_masked

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def hosts_asked(pod: Field) -> Iterator[Field]:
    """Each field in which a container that runs beside the others states a host. Raises ReadingError."""
    for container in containers_of(pod):
        handlers = [container[probe] for probe in _PROBES] + [container["lifecycle"]["postStart"]]
        for host in (handler[kind]["host"] for handler in handlers for kind in ("httpGet", "tcpSocket")):
            if host.value not in (None, ""):
                yield host


def is_of_the_node(host: Field) -> bool:
    """Whether the host is the loopback of who asks; the unspecified address leads there on Linux, too."""
    if is_unknown_or_masked(host.value):
        return False
    name = str(host.value).strip("[]").rstrip(".").lower()
    try:
        address = ip_address(name)
    except ValueError:
        return name in _LOOPBACK_NAMES
    return address.is_loopback or address.is_unspecified
