"""The NEG controller, the webhook that injects the readiness gate, and the reflector that turns the gate True."""

import pytest

from nodrop.gke.services import READINESS_GATE
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.lab.controllers.load_balancer import LoadBalancer, NetworkEndpoint
from nodrop.lab.controllers.neg import (
    NegController,
    ReadinessReflector,
    inject_readiness_gate,
    set_condition,
)
from nodrop.lab.store import Store, condition

GATE = {"conditionType": READINESS_GATE}
ZONES = {"node-1": "zone-1", "node-2": "zone-1", "node-3": "zone-2"}


class Neg:
    """A Service with NEG backends on three nodes in two zones; which endpoints are healthy is the test's to say."""

    def __init__(self, time, make_service, make_pod):
        self.time, self.make_pod = time, make_pod
        self.store = Store(time, inject_readiness_gate)
        service = self.store.create(make_service())
        self.healthy = {}
        """By pod: the verdict of the proxies' health checks; absent: not checked yet."""
        self.balancer = LoadBalancer(
            time=time,
            attach_lag_seconds=(0,),
            detach_lag_seconds=(0,),
            draining_timeout_seconds=0,
            program=lambda _proxy, _endpoints: None,
            cut=lambda _proxy, _endpoint: None,
            health=lambda endpoint: self.healthy.get(endpoint.pod),
        )
        port = service["spec"]["ports"][0]
        self.controller = NegController(self.store, service, port, ZONES, self.balancer)
        self.slices = EndpointSliceController(self.store)
        self.reflector = ReadinessReflector(self.store, time, self.controller)
        self.hosts = iter(range(2, 250))

    def add(self, name, node="node-1", ready=False):
        self.store.create(self.make_pod(name, node=node, address=f"10.0.30.{next(self.hosts)}", ready=ready))

    def sync(self):
        """One round of all controllers; returns when the reflector wants to be asked again."""
        self.slices.sync()
        self.controller.sync()
        self.balancer.sync()
        return self.reflector.sync()

    @property
    def members(self):
        return {endpoint.pod for endpoint in self.balancer.known()}

    def gate(self, name):
        """Status and reason of the pod's gate."""
        found = condition(self.store.get("Pod", "demo", name), READINESS_GATE)
        return found and (found["status"], found["reason"])


@pytest.fixture
def neg(time, make_service, make_pod):
    return Neg(time, make_service, make_pod)


# Membership


def test_unready_pods_are_members(neg):
    neg.add("ready", ready=True)
    neg.add("unready", ready=False)
    neg.sync()
    assert neg.members == {"ready", "unready"}


def test_a_pod_that_turns_unready_stays_and_one_that_terminates_leaves_at_once(neg):
    for name in ("unready", "terminating", "both"):
        neg.add(name, ready=True)
    neg.sync()
    for name in ("unready", "both"):
        set_condition(neg.store, neg.time, neg.store.get("Pod", "demo", name), "Ready", False)
    for name in ("terminating", "both"):
        neg.store.delete("Pod", "demo", name, grace_seconds=30)
    neg.sync()
    assert neg.members == {"unready"}


def test_a_pod_that_is_gone_leaves(neg):
    neg.add("a")
    neg.sync()
    neg.store.delete("Pod", "demo", "a")
    neg.sync()
    assert neg.members == set()


def test_an_endpoint_is_the_pods_address_and_target_port_in_its_nodes_zone(neg):
    neg.add("a", node="node-3")
    neg.sync()
    assert neg.balancer.known() == {NetworkEndpoint("10.0.30.2", 8080, "zone-2", "a")}


def test_pods_of_another_service_are_no_members(neg, make_service):
    other = make_service()
    other["metadata"]["name"] = "other"
    other["spec"]["selector"] = {"app": "other"}
    neg.store.create(other)
    stranger = neg.make_pod("stranger", address="10.0.30.200")
    stranger["metadata"]["labels"] = {"app": "other"}
    neg.store.create(stranger)
    neg.sync()
    assert neg.members == set()


def test_a_pod_without_the_named_target_port_is_no_member(neg):
    pod = neg.make_pod("nameless", address="10.0.30.200")
    pod["spec"]["containers"][0]["ports"] = []
    neg.store.create(pod)
    neg.sync()
    assert neg.members == set()


# Injection


def test_the_gate_is_injected_only_into_pods_created_after_a_service_that_selects_them(time, make_service, make_pod):
    store = Store(time, inject_readiness_gate)
    store.create(make_pod("before"))
    store.create(make_service())
    store.create(make_pod("after"))
    stranger = make_pod("stranger")
    stranger["metadata"]["labels"] = {"app": "other"}
    store.create(stranger)
    gates = {pod["metadata"]["name"]: pod["spec"].get("readinessGates", []) for pod in store.list("Pod")}
    assert gates == {"before": [], "after": [GATE], "stranger": []}


def test_a_declared_gate_is_kept_and_not_doubled(time, make_service, make_pod):
    store = Store(time, inject_readiness_gate)
    store.create(make_service())
    pod = make_pod("a")
    pod["spec"]["readinessGates"] = [{"conditionType": "own"}, GATE]
    store.create(pod)
    assert store.get("Pod", "demo", "a")["spec"]["readinessGates"] == [{"conditionType": "own"}, GATE]


