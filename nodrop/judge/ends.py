"""Where the way from a load balancer to a workload ends, among objects that make no serving path, or beside one."""

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

_Selector = tuple[ObjectRef, Mapping[str, Any]]
_NO_ROUTE = "no Ingress of GKE's and no HTTPRoute among the objects leads to it"
_NO_PATH = "no serving path leads to it"
_NO_SERVICE = "no Service among the objects selects its pods"


def ends(
    objects: Sequence[Manifest], foreign: Collection[ObjectRef], positions: Positions | None
) -> Iterator[PassedOver]:
    """Each Service and Deployment with what is missing before it; routes that lead nowhere are problems themselves.

    Routes of the `foreign` load balancers are those of other controllers.
    """
    services = SelectorIndex(_selectors(objects))
    routed = _routed(objects, foreign)
    for each in objects:
        if reason := _missing(each, services, routed):
            yield PassedOver(object=ref_of(each), reason=reason, position=positions(each, "") if positions else None)


def behind(
    objects: Sequence[Manifest],
    foreign: Collection[ObjectRef],
    told: Collection[str],
    on_paths: Collection[ObjectRef],
    positions: Positions | None,
) -> Iterator[PassedOver]:
    """The Services of Deployments to which no path leads, in one line: requests of the paths may need them.

    Not those that are `told` by name already, and none of a Deployment `on_paths`.
    """
    services = SelectorIndex(_selectors(objects))
    left: dict[ObjectRef, None] = {}
    judged: set[ObjectRef] = set()
    for each in objects:
        if _is(each, "Deployment"):
            found = [ref for ref, _ in _selecting(each, services)]
            if ref_of(each) in on_paths:
                judged.update(found)
            else:
                left.update(dict.fromkeys(found))
    routed = _routed(objects, foreign) if left else set()
    names = [ref for ref in left if ref not in judged and ref not in routed and str(ref) not in told]
    if names:
        others = f", nor to {', '.join(map(str, names[1:]))}" if names[1:] else ""
        whose = "their" if names[1:] else "its"
        [first] = [each for each in objects if _is(each, "Service") and ref_of(each) == names[0]][:1]
        yield PassedOver(
            object=names[0],
            reason=f"{_NO_PATH}{others}; what rollouts of {whose} pods do to requests is not judged",
            position=positions(first, "") if positions else None,
        )


def _routed(objects: Iterable[Manifest], foreign: Collection[ObjectRef]) -> set[ObjectRef]:
    """The Services that routes of GKE's load balancers lead to."""
    entries = [each for each in objects if _is(each, "Ingress") or _is(each, "HTTPRoute")]
    return {name for each in entries if ref_of(each) not in foreign for name in _named(each)}


def _missing(manifest: Manifest, services: SelectorIndex[_Selector], routed: Collection[ObjectRef]) -> str | None:
    if _is(manifest, "Service"):
        return None if ref_of(manifest) in routed else _NO_ROUTE
    if _is(manifest, "Deployment"):
        return None if any(_selecting(manifest, services)) else _NO_SERVICE
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


def _selectors(objects: Iterable[Manifest]) -> Iterator[tuple[str, Mapping[str, Any], _Selector]]:
    """Namespace, selector, and Service with selector of each that has one, as far as it can be read."""
    for each in objects:
        if _is(each, "Service"):
            with suppress(ReadingError):
                if selector := whole(each)["spec"]["selector"].mapping():
                    yield namespace_of(whole(each)), selector, (ref_of(each), selector)


def _selecting(deployment: Manifest, services: SelectorIndex[_Selector]) -> Iterator[_Selector]:
    """The Services that select its pods, as far as they can be read."""
    given = whole(deployment)
    with suppress(ReadingError, TypeError):
        labels = given["spec"]["template"]["metadata"]["labels"].mapping()
        for service, selector in services.candidates(namespace_of(given), labels):
            if selector.items() <= labels.items():
                yield service, selector
