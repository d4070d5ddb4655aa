"""Stands in for GKE's Gateway controller, over a real API server and a fake cloud, beside `ingress_controller`.

Does, for Gateways of GKE's classes, in a loop: finalizer, address and conditions of the Gateway; for HTTPRoutes that
name it: `exposed_ports` in the annotation `cloud.google.com/neg` of the Services that they lead to, whose NEGs the
other stand-in then makes, and the conditions Accepted, ResolvedRefs and Reconciled; the firewall rule. Delays and
faults are attributes, to be changed while it runs; times are much shorter than GKE's.

Does not: look at listeners, hostnames, matches, filters, weights, certificates, policies or the proxy-only subnet;
routes of other namespaces; make backend services and URL maps; reject what GKE rejects.
Source: kubernetes-sigs/gateway-api apis/v1 and issue 642 (Reconciled); kubernetes/ingress-gce pkg/negannotation.
"""

import json
from datetime import UTC, datetime

from harness.backends import annotation, digest, name_of, namespace_of, uid_of
from harness.cloud import Cloud
from harness.controller import Controller
from nodrop.gke.services import NEG, NEG_STATUS, read_neg_status
from nodrop.lab.kubernetes.rest import Client, Object

GATEWAY = "gateway.networking.k8s.io/v1", "Gateway"
HTTP_ROUTE = "gateway.networking.k8s.io/v1", "HTTPRoute"
CONTROLLER = "networking.gke.io/gateway"
CLASS_PREFIX = "gke-l7-"
FINALIZER = "gateway.finalizer.networking.gke.io"

Port = tuple[str, str, int]
"""Of a Service: its namespace, its name, and the number."""


