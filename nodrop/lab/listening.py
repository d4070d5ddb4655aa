"""Where the containers of a pod listen, and what is known of their answers: from ports, probes and health check.

Pure. A stand-in listens on the ports that its container declares and that its probes ask; the serving one besides on
the port that requests go to, and on the health check's where no other container declares that.
"""

from collections.abc import Container, Iterator
from enum import StrEnum
from itertools import count

from nodrop.lab.protocols import GRPC_CHECK
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import containers_of
from nodrop.paths.fields import Field
from nodrop.paths.health_check import kubelet_probe
from nodrop.paths.needed import is_needed
from nodrop.paths.ports import asked_port, schemes_asked
from nodrop.rollout import HealthCheck

_FIRST_OWN_PORT = 20001
"""For containers that name none; below the ephemeral ports. Source: chosen."""
NEEDED_RULE = "every-container-has-pre-stop"
PROBES = ("readinessProbe", "startupProbe", "livenessProbe")


class CheckAnswer(StrEnum):
    """What the application answers where a health check asks."""

    READINESS = "readiness"
    """200 while it is ready: its readiness probe asks the same, or it has none, so that the health check alone says."""
    ALIVE = "alive"
    """200 for as long as it runs: another of its probes asks the same, or it is enough to connect."""
    UNKNOWN = "unknown"


def ports_by_container(path: ServingPath) -> dict[str, tuple[int, ...]]:
    """The TCP ports of each container, ordinary ones and native sidecars, by its name; none listens on another's.

    A container that names none has one of the lab's own.
    """
    containers = containers_of(path.pod)
    owners: dict[int, str] = {path.target_port: path.container}
    for container in containers:
        for number in _declared(container):
            owners.setdefault(number, _name(container))
    for container in containers:
        for probe in PROBES:
            asked = asked_port(container, probe)
            if asked is not None:
                owners.setdefault(asked, _name(container))
    if path.backend is Backend.NEG and path.health_check.port is not None:
        owners.setdefault(path.health_check.port, path.container)
    own = (number for number in count(_FIRST_OWN_PORT) if number not in owners)
    found = {_name(each): tuple(port for port, owner in owners.items() if owner == _name(each)) for each in containers}
    return {name: ports or (next(own),) for name, ports in found.items()}


def tls_ports(path: ServingPath) -> frozenset[int]:
    """The ports on which containers speak TLS: the serving one of an HTTPS or HTTP2 backend, and those asked so."""
    containers = containers_of(path.pod)
    ports = {port for ports in ports_by_container(path).values() for port in ports}
    asked = {port: {scheme for each in containers for scheme in schemes_asked(each, port)} for port in ports}
    check = path.health_check
    if check.port is not None and not asked.get(check.port):
        asked[check.port] = {check.type}
    asked[path.target_port] = {path.protocol or "HTTP"}
    return frozenset(port for port, schemes in asked.items() if schemes & {"HTTPS", "HTTP2"})


def needed_ports(path: ServingPath, accepted: Container[str]) -> dict[str, int]:
    """One port of each container, by its name, that the serving one takes every request to need.

    Those that the rule `every-container-has-pre-stop` says that requests need; none where it is among the accepted
    ones.
    """
    if NEEDED_RULE in accepted:
        return {}
    ports = ports_by_container(path)
    beside = {_name(each): each for each in containers_of(path.pod) if _name(each) != path.container}
    return {name: ports[name][0] for name, each in beside.items() if is_needed(path.pod, path.container, each)}


def ready_path(path: ServingPath, container: str) -> str:
    """The path at which the container's stand-in says whether it is ready: its probe's.

    The health check's where it has no readiness probe, and one that nobody asks where that asks no path.
    """
    found = next(each for each in containers_of(path.pod) if _name(each) == container)
    probe = kubelet_probe(found["readinessProbe"])
    if probe is not None:
        return probe.path
    checked = path.health_check.path if found["readinessProbe"].value is None else ""
    return checked or "/ready/"


def answer_to_check(path: ServingPath) -> CheckAnswer:
    """What is known of the application's answer to the load balancer's health check."""
    check = path.health_check
    if check.type == "TCP":
        return CheckAnswer.ALIVE
    port = path.target_port if path.backend is Backend.INSTANCE_GROUP or check.port is None else check.port
    asked = {
        probe
        for container in containers_of(path.pod)
        for probe in PROBES
        if asked_port(container, probe) == port and _asks_the_same(container[probe], check)
    }
    if asked:
        return CheckAnswer.READINESS if "readinessProbe" in asked else CheckAnswer.ALIVE
    probed = any(
        container["readinessProbe"].value is not None
        for container in containers_of(path.pod)
        if _name(container) == path.container
    )
    return (
        CheckAnswer.UNKNOWN if probed or port not in ports_by_container(path)[path.container] else CheckAnswer.READINESS
    )


def question(check: HealthCheck) -> str:
    """What the load balancer asks, in a few words such as "GET :8080/healthz"."""
    port = "" if check.port is None else f":{check.port}"
    if check.type in ("TCP", GRPC_CHECK):
        words = "connecting to" if check.type == "TCP" else "gRPC at"
        return f"{words} {port or 'the serving port'}"
    return f"GET {port}{check.path}"


def _asks_the_same(probe: Field, check: HealthCheck) -> bool:
    """Whether a probe of the port that the health check asks has the same question."""
    if check.type == GRPC_CHECK:
        return probe["grpc"].value is not None
    by_http = kubelet_probe(probe)
    return by_http is not None and by_http.path == check.path


def _name(container: Field) -> str:
    return container["name"].text() or ""


def _declared(container: Field) -> Iterator[int]:
    for port in container["ports"].entries():
        if (port["protocol"].text() or "TCP") == "TCP":
            yield port["containerPort"].port()
