"""Kubernetes objects -> the serving paths among them, and a named problem for each way that leads nowhere.

Follows GKE's Ingress controller (kubernetes/ingress-gce pkg/controller/translator/translator.go). A path is returned
only if each of its readings can be made; else every field in the way is a problem. Nothing is judged here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nodrop.paths.behaviour import Behaviour, behaviour
from nodrop.paths.fields import Field, Manifest, ReadingError
from nodrop.paths.index import Index, indexed, namespace_of, of_kind
from nodrop.paths.service_ports import backend_config_of, backend_of, deployments_of, target_of
from nodrop.paths.serving_path import ServingPath
from nodrop.paths.waivers import accepted
from nodrop.rollout import OnTerm

_CLASS = "kubernetes.io/ingress.class"
_NEG_ONLY_CLASSES = ("gce-internal", "gce-regional-external")
_CLASSES = ("gce", *_NEG_ONLY_CLASSES)
_READINGS = tuple(name for name, member in vars(ServingPath).items() if isinstance(member, property))
_ANY_BEHAVIOUR = Behaviour(
    longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT
)


@dataclass(frozen=True)
class Problem:
    """Why a way through the objects leads nowhere: `object` such as `Ingress demo/web`, `message` without its name."""

    object: str
    message: str

    def __str__(self) -> str:
        return f"{self.object}: {self.message}"


@dataclass(frozen=True)
class Resolution:
    """What was found among the objects, in their order."""

    paths: tuple[ServingPath, ...]
    problems: tuple[Problem, ...]


def resolve(objects: Iterable[Manifest]) -> Resolution:
    """The serving paths among the objects. Raises nothing, whatever the objects look like."""
    index, errors = indexed(objects)
    problems = [_problem(error) for error in errors]
    paths: list[ServingPath] = []
    for ingress in of_kind(index, "Ingress"):
        for found in _from_ingress(ingress, index):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                paths.append(found)
    return Resolution(paths=tuple(paths), problems=tuple(dict.fromkeys(problems)))


def _problem(error: ReadingError) -> Problem:
    return Problem(error.object, error.message)


def _from_ingress(ingress: Field, index: Index) -> Iterator[ServingPath | Problem]:
    """The paths from one Ingress, a path for each Service port and Deployment however many rules lead there."""
    try:
        ingress_class = _ingress_class(ingress)
        backends = list(_backends(ingress))
    except ReadingError as error:
        yield _problem(error)
        return
    if not backends:
        yield Problem(ingress.object, "names no Service, neither in a rule nor as its default backend")
    routes: dict[tuple[str, str], list[str]] = {}
    ports: dict[tuple[str, str], tuple[Field, Field]] = {}
    for route, backend in backends:
        try:
            service, port = _service_port(ingress, backend, index)
        except ReadingError as error:
            yield _problem(error)
            continue
        ports[service.object, port.path] = service, port
        routes.setdefault((service.object, port.path), []).append(route)
    for way, (service, port) in ports.items():
        yield from _from_service_port(ingress, ingress_class, tuple(routes[way]), service, port, index)


def _ingress_class(ingress: Field) -> str:
    """The class, read from the annotation alone, as pkg/utils/utils.go IsGCEIngress does."""
    annotation = ingress["metadata"]["annotations"][_CLASS]
    ingress_class = annotation.text()
    if ingress_class is None:
        if ingress["spec"]["ingressClassName"].text() is not None:
            raise ingress["spec"]["ingressClassName"].error(f"none: GKE reads the class from the annotation {_CLASS}")
        return "gce"
    if ingress_class not in _CLASSES:
        raise annotation.error(f"one of {', '.join(_CLASSES)}, the classes of GKE's controller")
    return ingress_class


def _backends(ingress: Field) -> Iterator[tuple[str, Field]]:
    """Each route of an Ingress with its backend."""
    for rule in ingress["spec"]["rules"].entries():
        host = rule["host"].text() or "*"
        for path in rule["http"]["paths"].entries():
            yield f"{host}{path['path'].text() or '/'}", path["backend"]
    default = ingress["spec"]["defaultBackend"]
    if default.value is not None:
        yield "default", default


def _service_port(ingress: Field, backend: Field, index: Index) -> tuple[Field, Field]:
    """The Service that an Ingress backend names, and its port entry."""
    name = backend["service"]["name"].text()
    if name is None:
        raise ReadingError(ingress.object, f"{backend.path} names no Service")
    service = index.get(("Service", namespace_of(ingress), name))
    if service is None:
        raise ReadingError(
            ingress.object, f"names Service {namespace_of(ingress)}/{name}, which is not among the objects"
        )
    wanted = backend["service"]["port"]
    port_name, number = wanted["name"].text(), wanted["number"].integer(default=0)
    if port_name is None and number == 0:
        raise ReadingError(ingress.object, f"{wanted.path} has neither name nor number")
    for port in service["spec"]["ports"].entries():
        if port["name"].text() == port_name if port_name else port["port"].number() == number:
            return service, port
    raise ReadingError(ingress.object, f"names port {port_name or number}, which {service.object} does not have")


def _from_service_port(
    ingress: Field, ingress_class: str, routes: tuple[str, ...], service: Field, port: Field, index: Index
) -> Iterator[ServingPath | Problem]:
    """The paths on from one Service port, a path for each Deployment that the Service selects."""
    try:
        backend = backend_of(service, always_neg=ingress_class in _NEG_ONLY_CLASSES)
        backend_config = backend_config_of(service, port, index)
        deployments = deployments_of(service, index)
    except ReadingError as error:
        yield _problem(error)
        return
    for deployment in deployments:
        try:
            container, target_port = target_of(service, port, deployment)
        except ReadingError as error:
            yield _problem(error)
            continue
        path = ServingPath(
            namespace=namespace_of(service),
            ingress=ingress.mapping(),
            routes=routes,
            service=service.mapping(),
            service_port=port.mapping(),
            backend=backend,
            backend_config=backend_config.mapping() if backend_config else None,
            deployment=deployment.mapping(),
            container=container,
            target_port=target_port,
        )
        unreadable = list(_unreadable(path))
        yield from unreadable or [path]


def _unreadable(path: ServingPath) -> Iterator[Problem]:
    """A problem for each reading of the path, and of what its Deployment's annotations say, that cannot be made."""
    readings: list[Callable[[], object]] = [lambda name=name: getattr(path, name) for name in _READINGS]
    readings.append(lambda: [path.pre_stop_seconds(container) for container in (path.container, *path.containers)])
    readings.append(lambda: behaviour(path.deployment, _ANY_BEHAVIOUR))
    readings.append(lambda: accepted(path.deployment))
    for reading in readings:
        try:
            reading()
        except ReadingError as error:
            yield _problem(error)
