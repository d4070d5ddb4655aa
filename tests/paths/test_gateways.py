"""A Gateway with HTTPRoutes and policies is a serving path as an Ingress is."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck as Suppress
from hypothesis import given, settings
from hypothesis import strategies as st

from nodrop.paths import Backend, Behaviour, ReadingError, ServingPath, behaviour, read_rollout, resolve
from nodrop.paths.changes import changes
from nodrop.paths.wiring import read_wiring
from nodrop.rollout import HealthCheck, OnTerm
from tests.paths.gateways import (
    TARGET,
    backend_policy,
    gateway,
    health_check_policy,
    http_route,
    to,
)

HTTP_ROUTE = "HTTPRoute demo/web"


def only(*objects: dict[str, Any]) -> ServingPath:
    found = resolve(objects)
    assert found.problems == ()
    (path,) = found.paths
    return path


def told(*objects: dict[str, Any]) -> list[str]:
    """What is told of objects that lead nowhere."""
    found = resolve(objects)
    assert found.paths == ()
    return [str(problem) for problem in found.problems]


def test_a_path_leads_over_the_route_to_the_deployment(behind):
    route = http_route(to(("web", 1), path="/shop"), hostnames=["example.org"])
    path = only(gateway(), route, *behind.web)
    assert (path.entry["kind"], path.http_routes, path.routes) == ("Gateway", (route,), ("example.org/shop",))
    assert (path.deployment, path.container, path.target_port) == (behind.deployment, "web", 8080)
    assert path.name == "demo/web via Gateway front"


def test_backends_are_always_negs(behind):
    behind.service["metadata"]["annotations"] = {}
    behind.service["spec"]["type"] = "NodePort"
    assert only(gateway(), http_route(), *behind.web).backend is Backend.NEG


def test_without_policies_the_policies_defaults_hold_and_neither_probe_nor_backend_config_counts(behind):
    path = only(gateway(), http_route(), behind.backend_config, *behind.web)
    assert path.health_check == HealthCheck(
        path="/", check_interval_seconds=5, timeout_seconds=5, healthy_threshold=2, unhealthy_threshold=2
    )
    assert (path.backend_timeout_seconds, path.draining_timeout_seconds, path.states_check) == (30, 0, False)


@pytest.mark.parametrize(
    ("app_protocol", "kind"),
    [
        (None, "HTTP"),
        ("HTTP", "HTTP"),
        ("HTTPS", "HTTPS"),
        ("HTTP2", "HTTP2"),
        ("kubernetes.io/h2c", "HTTP"),
        ("example.org/else", "HTTP"),
    ],
)
def test_without_a_policy_the_check_asks_in_the_protocol_of_the_port(behind, app_protocol, kind):
    behind.service["spec"]["ports"][0]["appProtocol"] = app_protocol
    assert only(gateway(), http_route(), *behind.web).health_check.type == kind
    intervals_alone = health_check_policy(checkIntervalSec=7)
    assert only(gateway(), http_route(), intervals_alone, *behind.web).health_check.type == "HTTP"


def test_policies_govern_timeout_draining_and_health_check(behind):
    check = health_check_policy(
        checkIntervalSec=7,
        timeoutSec=3,
        healthyThreshold=1,
        unhealthyThreshold=4,
        config={"type": "HTTP2", "http2HealthCheck": {"requestPath": "/ready/"}},
    )
    policy = backend_policy(timeoutSec=45, connectionDraining={"drainingTimeoutSec": 40})
    path = only(gateway(), http_route(), check, policy, *behind.web)
    assert path.health_check == HealthCheck(
        path="/ready/",
        check_interval_seconds=7,
        timeout_seconds=3,
        healthy_threshold=1,
        unhealthy_threshold=4,
        type="HTTP2",
    )
    assert (path.backend_timeout_seconds, path.draining_timeout_seconds, path.states_check) == (45, 40, True)


@pytest.mark.parametrize("kind", ["TCP", "GRPC"])
def test_a_check_that_asks_no_path_is_stated_and_has_none(behind, kind):
    check = health_check_policy(config={"type": kind, f"{kind.lower()}HealthCheck": {}})
    path = only(gateway(), http_route(), check, *behind.web)
    assert (path.health_check.type, path.health_check.path, path.states_check) == (kind, "", True)


def test_a_policy_says_which_host_the_check_names(behind):
    config = {"type": "HTTP", "httpHealthCheck": {"host": "www.example.com"}}
    assert only(gateway(), http_route(), health_check_policy(config=config), *behind.web).health_check.host == (
        "www.example.com"
    )


def test_the_path_of_a_check_of_another_type_does_not_count(behind):
    config = {"type": "HTTP", "httpsHealthCheck": {"requestPath": "/ready/"}}
    assert only(gateway(), http_route(), health_check_policy(config=config), *behind.web).health_check.path == "/"


@pytest.mark.parametrize(
    "target", [{"name": "other"}, {"kind": "ServiceImport"}, {"group": "net.gke.io"}, {"namespace": "other"}]
)
def test_a_policy_of_another_target_does_not_count(behind, target):
    policy = backend_policy(timeoutSec=45)
    policy["spec"]["targetRef"] = TARGET | target
    found = resolve([gateway(), http_route(), policy, *behind.web])
    assert [path.backend_policy for path in found.paths] == [None]
    named = [str(each) for each in found.problems]
    missing = "GCPBackendPolicy demo/web: spec.targetRef names Service demo/other, which is not among the objects"
    assert named == ([missing] if target == {"name": "other"} else [])


def test_two_policies_of_one_kind_for_a_service_are_told(behind):
    (problem,) = told(gateway(), http_route(), health_check_policy(), health_check_policy("more"), *behind.web)
    assert "is the target of HealthCheckPolicy demo/web and HealthCheckPolicy demo/more" in problem


def test_every_service_behind_a_weighted_route_is_a_path_of_its_own(behind):
    found = resolve([gateway(), http_route(to(("web", 90), ("canary", 0))), *behind.web, *behind.canary])
    assert found.problems == ()
    assert [(path.name, path.routes) for path in found.paths] == [
        ("demo/web via Gateway front", ("*/ [web]",)),
        ("demo/canary via Gateway front", ("*/ [canary]",)),
    ]


def test_an_ingress_and_a_gateway_to_one_service_are_two_paths_with_two_names(behind):
    found = resolve([behind.ingress, behind.backend_config, gateway(), http_route(), *behind.web])
    assert found.problems == ()
    assert [(path.name, path.draining_timeout_seconds) for path in found.paths] == [
        ("demo/web", 30),
        ("demo/web via Gateway front", 0),
    ]


def test_routes_are_told_apart_by_what_else_they_ask_for(behind):
    match = {"headers": [{"name": "X-Canary", "value": "1"}], "queryParams": [{"name": "v", "value": "2"}]}
    rules = [to(("canary", 1), matches=[match | {"method": "GET"}]), to(("web", 1))]
    found = resolve([gateway(), http_route(*rules), *behind.web, *behind.canary])
    assert [path.routes for path in found.paths] == [("*/ (GET, X-Canary=1, ?v=2)",), ("*/",)]


def test_a_route_of_another_namespace_comes_where_the_listener_takes_it_and_leads_to_its_own_services(behind):
    listener = {"name": "http", "allowedRoutes": {"namespaces": {"from": "All"}}}
    front = gateway(listeners=[listener])
    front["metadata"]["namespace"] = "infra"
    route = http_route(parentRefs=[{"name": "front", "namespace": "infra", "sectionName": "http"}])
    assert only(front, route, *behind.web).namespace == "demo"
    listener["allowedRoutes"] = {}
    assert told(front, route, *behind.web) == [
        f"{HTTP_ROUTE}: is in a namespace whose routes Gateway infra/front does not allow"
    ]


def test_a_redirect_leads_nowhere_on_purpose(behind):
    redirect = {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]}
    path = only(gateway(), http_route(redirect, name="redirect"), http_route(), *behind.web)
    assert (path.routes, len(path.http_routes)) == (("*/",), 2)


def test_a_service_mesh_route_and_a_gateway_of_istio_are_passed_over(behind):
    mesh = http_route(parentRefs=[{"group": "", "kind": "Service", "name": "web"}])
    istio = gateway() | {"apiVersion": "networking.istio.io/v1"}
    assert told(mesh, istio, *behind.web) == []


WRONG = {
    "class": (gateway(gatewayClassName="istio"), http_route(), "spec.gatewayClassName is 'istio'"),
    "no class": (gateway(gatewayClassName=None), http_route(), "spec.gatewayClassName is missing"),
    "no route": (gateway(), http_route(parentRefs=[]), "Gateway demo/front: no HTTPRoute leads from it to a Service"),
    "no gateway": (gateway("other"), http_route(), f"{HTTP_ROUTE}: names Gateway demo/front, which is not among"),
    "no listener": (
        gateway(),
        http_route(parentRefs=[{"name": "front", "sectionName": "https"}]),
        "spec.parentRefs[0].sectionName is 'https'; wanted a listener of Gateway demo/front",
    ),
    "no backend": (gateway(), http_route({}), "spec.rules[0] has neither backendRefs nor a redirect"),
    "no service": (gateway(), http_route(to(("shop", 1))), "names Service demo/shop, which is not among the objects"),
    "no name": (
        gateway(),
        http_route({"backendRefs": [{"port": 80}]}),
        "backendRefs[0] names no Service",
    ),
    "no port": (
        gateway(),
        http_route({"backendRefs": [{"name": "web", "port": 81}]}),
        "names port 81, which Service demo/web does not have",
    ),
    "port missing": (gateway(), http_route({"backendRefs": [{"name": "web"}]}), "backendRefs[0].port is missing"),
    "other kind": (
        gateway(),
        http_route({"backendRefs": [{"kind": "ServiceImport", "name": "web", "port": 80}]}),
        "backendRefs[0].kind is 'ServiceImport'; wanted Service",
    ),
    "weight": (gateway(), http_route(to(("web", -1))), "backendRefs[0].weight is -1; wanted a whole number"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_way_that_leads_nowhere_is_told_by_name(behind, case):
    front, route, words = WRONG[case]
    assert any(words in line for line in told(front, route, *behind.web))


def test_a_route_that_cannot_be_read_does_not_stand_in_the_way_of_another(behind):
    broken = http_route(to(("web", 1)), name="broken", hostnames=[5])
    found = resolve([gateway(), broken, http_route(), *behind.web])
    assert [str(problem) for problem in found.problems] == [
        "HTTPRoute demo/broken: spec.hostnames[0] is 5; wanted a string"
    ]
    (path,) = found.paths
    assert read_wiring(path).routes == {"*/": "web"}


def test_a_rule_without_weights_is_told_though_its_services_are_paths(behind):
    found = resolve([gateway(), http_route(to(("web", 0), ("canary", 0))), *behind.web, *behind.canary])
    assert [str(each) for each in found.problems] == [
        f"{HTTP_ROUTE}: spec.rules[0] has no backendRef of a weight above 0"
    ]
    assert len(found.paths) == 2


def test_an_unreadable_policy_is_told(behind):
    (problem,) = told(gateway(), http_route(), backend_policy(timeoutSec="30s"), *behind.web)
    assert problem == "GCPBackendPolicy demo/web: spec.default.timeoutSec is '30s'; wanted a whole number of 0 or more"


def test_the_rollout_and_its_wiring_are_read_through_a_gateway(behind):
    check = health_check_policy(config={"type": "HTTP", "httpHealthCheck": {"requestPath": "/ready/"}})
    path = only(gateway(), http_route(), check, *behind.web)
    wiring = read_wiring(path)
    assert (wiring.entry, wiring.container_native) == ("Gateway gke-l7-global-external-managed", True)
    assert wiring.routes == {"*/": "web"}
    rollout = read_rollout(path, behaviour(path.deployment, DEFAULTS), wiring)
    assert (rollout.health_check.path, rollout.health_check_is_explicit) == ("/ready/", True)


DEFAULTS = Behaviour(longest_request_seconds=1, startup_seconds=1, keep_alive_timeout_seconds=1, on_term=OnTerm.DRAIN)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 99999)
    | st.floats()
    | st.sampled_from(["", "web", "front", "demo", "Same", "[unknown]", "RequestRedirect", "GRPC", "Gateway"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "kind", "weight", "port", "path", "type"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: object, place: tuple = ()) -> list[tuple]:
    """The keys that lead to each place inside a value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, entry in entries for found in places(entry, (*place, key)))]


