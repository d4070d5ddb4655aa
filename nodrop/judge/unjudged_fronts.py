"""What of an Ingress's front is not judged: objects that are not there, and what its class may not have."""

from collections.abc import Collection, Iterator

from nodrop.gke.ingresses import (
    CLASS,
    CLASS_EXTERNAL,
    CLASS_INTERNAL,
    FRONTEND_CONFIG,
    GLOBAL_STATIC_ADDRESS,
    MANAGED_CERTIFICATES,
    REGIONAL_CLASSES,
    REGIONAL_STATIC_ADDRESS,
    read_names,
)
from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import Field, whole

_FOR_EXTERNAL_ONES = "is for external Ingresses only; what an internal one makes of it is not known"


def unjudged_of_fronts(path: ServingPath, beside: Collection[Manifest]) -> Iterator[Unjudged]:
    """Why a path is not judged because of its Ingress; `beside` are the objects that concern it.

    Raises:
        ReadingError: a field has no readable value.
    """
    if path.by_gateway:
        return
    annotations = whole(path.entry)["metadata"]["annotations"]
    yield from _absent(path, annotations, beside)
    yield from _of_addresses(annotations)
    if annotations[CLASS].value == CLASS_INTERNAL:
        yield from _of_internal(path, beside)


def _absent(path: ServingPath, annotations: Field, beside: Collection[Manifest]) -> Iterator[Unjudged]:
    """What the Ingress names and is not among the objects; of a class that may not name it, it is refused instead."""
    there = {(each.get("kind"), str(whole(each)["metadata"]["name"].value)) for each in beside}
    named = [("FrontendConfig", FRONTEND_CONFIG, [annotations[FRONTEND_CONFIG].text()])]
    if annotations[CLASS].value not in REGIONAL_CLASSES:
        names = read_names(annotations[MANAGED_CERTIFICATES].text() or "")
        named.append(("ManagedCertificate", MANAGED_CERTIFICATES, [*names]))
    for kind, key, names in named:
        for name in names:
            if name and (kind, name) not in there:
                yield _reason(annotations[key], f"{kind} {path.namespace}/{name} is not among the objects")


def _of_addresses(annotations: Field) -> Iterator[Unjudged]:
    """An address of another scope than the class's: the name is looked up in the class's own, whichever key has it.

    Source: kubernetes/ingress-gce pkg/annotations/ingress.go, StaticIPName; pkg/loadbalancers/forwarding_rules.go,
    getEffectiveIP.
    """
    of_region = annotations[CLASS].value in REGIONAL_CLASSES
    wanted, other = GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
    if of_region:
        wanted, other = other, wanted
    scope, name = "regional" if of_region else "global", annotations[other].value
    if name:
        why = (
            f"for class {annotations[CLASS].value or CLASS_EXTERNAL} GKE looks among the {scope} addresses for one "
            f"called {name}, and serves nothing where there is none; which there are is not in the objects; wanted "
            f"{wanted}, with a {scope} address"
        )
        yield _reason(annotations[other], why)


def _of_internal(path: ServingPath, beside: Collection[Manifest]) -> Iterator[Unjudged]:
    """Source: kubernetes/ingress-gce cmd/check-gke-ingress/app/ingress/rule.go, CheckL7ILBFrontendConfig; Google,
    Ingress features."""
    policies = (whole(each)["spec"]["sslPolicy"] for each in beside if each.get("kind") == "FrontendConfig")
    spec = whole(path.backend_config or {})["spec"]
    cdn = spec["cdn"]["enabled"]
    yield from (
        _reason(each, f"an SSL policy of a FrontendConfig {_FOR_EXTERNAL_ONES}") for each in policies if each.value
    )
    if cdn.value is True:
        yield _reason(cdn, f"Cloud CDN {_FOR_EXTERNAL_ONES}")
    for key, what in (("customRequestHeaders", "request"), ("customResponseHeaders", "response")):
        if spec[key]["headers"].entries():
            yield _reason(spec[key], f"a list of {what} headers {_FOR_EXTERNAL_ONES}")


def _reason(field: Field, why: str) -> Unjudged:
    return Unjudged(field.object, field.path, why)
