"""Gateways and their HTTPRoutes: which belong together, which Service they lead to, and which policies it has.

Follows the Gateway API (kubernetes-sigs/gateway-api apis/v1) as far as GKE's controller does. Not here: routes to
anything but Services; meshes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from nodrop.gke.kinds import GATEWAY_API, LISTENER_SETS
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.index import Index, namespace_of
from nodrop.paths.problems import ProblemKind, ReadingError
from nodrop.paths.routes import Entry, Route, ingress_entry
from nodrop.paths.selectors import may_select_namespace
from nodrop.rollout import ObjectRef

_ANY_LISTENER = Field({}, ObjectRef(kind="", namespace=None, name=""))
"""Stands for those of a Gateway that states none, which the API refuses for other reasons than its routes."""
_CLASSES = (
    "gke-l7-global-external-managed",
    "gke-l7-global-external-managed-mc",
    "gke-l7-regional-external-managed",
    "gke-l7-regional-external-managed-mc",
    "gke-l7-cross-regional-internal-managed-mc",
    "gke-l7-rilb",
    "gke-l7-rilb-mc",
    "gke-l7-gxlb",
    "gke-l7-gxlb-mc",
)
"""GKE's classes for HTTP. Source: Google, GatewayClass capabilities."""
_OF_GKE = "gke-l7-"
"""How their names begin."""
_EXPRESSION = "RegularExpression"
_NO_EXPRESSIONS = "GoogleCloudPlatform/gke-gateway-api#40, #54; kserve/kserve#5319"
_HTTP = ("HTTP", "HTTPS")
"""Protocols of listeners that take HTTPRoutes."""


def check_class(gateway: Field) -> None:
    """Raises ReadingError where the Gateway's class is not one of GKE's.

    A name that only looks like one of them is no other controller's.
    """
    name = gateway["spec"]["gatewayClassName"]
    given = name.text() or ""
    if given not in _CLASSES:
        [nearest] = get_close_matches(given, _CLASSES, n=1, cutoff=0)
        kind = ProblemKind.ABSENT if given.startswith(_OF_GKE) else ProblemKind.UNSUPPORTED
        raise name.error(f"one of GKE's classes, such as {nearest}", kind)


def gateways_of(http_route: Field) -> list[tuple[str, str]]:
    """Namespace and name of each Gateway that a route names. Raises ReadingError."""
    return [place for place, _ in _parents(http_route)]


def listener_sets_of(http_route: Field) -> list[str]:
    """Each ListenerSet that a route names, such as `ListenerSet shop/extra`; they are not read. Raises ReadingError.

    Source: kubernetes-sigs/gateway-api apis/v1/listenerset_types.go, and its experimental XListenerSet.
    """
    return [
        f"{kind} {parent['namespace'].text() or namespace_of(http_route)}/{parent['name'].text()}"
        for parent in http_route["spec"]["parentRefs"].entries()
        if (kind := parent["kind"].text()) in LISTENER_SETS and parent["group"].text() in (None, LISTENER_SETS[kind])
    ]


def routes_of(gateway: Field, index: Index) -> tuple[list[Field], list[ReadingError]]:
    """The HTTPRoutes of a Gateway, and an error for each that names it and does not come to it."""
    routes: list[Field] = []
    errors: list[ReadingError] = []
    by_gateway = index.grouped("HTTPRoute", gateways_of)
    place = namespace_of(gateway), gateway["metadata"]["name"].text() or ""
    for http_route in (*by_gateway.get(place, ()), *by_gateway.get(None, ())):
        try:
            if _attached(gateway, http_route, index):
                routes.append(http_route)
        except ReadingError as error:
            errors.append(error)
    return routes, errors


def _parents(http_route: Field) -> Iterator[tuple[tuple[str, str], Field]]:
    for parent in http_route["spec"]["parentRefs"].entries():
        if (parent["group"].text() or GATEWAY_API, parent["kind"].text() or "Gateway") == (GATEWAY_API, "Gateway"):
            yield (parent["namespace"].text() or namespace_of(http_route), parent["name"].text() or ""), parent


