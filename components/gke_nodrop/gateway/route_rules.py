"""What of a Gateway's routes excludes what, and what a class of Gateways does not have."""

import json
from collections.abc import Iterable, Iterator

from gke_nodrop.gateway.http_route import by_host, is_prefix
from gke_nodrop.gateway.routes import (
    HTTP_ROUTES,
    ROUTE_EXAMPLE,
    GatewayRouteArgs,
    HeaderChangesArgs,
)
from gke_nodrop.gateway.settings import GatewayClass
from gke_nodrop.inputs.check import Fault, fault, shown

CLASSIC = "Google, Traffic management overview for a classic Application Load Balancer"
MAX_BACKENDS = 16
"""Services of one rule. Source: Gateway API, HTTPRouteRule."""
MAX_RULES = 16
"""Rules of one HTTPRoute. Source: Gateway API, HTTPRouteSpec."""


def faults(
    routes: Iterable[GatewayRouteArgs], hosts: Iterable[str], gateway_class: GatewayClass, *, https: bool
) -> Iterator[Fault]:
    """What of the routes excludes what, and what the class does not have."""
    listed = list(routes)
    for number, route in enumerate(listed):
        at = f"routes[{number}]"
        yield from _backend_faults(at, route)
        yield from _filter_faults(at, route, https=https)
        if gateway_class is GatewayClass.CLASSIC:
            yield from _classic_faults(at, route)
    for host, of_host in by_host(hosts, listed).items():
        yield from _host_faults(host, of_host, listed)


def _host_faults(host: str | None, of_host: list[GatewayRouteArgs], routes: list[GatewayRouteArgs]) -> Iterator[Fault]:
    name = "any host" if host is None else f"host {shown(host)}"
    if len(of_host) > MAX_RULES:
        rule = f"must be at most {MAX_RULES} for one host; {name} has {len(of_host)}"
        yield fault("routes", f"{len(of_host)} routes", rule, "Gateway API, HTTPRouteSpec", f"{MAX_RULES} a host")
    seen: dict[str, int] = {}
    for route in of_host:
        headers = sorted(
            (header.get("name", "").lower(), header.get("value", "")) for header in route.get("headers", [])
        )
        match = json.dumps([route.get("path", "/"), is_prefix(route), headers])
        number = next(index for index, each in enumerate(routes) if each is route)
        if match in seen:
            rule = f"must not match the same requests of {name} as routes[{seen[match]}], which answers them all"
            yield fault(f"routes[{number}]", route.get("path", "/"), rule, HTTP_ROUTES, "another path, or headers")
        seen.setdefault(match, number)


def _backend_faults(at: str, route: GatewayRouteArgs) -> Iterator[Fault]:
    backends, redirect = route.get("backends"), route.get("filters", {}).get("redirect")
    services = [backend.get("service") for backend in backends or []]
    if not backends and redirect is None:
        rule = "is required where filters.redirect does not answer: requests would get 500"
        yield fault(f"{at}.backends", None, rule, HTTP_ROUTES, shown(ROUTE_EXAMPLE["backends"]))
    if backends and len(backends) > MAX_BACKENDS:
        rule = f"must be at most {MAX_BACKENDS} Services"
        yield fault(f"{at}.backends", f"{len(backends)} Services", rule, "Gateway API, HTTPRouteRule", "fewer")
    if backends and redirect is not None:
        rule = "must not stand beside filters.redirect, which answers all requests"
        yield fault(
            f"{at}.backends",
            services,
            rule,
            HTTP_ROUTES,
            "absent, or filters.redirect absent",
        )
    if backends and all(backend.get("weight", 1) == 0 for backend in backends):
        rule = "must not all be 0: requests would find no backend"
        yield fault(f"{at}.backends", "weights of 0", rule, HTTP_ROUTES, "a weight of 1 for one of them")
    for number, service in enumerate(services):
        if isinstance(service, str) and service in services[:number]:
            rule = "must not be stated twice in one route"
            yield fault(f"{at}.backends[{number}].service", service, rule, HTTP_ROUTES, "once, with both weights")


