"""Where the way from a load balancer to a workload ends, among objects that make no serving path."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from nodrop.gke.kinds import VERSIONS
from nodrop.judge.judgement import PassedOver, Positions
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.fields import ref_of, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.selector_index import SelectorIndex
from nodrop.rollout import ObjectRef

_NO_ROUTE = "no Ingress of GKE's and no HTTPRoute among the objects leads to it"
_NO_SERVICE = "no Service among the objects selects its pods"


def ends(
    objects: Sequence[Manifest], foreign: Collection[ObjectRef], positions: Positions | None
) -> Iterator[PassedOver]:
    """Each Service and Deployment with what is missing before it; routes that lead nowhere are problems themselves.

    Routes of the `foreign` load balancers are those of other controllers.
    """
    services = SelectorIndex(_selectors(objects))
    entries = [each for each in objects if _is(each, "Ingress") or _is(each, "HTTPRoute")]
    routed = {name for each in entries if ref_of(each) not in foreign for name in _named(each)}
    for each in objects:
        if reason := _missing(each, services, routed):
            yield PassedOver(object=ref_of(each), reason=reason, position=positions(each, "") if positions else None)


def _missing(
    manifest: Manifest, services: SelectorIndex[Mapping[str, Any]], routed: Collection[ObjectRef]
) -> str | None:
    if _is(manifest, "Service"):
        return None if ref_of(manifest) in routed else _NO_ROUTE
    if _is(manifest, "Deployment"):
        return None if _is_selected(manifest, services) else _NO_SERVICE
    return None


def _named(route: Manifest) -> Iterator[ObjectRef]:
    """The Services that an Ingress or HTTPRoute leads to, as far as it can be read."""
    given = whole(route)
    spec, namespace = given["spec"], ref_of(route).namespace
    try:
        backends = [spec["defaultBackend"]["service"]]
        for rule in spec["rules"].entries():
            backends += [path["backend"]["service"] for path in rule["http"]["paths"].entries()]
            backends += rule["backendRefs"].entries()
        for each in backends:
            near = str(each["namespace"].value or namespace)
            yield ObjectRef(kind="Service", namespace=near, name=str(each["name"].value))
    except ReadingError:
        return


def _is(manifest: Manifest, kind: str) -> bool:
    return manifest.get("kind") == kind and manifest.get("apiVersion") in VERSIONS[kind]


def _selectors(objects: Iterable[Manifest]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """Namespace, and twice the selector, of each Service that has one, as far as it can be read."""
    for each in objects:
        if _is(each, "Service"):
            with suppress(ReadingError):
                if selector := whole(each)["spec"]["selector"].mapping():
                    yield namespace_of(whole(each)), selector, selector


def _is_selected(deployment: Manifest, services: SelectorIndex[Mapping[str, Any]]) -> bool:
    given = whole(deployment)
    with suppress(ReadingError, TypeError):
        labels = given["spec"]["template"]["metadata"]["labels"].mapping()
        return any(each.items() <= labels.items() for each in services.candidates(namespace_of(given), labels))
    return False