def _attached(gateway: Field, http_route: Field, index: Index) -> bool:
    place = namespace_of(gateway), gateway["metadata"]["name"].text()
    parents = [parent for named, parent in _parents(http_route) if named == place]
    if not parents:
        return False
    refusals: list[ReadingError] = []
    for parent in parents:
        section, port = parent["sectionName"].text(), parent["port"].number()
        listeners = gateway["spec"]["listeners"].entries() or [_ANY_LISTENER]
        named = [
            each
            for each in listeners
            if section in (None, each["name"].text()) and port in (None, each["port"].number())
        ]
        if not named:
            field = parent["sectionName" if section else "port"]
            raise field.error(f"a listener of {gateway.object}", ProblemKind.LEADS_NOWHERE)
        found = [_refusal(listener, gateway, http_route, index) for listener in named]
        if None in found:
            return True
        refusals += [each for each in found if each]
    raise refusals[0]


def _refusal(listener: Field, gateway: Field, http_route: Field, index: Index) -> ReadingError | None:
    """Why a listener does not take a route; None where it does. Source: Gateway API, Route status, Accepted."""
    allowed, namespace = listener["allowedRoutes"], namespace_of(http_route)
    kinds = [each["kind"].text() for each in allowed["kinds"].entries()] or ["HTTPRoute"]
    protocol, admitted = listener["protocol"].text() or "HTTP", allowed["namespaces"]["from"].text() or "Same"
    nowhere = ProblemKind.LEADS_NOWHERE
    if protocol not in _HTTP or "HTTPRoute" not in kinds:
        shown = protocol if protocol not in _HTTP else ", ".join(map(str, kinds))
        return http_route["spec"]["parentRefs"].problem(
            nowhere, f"names {gateway.object}, whose listener takes {shown}, no HTTPRoutes"
        )
    selector = allowed["namespaces"]["selector"]
    selected = admitted == "Selector" and may_select_namespace(selector, namespace, index.namespaces)
    if admitted != "All" and not selected and (admitted != "Same" or namespace_of(gateway) != namespace):
        message = f"is in a namespace whose routes {gateway.object} does not allow"
        return http_route["metadata"]["namespace"].problem(nowhere, message)
    host = listener["hostname"].text()
    hosts = [each.text() or "" for each in http_route["spec"]["hostnames"].entries()]
    if host and hosts and not any(_overlap(host, each) for each in hosts):
        return http_route["spec"]["hostnames"].problem(
            nowhere, f"has {', '.join(hosts)}, and the listener of {gateway.object} has {host}"
        )
    return None


def _overlap(one: str, other: str) -> bool:
    """Whether two hosts, of which each may begin with `*.`, have a name in common."""
    if one.startswith("*.") and other.startswith("*."):
        return one.endswith(other[1:]) or other.endswith(one[1:])
    if one.startswith("*."):
        return other.endswith(one[1:])
    return one == other or (other.startswith("*.") and one.endswith(other[1:]))


def references(http_route: Field) -> list[tuple[Route, Field]]:
    """Every way through an HTTPRoute, one a host, match and Service, with its backendRef. Raises ReadingError."""
    hosts = [host.text() or "*" for host in http_route["spec"]["hostnames"].entries()] or ["*"]
    found = []
    for rule in http_route["spec"]["rules"].entries():
        backends = rule["backendRefs"].entries()
        for match in rule["matches"].entries() or [Field({}, http_route.object, f"{rule.path}.matches[0]")]:
            for host in hosts:
                ways = [_route(host, match, backend, namespace_of(http_route)) for backend in backends]
                shared = len(backends) > 1
                found += [(replace(way, shared=shared), to) for way, to in zip(ways, backends, strict=True)]
    return found