def _filter_faults(at: str, route: GatewayRouteArgs, *, https: bool) -> Iterator[Fault]:
    filters = route.get("filters", {})
    redirect, rewrite = filters.get("redirect"), filters.get("rewrite")
    if redirect is not None:
        for key in ("rewrite", "request_headers"):
            if key in filters:
                rule = "must not stand beside redirect: no Service sees the request"
                yield fault(f"{at}.filters.{key}", dict(filters[key]), rule, HTTP_ROUTES, "absent, or redirect absent")
        if not redirect.keys() - {"status_code"}:
            rule = "must state another scheme, host, path or prefix than the request's"
            yield fault(f"{at}.filters.redirect", dict(redirect), rule, HTTP_ROUTES, '{"host": "www.example.com"}')
        if "path" in redirect and "prefix" in redirect:
            rule = "must not stand beside prefix: one of them is the new path"
            yield fault(f"{at}.filters.redirect.path", redirect["path"], rule, HTTP_ROUTES, "absent, or prefix absent")
        if https and redirect.keys() - {"status_code"} == {"scheme"}:
            rule = (
                "must not be all that a redirect changes with certificates: HTTPS requests would go round in a circle"
            )
            value = redirect["scheme"].value
            yield fault(f"{at}.filters.redirect.scheme", value, rule, HTTP_ROUTES, "redirect_to_https = true instead")
    for key, given in (("redirect", redirect), ("rewrite", rewrite)):
        if given is not None and "prefix" in given and not is_prefix(route):
            rule = "must not stand beside path_type = Exact: there is no prefix to replace"
            value = given["prefix"]
            yield fault(f"{at}.filters.{key}.prefix", value, rule, HTTP_ROUTES, "absent, or path_type absent")
    for key in ("request_headers", "response_headers"):
        yield from _header_faults(f"{at}.filters.{key}", filters.get(key, {}))
    names = [header.get("name", "").lower() for header in route.get("headers", [])]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            yield fault(f"{at}.headers[{number}].name", name, "must not be stated twice", HTTP_ROUTES, "absent")


def _header_faults(at: str, changes: HeaderChangesArgs) -> Iterator[Fault]:
    seen: set[str] = set()
    for kind in ("set", "add", "remove"):
        for number, entry in enumerate(changes.get(kind, [])):
            name = entry if isinstance(entry, str) else entry.get("name", "")
            if name and name.lower() in seen:
                where = f"{at}.{kind}[{number}]" + ("" if isinstance(entry, str) else ".name")
                yield fault(where, name, "must not be changed twice", HTTP_ROUTES, "absent")
            seen.add(name.lower())


def _classic_faults(at: str, route: GatewayRouteArgs) -> Iterator[Fault]:
    beside = f"gateway_class = {shown(GatewayClass.CLASSIC.value)}"
    other = f"gateway_class = {shown(GatewayClass.GLOBAL_EXTERNAL.value)}"
    services = [backend.get("service") for backend in route.get("backends", [])]
    if len(services) > 1:
        rule = f"must be one Service beside {beside}, which has no weights"
        yield fault(
            f"{at}.backends",
            services,
            rule,
            CLASSIC,
            f"one Service, or {other}",
        )
    if "headers" in route:
        rule = f"must not stand beside {beside}, which does not look at headers"
        yield fault(f"{at}.headers", f"{len(route['headers'])} headers", rule, CLASSIC, f"absent, or {other}")
    for key in ("request_headers", "response_headers"):
        if key in route.get("filters", {}):
            rule = f"must not stand beside {beside}, whose routes change no headers"
            yield fault(f"{at}.filters.{key}", "changes", rule, CLASSIC, f"absent, or {other}")
