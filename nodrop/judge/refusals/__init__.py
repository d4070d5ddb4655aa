"""What is refused of the objects of a path and around it, so that nothing of it takes effect, and of its new pods.

By the Kubernetes API, by the definitions of GKE's own kinds, and by the API of the load balancer. What GKE's
controllers refuse of annotations and URL maps is found where they are read, in `nodrop.paths`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from nodrop.gke.kinds import HAD_OTHER_FIELDS, NO_LONGER_SERVED, VERSIONS
from nodrop.judge.refusals.admission import of_levels, of_pod_security
from nodrop.judge.refusals.backends import (
    of_backend_config,
    of_backend_policy,
    of_gateway_policy,
    of_health_check_policy,
    of_security_policy,
)
from nodrop.judge.refusals.beside import of_autoscaler, of_budget, of_claim, of_network_policy, of_vertical_autoscaler
from nodrop.judge.refusals.claims import of_claims
from nodrop.judge.refusals.front import (
    of_frontend,
    of_frontend_config,
    of_gateway,
    of_http_route,
    of_ingress,
    of_managed_certificate,
)
from nodrop.judge.refusals.pod_sources import of_config_map, of_secret
from nodrop.judge.refusals.pods import of_deployment
from nodrop.judge.refusals.pods_in_ranges import of_pod_in_ranges
from nodrop.judge.refusals.quotas import of_objects_in_quotas, of_pod_in_quotas, of_resource_quota
from nodrop.judge.refusals.ranges import of_limit_range
from nodrop.judge.refusals.refusal import Refusal
from nodrop.judge.refusals.required import of_required
from nodrop.judge.refusals.services import of_neg, of_service
from nodrop.judge.refusals.spelling import of_spelling
from nodrop.judge.refusals.types import of_types
from nodrop.judge.refusals.versions import of_version
from nodrop.paths import Manifest, Problem, ReadingError, ServingPath
from nodrop.paths.fields import Field, whole
from nodrop.paths.quotas import Room

_OF_KIND: Mapping[str, Callable[[Field], Iterable[Refusal]]] = {
    "BackendConfig": of_backend_config,
    "ConfigMap": of_config_map,
    "Deployment": of_deployment,
    "FrontendConfig": of_frontend_config,
    "GCPBackendPolicy": of_backend_policy,
    "GCPGatewayPolicy": of_gateway_policy,
    "Gateway": of_gateway,
    "HTTPRoute": of_http_route,
    "HealthCheckPolicy": of_health_check_policy,
    "HorizontalPodAutoscaler": of_autoscaler,
    "Ingress": of_ingress,
    "LimitRange": of_limit_range,
    "ManagedCertificate": of_managed_certificate,
    "Namespace": of_levels,
    "NetworkPolicy": of_network_policy,
    "PersistentVolumeClaim": of_claim,
    "PodDisruptionBudget": of_budget,
    "ResourceQuota": of_resource_quota,
    "Secret": of_secret,
    "Service": of_service,
    "VerticalPodAutoscaler": of_vertical_autoscaler,
}


def of_pods(path: ServingPath, beside: Iterable[Manifest], room: Room, *, filled_in: bool) -> Iterator[Refusal]:
    """What is refused of the pods that the path's Deployment makes, though it is taken itself.

    Args:
        path: whose pods.
        beside: the objects that concern it.
        room: what quotas leave and want.
        filled_in: GKE may state what containers of the pods do not.

    Raises:
        ReadingError: a field has no readable value.
    """
    others = list(beside)
    for each in others:
        if each.get("kind") == "Namespace":
            yield from of_pod_security(whole(each), whole(path.deployment))
    ranges = [each for each in others if each.get("kind") == "LimitRange"]
    yield from of_pod_in_ranges(ranges, path.pod, filled_in=filled_in)
    yield from of_pod_in_quotas(room.demands)


class Refusals:
    """Asks each object once, however many paths it is on."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Manifest, tuple[Refusal, ...]]] = {}

    def of(self, path: ServingPath, beside: Iterable[Manifest], room: Room) -> Iterator[tuple[Manifest, Refusal]]:
        """What is refused, each with its object; `beside` are those that concern the path, `room` what quotas leave.

        Raises:
            ReadingError: a field has no readable value.
        """
        others = list(beside)
        for manifest in (*_of_path(path), *others):
            for refusal in self._of_object(manifest):
                yield manifest, refusal
        ranges, claims = (
            [each for each in others if each.get("kind") == kind] for kind in ("LimitRange", "PersistentVolumeClaim")
        )
        yield from of_claims(ranges, claims)
        yield from ((path.service, each) for each in of_neg(path))
        for config in (each for each in (path.backend_config,) if each):
            yield from ((config, each) for each in of_security_policy(path))
        yield from ((path.entry, each) for each in of_frontend(whole(path.entry), map(whole, others)))
        yield from of_objects_in_quotas(room.exceeded)

    def elsewhere(self, objects: Iterable[Manifest]) -> Iterator[tuple[Manifest, Refusal | Problem]]:
        """What is refused of objects that no path has asked about, each with its object; a Problem cannot be read."""
        for manifest in objects:
            if id(manifest) not in self._found and manifest.get("apiVersion") in _known_versions(
                str(manifest.get("kind"))
            ):
                try:
                    for refusal in self._of_object(manifest):
                        yield manifest, refusal
                except ReadingError as error:
                    yield manifest, error.problem

    def _of_object(self, manifest: Manifest) -> tuple[Refusal, ...]:
        """What is refused of one object, which is kept, so that no other gets its place in memory."""
        known = self._found.get(id(manifest))
        if known is None:
            known = self._found[id(manifest)] = (manifest, tuple(_of_kind(manifest)))
        return known[1]


def _of_kind(manifest: Manifest) -> Iterator[Refusal]:
    kind, given = str(manifest.get("kind")), whole(manifest)
    values = _OF_KIND.get(kind)
    found = list(of_version(kind, given))
    if found and kind in HAD_OTHER_FIELDS:
        yield from found  # what the served version wants of fields says nothing of an earlier one's
        return
    for also in (
        of_spelling(kind, given),
        values(given) if values else (),
        of_required(kind, given),
        of_types(kind, given) if values else (),
    ):
        told = {each.field.path for each in found}
        found += [each for each in also if each.field.path not in told]
    yield from found


def _known_versions(kind: str) -> tuple[str, ...]:
    return (*VERSIONS.get(kind, ("v1",)), *NO_LONGER_SERVED.get(kind, ()))


def _of_path(path: ServingPath) -> Iterator[Manifest]:
    yield from (path.entry, *path.http_routes, path.service, path.deployment)
    yield from path.governing


__all__ = ["Refusal", "Refusals", "of_pods"]