def _route(host: str, match: Field, backend: Field, namespace: str) -> Route:
    return Route(
        host=host,
        path=match["path"]["value"].text() or "/",
        prefix=(match["path"]["type"].text() or "PathPrefix") == "PathPrefix",
        conditions=", ".join(_conditions(match)),
        service=backend["name"].text() or "",
        namespace=backend["namespace"].text() or namespace,
        idle=backend["weight"].integer(default=1) == 0,
    )


def _conditions(match: Field) -> Iterator[str]:
    if method := match["method"].text():
        yield method
    for key, sign in (("headers", ""), ("queryParams", "?")):
        for each in match[key].entries():
            yield f"{sign}{each['name'].text()}={each['value'].text()}"


def dead_ends(http_route: Field) -> Iterator[ReadingError]:
    """An error for each rule whose requests reach nothing. Raises ReadingError."""
    for rule in http_route["spec"]["rules"].entries():
        backends = rule["backendRefs"].entries()
        redirects = any(each["type"].text() == "RequestRedirect" for each in rule["filters"].entries())
        if not backends and not redirects:
            yield rule.problem(ProblemKind.LEADS_NOWHERE, f"{rule.path} has neither backendRefs nor a redirect")
        elif backends and all(each["weight"].integer(default=1) == 0 for each in backends):
            yield rule.problem(ProblemKind.LEADS_NOWHERE, f"{rule.path} has no backendRef of a weight above 0")


def refused_matches(http_route: Field) -> Iterator[ReadingError]:
    """An error for each path that GKE's controller refuses, and the route with it. Raises ReadingError."""
    for rule in http_route["spec"]["rules"].entries():
        for match in rule["matches"].entries():
            kind = match["path"]["type"]
            if kind.value == _EXPRESSION:
                yield kind.error("PathPrefix or Exact", ProblemKind.REFUSED, _NO_EXPRESSIONS)


def gateway_entry(gateway: Field, http_routes: Iterable[Field]) -> Entry:
    """A Gateway with its routes as the entry that GKE makes of them. Raises ReadingError."""
    return Entry(
        object=str(gateway.object),
        name=f"Gateway {gateway['spec']['gatewayClassName'].text()}",
        namespace=namespace_of(gateway),
        routes=tuple(route for each in http_routes for route, _ in references(each) if route.service),
    )


def entry_of(entry: Manifest, http_routes: Iterable[Manifest]) -> Entry:
    """An Ingress, or a Gateway with its HTTPRoutes, as the entry that GKE makes of it. Raises ReadingError."""
    if entry.get("kind") == "Gateway":
        return gateway_entry(whole(entry), map(whole, http_routes))
    return ingress_entry(entry)


def policy_of(kind: str, service: Field, index: Index) -> Field | None:
    """The policy of that kind whose target is the Service. Raises ReadingError, also where there are several."""
    by_target = index.grouped(kind, _target_of)
    name = service["metadata"]["name"].text()
    found = [
        policy
        for policy in (*by_target.get((namespace_of(service), name), ()), *by_target.get(None, ()))
        if namespace_of(policy) == namespace_of(service) and _targets(policy["spec"]["targetRef"], service)
    ]
    if len(found) > 1:
        names = " and ".join(str(policy.object) for policy in found)
        message = f"is the target of {names}, of which only one can count"
        raise service.problem(ProblemKind.AMBIGUOUS, message)
    return found[0] if found else None


def _target_of(policy: Field) -> Iterator[tuple[str, str | None]]:
    """Namespace of a policy and the name that it targets."""
    yield namespace_of(policy), policy["spec"]["targetRef"]["name"].text()


def _targets(target: Field, service: Field) -> bool:
    return (target["group"].text(), target["kind"].text(), target["name"].text()) == (
        None,
        "Service",
        service["metadata"]["name"].text(),
    ) and (target["namespace"].text() or namespace_of(service)) == namespace_of(service)
