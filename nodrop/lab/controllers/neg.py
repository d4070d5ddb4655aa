"""The NEG controller: a Service's network endpoint groups, and the readiness gate of the pods in them.

Follows kubernetes/ingress-gce pkg/neg (types/types.go for membership, readiness/reflector.go and poller.go for the
gate) and the injecting webhook's documented behaviour. Not here: batching, back-off, garbage collection.
"""

import math
from dataclasses import dataclass, field

from nodrop.gke.services import READINESS_GATE
from nodrop.lab.clock import Time
from nodrop.lab.controllers.endpoint_slice import SERVICE_NAME_LABEL, find_port, selects
from nodrop.lab.controllers.load_balancer import LoadBalancer, NetworkEndpoint
from nodrop.lab.store import Manifest, NotFoundError, Store, is_true
from nodrop.rollout.facts import GATE_FORCE_OPEN_SECONDS, NEG_HEALTH_POLL_SECONDS


def inject_readiness_gate(store: Store, manifest: Manifest) -> None:
    """The webhook: adds the gate to a new pod that matches a Service, of which the lab has one, with a NEG."""
    if manifest["kind"] != "Pod":
        return
    matches = any(selects(service, manifest) for service in store.list("Service"))
    if matches and not has_readiness_gate(manifest):
        manifest["spec"].setdefault("readinessGates", []).append({"conditionType": READINESS_GATE})


def has_readiness_gate(pod: Manifest) -> bool:
    """Whether the pod waits for its NEG to find it healthy."""
    return {"conditionType": READINESS_GATE} in pod["spec"].get("readinessGates", [])


@dataclass
class NegController:
    """Keeps the endpoints of one Service port in its zonal NEGs, and turns gates True."""

    store: Store
    service: Manifest
    service_port: Manifest
    zones: dict[str, str]
    """By node name."""
    balancer: LoadBalancer
    _attached: set[NetworkEndpoint] = field(default_factory=set)

    def sync(self) -> None:
        """Attaches and detaches what changed. Readiness is never consulted; terminating endpoints leave at once."""
        desired = self._desired()
        for endpoint in sorted(desired - self._attached):
            self.balancer.attach(endpoint)
        for endpoint in sorted(self._attached - desired):
            self.balancer.detach(endpoint)
        self._attached = desired

    def _desired(self) -> set[NetworkEndpoint]:
        metadata = self.service["metadata"]
        pods = {pod["metadata"]["name"]: pod for pod in self.store.list("Pod")}
        desired = set()
        for each in self.store.list("EndpointSlice"):
            ours = each["metadata"]["namespace"] == metadata["namespace"]
            if not ours or each["metadata"]["labels"][SERVICE_NAME_LABEL] != metadata["name"]:
                continue
            for endpoint in each["endpoints"]:
                pod = pods.get(endpoint["targetRef"]["name"])
                port = find_port(pod, self.service_port) if pod else None
                if port is not None and not endpoint["conditions"]["terminating"]:
                    address, zone = endpoint["addresses"][0], self.zones[endpoint["nodeName"]]
                    desired.add(NetworkEndpoint(address, port, zone, endpoint["targetRef"]["name"]))
        return desired

    def negs(self, pod: Manifest) -> tuple[NetworkEndpoint, set[NetworkEndpoint]] | None:
        """The pod's endpoint and all endpoints of the zonal NEG that it is in, or None."""
        mine = next((e for e in self._attached if e.pod == pod["metadata"]["name"]), None)
        return (mine, {e for e in self._attached if e.zone == mine.zone}) if mine else None


@dataclass
class ReadinessReflector:
    """Turns the readiness gate of each pod True, once; it is not read again."""

    store: Store
    time: Time
    neg: NegController | None
    """None where the serving path has no NEG."""

    def sync(self) -> float | None:
        """Judges every pod whose gate is still closed; asks again after the poll's retry interval."""
        waiting = False
        for pod in self.store.list("Pod"):
            if not has_readiness_gate(pod) or is_true(pod, READINESS_GATE):
                continue
            reason = self._reason(pod)
            waiting = waiting or reason is None
            set_condition(self.store, self.time, pod, READINESS_GATE, reason is not None, reason)
        return self.time.now() + NEG_HEALTH_POLL_SECONDS if waiting else None

    def _reason(self, pod: Manifest) -> str | None:
        """Why the gate opens now, or None while it stays closed."""
        if self.neg is None or not selects(self.neg.service, pod):
            return "LoadBalancerNegReady"  # "Pod does not belong to any NEG"
        if self.time.now() - pod["metadata"]["creationTimestamp"] >= GATE_FORCE_OPEN_SECONDS:
            return "LoadBalancerNegTimeout"
        membership = self.neg.negs(pod)
        if membership is None:
            return None
        mine, group = membership
        if self.neg.balancer.health(mine):
            return "LoadBalancerNegReady"
        if all(self.neg.balancer.health(endpoint) is None for endpoint in group):
            return "LoadBalancerNegWithoutHealthCheck"
        return None


def set_condition(store: Store, time: Time, pod: Manifest, kind: str, status: bool, reason: str | None = None) -> None:
    """Writes a pod's condition; its transition time, in whole seconds as in the API, moves only when it changes."""
    value = "True" if status else "False"
    before = next((c for c in pod["status"].get("conditions", []) if c["type"] == kind), None)
    if before is not None and before["status"] == value:
        return
    changed = {"type": kind, "status": value, "lastTransitionTime": math.floor(time.now()), "reason": reason}
    metadata = pod["metadata"]
    try:
        store.patch("Pod", metadata["namespace"], metadata["name"], {"status": {"conditions": [changed]}})
    except NotFoundError:
        return  # the pod went away meanwhile; there is nothing left to say of it
