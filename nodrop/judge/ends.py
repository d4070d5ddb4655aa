"""Where the way from a load balancer to a workload ends, among objects that make no serving path."""

from collections.abc import Iterator, Sequence

from nodrop.gke.kinds import VERSIONS
from nodrop.judge.judgement import PassedOver, Positions
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.fields import ref_of, whole
from nodrop.paths.index import namespace_of

_NO_ROUTE = "no Ingress of GKE's and no HTTPRoute among the objects leads to it"
_NO_SERVICE = "no Service among the objects selects its pods"


def ends(objects: Sequence[Manifest], positions: Positions | None) -> Iterator[PassedOver]:
    """Each Service and Deployment with what is missing before it; routes that lead nowhere are problems themselves."""
    services = [each for each in objects if _is(each, "Service")]
    for each in objects:
        if reason := _missing(each, services):
            yield PassedOver(object=ref_of(each), reason=reason, position=positions(each, "") if positions else None)


def _missing(manifest: Manifest, services: Sequence[Manifest]) -> str | None:
    if _is(manifest, "Service"):
        return _NO_ROUTE
    if _is(manifest, "Deployment"):
        return None if any(_selects(each, manifest) for each in services) else _NO_SERVICE
    return None


def _is(manifest: Manifest, kind: str) -> bool:
    return manifest.get("kind") == kind and manifest.get("apiVersion") in VERSIONS[kind]


def _selects(service: Manifest, deployment: Manifest) -> bool:
    given, pods = whole(service), whole(deployment)
    try:
        labels = pods["spec"]["template"]["metadata"]["labels"].mapping()
        selector = given["spec"]["selector"].mapping()
        return bool(selector) and selector.items() <= labels.items() and namespace_of(given) == namespace_of(pods)
    except (ReadingError, TypeError):
        return False
