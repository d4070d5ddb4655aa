"""Which Service of an Ingress answers which host and path.

What GKE's controller would take silently in another sense than it is written is refused here. Not here: headers,
weights and rewrites, which an Ingress cannot do (`Gateway` can).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.types import ServiceName
from gke_nodrop.shared.names import PORT_NAME

TRANSLATOR = "kubernetes/ingress-gce pkg/controller/translator/translator.go"
URL_MAP = "kubernetes/ingress-gce pkg/utils/gceurlmap.go"
MAX_RULES = 50
"""Rules of one Ingress. Source: Google, Ingress for external Application Load Balancers, Limitations."""


class IngressPathType(StrEnum):
    """How a path is compared with that of a request."""

    PREFIX = "Prefix"
    """The path itself and all below it; / is every path."""
    EXACT = "Exact"
    """This path alone. It goes before a prefix of the same text."""
    IMPLEMENTATION_SPECIFIC = "ImplementationSpecific"
    """As a URL map takes it: this path alone, or with /* at its end all below it, but not the path itself."""


IngressPathTypeText = Literal["Prefix", "Exact", "ImplementationSpecific"]
"""The members of `IngressPathType` as plain text."""


HostPattern = Annotated[
    str,
    limits.matching(
        r"(?=.{1,253}$)(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
        "a domain name in lower case, whose first label may be *",
        "Kubernetes API, IngressRule",
    ),
    Example("www.example.com"),
]
RoutedPath = Annotated[
    str,
    limits.matching(
        r"(?!.*(//|/\.\.?(/|$)|%2[fF]|[?#]))/[!-~]*",
        "an absolute URL path without blanks, queries, //, /./, /../ and %2F",
        "Kubernetes API, HTTPIngressPath",
    ),
    Example("/basket"),
]


class IngressPathArgs(TypedDict):
    """A path and the Service that answers it."""

    service: pulumi.Input[Annotated[ServiceName, Example("basket")]]
    """Name of a Service in the Ingress's namespace whose port is called http, such as a `NegService`'s `service_name`.

    On a live Ingress, a Service that loses its last path loses its backend, and one that gets its first has none for
    minutes: 502s follow (kubernetes/ingress-gce issue 1756). So first give the new Service another path, or a host of
    its own; then move the path, and leave the old Service another one; then drop that.
    """
    path: NotRequired[RoutedPath]
    """Path, which begins with a slash. Default /."""
    path_type: NotRequired[IngressPathType | IngressPathTypeText]
    """How it is compared. Default Prefix."""


class IngressRuleArgs(TypedDict):
    """The paths of one host."""

    paths: Annotated[list[IngressPathArgs], limits.not_empty("paths", "Kubernetes API, HTTPIngressRuleValue")]
    """Paths; the longest that matches wins, whatever their order. What none matches goes to the default Service."""
    host: NotRequired[HostPattern]
    """Host of the requests, with * for its first label if need be. Default: hosts that no rule names."""


Rules = Annotated[
    list[IngressRuleArgs],
    limits.at_most(MAX_RULES, "rules", "Google, Ingress for external Application Load Balancers, Limitations"),
]


def none_is_dropped(rules: Sequence[IngressRuleArgs]) -> Iterator[Fault]:
    """Of the input `rules`: what GKE's controller would drop of its hosts and paths, and wildcards that it refuses."""
    hosts: dict[str, int] = {}
    for number, rule in enumerate(rules):
        host = rule.get("host", "")
        first = hosts.setdefault(host, number)
        if first != number:
            yield Fault(
                input=f"rules[{number}].host",
                value=shown(host) if host else "absent",
                rule=f"must not be that of rules[{first}] too: GKE keeps the last rule of a host and drops the others",
                source=URL_MAP,
                would_pass=f"another host, or its paths in rules[{first}]",
            )
        yield from each_path_counts(rule.get("paths", []), f"rules[{number}].paths[{{}}].path")


def each_path_counts(paths: Sequence[IngressPathArgs], at: str) -> Iterator[Fault]:
    """That GKE's controller drops none of a host's paths; `at` is the path of the input with {} for its number."""
    taken: dict[tuple[str, bool], int] = {}
    for number, entry in enumerate(paths):
        path, kind = entry.get("path", "/"), IngressPathType(entry.get("path_type", IngressPathType.PREFIX))
        bare = path.removesuffix("/*") if kind is IngressPathType.IMPLEMENTATION_SPECIFIC else path
        if "*" in bare:
            free = kind is IngressPathType.IMPLEMENTATION_SPECIFIC
            yield Fault(
                input=at.format(number),
                value=shown(path),
                rule="must have * only at its end, as /*"
                if free
                else f"must have no * where path_type is {kind.value}",
                source="Google, URL maps overview" if free else TRANSLATOR,
                would_pass=shown(path.replace("*", "").rstrip("/") or "/"),
            )
            continue
        exact = kind is IngressPathType.EXACT
        clashes = {taken.setdefault((each, exact), number) for each in _in_url_map(path, kind)} - {number}
        for first in sorted(clashes):
            yield Fault(
                input=at.format(number),
                value=shown(path),
                rule=f"must not match what {at.format(first)} matches: GKE keeps the last of them and drops the other",
                source=URL_MAP,
                would_pass=shown(f"{path.rstrip('/*')}/{number}"),
            )


def _in_url_map(path: str, kind: IngressPathType) -> list[str]:
    """The paths that GKE's controller makes of one, as validateAndGetPaths does."""
    if kind is not IngressPathType.PREFIX:
        return [path]
    base = path.removesuffix("/")
    return [base, f"{base}/*"] if base else ["/*"]


def backend(service: pulumi.Input[str]) -> "k8s.networking.v1.IngressBackendArgs":
    """The port of a Service that is called http."""
    return k8s.networking.v1.IngressBackendArgs(
        service=k8s.networking.v1.IngressServiceBackendArgs(
            name=service, port=k8s.networking.v1.ServiceBackendPortArgs(name=PORT_NAME)
        )
    )


def kubernetes_rules(rules: Sequence[IngressRuleArgs]) -> "list[k8s.networking.v1.IngressRuleArgs]":
    """The rules as Kubernetes has them. Exact paths come last: where a prefix has the same text, GKE keeps the last."""
    return [
        k8s.networking.v1.IngressRuleArgs(
            host=rule.get("host"),
            http=k8s.networking.v1.HTTPIngressRuleValueArgs(
                paths=[
                    k8s.networking.v1.HTTPIngressPathArgs(
                        path=path.get("path", "/"),
                        path_type=IngressPathType(path.get("path_type", IngressPathType.PREFIX)).value,
                        backend=backend(path["service"]),
                    )
                    for path in sorted(rule["paths"], key=lambda path: path.get("path_type") is IngressPathType.EXACT)
                ]
            ),
        )
        for rule in rules
    ]
