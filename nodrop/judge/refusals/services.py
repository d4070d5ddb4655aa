"""What the Kubernetes API refuses of a Service.

Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go, ValidateService.
"""

from collections.abc import Iterator

from nodrop.judge.refusals.refusal import Refusal, between, of_label, of_metadata, one_of, twice
from nodrop.paths.fields import Field

TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_NODE_PORTS = (30000, 32767)
"""The default range of kube-apiserver's --service-node-port-range, which GKE keeps."""


def of_service(service: Field) -> Iterator[Refusal]:
    """What is refused of a Service. Raises ReadingError."""
    spec = service["spec"]
    yield from of_metadata(service["metadata"], service=True)
    yield from one_of(spec["type"], TYPES)
    yield from one_of(spec["sessionAffinity"], ("None", "ClientIP"))
    policy, internal = spec["externalTrafficPolicy"], spec["type"].value in (None, "ClusterIP")
    yield from one_of(policy, ("Cluster", "Local"))
    if policy.value is not None and internal and not spec["externalIPs"].entries():
        yield Refusal(policy, "is set on a Service of type ClusterIP", "none, or type NodePort")
    ports = spec["ports"].entries()
    yield from twice(spec["ports"], "name", [port["name"] for port in ports])
    numbers: dict[tuple[str, str], int] = {}
    for port in ports:
        name, node_port = port["name"], port["nodePort"]
        if len(ports) > 1 and not name.value:
            yield Refusal(name, "is absent, though the Service has several ports", "a name of its own for each")
        else:
            yield from of_label(name, "http")
        key = str(port["port"].value), str(port["protocol"].value or "TCP")
        numbers[key] = numbers.get(key, 0) + 1
        if numbers[key] == 2:
            yield Refusal(port["port"], f"is {key[0]}, which another port of the Service has", "another number")
        if node_port.value not in (None, 0) and internal:
            yield Refusal(node_port, "is set on a Service of type ClusterIP", "none, or type NodePort")
        elif node_port.value != 0:
            yield from between(node_port, *_NODE_PORTS)
