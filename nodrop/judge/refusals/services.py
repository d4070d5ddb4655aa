"""What the Kubernetes API refuses of a Service.

Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go, ValidateService.
"""

from collections.abc import Iterator

from nodrop.judge.refusals.refusal import Refusal, between, of_label, of_metadata, one_of, twice
from nodrop.paths import Backend, ServingPath
from nodrop.paths.fields import Field, whole

TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_NEGS = "kubernetes/ingress-gce pkg/neg/controller.go, isSingleStackIPv6Service"
_NODE_PORTS = (30000, 32767)
"""The default range of kube-apiserver's --service-node-port-range, which GKE keeps."""


def of_neg(path: ServingPath) -> Iterator[Refusal]:
    """What the NEG controller refuses of a path's Service: IPv6 alone. Raises ReadingError.

    Its flag enable-ipv6-only-neg, which would admit that, is off by default; what GKE sets is not in the source.
    Source: kubernetes/ingress-gce at acbcf5d6 pkg/neg/controller.go, isSingleStackIPv6Service; pkg/flags/flags.go.
    """
    spec = whole(path.service)["spec"]
    families = [each.value for each in spec["ipFamilies"].entries()]
    single = spec["ipFamilyPolicy"].value in (None, "SingleStack") and spec["type"].value != "LoadBalancer"
    if path.backend is Backend.NEG and single and families == ["IPv6"]:
        seen = "IPv6 alone, for which the controller makes no network endpoint group"
        why = "the load balancer gets no backend, and every request fails"
        wanted = (
            "ipFamilyPolicy: PreferDualStack, or [IPv4] in a new Service, since the API does not change the first "
            "family of one that is there"
        )
        yield Refusal(spec["ipFamilies"], seen, wanted, _NEGS, shown="[IPv6]", why=why)


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
    stack = spec["ipFamilyPolicy"]
    if len(spec["ipFamilies"].entries()) > 1 and stack.value in (None, "SingleStack"):
        yield Refusal(stack, "means one address family, though ipFamilies names two", "PreferDualStack")
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
