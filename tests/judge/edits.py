"""Single edits of the clean objects: what one is, and how it is made."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nodrop.gke import ingresses
from nodrop.paths import read_manifests

CLEAN = Path(__file__).parent / "clean"
GONE = object()
"""As a value: the field is taken away."""

POD = "Deployment:spec.template.spec"
WEB = f"{POD}.containers.0"
CHECK = "BackendConfig:spec.healthCheck"
NEG = "Service:metadata.annotations.cloud\\.google\\.com/neg"
CONFIG = "Service:metadata.annotations.cloud\\.google\\.com/backend-config"
LABELS = "Deployment:spec.template.metadata.labels"
POLICY = "HealthCheckPolicy:spec.default"


@dataclass(frozen=True)
class Edit:
    """One field of one object, set or taken away."""

    place: str
    """Kind and path, such as `Deployment:spec.replicas`; dots in keys are escaped."""
    value: Any
    meant: str = ""
    """The rule meant for it, or, in quotes, what the reason says; empty for a neutral edit."""
    base: str = "ingress"

    @property
    def name(self) -> str:
        """For the test's name."""
        shown = "gone" if self.value is GONE else repr(self.value)
        return f"{self.base} {self.place} {shown[:60]}"


@cache
def _read(base: str) -> list[dict[str, Any]]:
    return list(read_manifests([CLEAN / f"{base}.yaml"]))


def clean(base: str) -> list[dict[str, Any]]:
    """The clean objects of that name, to be altered."""
    return deepcopy(_read(base))


def edited(edit: Edit) -> list[dict[str, Any]]:
    """The objects with the edit. Raises KeyError or IndexError where the place is not there."""
    objects = clean(edit.base)
    kind, _, path = edit.place.partition(":")
    [holder] = [each for each in objects if each["kind"] == kind]
    if not path:
        if edit.value is GONE:
            return [each for each in objects if each is not holder]
        return [*objects, edit.value]
    *keys, last = [key.replace("\0", ".") for key in path.replace("\\.", "\0").split(".")]
    for key in keys:
        holder = holder[int(key)] if isinstance(holder, list) else holder.setdefault(key, {})
    if isinstance(holder, list):
        holder[int(last) :] = [] if edit.value is GONE else [edit.value]
    elif edit.value is GONE:
        del holder[last]
    else:
        holder[last] = edit.value
    return objects


def claim(**spec: Any) -> dict[str, Any]:
    """A PersistentVolumeClaim of the clean objects' namespace, called as their Deployment."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"resources": {"requests": {"storage": "1Gi"}}, **spec},
    }


def other_ingress(annotation: str, name: str) -> dict[str, Any]:
    """A second Ingress of the clean objects' Service, with a class by annotation and by name."""
    [ingress] = [each for each in clean("ingress") if each["kind"] == "Ingress"]
    annotations = ingress["metadata"]["annotations"] | {ingresses.CLASS: annotation}
    del annotations[ingresses.GLOBAL_STATIC_ADDRESS]
    metadata = ingress["metadata"] | {"name": "other", "annotations": annotations}
    return ingress | {"metadata": metadata, "spec": ingress["spec"] | {"ingressClassName": name}}


def mounting(*mounts: dict[str, Any]) -> dict[str, Any]:
    """The spec of the clean objects' pods, with a volume `a` that their container mounts."""
    deployment = next(each for each in clean("ingress") if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"] | {"volumes": [{"name": "a", "emptyDir": {}}]}
    pod["containers"][0]["volumeMounts"] = [{"name": "a", **each} for each in mounts]
    return pod


def vertical(mode: object = "Recreate", *policies: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A VerticalPodAutoscaler of the clean objects' Deployment, with an update mode and policies of containers."""
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {} if mode is GONE else {"updateMode": mode},
            "resourcePolicy": {"containerPolicies": list(policies)},
            **spec,
        },
    }


MEMORY_ONLY = {"containerName": "*", "controlledResources": ["memory"]}


def in_labels(key: str, operator: str, *values: object) -> dict[str, Any]:
    expression = {"key": key, "operator": operator, **({"values": list(values)} if values else {})}
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    }


SPREAD: dict[str, Any] = {
    "maxSkew": 1,
    "topologyKey": "topology.kubernetes.io/zone",
    "whenUnsatisfiable": "DoNotSchedule",
    "labelSelector": {"matchLabels": {"app": "web"}},
}
