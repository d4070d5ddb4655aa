"""That something listens where the load balancer and the kubelet ask. Silent where a container that may serve
declares no port: one that nobody declares is reached all the same."""

from collections.abc import Iterator

from nodrop.gke.health_checks import HealthCheck
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import (
    CONTAINER_PORTS,
    GOOGLE_CHECKS,
    HEALTH_CHECKS,
    MEMBERSHIP,
    PROBES,
    SERVICES,
)
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import Wiring

_ASKED = ("HTTP", "HTTPS", "HTTP2", "GRPC")
_ENCRYPTED = ("HTTPS", "HTTP2")
"""What the load balancer speaks over TLS. Source: Google, Backend services overview, protocol to the backends."""


@version_rule(
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="Nothing listens where requests go: every request fails, and no health check passes.",
    cure="Target a port that a container declares, best by its name.",
    given={"wiring.listening_ports": (8080,)},
    breaks={"wiring.target_port": 9090, "wiring.serving_port": 9090},
    keeps={"wiring.target_port": 8080, "wiring.serving_port": 8080},
    fact="Service",
)
def target_port_listens(rollout: Rollout) -> Iterator[Diagnostic]:
    """Requests go to a port on which a container listens."""
    wiring = rollout.wiring
    if wiring is None or not wiring.listening_ports or not wiring.container_native:
        return
    if wiring.serving_port is not None and wiring.serving_port not in wiring.listening_ports:
        yield Diagnostic(
            rule="target-port-listens",
            severity=Severity.ERROR,
            input="wiring.target_port",
            value=wiring.target_port,
            seen=f"the containers declare and probe {_listed(wiring.listening_ports)}",
            why="where nothing listens every request fails, and no health check passes",
            source=SERVICES,
            would_pass=_listed(wiring.listening_ports),
        )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The check never passes, and every endpoint counts as unhealthy.",
    cure="Check a port that a container declares; or leave it out, and the check uses the port that requests go to.",
    given={"wiring.listening_ports": (8080,)},
    breaks={"health_check.port": 9090},
    keeps={"health_check.port": 8080},
    fact="other containers",
)
def health_check_port_listens(rollout: Rollout) -> Iterator[Diagnostic]:
    """The load balancer checks a port on which a container listens."""
    wiring, port = rollout.wiring, rollout.health_check.port
    if wiring is None or not wiring.listening_ports or not wiring.container_native or port is None:
        return
    if port not in wiring.listening_ports:
        yield Diagnostic(
            rule="health-check-port-listens",
            severity=Severity.ERROR,
            input="health_check.port",
            value=port,
            seen=f"the containers declare and probe {_listed(wiring.listening_ports)}",
            why="a check where nothing listens never passes, and every endpoint counts as unhealthy",
            source=GOOGLE_CHECKS,
            would_pass=_listed(wiring.listening_ports),
        )


@version_rule(
    severity=Severity.WARNING,
    source=MEMBERSHIP,
    goes_wrong="An unready pod stays in its NEG and keeps getting requests, since its health check still passes.",
    cure="Ask the readiness probe's port in the load balancer's health check.",
    given={"wiring.readiness_port": 8080},
    breaks={"health_check.port": 9090},
    keeps={"health_check.port": 8080},
    fact="other containers",
)
def health_check_asks_the_readiness_port(rollout: Rollout) -> Iterator[Diagnostic]:
    """Load balancer and kubelet ask the same port, as far as both are known."""
    wiring, check = rollout.wiring, rollout.health_check
    if wiring is None or not wiring.container_native or wiring.readiness_port is None:
        return
    port = check.port or wiring.serving_port
    if port is not None and port != wiring.readiness_port:
        yield Diagnostic(
            rule="health-check-asks-the-readiness-port",
            severity=Severity.WARNING,
            input="health_check.port",
            value=port,
            seen=f"not the readiness probe's port {wiring.readiness_port}",
            why="an unready pod stays in its NEG, so only the load balancer's own check keeps requests from it",
            source=MEMBERSHIP,
            would_pass=wiring.readiness_port,
        )


