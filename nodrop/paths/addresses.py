"""Static addresses that several load balancers name, of which one alone can have them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodrop.gke.ingresses import GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.front import schemes_of
from nodrop.paths.index import namespace_of
from nodrop.paths.problems import ProblemKind, ReadingError

_SOURCE = "kubernetes/ingress-gce#369; Google, Forwarding rules, IP address and port"
_PORTS = {"HTTP": 80, "HTTPS": 443}
_REGIONAL_CLASSES = ("gke-l7-regional-external-managed", "gke-l7-rilb")
"""Gateways of these have regional addresses, as have those for several clusters. Source: Google, GatewayClass
capabilities."""


class _Claim(NamedTuple):
    """What one load balancer wants of an address."""

    address: Field
    regional: bool
    ports: frozenset[int]


def taken_addresses(entries: Iterable[Field]) -> Iterator[ReadingError]:
    """An error for each Ingress or Gateway of GKE's that names the address of an earlier one, for a port of that one.

    The API of the load balancer refuses the second forwarding rule. Those of several namespaces may be meant for
    several projects, in which addresses have the same names.
    """
    first: dict[tuple[object, bool, int], Field] = {}
    for entry in entries:
        for claim in _claims(entry):
            keys = [(claim.address.value, claim.regional, port) for port in sorted(claim.ports)]
            others = [each for key in keys if (each := first.setdefault(key, entry)) is not entry]
            if others:
                yield _error(claim.address, entry, others[0])


def _error(address: Field, entry: Field, other: Field) -> ReadingError:
    together = namespace_of(entry) == namespace_of(other)
    kind = ProblemKind.REFUSED if together else ProblemKind.AMBIGUOUS
    message = f"is the address of {other.object}, for the same port"
    return address.problem(kind, message, _SOURCE, "an address of its own")


def _claims(entry: Field) -> Iterator[_Claim]:
    """What a load balancer states of addresses, as far as it can be read."""
    try:
        if entry["kind"].value == "Gateway":
            listeners = [each["port"].number() for each in entry["spec"]["listeners"].entries()]
            regional = (entry["spec"]["gatewayClassName"].text() or "").removesuffix("-mc") in _REGIONAL_CLASSES
            named = [(each["value"], regional) for each in entry["spec"]["addresses"].entries()]
            ports = frozenset(port for port in listeners if port is not None)
        else:
            annotations = entry["metadata"]["annotations"]
            named = [(annotations[GLOBAL_STATIC_ADDRESS], False), (annotations[REGIONAL_STATIC_ADDRESS], True)]
            ports = frozenset(_PORTS[scheme] for scheme in schemes_of(entry))
        for address, regional in named:
            if isinstance(address.value, str) and address.value and not is_unknown_or_masked(address.value):
                yield _Claim(address, regional, ports)
    except ReadingError:
        return
