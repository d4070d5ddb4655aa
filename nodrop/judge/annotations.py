"""Annotations that nothing reads: a key of GKE's that is misspelt, or that stands on another object than is read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from nodrop.gke import applications, gateways, ingresses, services
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import Field, whole
from nodrop.rollout import Diagnostic
from nodrop.rollout.rules.objects import annotation_is_read

_READ_ON: Mapping[str, tuple[str, ...]] = {
    "Deployment": (
        applications.ACCEPT,
        applications.KEEP_ALIVE_TIMEOUT_SECONDS,
        applications.LONGEST_REQUEST_SECONDS,
        applications.ON_TERM,
        applications.STARTUP_SECONDS,
    ),
    "Gateway": (gateways.CERTIFICATE_MAP,),
    "Ingress": (
        ingresses.ALLOW_HTTP,
        ingresses.CLASS,
        ingresses.FRONTEND_CONFIG,
        ingresses.GLOBAL_STATIC_ADDRESS,
        ingresses.MANAGED_CERTIFICATES,
        ingresses.PRE_SHARED_CERTIFICATES,
        ingresses.REGIONAL_STATIC_ADDRESS,
    ),
    "Service": (
        services.ALPHA_APP_PROTOCOLS,
        services.APP_PROTOCOLS,
        services.BACKEND_CONFIG,
        services.BETA_BACKEND_CONFIG,
        services.NEG,
        services.NEG_STATUS,
        services.TRANSPARENT_HEALTH_CHECK,
    ),
}
_KIND_OF = {key: kind for kind, keys in _READ_ON.items() for key in keys}
_PREFIXES = tuple({key.partition("/")[0] + "/" for key in _KIND_OF})
_ALIKE = 0.9
"""Share of what two keys have in common from which one is taken for the other. Chosen."""


def unread(path: ServingPath) -> Iterator[tuple[Manifest, Diagnostic]]:
    """What a path's own objects state in vain, each with its object. Raises ReadingError."""
    for manifest in (path.entry, *path.http_routes, path.service, path.deployment, *path.governing):
        for found in _unread(whole(manifest)["metadata"], str(manifest.get("kind"))):
            yield manifest, found
    template = whole(path.deployment)["spec"]["template"]["metadata"]
    for found in _unread(template, "pod template"):
        yield path.deployment, found


def _unread(metadata: Field, kind: str) -> Iterator[Diagnostic]:
    annotations = metadata["annotations"]
    for key in annotations.mapping():
        if isinstance(key, str) and key.startswith(_PREFIXES) and _KIND_OF.get(key) != kind:
            meant = _meant(key)
            for found in annotation_is_read(kind, key if meant else None, meant, _KIND_OF.get(meant, "")):
                yield replace(found, input=annotations[key].path)


def _meant(key: str) -> str:
    """The key that is read and nearest; empty where none is near."""
    if key in _KIND_OF:
        return key
    by_case = {each.lower(): each for each in _KIND_OF}
    near = get_close_matches(key.lower(), by_case, n=1, cutoff=_ALIKE)
    return by_case[near[0]] if near else ""