@version_rule(
    severity={
        Severity.ERROR: "one asks by TLS, the other without",
        Severity.WARNING: "one asks by gRPC, the other by HTTP/1.1",
    },
    source=(HEALTH_CHECKS, GOOGLE_CHECKS, PROBES),
    goes_wrong="A check, probe or request in a protocol that the port does not speak always fails.",
    cure="State one protocol for the Service's port, its health check and its probes.",
    breaks={"wiring.protocol": "HTTPS"},
    warns={"wiring.serving_port_schemes": ("GRPC",)},
    keeps={"wiring.protocol": "HTTPS", "health_check.type": "HTTPS"},
    fact="other containers",
)
def port_speaks_one_protocol(rollout: Rollout) -> Iterator[Diagnostic]:
    """On one port, probes, the load balancer's check and its requests agree: TLS or not, gRPC or HTTP/1.1.

    The kubelet's gRPC probes speak HTTP/2 without TLS. Source: kubernetes.io, Liveness, Readiness, and Startup Probes.
    """
    wiring, check = rollout.wiring, rollout.health_check
    if wiring is None or not wiring.container_native or wiring.protocol is None:
        return
    encrypted = wiring.protocol in _ENCRYPTED
    here = check.port in (None, wiring.serving_port)
    asked = [("health_check.type", "the load balancer's check", check.type)] if here else []
    asked += [("readiness_probe", "a probe", scheme) for scheme in wiring.serving_port_schemes]
    if "GRPC" in wiring.serving_port_schemes and wiring.protocol == "HTTP":
        yield Diagnostic(
            rule="port-speaks-one-protocol",
            severity=Severity.WARNING,
            input="readiness_probe",
            value="gRPC",
            seen="a probe asks by gRPC, and requests come by HTTP/1.1",
            why="few servers answer both on one port; one of gRPC alone fails every request of HTTP/1.1",
            source=PROBES,
            would_pass="HTTP2 for the port: by TLS behind an Ingress, or kubernetes.io/h2c behind a Gateway",
        )
    for name, who, scheme in asked:
        if scheme in _ASKED and (scheme in _ENCRYPTED) != encrypted:
            yield Diagnostic(
                rule="port-speaks-one-protocol",
                severity=Severity.ERROR,
                input=name,
                value=scheme,
                seen=f"{who} asks by {scheme}, and requests come by {wiring.protocol}",
                why="a port speaks TLS or it does not, so that one of the two always fails",
                source=HEALTH_CHECKS,
                would_pass="HTTPS" if encrypted else "HTTP",
            )
    yield from _checked_by_grpc_or_not(check, wiring, here=here)
    for scheme in wiring.check_port_schemes:
        if check.type in _ASKED and scheme in _ASKED and (scheme in _ENCRYPTED) != (check.type in _ENCRYPTED):
            yield Diagnostic(
                rule="port-speaks-one-protocol",
                severity=Severity.ERROR,
                input="health_check.type",
                value=check.type,
                seen=f"a probe asks port {check.port} by {scheme}",
                why="a port speaks TLS or it does not, so that one of the two always fails",
                source=HEALTH_CHECKS,
                would_pass=scheme,
            )


def _checked_by_grpc_or_not(check: HealthCheck, wiring: Wiring, *, here: bool) -> Iterator[Diagnostic]:
    """Where the check speaks gRPC and others HTTP/1.1 on its port, or the other way round."""
    speakers = [
        (scheme, "a probe asks") for scheme in (wiring.serving_port_schemes if here else wiring.check_port_schemes)
    ]
    by_http = here and wiring.protocol == "HTTP"
    if by_http:
        speakers.insert(0, ("HTTP", "requests come"))
    other = {"GRPC": "HTTP", "HTTP": "GRPC"}.get(check.type)
    who = next((who for scheme, who in speakers if scheme == other), None)
    if who is not None and not (by_http and check.type == "HTTP"):
        yield Diagnostic(
            rule="port-speaks-one-protocol",
            severity=Severity.WARNING,
            input="health_check.type",
            value=check.type,
            seen=f"the load balancer's check asks by {_WORDS[check.type]}, and {who} by {_WORDS[other or '']}",
            why="few servers answer both on one port; where one alone is spoken, the other always fails",
            source=GOOGLE_CHECKS,
            would_pass=other or "",
        )


_WORDS = {"GRPC": "gRPC", "HTTP": "HTTP/1.1"}


@version_rule(
    severity=Severity.ERROR,
    source=CONTAINER_PORTS,
    goes_wrong="Two containers share the pod's address, so one of them cannot listen.",
    cure="Give each a port of its own.",
    breaks={"wiring.ports_declared_twice": (8080,)},
    keeps={"wiring.ports_declared_twice": ()},
    fact="other containers",
)
def ports_fit_together(rollout: Rollout) -> Iterator[Diagnostic]:
    """No two containers of a pod declare the same port."""
    for port in rollout.wiring.ports_declared_twice if rollout.wiring else ():
        yield Diagnostic(
            rule="ports-fit-together",
            severity=Severity.ERROR,
            input="wiring.ports_declared_twice",
            value=port,
            seen="two containers of the pod declare it",
            why="they share the pod's address, so that one of them cannot listen",
            source=CONTAINER_PORTS,
            would_pass="a port of its own for each",
        )


def _listed(ports: tuple[int, ...]) -> str:
    return ", ".join(map(str, ports))
