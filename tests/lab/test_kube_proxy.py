"""kube-proxy: which pods a NodePort leads to, and when a node's rules follow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.clock import SimulatedClock
from nodrop.lab.controllers.endpoint_slice import SERVICE_NAME_LABEL
from nodrop.lab.controllers.kube_proxy import KubeProxy, node_ports
from nodrop.lab.store import Store

READY = {"ready": True, "serving": True, "terminating": False}
UNREADY = {"ready": False, "serving": False, "terminating": False}
STOPPING = {"ready": False, "serving": True, "terminating": True}
STOPPED = {"ready": False, "serving": False, "terminating": True}


def endpoint_slice(endpoints, *, name="web-8080", service="web", port="http", number=8080, node="node-1"):
    return {
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": "demo", "labels": {SERVICE_NAME_LABEL: service}},
        "endpoints": [
            {"addresses": [address], "conditions": state, "nodeName": node} for address, state in endpoints.items()
        ],
        "ports": [{"name": port, "port": number}],
    }


@pytest.fixture
def lead_to(store, make_service):
    """Where the node port leads with these endpoints."""
    store.create(make_service(nodePort=30080))

    def lead_to(endpoints):
        store.create(endpoint_slice(endpoints))
        return [address for address, _port in node_ports(store, "node-1")[30080] or ()]

    return lead_to


@pytest.mark.parametrize(
    ("endpoints", "used"),
    [
        ({"b": READY, "a": READY}, ["a", "b"]),
        ({"a": READY, "b": UNREADY, "c": STOPPING, "d": STOPPED}, ["a"]),
        ({"a": UNREADY, "b": STOPPING, "c": STOPPED}, ["b"]),
        ({"a": UNREADY, "b": STOPPED}, []),
    ],
)
def test_ready_endpoints_are_used_and_where_there_is_none_those_that_still_serve(lead_to, endpoints, used):
    assert lead_to(endpoints) == used


def test_endpoints_of_all_slices_of_the_service_and_of_no_other_are_used(store, make_service):
    store.create(make_service(nodePort=30080))
    store.create(endpoint_slice({"a": READY}))
    store.create(endpoint_slice({"b": READY}, name="web-9000", number=9000))
    store.create(endpoint_slice({"c": READY}, name="other", service="other"))
    store.create(endpoint_slice({"d": READY}, name="admin", port="admin"))
    assert node_ports(store, "node-1") == {30080: (("a", 8080), ("b", 9000))}


def test_a_service_without_node_port_has_no_rule(store, make_service):
    store.create(make_service())
    store.create(endpoint_slice({"a": READY}))
    assert node_ports(store, "node-1") == {}


def test_a_node_port_without_endpoints_leads_nowhere(store, make_service):
    store.create(make_service(nodePort=30080))
    assert node_ports(store, "node-1") == {30080: ()}


HERE, THERE = {"name": "here", "node": "node-1"}, {"name": "there", "node": "node-2"}


@pytest.mark.parametrize(
    ("here", "there", "leads_to"),
    [
        (READY, READY, (("a", 8080),)),
        (STOPPING, READY, (("a", 8080),)),
        (STOPPED, READY, None),
        (UNREADY, STOPPING, None),
        (STOPPED, STOPPED, ()),
    ],
)
def test_with_a_local_policy_a_node_leads_to_its_own_pods_and_drops_what_others_would_serve(
    store, make_service, here, there, leads_to
):
    service = make_service(nodePort=30080)
    store.create({**service, "spec": {**service["spec"], "externalTrafficPolicy": "Local"}})
    store.create(endpoint_slice({"a": here}, **HERE))
    store.create(endpoint_slice({"b": there}, **THERE))
    assert node_ports(store, "node-1") == {30080: leads_to}


times = st.lists(st.integers(1, 40).map(lambda number: number / 4), min_size=1, max_size=8)


@given(st.integers(0, 40).map(lambda number: number / 4), times)
def test_every_state_becomes_the_rules_once_in_order_after_the_lag(lag, pauses):
    time = SimulatedClock()
    store = Store(time)
    programmed = []
    proxy = KubeProxy(store, time, "node-1", lag, lambda table: programmed.append((time.now(), table[30080])))
    port = {"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080}
    store.create(
        {"kind": "Service", "metadata": {"name": "web", "namespace": "demo"}, "spec": {"selector": {}, "ports": [port]}}
    )
    store.create(endpoint_slice({}))
    expected, changes = [], [0.0]
    for pause in pauses:
        changes.append(changes[-1] + pause)
    for number, change in enumerate(changes):
        while (wake := proxy.sync()) is not None and wake <= change:
            time.seconds = wake
        time.seconds = change
        address = f"10.0.30.{number % 2}"
        store.patch("EndpointSlice", "demo", "web-8080", endpoint_slice({address: READY}))
        expected.append((change + lag, ((address, 8080),)))
    while (wake := proxy.sync()) is not None:
        time.seconds = wake
    if programmed[0][1] == ():  # the state before the first change
        del programmed[0]
    assert programmed == expected


def test_nothing_is_programmed_where_no_service_has_a_node_port(store, time, make_service):
    store.create(make_service())
    programmed = []
    assert KubeProxy(store, time, "node-1", 0, programmed.append).sync() is None
    assert programmed == []
