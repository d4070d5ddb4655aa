"""How many objects of each namespace its ResourceQuotas count, those that others make of them left out.

Source: kubernetes/kubernetes pkg/quota/v1/evaluator/core, services.go and persistent_volume_claims.go; apiserver
pkg/quota/v1/generic, ObjectCountQuotaResourceNameFor.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from nodrop.paths.fields import Field, Manifest, ref_of, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.problems import ReadingError
from nodrop.paths.quantities import amount

_BY_NAME_ALONE = (
    "configmaps",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
)
"""Objects that a quota can count without `count/`."""


def count_objects(objects: Iterable[Manifest]) -> dict[str, dict[str, float]]:
    """By namespace: what the objects take from each entry that a quota may have, such as `services`; at the least.

    Of two objects of one name the last counts; one that cannot be read takes nothing.
    """
    found: dict[str, dict[str, float]] = {}
    for manifest in {(str(each.get("apiVersion")), ref_of(each)): each for each in objects}.values():
        given = whole(manifest)
        try:
            taken, namespace = list(_taken(given)), namespace_of(given)
        except ReadingError:
            continue
        counts = found.setdefault(namespace, defaultdict(float))
        for key, number in taken:
            counts[key] += number
    return found


def _taken(given: Field) -> Iterator[tuple[str, float]]:
    group, slash, _ = str(given["apiVersion"].value).partition("/")
    resource = _plural(str(given["kind"].value).lower())
    yield f"count/{resource}.{group}" if slash else f"count/{resource}", 1
    if slash:
        return
    if resource in _BY_NAME_ALONE:
        yield resource, 1
    if resource == "services":
        yield "services.loadbalancers", given["spec"]["type"].value == "LoadBalancer"
        yield "services.nodeports", _node_ports(given["spec"])
    if resource == "persistentvolumeclaims":
        size = amount(given["spec"]["resources"]["requests"]["storage"].value) or 0.0
        of_class = f"{given['spec']['storageClassName'].value}.storageclass.storage.k8s.io"
        yield "requests.storage", size
        yield f"{of_class}/requests.storage", size
        yield f"{of_class}/persistentvolumeclaims", 1


def _plural(kind: str) -> str:
    """Such as `networkpolicies`, `ingresses` and `gateways`."""
    if kind.endswith("s"):
        return f"{kind}es"
    return f"{kind[:-1]}ies" if kind.endswith("y") and kind[-2:-1] not in "aeiou" else f"{kind}s"


def _node_ports(spec: Field) -> int:
    """Ports of nodes that a Service takes, given ones and those that it will get."""
    kind, ports = spec["type"].value, spec["ports"].entries()
    if kind == "LoadBalancer" and spec["allocateLoadBalancerNodePorts"].value is False:
        return sum(bool(each["nodePort"].value) for each in ports)
    return len(ports) if kind in ("NodePort", "LoadBalancer") else 0
