"""Which Service serves which host and path: the rules of one load balancer, read as a whole.

Follows a URL map (Google, URL maps overview): the most specific host, within it the longest path, else the default
backend. Not here: whether the Services that are named exist; how HTTPRoutes are read, which is in `gateways`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nodrop.gke.decoding import DecodingError
from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL, CLASSES
from nodrop.gke.paths import url_map_paths
from nodrop.paths.decoded import refused
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.problems import ProblemKind, ReadingError

DEFAULT = "default"
"""The route of a default backend."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One rule; `host` is `*` for any and None for the default backend."""

    host: str | None
    path: str
    prefix: bool
    """Whether longer paths match, too."""
    conditions: str = ""
    """What else a request must have, such as `X-Canary=1`."""
    service: str
    namespace: str | None = None
    """The Service's; None: the load balancer's."""
    shared: bool = False
    """Whether the rule splits its requests among several Services, of which this is one."""
    idle: bool = False
    """Whether its share of the requests is none."""

    @property
    def text(self) -> str:
        """Host and path, with the Service where others share them, as in `ServingPath.routes`."""
        if self.host is None:
            return DEFAULT
        conditions = f" ({self.conditions})" if self.conditions else ""
        return f"{self.host}{self.path}{conditions}" + (f" [{self.service}]" if self.shared else "")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What makes a load balancer, with all of its rules."""

    object: str
    """Such as `Ingress demo/web`."""
    name: str
    """Such as `Ingress gce`."""
    namespace: str
    routes: tuple[Route, ...]

    @property
    def services(self) -> dict[str, str]:
        """Service by route, of another namespace than the load balancer's with that."""
        return {route.text: self._backend(route) for route in self.routes}

    def names(self, namespace: str, service: str) -> bool:
        """Whether a rule leads to the Service."""
        return any((each.namespace or self.namespace, each.service) == (namespace, service) for each in self.routes)

    def is_idle(self, namespace: str, service: str) -> bool:
        """Whether rules lead to the Service and all of them by a weight of 0."""
        leading = [
            each for each in self.routes if (each.namespace or self.namespace, each.service) == (namespace, service)
        ]
        return bool(leading) and all(each.idle for each in leading)

    def _backend(self, route: Route) -> str:
        return route.service if route.namespace in (None, self.namespace) else f"{route.namespace}/{route.service}"


def ingress_class_of(ingress: Field) -> str:
    """The class, read from the annotation alone, as pkg/utils/utils.go IsGCEIngress does.

    Raises ReadingError where it is not one of GKE's.
    """
    annotation = ingress["metadata"]["annotations"][CLASS]
    ingress_class = annotation.text()
    if ingress_class is None:
        field = ingress["spec"]["ingressClassName"]
        name = field.text()
        if name is not None and name.startswith(CLASS_EXTERNAL):
            message = f"{field.path} is {name!r}, which GKE does not read: nothing serves the Ingress"
            raise field.problem(ProblemKind.LEADS_NOWHERE, message, _CLASS_NAME, f"the annotation {CLASS}: {name}")
        if name is not None:
            raise field.error(f"none: GKE reads the class from the annotation {CLASS}", ProblemKind.UNSUPPORTED)
        return CLASS_EXTERNAL
    if ingress_class not in CLASSES:
        wanted = f"one of {', '.join(CLASSES)}, the classes of GKE's controller"
        raise annotation.error(wanted, ProblemKind.UNSUPPORTED)
    return ingress_class


def ingress_entry(ingress: Manifest) -> Entry:
    """An Ingress as the entry that GKE makes of it. Raises ReadingError."""
    field = whole(ingress)
    ingress_class = field["metadata"]["annotations"][CLASS].text() or CLASS_EXTERNAL
    return Entry(
        object=str(field.object),
        name=f"Ingress {ingress_class}",
        namespace=field["metadata"]["namespace"].text() or "default",
        routes=tuple(route for route, _ in ingress_routes(field) if route.service),
    )


def ingress_routes(ingress: Field) -> list[tuple[Route, Field]]:
    """The routes of an Ingress that count, each with its backend; of one that names no Service, `service` is empty.

    Of two rules for one host the last one counts, and so it does of two equal paths.
    Source: kubernetes/ingress-gce pkg/utils/gceurlmap.go, PutPathRulesForHost.

    Raises:
        ReadingError: a path cannot be read or is refused; `refused_paths` has all of the latter.
    """
    by_host: dict[str, dict[str, tuple[Route, Field]]] = {}
    for rule in ingress["spec"]["rules"].entries():
        if rule["http"].value is None:
            continue
        host = rule["host"].text() or "*"
        by_host.pop(host, None)
        paths: dict[str, tuple[Route, Field]] = by_host.setdefault(host, {})
        for path in rule["http"]["paths"].entries():
            route = _route(host, path), path["backend"]
            for url_map_path in _url_map_paths(path):
                paths.pop(url_map_path, None)
                paths[url_map_path] = route
    found = list(dict.fromkeys(each for paths in by_host.values() for each in paths.values()))
    default = ingress["spec"]["defaultBackend"]
    if default.value is not None:
        service = default["service"]["name"].text() or ""
        found.append((Route(host=None, path="/", prefix=True, service=service), default))
    return found


def refused_paths(ingress: Field) -> list[ReadingError]:
    """An error for each path that the controller refuses, and the whole Ingress with it. Raises ReadingError."""
    found = []
    for rule in ingress["spec"]["rules"].entries():
        for path in rule["http"]["paths"].entries():
            try:
                _url_map_paths(path)
            except ReadingError as error:
                if error.problem.kind is not ProblemKind.REFUSED:
                    raise
                found.append(error)
    return found


