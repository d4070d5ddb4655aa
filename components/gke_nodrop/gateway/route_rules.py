"""What of a Gateway's routes excludes what, and what a class of Gateways does not have."""

import json
from collections.abc import Iterable, Iterator

from gke_nodrop.gateway.http_route import by_host, is_prefix
from gke_nodrop.gateway.routes import (
    HTTP_ROUTES,
    GatewayRouteArgs,
    HeaderChangesArgs,
    RouteRedirectArgs,
)
from gke_nodrop.gateway.settings import GatewayClass
from gke_nodrop.inputs.declared import example_of
from gke_nodrop.inputs.faults import Fault, fault, inside, shown
from gke_nodrop.inputs.rules import rule

CLASSIC = "Google, Traffic management overview for a classic Application Load Balancer"
MAX_BACKENDS = 16
"""Services of one rule. Source: Gateway API, HTTPRouteRule."""
MAX_RULES = 16
"""Rules of one HTTPRoute. Source: Gateway API, HTTPRouteSpec."""


def agree(
    routes: Iterable[GatewayRouteArgs], hosts: Iterable[str], gateway_class: GatewayClass, *, https: bool
) -> Iterator[Fault]:
    """What of the input `routes` the class does not have, and which of them answer the same requests."""
    listed = list(routes)
    for number, route in enumerate(listed):
        at = f"routes[{number}]"
        if https:
            yield from inside(at, _no_circle(route))
        if gateway_class is GatewayClass.CLASSIC:
            yield from inside(at, _classic_faults(route))
    for host, of_host in by_host(hosts, listed).items():
        yield from _host_faults(host, of_host, listed)


def _host_faults(host: str | None, of_host: list[GatewayRouteArgs], routes: list[GatewayRouteArgs]) -> Iterator[Fault]:
    name = "any host" if host is None else f"host {shown(host)}"
    if len(of_host) > MAX_RULES:
        said = f"must be at most {MAX_RULES} for one host; {name} has {len(of_host)}"
        yield fault("routes", f"{len(of_host)} routes", said, "Gateway API, HTTPRouteSpec", f"{MAX_RULES} a host")
    seen: dict[str, int] = {}
    for route in of_host:
        headers = sorted(
            (header.get("name", "").lower(), header.get("value", "")) for header in route.get("headers", [])
        )
        match = json.dumps([route.get("path", "/"), is_prefix(route), headers])
        number = next(index for index, each in enumerate(routes) if each is route)
        if match in seen:
            said = f"must not match the same requests of {name} as routes[{seen[match]}], which answers them all"
            yield fault(f"routes[{number}]", route.get("path", "/"), said, HTTP_ROUTES, "another path, or headers")
        seen.setdefault(match, number)


@rule(GatewayRouteArgs)
def _backends_answer(route: GatewayRouteArgs) -> Iterator[Fault]:
    backends, redirect = route.get("backends"), route.get("filters", {}).get("redirect")
    services = [backend.get("service") for backend in backends or []]
    if not backends and redirect is None:
        said = "is required where filters.redirect does not answer: requests would get 500"
        yield fault("backends", None, said, HTTP_ROUTES, shown(example_of(GatewayRouteArgs)["backends"]))
    if backends and len(backends) > MAX_BACKENDS:
        said = f"must be at most {MAX_BACKENDS} Services"
        yield fault("backends", f"{len(backends)} Services", said, "Gateway API, HTTPRouteRule", "fewer")
    if backends and redirect is not None:
        said = "must not stand beside filters.redirect, which answers all requests"
        yield fault(
            "backends",
            services,
            said,
            HTTP_ROUTES,
            "absent, or filters.redirect absent",
        )
    if backends and all(backend.get("weight", 1) == 0 for backend in backends):
        said = "must not all be 0: requests would find no backend"
        yield fault("backends", "weights of 0", said, HTTP_ROUTES, "a weight of 1 for one of them")
    for number, service in enumerate(services):
        if isinstance(service, str) and service in services[:number]:
            said = "must not be stated twice in one route"
            yield fault(f"backends[{number}].service", service, said, HTTP_ROUTES, "once, with both weights")


@rule(GatewayRouteArgs)
def _filters_agree(route: GatewayRouteArgs) -> Iterator[Fault]:
    filters = route.get("filters", {})
    redirect, rewrite = filters.get("redirect"), filters.get("rewrite")
    if redirect is not None:
        for key in ("rewrite", "request_headers"):
            if key in filters:
                said = "must not stand beside redirect: no Service sees the request"
                yield fault(f"filters.{key}", dict(filters[key]), said, HTTP_ROUTES, "absent, or redirect absent")
        if not redirect.keys() - {"status_code"}:
            said = "must state another scheme, host, path or prefix than the request's"
            yield fault("filters.redirect", dict(redirect), said, HTTP_ROUTES, '{"host": "www.example.com"}')
        if "path" in redirect and "prefix" in redirect:
            said = "must not stand beside prefix: one of them is the new path"
            yield fault("filters.redirect.path", redirect["path"], said, HTTP_ROUTES, "absent, or prefix absent")
    for key, given in (("redirect", redirect), ("rewrite", rewrite)):
        if given is not None and "prefix" in given and not is_prefix(route):
            said = "must not stand beside path_type = Exact: there is no prefix to replace"
            value = given["prefix"]
            yield fault(f"filters.{key}.prefix", value, said, HTTP_ROUTES, "absent, or path_type absent")
    names = [header.get("name", "").lower() for header in route.get("headers", [])]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            yield fault(f"headers[{number}].name", name, "must not be stated twice", HTTP_ROUTES, "absent")


def _no_circle(route: GatewayRouteArgs) -> Iterator[Fault]:
    redirect = route.get("filters", {}).get("redirect", RouteRedirectArgs())
    if "scheme" in redirect and redirect.keys() - {"status_code"} == {"scheme"}:
        said = "must not be all that a redirect changes with certificates: HTTPS requests would go round in a circle"
        yield fault(
            "filters.redirect.scheme", redirect["scheme"], said, HTTP_ROUTES, "redirect_to_https = true instead"
        )


@rule(HeaderChangesArgs)
def _each_header_is_changed_once(changes: HeaderChangesArgs) -> Iterator[Fault]:
    seen: set[str] = set()
    for kind in ("set", "add", "remove"):
        for number, entry in enumerate(changes.get(kind, [])):
            name = entry if isinstance(entry, str) else entry.get("name", "")
            if name and name.lower() in seen:
                where = f"{kind}[{number}]" + ("" if isinstance(entry, str) else ".name")
                yield fault(where, name, "must not be changed twice", HTTP_ROUTES, "absent")
            seen.add(name.lower())


def _classic_faults(route: GatewayRouteArgs) -> Iterator[Fault]:
    beside = f"gateway_class = {shown(GatewayClass.CLASSIC.value)}"
    other = f"gateway_class = {shown(GatewayClass.GLOBAL_EXTERNAL.value)}"
    services = [backend.get("service") for backend in route.get("backends", [])]
    if len(services) > 1:
        said = f"must be one Service beside {beside}, which has no weights"
        yield fault(
            "backends",
            services,
            said,
            CLASSIC,
            f"one Service, or {other}",
        )
    if "headers" in route:
        said = f"must not stand beside {beside}, which does not look at headers"
        yield fault("headers", f"{len(route['headers'])} headers", said, CLASSIC, f"absent, or {other}")
    for key in ("request_headers", "response_headers"):
        if key in route.get("filters", {}):
            said = f"must not stand beside {beside}, whose routes change no headers"
            yield fault(f"filters.{key}", "changes", said, CLASSIC, f"absent, or {other}")
