"""Kubernetes objects -> the serving paths among them, and a named problem for each way that leads nowhere.

Follows GKE's Ingress controller (kubernetes/ingress-gce pkg/controller/translator/translator.go) and, for Gateways, the
Gateway API. A path is returned only if each of its readings can be made; else every field in the way is a problem.
Nothing is judged here.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from nodrop.gke.ingresses import CLASS_REGIONAL_EXTERNAL, NEG_ONLY_CLASSES
from nodrop.paths.absent import ABSENT
from nodrop.paths.addresses import taken_addresses
from nodrop.paths.behaviour import behaviour
from nodrop.paths.fields import Field, Manifest
from nodrop.paths.front import refused_addresses
from nodrop.paths.gateways import (
    check_class,
    dead_ends,
    listener_sets_of,
    policy_of,
    references,
    refused_matches,
    routes_of,
)
from nodrop.paths.health_check import protocol_of
from nodrop.paths.index import Index, indexed, namespace_of, of_kind
from nodrop.paths.names import distinguished
from nodrop.paths.problems import Problem, ProblemKind, ReadingError
from nodrop.paths.reference_grants import ungranted
from nodrop.paths.routes import ingress_class_of, ingress_routes, overwritten_rules, refused_paths
from nodrop.paths.service_ports import backend_config_of, backend_of, deployments_of, refusals_of, target_of
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.paths.waivers import accepted
from nodrop.rollout import ASSUMED, ObjectRef

_READINGS = tuple(name for name, member in vars(ServingPath).items() if isinstance(member, property | cached_property))


@dataclass(frozen=True)
class Resolution:
    """What was found among the objects, in their order."""

    paths: tuple[ServingPath, ...]
    problems: tuple[Problem, ...]


def resolve(objects: Iterable[Manifest]) -> Resolution:
    """The serving paths among the objects. Raises nothing, whatever the objects look like."""
    index, errors = indexed(objects)
    problems = [error.problem for error in errors]
    paths: list[ServingPath] = []
    ways = (
        *(_from_ingress(ingress, index) for ingress in of_kind(index, "Ingress")),
        *(_from_gateway(gateway, index) for gateway in of_kind(index, "Gateway")),
        (error.problem for error in taken_addresses(_of_gke(index))),
        *(absent(named, index) for kind, absent in ABSENT.items() for named in of_kind(index, kind)),
    )
    for found in (each for way in ways for each in way):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            paths.append(found)
    return Resolution(paths=tuple(distinguished(paths)), problems=tuple(dict.fromkeys(problems)))


def _from_ingress(ingress: Field, index: Index) -> Iterator[ServingPath | Problem]:
    """The paths from one Ingress, a path for each Service port and Deployment however many rules lead there."""
    try:
        ingress_class = ingress_class_of(ingress)
        refusals = [*refused_paths(ingress), *refused_addresses(ingress)]
        backends = [] if refusals else ingress_routes(ingress)
        overwritten = [] if refusals else list(overwritten_rules(ingress))
    except ReadingError as error:
        yield error.problem
        return
    yield from (each.problem for each in (*refusals, *overwritten))
    if not backends and not refusals:
        message = "names no Service, neither in a rule nor as its default backend"
        yield ingress["spec"].problem(ProblemKind.LEADS_NOWHERE, message).problem

    def leads_to(service: Field, port: Field) -> _Governed:
        config = backend_config_of(service, port, index)
        refusals = refusals_of(config, index, regional=ingress_class == CLASS_REGIONAL_EXTERNAL) if config else ()
        protocol_of(service, port)
        return _Governed(
            backend=backend_of(service, always_neg=ingress_class in NEG_ONLY_CLASSES),
            backend_config=_given(config),
            refusals=tuple(refusals),
        )

    found = [(route.text, lambda to=backend: _ingress_port(ingress, to, index)) for route, backend in backends]
    yield from _from_entry(_Entry(entry=ingress.mapping()), found, leads_to, index)


def _from_gateway(gateway: Field, index: Index) -> Iterator[ServingPath | Problem]:
    """The paths from one Gateway, as from an Ingress."""
    try:
        check_class(gateway)
    except ReadingError as error:
        yield error.problem
        return
    http_routes, errors = routes_of(gateway, index)
    readable: list[Field] = []
    found: list[tuple[str, Callable[[], tuple[Field, Field]]]] = []
    for http_route in http_routes:
        try:
            errors += [*dead_ends(http_route), *refused_matches(http_route)]
            ways = references(http_route)
            found += [(way.text, lambda at=(http_route, to): _route_port(*at, index)) for way, to in ways]
            errors += ungranted(http_route, {to.path: to for _, to in ways}.values(), index)
            readable.append(http_route)
        except ReadingError as error:
            errors.append(error)
    yield from (error.problem for error in errors)
    if not found and not errors:
        yield gateway.problem(ProblemKind.ABSENT, _without_routes(index)).problem

    def leads_to(service: Field, _: Field) -> _Governed:
        return _Governed(
            backend=Backend.NEG,
            backend_policy=_given(policy_of("GCPBackendPolicy", service, index)),
            health_check_policy=_given(policy_of("HealthCheckPolicy", service, index)),
        )

    entry = _Entry(entry=gateway.mapping(), http_routes=tuple(each.mapping() for each in readable))
    yield from _from_entry(entry, found, leads_to, index)


def _without_routes(index: Index) -> str:
    """What is said of a Gateway from which no route leads on, with the ListenerSets that may be its."""
    unread = sorted(each for each in index.grouped("HTTPRoute", listener_sets_of) if isinstance(each, str))
    besides = f" but for those of {', '.join(unread)}, which are not read" if unread else ""
    return f"no HTTPRoute leads from it to a Service{besides}"


def _of_gke(index: Index) -> Iterator[Field]:
    """The Ingresses and Gateways of GKE's controllers."""
    for kind, check in (("Ingress", ingress_class_of), ("Gateway", check_class)):
        for entry in of_kind(index, kind):
            with suppress(ReadingError):
                check(entry)
                yield entry


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What makes the load balancer; its fields are a serving path's."""

    entry: Manifest
    http_routes: tuple[Manifest, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Governed:
    """The backend of a Service port and what governs it; its fields are a serving path's."""

    backend: Backend
    backend_config: Manifest | None = None
    backend_policy: Manifest | None = None
    health_check_policy: Manifest | None = None
    refusals: tuple[ReadingError, ...] = ()
    """What the controller refuses of them, so that there is no path."""


def _given(field: Field | None) -> Manifest | None:
    return None if field is None else field.mapping()


def _from_entry(
    entry: _Entry,
    found: Iterable[tuple[str, Callable[[], tuple[Field, Field]]]],
    leads_to: Callable[[Field, Field], _Governed],
    index: Index,
) -> Iterator[ServingPath | Problem]:
    """The paths through all routes of a load balancer, each route with what finds its Service and port."""
    routes: dict[tuple[ObjectRef, str], list[str]] = {}
    ports: dict[tuple[ObjectRef, str], tuple[Field, Field]] = {}
    for route, port_of in found:
        try:
            service, port = port_of()
        except ReadingError as error:
            yield error.problem
            continue
        ports[service.object, port.path] = service, port
        routes.setdefault((service.object, port.path), []).append(route)
    for way, (service, port) in ports.items():
        try:
            governed, deployments = leads_to(service, port), deployments_of(service, index)
        except ReadingError as error:
            yield error.problem
            continue
        yield from (error.problem for error in governed.refusals)
        for deployment in () if governed.refusals else deployments:
            autoscaler = index.autoscaler(namespace_of(deployment), deployment.object.name)
            yield from _to_deployment(entry, tuple(routes[way]), service, port, governed, deployment, autoscaler)


def _ingress_port(ingress: Field, backend: Field, index: Index) -> tuple[Field, Field]:
    """The Service that an Ingress backend names, and its port entry."""
    service = _service(backend, backend["service"]["name"], namespace_of(ingress), index)
    wanted = backend["service"]["port"]
    port_name, number = wanted["name"].text(), wanted["number"].integer(default=0)
    if port_name is None and number == 0:
        message = f"{wanted.path} has neither name nor number"
        raise wanted.problem(ProblemKind.REFUSED, message, "Kubernetes API, ServiceBackendPort v1 networking.k8s.io")
    return service, _port(wanted, service, port_name or number)


def _route_port(http_route: Field, reference: Field, index: Index) -> tuple[Field, Field]:
    """The Service that an HTTPRoute's backendRef names, and its port entry."""
    if (reference["group"].text(), reference["kind"].text() or "Service") != (None, "Service"):
        raise reference["kind"].error("Service, the only kind that is followed", ProblemKind.UNSUPPORTED)
    namespace = reference["namespace"].text() or namespace_of(http_route)
    service = _service(reference, reference["name"], namespace, index)
    return service, _port(reference["port"], service, reference["port"].port())


def _service(backend: Field, named: Field, namespace: str, index: Index) -> Field:
    name = named.text()
    if name is None:
        raise backend.problem(ProblemKind.LEADS_NOWHERE, f"{backend.path} names no Service")
    service = index.get(("Service", namespace, name))
    if service is None:
        message = f"names Service {namespace}/{name}, which is not among the objects"
        raise named.problem(ProblemKind.ABSENT, message)
    return service


def _port(named: Field, service: Field, wanted: str | int) -> Field:
    for port in service["spec"]["ports"].entries():
        if (port["name"].text() if isinstance(wanted, str) else port["port"].number()) == wanted:
            return port
    message = f"names port {wanted}, which {service.object} does not have"
    raise named.problem(ProblemKind.LEADS_NOWHERE, message)


def _to_deployment(
    entry: _Entry,
    routes: tuple[str, ...],
    service: Field,
    port: Field,
    governed: _Governed,
    deployment: Field,
    autoscaler: Field | None,
) -> Iterator[ServingPath | Problem]:
    """The path on from one Service port to one Deployment, or what is unreadable on it."""
    try:
        container, target_port = target_of(port, deployment)
    except ReadingError as error:
        yield error.problem
        return
    path = ServingPath(
        namespace=namespace_of(service),
        entry=entry.entry,
        http_routes=entry.http_routes,
        routes=routes,
        service=service.mapping(),
        service_port=port.mapping(),
        backend=governed.backend,
        backend_config=governed.backend_config,
        backend_policy=governed.backend_policy,
        health_check_policy=governed.health_check_policy,
        deployment=deployment.mapping(),
        container=container,
        target_port=target_port,
        autoscaler=_given(autoscaler),
    )
    unreadable = list(_unreadable(path))
    yield from unreadable or [path]


def _unreadable(path: ServingPath) -> Iterator[Problem]:
    """A problem for each reading of the path, and of what its Deployment's annotations say, that cannot be made."""
    readings: list[Callable[[], object]] = [lambda name=name: getattr(path, name) for name in _READINGS]
    readings.append(lambda: path.pre_stops.containers_without)
    readings.append(lambda: [path.pre_stops.of(container) for container in (path.container, *path.containers)])
    readings.append(lambda: behaviour(path.deployment, ASSUMED))
    readings.append(lambda: accepted(path.deployment))
    for reading in readings:
        try:
            reading()
        except ReadingError as error:
            yield error.problem
