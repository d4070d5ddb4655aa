"""Stands in for GKE's ingress and NEG controllers, over a real API server and a fake cloud.

Does, for Ingresses of class gce and gce-internal, in a loop: finalizer and address of the Ingress; for Services with
the annotation `cloud.google.com/neg` that an Ingress refers to, or that expose ports in it: svcneg objects with
finalizer, a NEG in each zone that has nodes, the annotation neg-status; the readiness gate's condition; the collection
of NEGs that nobody wants; the firewall rule; instance groups for other Services. A missing default backend gets what
GKE gives it. Delays and faults are attributes, to be changed while it runs; times are much shorter than GKE's.

Does not: look at health checks, BackendConfigs, certificates, FrontendConfigs, hosts, paths, endpoints or the
proxy-only subnet; make backend services, forwarding rules and other parts of a balancer, so a NEG is never "in use";
reject what GKE rejects. No balancing: a pod counts as healthy some time after its containers are ready. A Service
without the annotation, which GKE may add by itself, is served by instance groups.
Source: kubernetes/ingress-gce pkg/neg/manager.go, pkg/neg/readiness/reflector.go, pkg/sync/sync.go, pkg/firewalls.
"""

import time
from datetime import UTC, datetime

from harness import readiness
from harness.backends import (
    CLASS,
    EXTERNAL,
    INTERNAL,
    Backend,
    annotation,
    backends_of,
    digest,
    exposed_by,
    name_of,
    namespace_of,
    reference_to,
    selects,
    uid_of,
)
from harness.cloud import Cloud
from harness.controller import Controller
from harness.kubelet import ZONE
from nodrop.gke.ingresses import GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
from nodrop.gke.services import NEG_STATUS, NegStatus, write_neg_status
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import STRATEGIC, Client, Object

STATIC_ADDRESSES = GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
INGRESS_FINALIZER = "networking.gke.io/ingress-finalizer-V2"
NEG_FINALIZER = "networking.gke.io/neg-finalizer"
SVCNEG = "networking.gke.io/v1beta1", "ServiceNetworkEndpointGroup"
INGRESS = "networking.k8s.io/v1", "Ingress"


