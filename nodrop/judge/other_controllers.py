"""What others than Kubernetes and GKE make of a path: meshes, and whose controllers decide about a Deployment."""

from collections.abc import Iterable, Iterator

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import Field, ref_of, whole

_ADDED = "a mesh's proxy is added to the pods, whose end is not modelled"
_ON_THE_NODE = "a mesh's proxy on the node takes the pods' requests, and when it stops is not modelled"
_INJECTION = {
    "sidecar.istio.io/inject": _ADDED,
    "istio.io/rev": _ADDED,
    "istio.io/dataplane-mode": _ON_THE_NODE,
    "linkerd.io/inject": _ADDED,
    "kuma.io/sidecar-injection": _ADDED,
    "consul.hashicorp.com/connect-inject": _ADDED,
    "dapr.io/enabled": "Dapr's sidecar is added to the pods, whose end is not modelled",
}
"""What a label or annotation of pods means, unless its value says no."""
_NAMESPACE_INJECTION = (
    "istio-injection",
    "istio.io/rev",
    "istio.io/dataplane-mode",
    "linkerd.io/inject",
    "kuma.io/sidecar-injection",
)
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


def of_others(path: ServingPath, beside: Iterable[Manifest]) -> Iterator[Unjudged]:
    """Why a path is not judged because of them; `beside` are the objects that concern it. Raises ReadingError."""
    template = whole(path.deployment)["spec"]["template"]
    yield from _of_pods(template)
    for each in beside:
        if each.get("kind") == "Namespace" and not _says_no(template):
            yield from _of_namespace(whole(each)["metadata"])
        elif why := _DECIDES.get(str(each.get("kind"))):
            yield Unjudged(ref_of(each), "spec", why)


def _of_pods(template: Field) -> Iterator[Unjudged]:
    for place in _marked(template):
        for key, why in _INJECTION.items():
            if place[key].value not in (None, *_NO):
                yield _reason(place[key], why)
    for container in (*template["spec"]["containers"].entries(), *template["spec"]["initContainers"].entries()):
        if container["name"].value in _PROXIES:
            yield _reason(container, "a mesh's proxy, whose answer to TERM is not modelled")


def _says_no(template: Field) -> bool:
    return any(place[key].value in _NO for place in _marked(template) for key in _INJECTION)


def _of_namespace(metadata: Field) -> Iterator[Unjudged]:
    for place in (metadata["labels"], metadata["annotations"]):
        for key in _NAMESPACE_INJECTION:
            if place[key].value not in (None, *_NO):
                yield _reason(place[key], _INJECTION.get(key, _ADDED))


def _marked(template: Field) -> tuple[Field, Field]:
    return template["metadata"]["labels"], template["metadata"]["annotations"]


def _reason(field: Field, why: str) -> Unjudged:
    return Unjudged(field.object, field.path, why)
