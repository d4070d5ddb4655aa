from dataclasses import replace
from itertools import pairwise

import pytest

from nodrop.rollout import Severity
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.rules import check_change
from nodrop.rollout.rules.peers import peers_stay_admitted
from nodrop.rollout.wiring import Admission, Replaced

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.fixture
def found(change):
    """What is wrong with a change of the wiring, as rule, input and severity; the changed fields before and after."""

    def found(before, after):
        findings = check_change(change(wiring=before), change(wiring=after))
        return [(finding.rule, finding.input, finding.severity) for finding in findings]

    return found


def test_nothing_changed_breaks_nothing(found):
    assert found({}, {}) == []


@pytest.mark.parametrize("known", [True, False])
def test_another_health_check_path_is_refused_whether_the_wiring_is_known_or_not(change, known):
    wiring = {"wiring": {}} if known else {}
    after = change(health_check={"path": "/new/"}, **wiring)
    (finding,) = check_change(change(**wiring), after)
    assert (finding.rule, finding.severity) == ("health-check-path-stays", ERROR)


def test_other_times_of_the_health_check_are_free(change):
    assert check_change(change(), change(health_check={"check_interval_seconds": 6})) == []


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ({}, {"port": 9090}, True),
        ({"port": 9090}, {}, True),
        ({"port": 9090}, {"port": 9091}, True),
        ({"port": 9090}, {"port": 9090}, False),
        ({}, {"port": 8080}, False),
        ({"port": 8080}, {}, False),
    ],
)
def test_old_pods_are_asked_on_a_port_that_they_serve(change, before, after, refused):
    served = {"serving_port": 8080}
    found = check_change(change(wiring=served, health_check=before), change(wiring=served, health_check=after))
    expected = [("health-check-port-stays", "health_check.port", ERROR)] if refused else []
    assert [(finding.rule, finding.input, finding.severity) for finding in found] == expected


def test_a_check_of_the_port_that_requests_go_to_may_follow_it(change):
    assert check_change(change(wiring={"serving_port": 8080}), change(wiring={"serving_port": 9090})) == []


@pytest.mark.parametrize("known", [True, False])
def test_another_health_check_type_is_refused_whether_the_wiring_is_known_or_not(change, known):
    wiring = {"wiring": {}} if known else {}
    (finding,) = check_change(change(**wiring), change(health_check={"type": "HTTPS"}, **wiring))
    assert (finding.rule, finding.severity) == ("health-check-type-stays", ERROR)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (8080, 8080, False),
        ("http", "http", False),
        (8080, 8081, True),
        ("http", 8080, True),
        (8080, "http", True),
        ("http", "web", True),
    ],
)
def test_the_target_port_stays(found, before, after, refused):
    expected = [("target-port-stays", "wiring.target_port", ERROR)] if refused else []
    assert found({"target_port": before}, {"target_port": after}) == expected


OLD, NEW, BOTH = {"app": "web"}, {"name": "shop"}, {"app": "web", "name": "shop"}


@pytest.mark.parametrize(
    ("before", "after", "inputs"),
    [
        ({"selector": OLD, "pod_labels": OLD}, {"selector": NEW, "pod_labels": NEW}, ["selector", "pod_labels"]),
        ({"selector": OLD, "pod_labels": OLD}, {"selector": NEW, "pod_labels": BOTH}, ["selector"]),
        ({"selector": OLD, "pod_labels": BOTH}, {"selector": OLD, "pod_labels": NEW}, ["pod_labels"]),
        ({"selector": OLD, "pod_labels": OLD}, {"selector": OLD, "pod_labels": {"app": "shop"}}, ["pod_labels"]),
        ({"selector": OLD, "pod_labels": BOTH}, {"selector": BOTH, "pod_labels": BOTH}, []),
        ({"selector": OLD, "pod_labels": NEW}, {"selector": NEW, "pod_labels": NEW}, []),
    ],
)
def test_the_selector_matches_old_and_new_pods_all_along(found, before, after, inputs):
    assert found(before, after) == [("selector-stays", f"wiring.{name}", ERROR) for name in inputs]