def test_only_pods_get_a_gate(time, make_service):
    store = Store(time, inject_readiness_gate)
    store.create(make_service())
    replica_set = store.create({"kind": "ReplicaSet", "metadata": {"name": "web"}, "spec": {}})
    assert replica_set["spec"] == {}


# The gate


def test_the_gate_waits_for_the_health_check_and_asks_every_second(neg):
    neg.add("old")
    neg.healthy["old"] = True
    neg.add("new")
    assert neg.sync() == 1
    assert neg.gate("new") == ("False", None)
    neg.time.seconds = 1
    neg.healthy["new"] = False
    assert neg.sync() == 2
    assert neg.gate("new") == ("False", None)
    neg.time.seconds = 2
    neg.healthy["new"] = True
    assert neg.sync() is None
    assert neg.gate("new") == ("True", "LoadBalancerNegReady")


def test_the_first_pod_of_a_zone_passes_unchecked(neg):
    neg.add("other zone", node="node-1")
    neg.healthy["other zone"] = True
    neg.sync()
    neg.add("first", node="node-3")
    neg.sync()
    assert neg.gate("first") == ("True", "LoadBalancerNegWithoutHealthCheck")


def test_a_zone_is_more_than_a_node(neg):
    neg.add("neighbour", node="node-2")
    neg.healthy["neighbour"] = True
    neg.add("new", node="node-1")
    neg.sync()
    assert neg.gate("new") == ("False", None)


@pytest.mark.parametrize("verdict", [True, False])
def test_any_verdict_in_the_zone_ends_passing_unchecked(neg, verdict):
    neg.add("neighbour")
    neg.healthy["neighbour"] = verdict
    neg.add("new")
    neg.sync()
    assert neg.gate("new") == ("False", None)


def test_a_terminating_pod_is_no_longer_a_verdict_in_its_zone(neg):
    """With one pod a zone, its successor finds an empty NEG, and passes unchecked."""
    neg.add("old")
    neg.healthy["old"] = True
    neg.sync()
    neg.store.delete("Pod", "demo", "old", grace_seconds=30)
    neg.add("new")
    neg.sync()
    assert neg.gate("new") == ("True", "LoadBalancerNegWithoutHealthCheck")


def test_the_gate_is_forced_open_ten_minutes_after_the_pods_creation(neg):
    neg.add("healthy")
    neg.healthy["healthy"] = True
    neg.time.seconds = 100
    neg.add("bad")
    neg.healthy["bad"] = False
    neg.time.seconds = 699
    neg.sync()
    assert neg.gate("bad") == ("False", None)
    neg.time.seconds = 700
    neg.sync()
    assert neg.gate("bad") == ("True", "LoadBalancerNegTimeout")


def test_time_spent_pending_counts_towards_the_ten_minutes(neg):
    neg.store.create(neg.make_pod("pending", node=None))
    neg.time.seconds = 600
    neg.sync()
    assert neg.gate("pending") == ("True", "LoadBalancerNegTimeout")


def test_a_pod_not_yet_in_its_neg_waits(neg):
    neg.store.create(neg.make_pod("pending"))
    assert neg.sync() == 1
    assert neg.gate("pending") == ("False", None)


def test_a_pod_in_no_neg_passes_with_the_good_reason(neg):
    stranger = neg.make_pod("stranger")
    stranger["metadata"]["labels"] = {"app": "other"}
    stranger["spec"]["readinessGates"] = [GATE]
    neg.store.create(stranger)
    assert neg.sync() is None
    assert neg.gate("stranger") == ("True", "LoadBalancerNegReady")


def test_without_any_neg_a_declared_gate_passes_with_the_good_reason(store, time, make_pod):
    pod = make_pod("a")
    pod["spec"]["readinessGates"] = [GATE]
    store.create(pod)
    assert ReadinessReflector(store, time, None).sync() is None
    found = condition(store.get("Pod", "demo", "a"), READINESS_GATE)
    assert found is not None
    assert (found["status"], found["reason"]) == ("True", "LoadBalancerNegReady")


def test_an_open_gate_is_never_looked_at_again(neg):
    neg.add("a")
    neg.healthy["a"] = True
    neg.sync()
    neg.healthy["a"] = False
    neg.sync()
    assert neg.gate("a") == ("True", "LoadBalancerNegReady")


def test_a_pod_without_the_gate_gets_no_condition(store, time, make_pod, make_service):
    store.create(make_service())
    store.create(make_pod("a"))
    ReadinessReflector(store, time, None).sync()
    assert condition(store.get("Pod", "demo", "a"), READINESS_GATE) is None


# Conditions


def test_a_conditions_time_is_in_whole_seconds_and_moves_only_with_its_status(store, time, make_pod):
    store.create(make_pod("a"))
    seen = []
    for seconds, status in ((1.9, False), (2.9, False), (3.9, True), (4.9, True)):
        time.seconds = seconds
        set_condition(store, time, store.get("Pod", "demo", "a"), "Ready", status)
        found = condition(store.get("Pod", "demo", "a"), "Ready")
        seen.append(found and (found["status"], found["lastTransitionTime"]))
    assert seen == [("False", 1), ("False", 1), ("True", 3), ("True", 3)]


def test_a_pod_that_went_away_gets_no_condition(store, time, make_pod):
    pod = store.create(make_pod("a"))
    store.delete("Pod", "demo", "a")
    set_condition(store, time, pod, "Ready", True)
    assert store.list("Pod") == []