@settings(deadline=None, suppress_health_check=[Suppress.too_slow])
@given(st.data())
def test_broken_places_raise_nothing_and_what_is_found_can_be_read(pristine, data):
    match = {"path": {"value": "/a"}, "headers": [{"name": "X", "value": "1"}], "method": "GET"}
    redirect = {"filters": [{"type": "RequestRedirect"}]}
    routes = [
        http_route(to(("web", 1), ("web", 0), matches=[match]), redirect, hostnames=["example.org"]),
        http_route(parentRefs=[{"name": "front", "namespace": "demo", "sectionName": "http", "kind": "Gateway"}]),
    ]
    config = {"type": "HTTP", "httpHealthCheck": {"requestPath": "/ready/"}}
    policies = [backend_policy(connectionDraining={"drainingTimeoutSec": 30}), health_check_policy(config=config)]
    listener = {"name": "http", "allowedRoutes": {"namespaces": {"from": "Same"}}}
    objects = deepcopy([*pristine, gateway(listeners=[listener]), *routes, *policies])
    before = deepcopy(objects)
    assert len(resolve(before).paths) == 2
    for _ in range(data.draw(st.integers(1, 4))):
        *place, last = data.draw(st.sampled_from([place for place in places(objects) if len(place) > 1]))
        holder: Any = objects
        for key in place:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = data.draw(anything)
        else:
            del holder[last]
    found = resolve(objects)
    for path in found.paths:
        assert path.routes
        assert path.name.startswith(f"{path.namespace}/")
        with suppress(ReadingError):
            read_rollout(path, behaviour(path.deployment, DEFAULTS), read_wiring(path, objects))
    assert all(problem.object and problem.message for problem in found.problems)
    assert all(change.after.wiring for change in changes(before, objects).paths)
    assert all(change.after.wiring for change in changes(objects, before).paths)
