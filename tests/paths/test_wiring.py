from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodrop.paths import resolve
from nodrop.paths.changes import changes
from nodrop.paths.routes import ingress_entry, services_after
from nodrop.paths.wiring import read_wiring
from nodrop.rollout import Wiring
from nodrop.rollout.wiring import Front


def read(objects, *more):
    (path,) = {each.name: each for each in resolve(objects.all).paths}.values()
    return read_wiring(path, [*objects.all, *more])


def test_the_wiring_is_as_the_objects_state_it(objects):
    assert read(objects) == Wiring(
        entry="Ingress gce",
        container_native=True,
        routes={"example.org/api": "web", "*/": "web", "default": "web"},
        neg_annotation='{"ingress":true}',
        selector={"app": "web"},
        pod_labels={"app": "web", "tier": "front"},
        target_port="http",
        service_port=80,
        serving_port=8080,
        listening_ports=(8080,),
        readiness_port=8080,
        serving_port_schemes=("HTTP",),
        service_ports=("http", "80"),
        front=Front(),
        protocol="HTTP",
    )


def test_routes_to_other_services_of_the_load_balancer_are_among_them(objects):
    objects.ingress["spec"]["rules"][1]["http"]["paths"][0]["backend"]["service"]["name"] = "shop"
    assert read(objects).routes == {"example.org/api": "web", "*/": "shop", "default": "web"}


@pytest.mark.parametrize(("stated", "target"), [(8080, 8080), (8080.0, 8080), ("http", "http"), (None, 80)])
def test_a_target_port_is_the_number_or_name_stated_or_the_ports_own_number(objects, stated, target):
    objects.service["spec"]["ports"][0]["targetPort"] = stated
    assert read(objects).target_port == target


def test_instance_groups_are_not_container_native(objects):
    objects.service["spec"]["type"] = "NodePort"
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = '{"ingress":false}'
    assert not read(objects).container_native


def test_replicas_left_out_are_not_stated(objects):
    del objects.deployment["spec"]["replicas"]
    assert not read(objects).states_replicas


def test_addresses_of_unready_pods_published_are_told(objects):
    objects.service["spec"]["publishNotReadyAddresses"] = True
    assert read(objects).publishes_not_ready_addresses


@pytest.mark.parametrize(
    ("namespace", "kind", "name", "scales"),
    [
        ("demo", "Deployment", "web", True),
        ("other", "Deployment", "web", False),
        ("demo", "StatefulSet", "web", False),
        ("demo", "Deployment", "shop", False),
    ],
)
def test_an_autoscaler_counts_for_the_deployment_that_it_targets(objects, namespace, kind, name, scales):
    autoscaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "any", "namespace": namespace},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name}},
    }
    assert read(objects, autoscaler).autoscaled is scales


@pytest.mark.parametrize(
    ("version", "scales"), [("apps/v1", True), ("apps/v1beta1", True), ("v1", False), (None, False)]
)
def test_an_autoscaler_finds_its_deployment_by_the_api_group(objects, version, scales):
    target = {"kind": "Deployment", "name": "web"} | ({"apiVersion": version} if version else {})
    autoscaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "any", "namespace": "demo"},
        "spec": {"scaleTargetRef": target},
    }
    assert read(objects, autoscaler).autoscaled is scales


def entry(*rules, default=None):
    """An Ingress of rules "host path service", `*` for any host; a path of prefixes."""
    backend = {"service": {"name": default}} if default else None
    by_host: dict[str, list] = {}
    for rule in rules:
        host, path, service = rule.split()
        to = {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service}}}
        by_host.setdefault(host, []).append(to)
    hosts = [({} if host == "*" else {"host": host}) | {"http": {"paths": paths}} for host, paths in by_host.items()]
    spec = {"defaultBackend": backend, "rules": hosts}
    return ingress_entry({"kind": "Ingress", "metadata": {"name": "web"}, "spec": spec})


