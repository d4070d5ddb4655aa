"""The EndpointSlice controller: unready and terminating pods stay in the slice, and are marked."""

import pytest

from nodrop.lab.controllers.endpoint_slice import SERVICE_NAME_LABEL, EndpointSliceController, find_port, selects


@pytest.fixture
def service(store, make_service):
    return store.create(make_service())


@pytest.fixture
def sync(store, service):
    """Syncs; returns the slices' contents: (ports, {address: the endpoint's true conditions})."""
    controller = EndpointSliceController(store)

    def sync():
        controller.sync()
        return [
            (
                [port["port"] for port in each["ports"]],
                {
                    address: {name for name, holds in endpoint["conditions"].items() if holds}
                    for endpoint in each["endpoints"]
                    for address in endpoint["addresses"]
                },
            )
            for each in store.list("EndpointSlice")
        ]

    return sync


def test_ready_unready_and_terminating_pods_are_all_there_and_marked(store, sync, make_pod):
    store.create(make_pod("ready", address="10.0.30.2", ready=True))
    store.create(make_pod("unready", address="10.0.30.3", ready=False))
    store.create(make_pod("new", address="10.0.30.4"))
    for name, address, ready in (("stopping", "10.0.30.5", True), ("stopped", "10.0.30.6", False)):
        store.create(make_pod(name, address=address, ready=ready))
        store.delete("Pod", "demo", name, grace_seconds=30)
    expected = {
        "10.0.30.2": {"ready", "serving"},
        "10.0.30.3": set(),
        "10.0.30.4": set(),
        "10.0.30.5": {"serving", "terminating"},
        "10.0.30.6": {"terminating"},
    }
    assert sync() == [([8080], expected)]


def test_an_endpoint_says_its_node_and_its_pod(store, sync, make_pod):
    store.create(make_pod("a", address="10.0.30.2", node="node-2"))
    sync()
    (found,) = store.list("EndpointSlice")
    (endpoint,) = found["endpoints"]
    assert endpoint["nodeName"] == "node-2"
    assert endpoint["targetRef"] == {"kind": "Pod", "namespace": "demo", "name": "a"}
    assert found["metadata"]["labels"] == {SERVICE_NAME_LABEL: "web"}
    assert found["ports"] == [{"name": "http", "port": 8080}]


def test_pods_without_address_or_of_others_are_not_there(store, sync, make_pod):
    store.create(make_pod("pending"))
    stranger = make_pod("stranger", address="10.0.30.2")
    stranger["metadata"]["labels"] = {"app": "other"}
    store.create(stranger)
    neighbour = make_pod("neighbour", address="10.0.30.3")
    neighbour["metadata"]["namespace"] = "other"
    store.create(neighbour)
    assert sync() == []


def test_a_pod_leaves_when_it_is_gone_and_the_last_one_takes_the_slice_along(store, sync, make_pod):
    store.create(make_pod("a", address="10.0.30.2"))
    store.create(make_pod("b", address="10.0.30.3"))
    sync()
    store.delete("Pod", "demo", "a")
    assert sync() == [([8080], {"10.0.30.3": set()})]
    store.delete("Pod", "demo", "b")
    assert sync() == []


def test_pods_that_disagree_on_a_named_port_are_in_slices_of_their_own(store, sync, make_pod):
    store.create(make_pod("old", address="10.0.30.2"))
    moved = make_pod("new", address="10.0.30.3")
    moved["spec"]["containers"][0]["ports"][0]["containerPort"] = 9000
    store.create(moved)
    nameless = make_pod("nameless", address="10.0.30.4")
    nameless["spec"]["containers"][0]["ports"] = []
    store.create(nameless)
    assert sync() == [([8080], {"10.0.30.2": set()}), ([9000], {"10.0.30.3": set()}), ([], {"10.0.30.4": set()})]


def test_a_service_without_selector_gets_no_slice(store, sync, make_service, make_pod):
    store.patch("Service", "demo", "web", {"spec": {"selector": None}})
    store.create(make_pod("a", address="10.0.30.2"))
    assert sync() == []


def test_each_service_has_slices_of_its_own(store, sync, make_service, make_pod):
    other = make_service()
    other["metadata"]["name"] = "other"
    other["spec"]["selector"] = {"app": "other"}
    store.create(other)
    store.create(make_pod("a", address="10.0.30.2"))
    assert sync() == sync() == [([8080], {"10.0.30.2": set()})]


def test_nothing_is_written_where_nothing_changed(store, sync, make_pod):
    store.create(make_pod("a", address="10.0.30.2"))
    sync()
    (before,) = store.list("EndpointSlice")
    sync()
    assert store.list("EndpointSlice")[0] is before


@pytest.mark.parametrize(
    ("port", "number"),
    [
        ({"port": 80, "targetPort": 9999}, 9999),
        ({"port": 80}, 80),
        ({"port": 80, "targetPort": "http"}, 8080),
        ({"port": 80, "targetPort": "absent"}, None),
    ],
)
def test_a_number_is_taken_as_it_is_and_a_name_from_the_containers(make_pod, port, number):
    assert find_port(make_pod("a"), port) == number


@pytest.mark.parametrize(
    ("selector", "matches"),
    [({"app": "web"}, True), ({"app": "web", "tier": "front"}, False), ({"app": "x"}, False), ({}, False)],
)
def test_a_selector_matches_where_all_its_labels_are(make_service, make_pod, selector, matches):
    service = make_service()
    service["spec"]["selector"] = selector
    assert selects(service, make_pod("a")) is matches
