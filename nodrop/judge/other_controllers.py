"""What others than Kubernetes and GKE make of a path: meshes, and whose controllers decide about a Deployment."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field, ref_of, whole

_ADDED = "a mesh's proxy is added to the pods; how it shuts down is not modelled"
_ON_THE_NODE = "a mesh's proxy on the node takes the pods' requests; when it stops is not modelled"
_INJECTS, _REVISION = "istio-injection", "istio.io/rev"
"""Labels of a Namespace; the first, if its value is `disabled`, keeps all pods there from Istio's sidecars.

Source: istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml, namespaceSelector.
"""
_INJECTION = {
    "sidecar.istio.io/inject": _ADDED,
    _REVISION: _ADDED,
    "istio.io/dataplane-mode": _ON_THE_NODE,
    "linkerd.io/inject": _ADDED,
    "kuma.io/sidecar-injection": _ADDED,
    "consul.hashicorp.com/connect-inject": _ADDED,
    "dapr.io/enabled": "Dapr's sidecar is added to the pods; how it shuts down is not modelled",
}
"""What a label or annotation of pods means, unless its value says no.

`gke-gcsfuse/volumes` is none: Cloud Storage FUSE's sidecar stops after all other containers, as a native sidecar or,
as an ordinary one, once the driver has written a file that says so. Source: GoogleCloudPlatform/gcs-fuse-csi-driver,
pkg/webhook/injection.go and cmd/sidecar_mounter/main.go.
"""
_LABELS, _ANNOTATIONS = "labels", "annotations"


class _OptOut(NamedTuple):
    """What on pods keeps them out of a mesh in every version of it: another value, or another place, may be ignored."""

    key: str
    values: tuple[str, ...]
    places: tuple[str, ...]


_NO_SIDECAR = _OptOut("sidecar.istio.io/inject", ("false",), (_LABELS, _ANNOTATIONS))
_OPTS_OUT = {
    _INJECTS: _NO_SIDECAR,
    _REVISION: _NO_SIDECAR,
    "istio.io/dataplane-mode": _OptOut("istio.io/dataplane-mode", ("none",), (_LABELS,)),
    "linkerd.io/inject": _OptOut("linkerd.io/inject", ("disabled",), (_ANNOTATIONS,)),
    "kuma.io/sidecar-injection": _OptOut("kuma.io/sidecar-injection", ("disabled", "false"), (_LABELS,)),
}
"""By the label or annotation with which a Namespace puts its pods into a mesh.

Source: istio/istio pkg/kube/inject/inject.go, injectRequired; Istio, Ambient, Add workloads to the mesh;
linkerd/linkerd2 pkg/inject/report.go, disableByAnnotation; kumahq/kuma pkg/plugins/runtime/k8s/metadata/annotations.go.
"""
_NO = ("false", "disabled", "none")
_PROXIES = ("istio-proxy", "linkerd-proxy", "envoy-sidecar", "consul-dataplane")
_DECIDES = {
    "Canary": "how it shifts requests, and which pods it leaves, is not modelled",
    "HTTPScaledObject": "how many pods it leaves at the least is not modelled",
    "MultidimPodAutoscaler": "how many pods it leaves at the least is not modelled",
    "Rollout": "it replaces the pods instead of the Deployment, in a way of its own",
    "ScaledObject": "how many pods it leaves at the least is not modelled",
}
"""Kinds of other controllers that decide about a Deployment's pods, and why it is then not judged."""
_ADDS = {"AuthProxyWorkload": "it adds a Cloud SQL proxy to the pods; when that stops is not modelled"}
"""The same of kinds whose controllers add containers to them."""


def of_others(path: ServingPath, beside: Iterable[Manifest]) -> Iterator[Unjudged]:
    """Why a path is not judged because of them; `beside` are the objects that concern it. Raises ReadingError."""
    template, objects = whole(path.deployment)["spec"]["template"], list(beside)
    namespaces = [whole(each)["metadata"] for each in objects if each.get("kind") == "Namespace"]
    keys = _INJECTION.keys() | _OPTS_OUT.keys()
    if any(each[_LABELS][_INJECTS].value == "disabled" for each in namespaces):
        keys -= {_INJECTS, _REVISION, _NO_SIDECAR.key}
    if _declines(template, _NO_SIDECAR):
        keys -= {_INJECTS, _REVISION}
    yield from _of_pods(template, keys)
    for each in namespaces:
        yield from _of_namespace(each, template, keys)
    for each in objects:
        if why := (_DECIDES | _ADDS).get(str(each.get("kind"))):
            yield Unjudged(ref_of(each), "spec", why)


def others_scale(beside: Iterable[Manifest]) -> bool:
    """Whether another controller may run more pods than the Deployment states, as where it states none for it."""
    return any(str(each.get("kind")) in _DECIDES for each in beside)


def _of_pods(template: Field, keys: Collection[str]) -> Iterator[Unjudged]:
    for place in _marked(template["metadata"]):
        for key, why in _INJECTION.items():
            if key in keys and place[key].value not in (None, *_NO):
                yield _reason(place[key], why)
    for container in every_container_of(template["spec"]):
        if container["name"].value in _PROXIES:
            yield _reason(container, "a mesh's proxy, whose answer to TERM is not modelled")


def _of_namespace(metadata: Field, template: Field, keys: Collection[str]) -> Iterator[Unjudged]:
    for place in _marked(metadata):
        for key, out in _OPTS_OUT.items():
            if key in keys and place[key].value not in (None, *_NO) and not _declines(template, out):
                yield _reason(place[key], _INJECTION.get(key, _ADDED))


def _declines(template: Field, out: _OptOut) -> bool:
    return any(template["metadata"][each][out.key].value in out.values for each in out.places)


def _marked(metadata: Field) -> tuple[Field, Field]:
    return metadata[_LABELS], metadata[_ANNOTATIONS]


def _reason(field: Field, why: str) -> Unjudged:
    return Unjudged(field.object, field.path, why)
