import pytest

from nodrop.rollout import Severity
from nodrop.rollout.facts import LOAD_BALANCER_RANGES

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("annotation", "severity"),
    [
        ('{"ingress": true}', None),
        ('{"exposed_ports": {"80": {}}}', None),
        ('{"exposed_ports": {"80": {"name": "web"}}}', None),
        ('{"ingress": false, "exposed_ports": {"80": {"name": "web"}}}', None),
        ('{"ingress": true, "exposed_ports": {"80": {}, "443": {}}}', None),
        ('{"ingress": true, "exposed_ports": {"80": {}, "443": {"name": "web"}}}', ERROR),
        ('{"ingress": true', ERROR),
        ("", ERROR),
        ("[" * 100_000, ERROR),
        ("true", ERROR),
        ('["ingress"]', ERROR),
        ("{}", ERROR),
        ('{"ingress": false}', ERROR),
        ('{"ingress": "true"}', ERROR),
        ('{"ingress": null, "exposed_ports": {"80": {}}}', None),
        ('{"exposed_ports": {"80": null}}', None),
        ('{"exposed_ports": {}}', ERROR),
        ('{"ingress": true, "exposed_ports": []}', ERROR),
        ('{"exposed_ports": ["80"]}', ERROR),
        ('{"exposed_ports": {"http": {}}}', ERROR),
        ('{"exposed_ports": {"80": "web"}}', ERROR),
        (None, None),
    ],
)
def test_the_annotation_makes_a_neg(verdict, annotation, severity):
    assert verdict("neg-annotation-is-valid", wiring={"neg_annotation": annotation}) == severity


def test_instance_groups_need_no_neg(verdict):
    wiring = {"container_native": False, "neg_annotation": "no"}
    assert verdict("neg-annotation-is-valid", wiring=wiring) is None


@pytest.mark.parametrize(
    ("selector", "severity"),
    [
        ({"app": "web"}, None),
        ({"app": "web", "tier": "front"}, None),
        ({"app": "shop"}, ERROR),
        ({"app": "web", "version": "1"}, ERROR),
        ({}, ERROR),
    ],
)
def test_the_service_selects_the_pods(verdict, selector, severity):
    assert verdict("selector-matches-pods", wiring={"selector": selector}) == severity


@pytest.mark.parametrize(
    ("wiring", "severity"),
    [
        ({"load_balancer_before_pods": True}, None),
        ({"load_balancer_before_pods": None}, None),
        ({"load_balancer_before_pods": False}, ERROR),
        ({"load_balancer_before_pods": False, "container_native": False}, None),
    ],
)
def test_the_load_balancer_comes_before_the_pods_that_need_its_gate(verdict, wiring, severity):
    assert verdict("load-balancer-before-pods", wiring=wiring) == severity


@pytest.mark.parametrize(
    ("wiring", "severity"),
    [
        ({"publishes_not_ready_addresses": False}, None),
        ({"publishes_not_ready_addresses": True}, WARNING),
        ({"publishes_not_ready_addresses": True, "container_native": False}, ERROR),
    ],
)
def test_unready_pods_get_no_traffic(verdict, wiring, severity):
    assert verdict("unready-pods-get-no-traffic", wiring=wiring) == severity


HALVES = ("130.211.0.0/23", "130.211.2.0/23")


@pytest.mark.parametrize(
    ("wiring", "severity"),
    [
        ({"admitted_ranges": None}, None),
        ({"admitted_ranges": LOAD_BALANCER_RANGES}, None),
        ({"admitted_ranges": ("0.0.0.0/0",)}, None),
        ({"admitted_ranges": ("0.0.0.0/0", "::/0")}, None),
        ({"admitted_ranges": ()}, ERROR),
        ({"admitted_ranges": ("130.211.1.1/22", "35.191.0.0/16")}, None),
        ({"admitted_ranges": LOAD_BALANCER_RANGES[:1]}, ERROR),
        ({"admitted_ranges": LOAD_BALANCER_RANGES[1:]}, ERROR),
        ({"admitted_ranges": ("::/0",)}, ERROR),
        ({"admitted_ranges": (*HALVES, "35.191.0.0/16")}, None),
        ({"admitted_ranges": (*HALVES[:1], "35.191.0.0/16")}, ERROR),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "10.129.0.0")}, None),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "10.129.0.0/33")}, ERROR),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "")}, ERROR),
        ({"admitted_ranges": LOAD_BALANCER_RANGES, "proxy_only_range": "10.129.0.0/23"}, ERROR),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "10.129.0.0/24"), "proxy_only_range": "10.129.0.0/23"}, ERROR),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "10.128.0.0/9"), "proxy_only_range": "10.129.0.0/23"}, None),
        ({"admitted_ranges": LOAD_BALANCER_RANGES, "proxy_only_range": "proxies"}, ERROR),
        ({"admitted_ranges": (*LOAD_BALANCER_RANGES, "fd00::/8"), "proxy_only_range": "fd20::/64"}, None),
        ({"admitted_ranges": None, "proxy_only_range": "proxies"}, None),
    ],
)
def test_every_range_of_the_load_balancer_is_admitted(verdict, wiring, severity):
    assert verdict("load-balancer-is-admitted", wiring=wiring) == severity


def test_the_ranges_that_lack_and_those_that_are_none_are_named(findings_of):
    (finding,) = findings_of("load-balancer-is-admitted", wiring={"admitted_ranges": ("35.191.0.0/16", "any")})
    assert finding.seen == "lacks: 130.211.0.0/22; not a range: any"
    assert finding.would_pass == ("35.191.0.0/16", "130.211.0.0/22")