def overwritten_rules(ingress: Field) -> Iterator[ReadingError]:
    """An error for each rule with a path that leads elsewhere in the last rule of its host: that one alone counts.

    Raises:
        ReadingError: a path cannot be read or is refused.
    """
    by_host: dict[str, list[Field]] = {}
    for rule in ingress["spec"]["rules"].entries():
        if rule["http"].value is not None:
            by_host.setdefault(rule["host"].text() or "*", []).append(rule)
    default = ingress["spec"]["defaultBackend"]
    for host, (*earlier, last) in by_host.items():
        counts = dict(_led_to(last))
        for rule in earlier:
            led = [(path, backend, _taker(path, counts, default)) for path, backend in _led_to(rule)]
            lost = dict.fromkeys(path for path, backend, taker in led if not _is_same(backend, taker))
            if lost:
                message = (
                    f"{', '.join(lost)} does not count: of several rules for the host {host} only the last one does"
                )
                wanted = f"one rule for {host} with all paths"
                field = rule if rule["host"].value is None else rule["host"]
                yield field.problem(ProblemKind.LEADS_NOWHERE, message, _OVERWRITTEN, wanted)


_CLASS_NAME = "kubernetes/ingress-gce pkg/utils/utils.go, IsGCEIngress"
_OVERWRITTEN = "kubernetes/ingress-gce pkg/utils/gceurlmap.go, PutPathRulesForHost"


def _led_to(rule: Field) -> Iterator[tuple[str, Field]]:
    """Each path of a rule as the URL map has it, with its backend."""
    for path in rule["http"]["paths"].entries():
        for url_map_path in _url_map_paths(path):
            yield url_map_path, path["backend"]


def _taker(path: str, counts: Mapping[str, Field], default: Field) -> Field:
    """The backend that gets the requests of a path where these paths count: that of the longest one that matches."""
    if path in counts:
        return counts[path]
    start = path.removesuffix("*")
    over = [each for each in counts if each.endswith("/*") and start.startswith(each.removesuffix("*"))]
    return counts[max(over, key=len)] if over else default


def _is_same(backend: Field, other: Field) -> bool:
    """Whether both are one Service, and no port of it that is stated alike is another. Raises ReadingError."""
    mine, its = backend["service"], other["service"]
    if mine["name"].text() is None or mine["name"].text() != its["name"].text():
        return backend.value == other.value
    return all(
        None in (mine["port"][key].value, its["port"][key].value) or mine["port"][key].value == its["port"][key].value
        for key in ("number", "name")
    )


def _url_map_paths(path: Field) -> tuple[str, ...]:
    try:
        return url_map_paths(path["path"].text() or "", path["pathType"].text())
    except DecodingError as error:
        raise refused(path["path"], error) from None


def _route(host: str, path: Field) -> Route:
    text = path["path"].text() or "/"
    prefix = path["pathType"].text() == "Prefix" or text.endswith("*") or path["path"].text() is None
    return Route(host=host, path=text, prefix=prefix, service=path["backend"]["service"]["name"].text() or "")


def services_after(before: Entry, after: Entry | None) -> Mapping[str, str]:
    """Service by route as `after` states it, and for each route of `before` that it does not state, what takes over.

    Where a rule shares its requests with a Service that had none before, that Service is what takes over. A route that
    nothing takes over is absent, unless it had no requests; so is every route where there is no entry any more.
    """
    if after is None:
        return {}
    services = after.services
    had = set(before.services.values())
    for route in before.routes:
        if route.idle:
            services.setdefault(route.text, before.services[route.text])
            continue
        takers = [after.services[each.text] for each in _serving(route, after.routes)]
        newcomers = [service for each, service in _shared(route, after) if service not in had and not each.idle]
        if newcomers:
            services[route.text] = newcomers[0]
        elif route.text not in services and takers:
            own = before.services[route.text]
            services[route.text] = own if own in takers else takers[0]
    return services


def _shared(route: Route, after: Entry) -> list[tuple[Route, str]]:
    """The Services among which `after` splits the requests of the route."""
    return [(each, after.services[each.text]) for each in _serving(route, after.routes) if each.shared]


def _serving(asked: Route, routes: Iterable[Route]) -> list[Route]:
    """The routes that answer all that the route asked for, by the rules of the most specific host alone.

    They are several where one rule splits its requests.
    """
    by_host: dict[str | None, list[Route]] = {}
    for route in routes:
        by_host.setdefault(route.host, []).append(route)
    hosts = [host for host in by_host if host is not None and _covers_host(host, asked.host)]
    host = max(hosts, key=len, default=None)
    covering = [route for route in by_host.get(host, []) if host is not None and _covers_path(route, asked)]
    if not covering:
        return by_host.get(None, [])[:1]
    best = max(covering, key=_specificity)
    if not best.shared:
        return [best]
    split = [each for each in covering if each.shared and _specificity(each) == _specificity(best)]
    return sorted(split, key=lambda each: each.idle)


def _specificity(route: Route) -> tuple[int, bool]:
    return len(route.path), bool(route.conditions)


def _covers_host(host: str, asked: str | None) -> bool:
    if host == "*" or asked == host:
        return True
    return host.startswith("*.") and asked is not None and asked.endswith(host[1:])


def _covers_path(route: Route, asked: Route) -> bool:
    if route.conditions not in ("", asked.conditions):
        return False
    base = asked.path.removesuffix("*")
    if not route.prefix:
        return route.path == asked.path and not asked.prefix
    if route.path.endswith("*"):
        return base.startswith(route.path[:-1])
    return base == route.path or base.startswith(route.path.rstrip("/") + "/")