class IngressController(Controller):
    """One cluster's controller."""

    def __init__(self, client: Client, cloud: Cloud, *, network: str, cluster: str) -> None:
        super().__init__("ingress controller", client, cloud, network=network, cluster=cluster)
        self.neg_seconds = 0.2
        """From an Ingress's reference to a Service to its NEGs."""
        self.address_seconds = 0.2
        """From all backends to the Ingress's address."""
        self.healthy_seconds = 0.2
        """From a pod's containers being ready to the balancer finding it healthy."""
        self.never_healthy = False
        """The balancer finds no pod healthy: gates open by the timeout."""
        self.opens_gates = True
        """False: somebody else judges the pods, who looks at real health checks."""
        self.unready_timeout_seconds = 600.0
        """After this time from a pod's creation the gate opens all the same. Whole seconds count."""
        self.without_health_check = False
        """Gates open because no endpoint has a health status yet, as in a new zone."""
        self.ingress_delete_seconds = 0.2
        """From an Ingress's deletion to the end of its balancer."""
        self.ingress_delete_blocked = False
        self.collection_period_seconds = 2.0
        """GKE: 120."""
        self.collection_blocked = False
        self.firewall_delete_seconds = 0.5
        """From the last Ingress's end to the rule's, in the background."""
        self.leaves_firewall = False
        """The one attempt to delete the rule fails unnoticed."""
        self.leaves_instance_groups = False
        """Their deletion fails unnoticed."""
        self._collected = time.monotonic()
        self._firewall = False
        self._negs: set[str] = set()
        self._groups: set[str] = set()

    @property
    def firewall_name(self) -> str:
        """Of the rule that admits the balancer."""
        return f"k8s-fw-l7--{self.cluster}"

    @property
    def instance_group_name(self) -> str:
        """The same in every zone."""
        return f"k8s-ig--{self.cluster}"

    def neg_name(self, backend: Backend) -> str:
        """The same in every zone."""
        namespace, service, port, _ = backend
        own = digest(f"{self.cluster}/{namespace}/{service}/{port}")
        return f"k8s1-{self.cluster}-{namespace[:15]}-{service[:15]}-{port}-{own}"

    def step(self) -> None:
        """Looks at everything and does what is due."""
        services = {(namespace_of(one), name_of(one)): one for one in self.listed("v1", "Service")}
        ingresses = [one for one in self.listed(*INGRESS) if annotation(one, CLASS) in (EXTERNAL, INTERNAL)]
        zones = sorted(
            {node["metadata"]["labels"].get(ZONE, "") for node in self.client.list("v1", "Node", resourceVersion="0")}
            - {""}
        )
        wanted: set[Backend] = set()
        for ingress in ingresses:
            backends = backends_of(ingress, services)
            wanted |= {backend for backend in backends if backend and backend.by_neg}
            if ingress["metadata"].get("deletionTimestamp"):
                self.attempt(self._end, ingress)
            elif None not in backends:
                self.attempt(self._serve, ingress, [backend for backend in backends if backend], services, zones)
        for service in services.values():
            exposed = [] if service["metadata"].get("deletionTimestamp") else exposed_by(service)
            wanted |= set(exposed)
            for backend in exposed:
                self.attempt(self._make_negs, backend, service, zones)
        for service in services.values():
            self.attempt(self._note_negs, service, wanted, zones)
        for pod in self.listed("v1", "Pod") if self.opens_gates else ():
            self.attempt(self._judge, pod, wanted, services)
        if not ingresses:
            self.attempt(self._end_groups)
        self.attempt(self._end_firewall, bool(ingresses))
        if not self.collection_blocked and time.monotonic() >= self._collected + self.collection_period_seconds:
            self._collected = time.monotonic()
            self._collect({self.neg_name(backend) for backend in wanted}, zones)

    def _serve(
        self, ingress: Object, backends: list[Backend], services: dict[tuple[str, str], Object], zones: list[str]
    ) -> None:
        finalizers = ingress["metadata"].get("finalizers", [])
        if INGRESS_FINALIZER not in finalizers:
            self.change(INGRESS, ingress, {"finalizers": [*finalizers, INGRESS_FINALIZER]})
        if not self._firewall:
            self.cloud.add_firewall(self.firewall_name, self.network)
            self._firewall = True
        for backend in backends:
            if backend.by_neg:
                self._make_negs(backend, services.get((backend.namespace, backend.service)), zones)
        if zones and not all(backend.by_neg for backend in backends):
            for zone in zones:
                self.cloud.add_instance_group(self.instance_group_name, zone, self.network)
            self._groups |= set(zones)
        ready = zones and all(self.neg_name(one) in self._negs for one in backends if one.by_neg)
        given = ingress.get("status", {}).get("loadBalancer", {}).get("ingress")
        if not ready or given or not self.passed(f"address {uid_of(ingress)}", self.address_seconds):
            return
        reserved = next(filter(None, (annotation(ingress, key) for key in STATIC_ADDRESSES)), None)
        address = (
            self.cloud.address_of(reserved) if reserved else f"203.0.113.{int(digest(uid_of(ingress)), 16) % 254 + 1}"
        )
        if address:
            self.set_status(INGRESS, ingress, {"loadBalancer": {"ingress": [{"ip": address}]}})

    def _make_negs(self, backend: Backend, service: Object | None, zones: list[str]) -> None:
        name = self.neg_name(backend)
        if not zones or not self.passed(f"neg {name}", self.neg_seconds):
            return
        svcneg = self.client.find(*SVCNEG, name, backend.namespace) or self._make_svcneg(name, backend, service)
        if svcneg["metadata"].get("deletionTimestamp"):
            return  # its NEGs are collected first
        for zone in zones:
            self.cloud.add_neg(name, zone, self.network)
        self._negs.add(name)
        listed = [reference_to(name, zone) for zone in zones]
        if svcneg.get("status", {}).get("networkEndpointGroups") != listed:
            self.client.patch(*SVCNEG, name, backend.namespace, {"status": {"networkEndpointGroups": listed}})

    def _make_svcneg(self, name: str, backend: Backend, service: Object | None) -> Object:
        labels = {"managed-by": "neg-controller", "service-name": backend.service, "service-port": str(backend.port)}
        owner = {"apiVersion": "v1", "kind": "Service", "controller": True, "blockOwnerDeletion": False}
        owners = [{**owner, "name": backend.service, "uid": uid_of(service)}] if service else []
        metadata = {
            "name": name,
            "namespace": backend.namespace,
            "labels": {f"networking.gke.io/{key}": value for key, value in labels.items()},
            "finalizers": [NEG_FINALIZER],
            "ownerReferences": owners,
        }
        return self.client.create({"apiVersion": SVCNEG[0], "kind": SVCNEG[1], "metadata": metadata})

    def _note_negs(self, service: Object, wanted: set[Backend], zones: list[str]) -> None:
        """From the note on, pods that the Service selects get the gate."""
        own = {one for one in wanted if (one.namespace, one.service) == (namespace_of(service), name_of(service))}
        names = {str(one.port): self.neg_name(one) for one in sorted(own) if self.neg_name(one) in self._negs}
        status = write_neg_status(NegStatus(groups=names, zones=tuple(zones))) if names else None
        if status != annotation(service, NEG_STATUS):
            self.change(("v1", "Service"), service, {"annotations": {NEG_STATUS: status}})

    def _end(self, ingress: Object) -> None:
        finalizers = ingress["metadata"].get("finalizers", [])
        if self.ingress_delete_blocked or INGRESS_FINALIZER not in finalizers:
            return
        if self.passed(f"end {uid_of(ingress)}", self.ingress_delete_seconds):
            self.change(INGRESS, ingress, {"finalizers": [one for one in finalizers if one != INGRESS_FINALIZER]})

    def _end_firewall(self, needed: bool) -> None:
        if needed or not self._firewall:
            self._since.pop("firewall", None)
        elif self.passed("firewall", self.firewall_delete_seconds):
            self._firewall = False
            if not self.leaves_firewall:
                self.cloud.delete_firewall(self.firewall_name)

    def _end_groups(self) -> None:
        zones, self._groups = self._groups, set()
        if not self.leaves_instance_groups:
            for zone in zones:
                self.cloud.delete_instance_group(self.instance_group_name, zone)

    def _collect(self, wanted: set[str], zones: list[str]) -> None:
        for svcneg in self.client.list(*SVCNEG, resourceVersion="0"):
            ours = name_of(svcneg).startswith(f"k8s1-{self.cluster}-")
            if ours and (name_of(svcneg) not in wanted or svcneg["metadata"].get("deletionTimestamp")):
                self.attempt(self._collect_one, svcneg, zones)

    def _collect_one(self, svcneg: Object, zones: list[str]) -> None:
        """The NEGs of all zones first; only then the finalizer goes."""
        name, metadata = name_of(svcneg), svcneg["metadata"]
        links = [one["selfLink"] for one in svcneg.get("status", {}).get("networkEndpointGroups", [])]
        for zone in sorted({link.split("/")[-3] for link in links} | set(zones)):
            self.cloud.delete_neg(name, zone)
        self._negs.discard(name)
        self._since.pop(f"neg {name}", None)
        if not metadata.get("deletionTimestamp"):
            svcneg = self.client.delete(*SVCNEG, name, namespace_of(svcneg), uid=metadata["uid"])
        self.change(SVCNEG, svcneg, {"finalizers": []})

    def _judge(self, pod: Object, wanted: set[Backend], services: dict[tuple[str, str], Object]) -> None:
        """Sets the gate's condition. Once True it is never looked at again."""
        conditions = {one["type"]: one for one in pod.get("status", {}).get("conditions", [])}
        gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates", [])]
        present = conditions.get(GATE, {})
        if GATE not in gates or present.get("status") == "True" or pod["metadata"].get("deletionTimestamp"):
            return
        negs = [self.neg_name(one) for one in wanted if selects(services.get((one.namespace, one.service)), pod)]
        negs = [neg for neg in negs if neg in self._negs]
        running = conditions.get("ContainersReady", {}).get("status") == "True"
        created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
        if not negs:
            verdict = readiness.IN_NO_NEG
        elif self.without_health_check:
            verdict = readiness.WITHOUT_HEALTH_CHECK
        elif running and not self.never_healthy and self.passed(f"healthy {uid_of(pod)}", self.healthy_seconds):
            verdict = readiness.HEALTHY
        elif (datetime.now(UTC) - created).total_seconds() >= self.unready_timeout_seconds:
            verdict = readiness.TIMED_OUT
        else:
            verdict = readiness.WAITING
        if (present.get("status"), present.get("reason")) == (str(verdict.status), verdict.reason):
            return
        self.set_status(("v1", "Pod"), pod, {"conditions": [verdict.condition(negs)]}, content_type=STRATEGIC)
