"""Patches of Kubernetes objects in a program: they change an object that another resource, or nobody here, makes.

What a patch makes of its object is not read: the cluster merges it, after those that the object has. Source:
Pulumi, Server-side apply, patch resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.gke.kinds import group_of
from nodrop.paths import Manifest
from nodrop.paths.fields import UNKNOWN, is_unknown_or_masked, ref_of
from nodrop.preview import kubernetes
from nodrop.preview.resources import Resource
from nodrop.preview.values import plain

_FOLLOWED_BY = {
    "GCPBackendPolicy": "targetRef",
    "HealthCheckPolicy": "targetRef",
    "GCPGatewayPolicy": "targetRef",
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "NetworkPolicy": "podSelector",
    "PodDisruptionBudget": "selector",
    "VerticalPodAutoscaler": "targetRef",
}
"""By kind, the field of `spec` by which an object concerns a path; of others it is a name, or a field of the path's."""


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One patch resource."""

    words: str
    """Such as `DeploymentPatch tuned`."""
    kind: str
    group: str
    """API group of its object; empty: the core one."""
    namespace: str | None
    """None: not known, or the object is in none."""
    name: str | None
    """None: not known."""

    def concerns(self, manifest: Manifest) -> bool:
        """Whether it changes an object, or may, as its target is not known."""
        ref = ref_of(manifest)
        return (
            (self.kind, self.group) == (ref.kind, group_of(manifest.get("apiVersion")))
            and self.namespace in (None, ref.namespace)
            and self.name in (None, ref.name)
        )

    def told(self, of: str = "it") -> str:
        """What it does, and what to do instead."""
        does = "changes" if self.name else "may change"
        return f"{self.words} {does} {of}: write into the object itself what the patch states"


def patch_of(resource: Resource, of_provider: Mapping[str, Any]) -> Patch | None:
    """The patch that a resource is; None: it is another one, or one that the program only reads.

    `of_provider` are the inputs of its provider, with the namespace of what states none.
    """
    if not resource.custom or resource.read_id is not None or not kubernetes.is_patch(resource.type, resource.inputs):
        return None
    inputs = plain(resource.inputs)
    kind, metadata = str(inputs["kind"]), inputs.get("metadata")
    known = isinstance(metadata, dict)
    namespace, name = (metadata.get(each) if known else UNKNOWN for each in ("namespace", "name"))
    return Patch(
        words=f"{kind}Patch {resource.name}",
        kind=kind,
        group=group_of(inputs["apiVersion"]),
        namespace=_known(namespace or of_provider.get("namespace") or "default")
        if kubernetes.is_namespaced(kind)
        else None,
        name=_known(name),
    )


def retargets(resource: Resource) -> bool:
    """Whether a patch may make its object concern other pods or Services than the object itself says."""
    inputs = plain(resource.inputs)
    kind, spec = str(inputs.get("kind")), inputs.get("spec")
    if kind not in _FOLLOWED_BY or resource.read_id is not None or not kubernetes.is_patch(resource.type, inputs):
        return False
    return _FOLLOWED_BY[kind] in spec if isinstance(spec, dict) else is_unknown_or_masked(spec)


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) and value and not is_unknown_or_masked(value) else None
