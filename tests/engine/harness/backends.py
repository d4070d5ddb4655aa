"""What Ingresses lead to and Services expose, read from the objects, and the names that go with it."""

import hashlib
from typing import NamedTuple

from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL, CLASS_INTERNAL
from nodrop.gke.services import NEG, NegAnnotation, read_neg
from nodrop.lab.kubernetes.rest import Object

EXTERNAL, INTERNAL = CLASS_EXTERNAL, CLASS_INTERNAL
LINK = "https://www.googleapis.com/compute/v1/projects/project/zones/{zone}/networkEndpointGroups/{name}"


class Backend(NamedTuple):
    """A Service's port behind a balancer."""

    namespace: str
    service: str
    port: int
    by_neg: bool


DEFAULT_BACKEND = Backend("kube-system", "default-http-backend", 80, by_neg=False)
"""What an Ingress without `defaultBackend` is given, in a Namespace that no stack owns."""


def backends_of(ingress: Object, services: dict[tuple[str, str], Object]) -> list[Backend | None]:
    """Each backend once; None for a Service or port that is not there."""
    internal = annotation(ingress, CLASS) == INTERNAL
    spec = ingress["spec"]
    paths = [path for rule in spec.get("rules", []) for path in rule.get("http", {}).get("paths", [])]
    named = [one["service"] for one in (spec.get("defaultBackend"), *(path["backend"] for path in paths)) if one]
    found: list[Backend | None] = [] if "defaultBackend" in spec else [DEFAULT_BACKEND._replace(by_neg=internal)]
    for reference in named:
        backend = None
        service = services.get((namespace_of(ingress), reference["name"]))
        by_neg = internal or (bool(service) and neg_of(service).ingress)
        for port in service["spec"]["ports"] if service else []:
            if reference["port"] in ({"name": port.get("name")}, {"number": port["port"]}):
                backend = Backend(namespace_of(ingress), reference["name"], port["port"], by_neg)
        found += [backend] if backend not in found else []
    return found


def neg_of(service: Object) -> NegAnnotation:
    """What the Service states of its NEGs; nothing where it has no such annotation."""
    return read_neg(annotation(service, NEG) or "{}")


def exposed_by(service: Object) -> list[Backend]:
    """The ports for which the Service itself asks for NEGs, whoever uses them."""
    ports = {port["port"] for port in service["spec"].get("ports", [])}
    exposed = neg_of(service).exposed_ports
    return [Backend(namespace_of(service), name_of(service), port, True) for port in exposed if port in ports]


def selects(service: Object | None, pod: Object) -> bool:
    selector = service["spec"].get("selector") if service else None
    labels = pod["metadata"].get("labels", {})
    return (
        bool(service and selector) and namespace_of(service) == namespace_of(pod) and selector.items() <= labels.items()
    )


def reference_to(name: str, zone: str) -> Object:
    return {
        "id": str(int(digest(f"{name}/{zone}"), 16)),
        "selfLink": LINK.format(zone=zone, name=name),
        "networkEndpointType": "GCE_VM_IP_PORT",
        "state": "ACTIVE",
    }


def annotation(present: Object, key: str) -> str | None:
    return present["metadata"].get("annotations", {}).get(key)


def name_of(present: Object) -> str:
    return present["metadata"]["name"]


def namespace_of(present: Object) -> str:
    return present["metadata"]["namespace"]


def uid_of(present: Object) -> str:
    return present["metadata"]["uid"]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
