"""Static addresses that several load balancers name, of which one alone can have them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodrop.gke.ingresses import CLASS, GLOBAL_STATIC_ADDRESS, REGIONAL_CLASSES, REGIONAL_STATIC_ADDRESS
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.front import schemes_of
from nodrop.paths.index import namespace_of
from nodrop.paths.problems import ProblemKind, ReadingError
from nodrop.rollout import ObjectRef

_SOURCE = "kubernetes/ingress-gce#369; Google, Forwarding rules, IP address and port"
_PORTS = {"HTTP": 80, "HTTPS": 443}
_REGIONAL_CLASSES = ("gke-l7-regional-external-managed", "gke-l7-rilb")
"""Gateways of these have regional addresses, as have those for several clusters. Source: Google, GatewayClass
capabilities."""

_Key = tuple[str, bool, int]
"""Name of an address, whether it is regional, and port."""


class _Claim(NamedTuple):
    """What one load balancer wants of an address."""

    address: Field
    name: str
    regional: bool
    ports: frozenset[int]

    @property
    def keys(self) -> list[_Key]:
        """What one load balancer alone can have in a project."""
        return [(self.name, self.regional, port) for port in sorted(self.ports)]


def is_of_region(entry: Field) -> bool:
    """Whether the load balancer of an Ingress or Gateway is a region's, and so what it names. Raises ReadingError."""
    if entry["kind"].value == "Gateway":
        return (entry["spec"]["gatewayClassName"].text() or "").removesuffix("-mc") in _REGIONAL_CLASSES
    return entry["metadata"]["annotations"][CLASS].value in REGIONAL_CLASSES


def taken_addresses(entries: Iterable[Field]) -> Iterator[ReadingError]:
    """An error for each Ingress or Gateway of GKE's that names the address of an earlier one, for a port of that one.

    Both of one namespace: the API of the load balancer refuses the second forwarding rule.
    """
    first: dict[tuple[str, _Key], Field] = {}
    for entry in entries:
        for claim in _claims(entry):
            keys = [(namespace_of(entry), key) for key in claim.keys]
            others = [each for key in keys if (each := first.setdefault(key, entry)) is not entry]
            if others:
                message = f"is the address of {others[0].object}, for the same port"
                yield claim.address.problem(ProblemKind.REFUSED, message, _SOURCE, "an address of its own")


def addresses_elsewhere(entries: Iterable[Field]) -> dict[ObjectRef, dict[str, ObjectRef]]:
    """By Ingress or Gateway, its addresses that one of another namespace names for the same port, with that one.

    The two may be meant for several projects, in which addresses have the same names.
    """
    by_key: dict[_Key, list[Field]] = {}
    for entry in entries:
        for key in (key for claim in _claims(entry) for key in claim.keys):
            by_key.setdefault(key, []).append(entry)
    found: dict[ObjectRef, dict[str, ObjectRef]] = {}
    for (name, _, _), same in by_key.items():
        for one in same:
            other = next((each for each in same if namespace_of(each) != namespace_of(one)), None)
            if other is not None:
                found.setdefault(one.object, {}).setdefault(name, other.object)
    return found


def _claims(entry: Field) -> Iterator[_Claim]:
    """What a load balancer states of addresses, as far as it can be read.

    The class of an Ingress, not the annotation, decides where its address is looked up. Source: kubernetes/ingress-gce
    pkg/loadbalancers/forwarding_rules.go, getEffectiveIP.
    """
    try:
        if entry["kind"].value == "Gateway":
            listeners = [each["port"].number() for each in entry["spec"]["listeners"].entries()]
            named = [each["value"] for each in entry["spec"]["addresses"].entries()]
            ports = frozenset(port for port in listeners if port is not None)
        else:
            annotations = entry["metadata"]["annotations"]
            named = [annotations[key] for key in (GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS)]
            ports = frozenset(_PORTS[scheme] for scheme in schemes_of(entry))
        regional = is_of_region(entry)
        for address in named:
            if isinstance(address.value, str) and address.value and not is_unknown_or_masked(address.value):
                yield _Claim(address, address.value, regional, ports)
    except ReadingError:
        return
