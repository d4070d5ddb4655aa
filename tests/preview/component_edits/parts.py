"""Edits of the components that WebService is put together from."""

from collections.abc import Iterator
from typing import Any

from tests.preview.component_edits.table import Args, Edit, edit


def parts() -> Iterator[Edit]:
    """Inputs that the parts have and WebService does not; there are two services, `{name}` and `{name}-two`."""
    yield edit("RollingDeployment", "namespace", "{name}", "elsewhere", path_stays="error", objects_stay="error")
    yield edit("NegService", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("NegService", "selects", None, "{name}-two", selector_stays="error")
    yield edit("NegService", "for_ingress", True, False, {"for_gateway": True}, path_stays="error")
    yield edit("NegService", "for_gateway", False, True)
    yield edit(
        "NegService",
        "for_gateway",
        True,
        False,
        {"health_check": {"path": "/ready/"}},
        health_check_path_stays="error",
        requests_of_old_pods_fit="error",
    )
    yield edit("NegService", "exposed_ports[].port", None, 80)
    yield edit("NegService", "exposed_ports[].port", 80, None)
    yield edit("NegService", "exposed_ports[].name", "one", "two", {"for_ingress": False}, standalone_negs_stay="error")
    yield edit("Ingress", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("Ingress", "default_service", "{name}", "{name}-two", routes_keep_their_service="error")
    two = {"rules": [{"host": "two.example.com", "paths": [{"service": "{name}-two"}]}]}
    yield edit("Ingress", "default_service", "{name}", "{name}-two", two, routes_keep_their_service="error")
    # The default Service answers then, and both have had a route all along.
    yield edit("Ingress", "rules[].host", "two.example.com", "three.example.com", two)
    yield edit("Ingress", "rules[].paths[].path", "/a", "/b", two)
    yield edit(
        "Ingress",
        "rules[].paths[].path_type",
        "Prefix",
        "Exact",
        {"rules": [{"host": "two.example.com", "paths": [{"path": "/a", "service": "{name}-two"}]}]},
    )
    yield edit("Ingress", "rules[].paths[].service", "{name}-two", "{name}", two, routes_keep_their_service="error")
    yield edit("Gateway", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("Gateway", "hosts[]", ["a.example.com"], ["b.example.com"], routes_keep_their_service="warning")
    yield edit("Gateway", "hosts[]", ["a.example.com"], ["a.example.com", "b.example.com"])

    def route(key: str, old: Any, new: Any, more: Args | None = None, **told: str) -> Edit:
        first = {"backends": [{"service": "{name}"}], **(more or {})}
        rest = {"backends": [{"service": "{name}-two"}], "path": "/two"}
        return edit("Gateway", f"routes[].{key}", old, new, {"routes": [first, rest]}, **told)

    yield route("backends[].service", "{name}", "{name}-two", routes_keep_their_service="error")
    both = {"backends": [{"service": "{name}"}, {"service": "{name}-two", "weight": 1}]}
    yield route("backends[].weight", 9, 1, both)
    yield route("backends[].weight", 9, 0, both)
    yield route("hosts[]", ["a.example.com"], ["b.example.com"], routes_keep_their_service="warning")
    yield route("path", "/a", "/b", routes_keep_their_service="warning")
    yield route("path_type", "PathPrefix", "Exact", {"path": "/a"})
    header = {"headers": [{"name": "X-Canary", "value": "1"}]}
    yield route("headers[].name", "X-Canary", "X-Other", header, routes_keep_their_service="warning")
    yield route("headers[].value", "1", "2", header, routes_keep_their_service="warning")
    for kind in ("request_headers", "response_headers"):
        for change in ("add", "set"):
            given = {"filters": {kind: {change: [{"name": "X-A", "value": "1"}]}}}
            yield route(f"filters.{kind}.{change}[].name", "X-A", "X-B", given)
            yield route(f"filters.{kind}.{change}[].value", "1", "2", given)
        yield route(f"filters.{kind}.remove[]", ["X-A"], ["X-B"])
    yield route("filters.rewrite.host", "a.example.com", "b.example.com")
    yield route("filters.rewrite.prefix", "/a", "/b")

    def redirect(key: str, old: Any, new: Any, **more: Any) -> Edit:
        first = {"path": "/old", "filters": {"redirect": {"host": "a.example.com", **more}}}
        rest = {"backends": [{"service": "{name}"}]}
        return edit("Gateway", f"routes[].filters.redirect.{key}", old, new, {"routes": [first, rest]})

    yield redirect("host", "a.example.com", "b.example.com")
    yield redirect("path", "/a", "/b")
    yield redirect("prefix", "/a", "/b")
    yield redirect("scheme", "http", "https")
    yield redirect("status_code", 302, 301)