def test_the_selector_changes_in_three_steps(found):
    steps = [
        {"selector": OLD, "pod_labels": OLD},
        {"selector": OLD, "pod_labels": BOTH},
        {"selector": NEW, "pod_labels": BOTH},
        {"selector": NEW, "pod_labels": NEW},
    ]
    assert [found(before, after) for before, after in pairwise(steps)] == [[], [], []]


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ({"/": "web"}, {"/": "shop"}, ERROR),
        ({"/": "web", "/shop": "shop"}, {"/": "shop", "/shop": "shop"}, ERROR),
        ({"/": "web"}, {"/": "shop", "/old": "web"}, ERROR),
        ({"/": "web", "/shop": "shop"}, {"/": "shop", "/shop": "shop", "/old": "web"}, None),
        ({"/": "web"}, {"/": "web", "/shop": "shop"}, None),
        ({"/": "web", "/old": "web"}, {"/": "web"}, WARNING),
        ({"/": "web"}, {}, WARNING),
    ],
)
def test_a_route_moves_only_between_services_that_have_negs_all_along(found, before, after, severity):
    expected = [("routes-keep-their-service", "wiring.routes", severity)] if severity else []
    assert found({"routes": before}, {"routes": after}) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"entry": "Ingress gce"}, {"entry": "Gateway gke-l7-global-external-managed"}),
        ({"entry": "Ingress gce"}, {"entry": "Ingress gce-internal"}),
        ({"container_native": False}, {"container_native": True}),
    ],
)
def test_another_entry_stands_beside_the_first(found, before, after):
    assert found(before, after) == [("entry-stays", f"wiring.{next(iter(after))}", ERROR)]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ({"autoscaled": False}, {"autoscaled": True, "states_replicas": False}, True),
        ({"autoscaled": True}, {"autoscaled": True, "states_replicas": False}, True),
        ({"autoscaled": False}, {"autoscaled": True}, False),
        ({"autoscaled": False, "states_replicas": False}, {"autoscaled": True, "states_replicas": False}, False),
        ({"autoscaled": True, "states_replicas": False}, {"autoscaled": False}, False),
        ({"autoscaled": False}, {"autoscaled": False, "states_replicas": False}, False),
    ],
)
def test_an_autoscaler_takes_over_the_number_that_runs(found, before, after, refused):
    expected = [("autoscaler-takes-over-replicas", "wiring.states_replicas", ERROR)] if refused else []
    assert found(before, after) == expected


@pytest.mark.parametrize(
    ("replaced", "value"),
    [
        ([Replaced(old="Ingress demo/web", new="Ingress demo/www")], ["Ingress demo/www"]),
        (
            [Replaced(old=f"{kind} demo/web", new=f"{kind} shop/web") for kind in ("Ingress", "Service")],
            ["Ingress shop/web, Service shop/web"],
        ),
        (
            [
                Replaced(old=name, new=name, field="spec.selector")
                for name in ("Deployment demo/web", "Deployment demo/api")
            ],
            ["Deployment demo/web", "Deployment demo/api"],
        ),
    ],
)
def test_objects_stay_and_those_that_move_together_are_one_finding(change, replaced, value):
    found = check_change(change(wiring={}), change(wiring={"replaced": tuple(replaced)}))
    assert [(finding.rule, finding.severity, finding.value) for finding in found] == [
        ("objects-stay", ERROR, each) for each in value
    ]


def test_a_path_stays_or_each_reason_why_it_does_not_is_told(change):
    reasons = ("Service demo/web: selects no Deployment", "Service demo/web: has no port")
    found = check_change(change(wiring={}), change(wiring={"unserved": reasons}))
    assert [(finding.rule, finding.value) for finding in found] == [("path-stays", reason) for reason in reasons]


def test_a_wiring_that_one_side_does_not_know_is_not_judged(change):
    known = change(wiring={})
    unlike = change(
        wiring={
            "target_port": 1,
            "selector": {},
            "routes": {},
            "entry": "Gateway",
            "replaced": (Replaced(old="Ingress demo/web", new="Ingress demo/www"),),
            "unserved": ("Service demo/web: has no port",),
        }
    )
    assert check_change(change(), unlike) == check_change(known, change()) == []


def test_every_refusal_spells_out_how_to_get_there(change):
    before = change(wiring={"routes": {"/": "web", "/old": "web"}})
    after = change(
        health_check={"path": "/new/", "port": 9090, "type": "HTTP2"},
        wiring={
            "replaced": (
                Replaced(old="Ingress demo/web", new="Ingress demo/www"),
                Replaced(old="Service demo/web", new="Service demo/web", field="spec.clusterIP"),
                Replaced(old="Deployment demo/web", new="Deployment demo/web", field="spec.selector"),
            ),
            "unserved": ("Service demo/web: has no port",),
            "target_port": 8080,
            "selector": {"app": "shop"},
            "pod_labels": {"app": "shop"},
            "routes": {"/": "shop"},
            "entry": "Ingress gce-internal",
            "container_native": False,
            "autoscaled": True,
            "states_replicas": False,
        },
    )
    for finding in check_change(before, after):
        if finding.rule == "entry-stays":
            assert "side by side" in str(finding.would_pass)
        elif finding.severity is WARNING:
            assert "until no request uses it; then" in str(finding.would_pass)
        else:
            assert " steps: 1. " in str(finding.would_pass)
            assert "; 2. then " in str(finding.would_pass)


def test_another_kind_on_either_side_is_not_judged(good):
    other = replace(good, kind="StatefulSet")
    for before, after in ((good, other), (other, good)):
        (finding,) = check_change(before, after)
        assert finding.severity is Severity.NOT_JUDGED


@pytest.mark.parametrize(("had", "told"), [(None, True), (("10.0.0.0/8",), True), ((), False)])
def test_old_pods_lose_the_proxies_that_were_admitted(change, had, told):
    """Requests come from a proxy-only subnet, which one of the ranges beside the health checks' may be."""
    ranges = None if had is None else (*LOAD_BALANCER_RANGES, *had)
    before = change(wiring={"by_proxies": True, "admitted_ranges": ranges})
    old = Admission(port=8080, ranges=LOAD_BALANCER_RANGES, peers=None)
    after = change(wiring={"by_proxies": True, "of_old_pods": old})
    found = [each for each in peers_stay_admitted(before, after) if each.input == "wiring.of_old_pods"]
    assert bool(found) is told
