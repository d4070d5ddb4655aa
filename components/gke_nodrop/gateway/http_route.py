"""HTTPRoutes: a Gateway's routes as Kubernetes objects, one for each host, and how Pulumi waits for them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.gateway.routes import GatewayPathType, GatewayRouteArgs, RedirectScheme, RouteFiltersArgs
from gke_nodrop.shared.names import SERVICE_PORT
from nodrop.gke.kinds import api_version


def is_prefix(route: GatewayRouteArgs) -> bool:
    """Whether longer paths match, too."""
    return GatewayPathType(route.get("path_type", GatewayPathType.PREFIX)) is GatewayPathType.PREFIX


def by_host(hosts: Iterable[str], routes: Iterable[GatewayRouteArgs]) -> dict[str | None, list[GatewayRouteArgs]]:
    """The routes of each host, in their order; None stands for any host."""
    found: dict[str | None, list[GatewayRouteArgs]] = {}
    common = tuple(dict.fromkeys(hosts)) or (None,)
    for route in routes:
        for host in dict.fromkeys(route.get("hosts", common)):
            found.setdefault(host, []).append(route)
    return found


def kubernetes_rule(route: GatewayRouteArgs) -> dict[str, Any]:
    """A route as HTTPRoute has it."""
    match: dict[str, Any] = {
        "path": {
            "type": GatewayPathType(route.get("path_type", GatewayPathType.PREFIX)).value,
            "value": route.get("path", "/"),
        }
    }
    if headers := route.get("headers"):
        match["headers"] = [{"type": "Exact", **header} for header in headers]
    rule: dict[str, Any] = {"matches": [match]}
    if filters := list(_filters(route.get("filters", {}))):
        rule["filters"] = filters
    if backends := route.get("backends"):
        rule["backendRefs"] = [
            {"name": each["service"], "port": SERVICE_PORT, "weight": each.get("weight", 1)} for each in backends
        ]
    return rule


def _filters(filters: RouteFiltersArgs) -> Iterator[dict[str, Any]]:
    for key, kind in (("request_headers", "RequestHeaderModifier"), ("response_headers", "ResponseHeaderModifier")):
        if key in filters:
            yield {"type": kind, f"{kind[0].lower()}{kind[1:]}": dict(filters[key])}
    if redirect := filters.get("redirect"):
        fields: dict[str, Any] = {"statusCode": redirect.get("status_code", 302)}
        if "scheme" in redirect:
            fields["scheme"] = RedirectScheme(redirect["scheme"]).value
        yield {"type": "RequestRedirect", "requestRedirect": fields | _replaced(redirect)}
    if rewrite := filters.get("rewrite"):
        yield {"type": "URLRewrite", "urlRewrite": _replaced(rewrite)}


def _replaced(given: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"hostname": given["host"]} if "host" in given else {}
    if "path" in given:
        fields["path"] = {"type": "ReplaceFullPath", "replaceFullPath": given["path"]}
    if "prefix" in given:
        fields["path"] = {"type": "ReplacePrefixMatch", "replacePrefixMatch": given["prefix"]}
    return fields


def https_rule() -> dict[str, Any]:
    """Sends every request on to HTTPS, for good."""
    return kubernetes_rule({"filters": {"redirect": {"scheme": RedirectScheme.HTTPS, "status_code": 301}}})


def http_route(
    name: str,
    namespace: pulumi.Input[str],
    *,
    gateway: pulumi.Input[str],
    listener: str | None,
    host: str | None,
    rules: list[dict[str, Any]],
    opts: pulumi.ResourceOptions,
) -> "k8s.apiextensions.CustomResource":
    """An HTTPRoute of a Gateway, or of one of its listeners.

    Pulumi waits until GKE has brought its present version into the load balancer: from then on its Services have NEGs,
    and pods get the readiness gate. It has one parent only, and so one status. Source: kubernetes-sigs/gateway-api
    issue 642 and kubernetes-sigs/gateway-api-inference-extension issue 846 (Reconciled); conformance tests
    HTTPRouteObservedGenerationBump.
    """
    parent: dict[str, pulumi.Input[str]] = {"name": gateway}
    if listener:
        parent["sectionName"] = listener
    spec: dict[str, Any] = {"parentRefs": [parent], "rules": rules}
    if host:
        spec["hostnames"] = [host]
    waits = [current(".status.parents[0]", kind) for kind in ("ResolvedRefs", "Reconciled")]
    return k8s.apiextensions.CustomResource(
        name,
        api_version=api_version("HTTPRoute"),
        kind="HTTPRoute",
        metadata={"name": name, "namespace": namespace, "annotations": {"pulumi.com/waitFor": json.dumps(waits)}},
        spec=spec,
        opts=opts,
    )


def current(at: str, condition: str) -> str:
    """What holds once a condition is True of the object as it is now, not of an older version of it.

    Source: pulumi/pulumi-kubernetes provider/pkg/jsonpath/jsonpath.go; RFC 9535.
    """
    wanted = f'@.type=="{condition}"&&@.status=="True"&&@.observedGeneration==$.metadata.generation'
    return f"jsonpath={{{at}.conditions[?({wanted})].type}}"