class GatewayController(Controller):
    """One cluster's controller."""

    def __init__(self, client: Client, cloud: Cloud, *, network: str, cluster: str) -> None:
        super().__init__("gateway controller", client, cloud, network=network, cluster=cluster)
        self.address_seconds = 0.2
        """From a Gateway's creation to its address."""
        self.route_seconds = 0.2
        """From a route's present version, with all of its NEGs, to its being in the load balancer."""
        self.delete_seconds = 0.2
        """From a Gateway's deletion to the end of its balancer."""
        self.delete_blocked = False
        self._asked: set[Port] = set()
        """Ports that this controller exposed, and no user."""
        self._firewall = False

    @property
    def firewall_name(self) -> str:
        """Of the rule that admits the balancer."""
        return f"gkegw1-l7-{self.cluster}-global"

    def step(self) -> None:
        """Looks at everything and does what is due."""
        gateways = {
            (namespace_of(one), name_of(one)): one
            for one in self.listed(*GATEWAY)
            if one["spec"]["gatewayClassName"].startswith(CLASS_PREFIX)
        }
        services: dict[tuple[str, str], Object] = {}
        if gateways or self._asked:
            services = {(namespace_of(one), name_of(one)): one for one in self.listed("v1", "Service")}
        wanted: set[Port] = set()
        for gateway in gateways.values():
            self.attempt(self._end if _is_deleted(gateway) else self._serve, gateway)
        for http_route in self.listed(*HTTP_ROUTE) if gateways else []:
            for parent in http_route["spec"].get("parentRefs", []):
                gateway = gateways.get((namespace_of(http_route), parent["name"]))
                if gateway and not _is_deleted(gateway) and not _is_deleted(http_route):
                    ports = _ports_of(http_route)
                    wanted |= set(ports)
                    self.attempt(self._route, gateway, http_route, parent, ports, services)
        for (namespace, name), service in services.items():
            own = {port for port in wanted if port[:2] == (namespace, name)}
            self.attempt(self._expose, service, own)
        if not gateways and self._firewall:
            self._firewall = False
            self.attempt(self.cloud.delete_firewall, self.firewall_name)

    def _serve(self, gateway: Object) -> None:
        finalizers = gateway["metadata"].get("finalizers", [])
        if FINALIZER not in finalizers:
            self.change(GATEWAY, gateway, {"finalizers": [*finalizers, FINALIZER]})
            return
        if not self._firewall:
            self.cloud.add_firewall(self.firewall_name, self.network)
            self._firewall = True
        if not self.passed(f"address {uid_of(gateway)}", self.address_seconds):
            return
        names = [one["value"] for one in gateway["spec"].get("addresses", []) if one["type"] == "NamedAddress"]
        own = f"203.0.113.{int(digest(uid_of(gateway)), 16) % 254 + 1}"
        address = self.cloud.address_of(names[0]) if names else own
        if not address:
            return
        status = gateway.get("status", {})
        conditions = self._conditions(gateway, status, {"Accepted": "Accepted", "Programmed": "Programmed"})
        change = {"addresses": [{"type": "IPAddress", "value": address}], "conditions": conditions}
        if change != {key: status.get(key) for key in change}:
            self.set_status(GATEWAY, gateway, change)

    def _route(
        self,
        gateway: Object,
        http_route: Object,
        parent: Object,
        ports: list[Port],
        services: dict[tuple[str, str], Object],
    ) -> None:
        """A parent's conditions are those of the route's present version, as far as it has come."""
        missing = [port for port in ports if port[2] not in _numbers(services.get(port[:2]))]
        ready = not missing and gateway.get("status", {}).get("addresses")
        ready = ready and all(_has_neg(services[port[:2]], port[2]) for port in ports)
        version = f"route {uid_of(http_route)} {http_route['metadata']['generation']}"
        reasons = {"Accepted": "Accepted"} if missing else {"Accepted": "Accepted", "ResolvedRefs": "ResolvedRefs"}
        if ready and self.passed(version, self.route_seconds):
            reasons["Reconciled"] = "ReconciliationSucceeded"
        status = http_route.get("status", {})
        parents = [one for one in status.get("parents", []) if one["parentRef"] == parent]
        present = parents[0] if parents else {"parentRef": parent, "controllerName": CONTROLLER}
        changed = {**present, "conditions": self._conditions(http_route, present, reasons)}
        if missing:
            changed["conditions"].append(
                self._condition(http_route, "ResolvedRefs", "False", "BackendNotFound", present)
            )
        if changed != present:
            others = [one for one in status.get("parents", []) if one["parentRef"] != parent]
            self.set_status(HTTP_ROUTE, http_route, {"parents": [*others, changed]})

    def _expose(self, service: Object, wanted: set[Port]) -> None:
        """Asks for the NEGs of ports that routes lead to, and takes back what it asked for."""
        place = namespace_of(service), name_of(service)
        annotated = json.loads(annotation(service, NEG) or "{}")  # what it does not ask for stays as it is
        exposed = dict(annotated.get("exposed_ports", {}))
        asked = {port for port in self._asked if port[:2] == place}
        for _, _, number in asked - wanted:
            exposed.pop(str(number), None)
        new = {port for port in wanted if port[2] in _numbers(service) and str(port[2]) not in exposed}
        exposed |= {str(number): {} for _, _, number in new}
        if exposed == annotated.get("exposed_ports", {}):
            return
        annotated = {**annotated, "exposed_ports": exposed}
        if not exposed:
            del annotated["exposed_ports"]
        text = json.dumps(annotated) if annotated else None
        self.change(("v1", "Service"), service, {"annotations": {NEG: text}})
        self._asked = (self._asked - (asked - wanted)) | new

    def _end(self, gateway: Object) -> None:
        finalizers = gateway["metadata"].get("finalizers", [])
        if self.delete_blocked or FINALIZER not in finalizers:
            return
        if self.passed(f"end {uid_of(gateway)}", self.delete_seconds):
            self.change(GATEWAY, gateway, {"finalizers": [one for one in finalizers if one != FINALIZER]})

    def _conditions(self, owner: Object, present: Object, reasons: dict[str, str]) -> list[Object]:
        return [self._condition(owner, kind, "True", reason, present) for kind, reason in reasons.items()]

    def _condition(self, owner: Object, kind: str, status: str, reason: str, present: Object) -> Object:
        """The one that is there, if it says the same."""
        said = {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": "",
            "observedGeneration": owner["metadata"]["generation"],
        }
        for one in present.get("conditions", []):
            if {**one, "lastTransitionTime": None} == {**said, "lastTransitionTime": None}:
                return one
        return {**said, "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _is_deleted(present: Object) -> bool:
    return "deletionTimestamp" in present["metadata"]


def _ports_of(http_route: Object) -> list[Port]:
    """Each port of a Service that a route leads to once, whatever its weight."""
    references = [one for rule in http_route["spec"].get("rules", []) for one in rule.get("backendRefs", [])]
    return list(dict.fromkeys((namespace_of(http_route), one["name"], one["port"]) for one in references))


def _numbers(service: Object | None) -> list[int]:
    return [port["port"] for port in service["spec"].get("ports", [])] if service else []


def _has_neg(service: Object, number: int) -> bool:
    return str(number) in read_neg_status(annotation(service, NEG_STATUS) or "{}").groups
