"""The ports of a pod: what its containers declare, what they are called, and which of them its probes ask."""

from collections import Counter
from collections.abc import Iterator

from nodrop.paths.containers import PROBES, containers_of
from nodrop.paths.fields import Field
from nodrop.paths.needed import may_serve

_KINDS = ("httpGet", "tcpSocket", "grpc")


def target_port_of(service_port: Field) -> Field:
    """Where an entry of a Service's `spec.ports` states the port of the pods: its own number where it states none.

    0 and an empty text stand for none, too. Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go,
    SetDefaults_Service.
    """
    stated = service_port["targetPort"]
    return service_port["port"] if stated.value in (None, "") or stated.number() == 0 else stated


def listening_ports(pod: Field) -> tuple[int, ...]:
    """Numbers that the containers declare, and that their probes ask; empty where one that may serve declares none.

    A port that nobody declares is reached all the same. Source: Kubernetes API, Container v1 core, ports.
    """
    together = containers_of(pod)
    declares = {bool(each["ports"].entries()) for each in together if may_serve(each)}
    if declares != {True} and not all(each["ports"].entries() for each in together):
        return ()
    declared = [number for each in together for number, _ in _declared(each)]
    asked = [number for each in together for port in _asked(each) if (number := port.number()) is not None]
    return tuple(dict.fromkeys([*declared, *asked])) if declared else ()


def names_of(pod: Field, port: int) -> list[str]:
    """What the containers call a port."""
    return [name for each in containers_of(pod) for number, name in _declared(each) if number == port and name]


def declared_twice(pod: Field) -> tuple[int, ...]:
    """TCP ports that two containers declare."""
    counted = Counter(
        number for each in containers_of(pod) for number in dict.fromkeys(number for number, _ in _declared(each))
    )
    return tuple(number for number, times in counted.items() if times > 1)


def asked_port(container: Field, probe: str) -> int | None:
    """The number that a probe such as `readinessProbe` asks; None where it asks none that is there."""
    return port_of_handler(container, container[probe])


def port_of_handler(container: Field, handler: Field) -> int | None:
    """The number that a probe or hook asks; None where it asks none that is there. Raises ReadingError."""
    named = {name: number for number, name in _declared(container)}
    stated = next((port for kind in _KINDS if (port := handler[kind]["port"]).value is not None), None)
    if stated is None:
        return None
    number = stated.number()
    return number if number is not None else named.get(str(stated.value))


def asks(container: Field, port: int) -> bool:
    """Whether a probe of a container asks that port."""
    return any(asked_port(container, probe) == port for probe in PROBES)


def schemes_asked(container: Field, port: int) -> tuple[str, ...]:
    """`HTTP`, `HTTPS` or `GRPC`, by which the container's probes ask a port."""
    here = (probe for probe in PROBES if asked_port(container, probe) == port)
    schemes = (_scheme(container[probe]) for probe in here)
    return tuple(dict.fromkeys(scheme for scheme in schemes if scheme))


def _scheme(probe: Field) -> str | None:
    if probe["grpc"].value is not None:
        return "GRPC"
    return None if probe["httpGet"].value is None else probe["httpGet"]["scheme"].text() or "HTTP"


def probes_without_port(container: Field) -> tuple[str, ...]:
    """Which probes of a container, such as `readinessProbe`, name a port that it does not declare."""
    names = [name for _, name in _declared(container)]
    return tuple(
        probe
        for probe in PROBES
        for kind in _KINDS
        if (port := container[probe][kind]["port"]).value is not None
        and port.number() is None
        and port.value not in names
    )


def _declared(container: Field) -> Iterator[tuple[int, str | None]]:
    for port in container["ports"].entries():
        if (port["protocol"].text() or "TCP") == "TCP":
            yield port["containerPort"].port(), port["name"].text()


def _asked(container: Field) -> Iterator[Field]:
    for probe in PROBES:
        for kind in _KINDS:
            port = container[probe][kind]["port"]
            if port.value is not None:
                yield port
