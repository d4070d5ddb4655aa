"""What a release does to the objects of a path, where their deployer does not just update them."""

from collections.abc import Iterable, Iterator

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.deployers import AtRelease, Treatment, deployed
from nodrop.rollout import Diagnostic, Rollout
from nodrop.rollout.rules.objects import release_updates_in_place

_LOST = {
    "Deployment": "all its pods are deleted at once, and requests find none until new ones serve",
    "Gateway": "its load balancer is deleted with it, and the new one starts from nothing",
    "HTTPRoute": "the load balancer loses its routes until the new one is programmed",
    "Ingress": "its load balancer is deleted with it, and the new one starts from nothing",
    "ManagedCertificate": "its certificate is deleted with it, and Google provisions the new one within an hour",
    "Namespace": "everything in it is deleted with it",
    "Service": "its NEG loses all endpoints, and the new one is programmed minutes later",
}
"""What requests lose when an object of that kind is deleted, whatever takes its place."""


def of_releases(
    path: ServingPath, rollout: Rollout, beside: Iterable[Manifest]
) -> Iterator[tuple[Manifest, Diagnostic | Unjudged]]:
    """What is wrong with an object, or why it cannot be told. Raises ReadingError."""
    for manifest in (path.entry, *path.http_routes, path.service, path.deployment, *path.governing, *beside):
        for each in deployed(manifest):
            if found := _found(str(manifest.get("kind")), each, rollout):
                yield manifest, found


def _found(kind: str, each: AtRelease, rollout: Rollout) -> Diagnostic | Unjudged | None:
    field, value = each.annotation.path, str(each.annotation.value)
    if each.treatment is Treatment.REWRITTEN:
        if kind != "Deployment" or not _is_reset(rollout):
            return None
        seen = f"{each.does}, and spec.replicas is absent"
        why = f"the API's default of 1 takes the place of up to {rollout.max_replicas} pods until the autoscaler acts"
        instead = "absent, or ServerSideApply=true"
    elif each.treatment is Treatment.RECREATED and kind in _LOST:
        seen, why, instead = each.does, _LOST[kind], None
    else:
        return Unjudged(each.annotation.object, field, f"{each.does}; what requests lose by that is not modelled")
    return next(iter(release_updates_in_place(field, value, seen, why, each.source, instead)))


def _is_reset(rollout: Rollout) -> bool:
    """Whether an autoscaler has more pods than the default of spec.replicas, which stands where it is absent."""
    wiring = rollout.wiring
    return bool(wiring and wiring.autoscaled and not wiring.states_replicas and rollout.max_replicas != 1)