@pytest.mark.parametrize(
    ("after", "service"),
    [
        (entry(), None),
        (entry(default="d"), "d"),
        (entry("* / any", default="d"), "any"),
        (entry("b.org / b", default="d"), "d"),
        (entry("*.org / wild", "* / any", default="d"), "wild"),
        (entry("a.org / root", "*.org / wild", default="d"), "root"),
        (entry("a.org / root", "a.org /ap root", default="d"), "root"),
        (entry("a.org /other other", "*.org / wild", default="d"), "d"),
        (entry("a.org /api api"), "api"),
        (entry("a.org /api/v1 v1", "a.org / root"), "root"),
    ],
)
def test_a_route_that_is_gone_is_served_by_what_matches_best(after, service):
    before = entry("a.org /api/ web")
    assert services_after(before, after).get("a.org/api/") == service


def test_where_no_load_balancer_is_left_nothing_serves(objects):
    assert services_after(entry("* / web", default="web"), None) == {}


def test_the_same_objects_have_no_change(objects):
    found = changes(objects.all, deepcopy(objects.all))
    (path,) = found.paths
    assert path.before == path.after
    assert (path.replaced, path.unserved, found.problems) == ((), (), ())


def test_a_path_that_cannot_be_read_before_is_a_problem(objects):
    after = deepcopy(objects.all)
    objects.service["spec"]["selector"] = {"app": "[unknown]"}
    found = changes(objects.all, after)
    assert found.paths == ()
    assert "spec.selector" in str(found.problems[0])


def test_a_path_that_leads_nowhere_after_is_read_from_what_is_left(objects):
    before = deepcopy(objects.all)
    objects.service["spec"]["selector"] = {"app": "shop"}
    (path,) = changes(before, objects.all).paths
    assert path.before.wiring is not None
    assert path.after.wiring == replace(path.before.wiring, selector={"app": "shop"}, routed_ports=())
    assert [str(problem.object) for problem in path.unserved] == ["Service demo/web"]


def test_an_object_that_moved_is_found_again_and_told(objects):
    before = deepcopy(objects.all)
    objects.ingress["metadata"]["name"] = "front"
    moved: dict[tuple[str, str, str], tuple[str, str, str]] = {("Ingress", "demo", "web"): ("Ingress", "demo", "front")}
    (path,) = changes(before, objects.all, moved).paths
    assert [(each.old, each.new) for each in path.replaced] == [("Ingress demo/web", "Ingress demo/front")]


def test_a_load_balancer_that_stays_is_not_taken_as_replaced_by_a_new_one(objects):
    before = deepcopy(objects.all)
    front = deepcopy(objects.ingress)
    front["metadata"]["name"] = "front"
    objects.ingress["spec"] = {"defaultBackend": {"service": {"name": "other", "port": {"number": 80}}}}
    (path,) = changes(before, [*objects.all, front]).paths
    assert path.replaced == ()
    assert path.after.wiring is not None
    assert set(path.after.wiring.routes.values()) == {"other"}


AUTOSCALER = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "web", "namespace": "demo"}, "spec": {}}
GATEWAY = {"kind": "Gateway", "metadata": {"name": "web", "namespace": "demo"}, "spec": {"gatewayClassName": "any"}}
HTTP_ROUTE = {
    "kind": "HTTPRoute",
    "metadata": {"name": "web", "namespace": "demo"},
    "spec": {"parentRefs": [{"name": "web"}], "rules": [{"backendRefs": [{"name": "web"}]}]},
}
anything = st.none() | st.integers(-1, 2) | st.sampled_from(["", "web", "[unknown]", [], {}, [{}], [0], {"name": 1}])


def places(value, place=()):
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, entry in entries for found in places(entry, (*place, key)))]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_objects_with_broken_places_raise_nothing_on_either_side(pristine, data):
    versions = [deepcopy([*pristine, AUTOSCALER, GATEWAY, HTTP_ROUTE]) for _ in range(2)]
    for _ in range(data.draw(st.integers(1, 4))):
        *place, last = data.draw(st.sampled_from([place for place in places(versions) if len(place) > 1]))
        holder = versions
        for key in place:
            holder = holder[key]
        holder[last] = deepcopy(data.draw(anything))  # drawn values are shared
    found = changes(versions[0], versions[1])
    assert all(path.before.wiring and path.after.wiring for path in found.paths)


@pytest.mark.parametrize("node_port", [30080, None])
def test_behind_an_instance_group_requests_go_to_the_node_port(objects, node_port):
    objects.service["spec"]["type"] = "NodePort"
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = '{"ingress":false}'
    objects.service["spec"]["ports"][0]["nodePort"] = node_port
    assert read(objects).serving_port == node_port
