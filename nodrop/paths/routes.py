"""Which Service serves which host and path: the rules of one Ingress or Gateway, read as a whole.

Follows a URL map (Google, URL maps overview): the most specific host, within it the longest path, else the default
backend. Not here: whether the Services that are named exist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nodrop.paths.fields import Field, Manifest, ReadingError, whole

DEFAULT = "default"
"""The route of a default backend."""

_CLASS = "kubernetes.io/ingress.class"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One rule; `host` is `*` for any and None for the default backend."""

    host: str | None
    path: str
    prefix: bool
    """Whether longer paths match, too."""
    service: str

    @property
    def text(self) -> str:
        """Host and path, as in `ServingPath.routes`."""
        return DEFAULT if self.host is None else f"{self.host}{self.path}"


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
        """Service by route."""
        return {route.text: route.service for route in self.routes}


def ingress_entry(ingress: Manifest) -> Entry:
    """An Ingress as the entry that GKE makes of it. Raises ReadingError."""
    field = whole(ingress)
    routes = []
    for rule in field["spec"]["rules"].entries():
        for path in rule["http"]["paths"].entries():
            text = path["path"].text() or "/"
            prefix = path["pathType"].text() == "Prefix" or text.endswith("*") or path["path"].text() is None
            routes += _route(rule["host"].text() or "*", text, prefix, path["backend"])
    if field["spec"]["defaultBackend"].value is not None:
        routes += _route(None, "/", True, field["spec"]["defaultBackend"])
    ingress_class = field["metadata"]["annotations"][_CLASS].text() or "gce"
    return Entry(
        object=field.object,
        name=f"Ingress {ingress_class}",
        namespace=field["metadata"]["namespace"].text() or "default",
        routes=tuple(routes),
    )


def _route(host: str | None, path: str, prefix: bool, backend: Field) -> list[Route]:
    service = backend["service"]["name"].text()
    return [] if service is None else [Route(host=host, path=path, prefix=prefix, service=service)]


def gateway_entries(objects: Iterable[Manifest]) -> list[Entry]:
    """Each Gateway with the rules of the HTTPRoutes of its namespace that name it; unreadable ones are left out."""
    given = [each for each in objects if isinstance(each, dict)]
    http_routes = [whole(each) for each in given if each.get("kind") == "HTTPRoute"]
    entries = []
    for gateway in (whole(each) for each in given if each.get("kind") == "Gateway"):
        try:
            namespace = gateway["metadata"]["namespace"].text() or "default"
            name, gateway_class = gateway["metadata"]["name"].text(), gateway["spec"]["gatewayClassName"].text()
            routes = [
                route
                for each in http_routes
                if (each["metadata"]["namespace"].text() or "default") == namespace
                and name in [parent["name"].text() for parent in each["spec"]["parentRefs"].entries()]
                for route in _http_routes(each)
            ]
        except ReadingError:
            continue
        entries.append(
            Entry(object=gateway.object, name=f"Gateway {gateway_class}", namespace=namespace, routes=tuple(routes))
        )
    return entries


def _http_routes(http_route: Field) -> list[Route]:
    hosts = [host.text() for host in http_route["spec"]["hostnames"].entries()] or ["*"]
    routes = []
    for rule in http_route["spec"]["rules"].entries():
        services = [name for backend in rule["backendRefs"].entries() if (name := backend["name"].text())]
        for match in rule["matches"].entries() or [Field({}, http_route.object)]:
            path = match["path"]["value"].text() or "/"
            prefix = match["path"]["type"].text() != "Exact"
            routes += [
                Route(host=host or "*", path=path, prefix=prefix, service=service)
                for host in hosts
                for service in services[:1]
            ]
    return routes


def services_after(before: Entry, after: Entry | None) -> Mapping[str, str]:
    """Service by route as `after` states it, and for each route of `before` that it does not state, what takes over.

    A route that nothing takes over is absent, and so is every route where there is no entry any more.
    """
    if after is None:
        return {}
    services = after.services
    for route in before.routes:
        if route.text not in services and (service := _serves(route, after.routes)):
            services[route.text] = service
    return services


def _serves(asked: Route, routes: Iterable[Route]) -> str | None:
    """The Service that answers all that the route asked for, by the rules of the most specific host alone."""
    by_host: dict[str | None, list[Route]] = {}
    for route in routes:
        by_host.setdefault(route.host, []).append(route)
    hosts = [host for host in by_host if host is not None and _covers_host(host, asked.host)]
    host = max(hosts, key=len, default=None)
    covering = [route for route in by_host.get(host, []) if host is not None and _covers_path(route, asked)]
    if covering:
        return max(covering, key=lambda route: len(route.path)).service
    return next((route.service for route in by_host.get(None, [])), None)


def _covers_host(host: str, asked: str | None) -> bool:
    if host == "*" or asked == host:
        return True
    return host.startswith("*.") and asked is not None and asked.endswith(host[1:])


def _covers_path(route: Route, asked: Route) -> bool:
    base = asked.path.removesuffix("*")
    if not route.prefix:
        return route.path == asked.path and not asked.prefix
    if route.path.endswith("*"):
        return base.startswith(route.path[:-1])
    return base == route.path or base.startswith(route.path.rstrip("/") + "/")
