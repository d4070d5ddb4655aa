"""From where the load balancer's requests and its check of another port are let in."""

import pytest

from nodrop.judge import judge
from nodrop.paths.admission import common_ranges
from tests.judge.edits import clean
from tests.judge.resources import deployment

RULE = "load-balancer-is-admitted"
BALANCER = ("130.211.0.0/22", "35.191.0.0/16")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (("0.0.0.0/0",), BALANCER, BALANCER),
        (BALANCER, ("0.0.0.0/0", "::/0"), BALANCER),
        (BALANCER, BALANCER, BALANCER),
        (("10.0.0.0/8",), BALANCER, ()),
        (("::/0",), ("2600:2d00:1:1::/64", "10.0.0.0/8"), ("2600:2d00:1:1::/64",)),
        (("35.191.0.0/17", "35.191.128.0/17"), BALANCER, ("35.191.0.0/17", "35.191.128.0/17")),
    ],
)
def test_what_both_ports_admit_is_found_as_networks(one, other, both):
    assert common_ranges(one, other) == both


def found_where_check_is_admitted_from(*ranges):
    objects = clean("ingress")
    policy = next(each for each in objects if each["kind"] == "NetworkPolicy")
    config = next(each for each in objects if each["kind"] == "BackendConfig")
    config["spec"]["healthCheck"]["port"] = 9000
    deployment(objects)["spec"]["template"]["spec"]["containers"][0]["ports"].append({"containerPort": 9000})
    peers = [{"ipBlock": {"cidr": each}} for each in ranges]
    policy["spec"]["ingress"].append({"from": peers, "ports": [{"port": 9000}]})
    return {each.rule for path in judge(objects).paths for each in path.diagnostics}


def test_a_check_port_that_is_open_to_all_shuts_no_load_balancer_out():
    assert RULE not in found_where_check_is_admitted_from("0.0.0.0/0")
    assert RULE in found_where_check_is_admitted_from("10.0.0.0/8")


@pytest.mark.parametrize(
    ("of_requests", "of_check", "shut_out"),
    [
        (("10.129.0.0/23",), BALANCER, False),
        (("10.129.0.0/23",), ("10.129.0.0/23",), True),
        (BALANCER, BALANCER, True),
        (("0.0.0.0/0",), ("10.129.0.0/23",), True),
        (("0.0.0.0/0",), ("0.0.0.0/0",), False),
    ],
)
def test_proxies_of_a_subnet_need_the_port_of_requests_and_checks_their_own(of_requests, of_check, shut_out):
    objects = clean("ingress")
    by_kind = {each["kind"]: each for each in objects}
    by_kind["Ingress"]["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "gce-internal"}
    by_kind["BackendConfig"]["spec"]["healthCheck"]["port"] = 9000
    deployment(objects)["spec"]["template"]["spec"]["containers"][0]["ports"].append({"containerPort": 9000})
    by_kind["NetworkPolicy"]["spec"]["ingress"] = [
        {"from": [{"ipBlock": {"cidr": each}} for each in ranges], "ports": [{"port": port}]}
        for port, ranges in ((8080, of_requests), (9000, of_check))
    ]
    assert (RULE in {each.rule for path in judge(objects).paths for each in path.diagnostics}) is shut_out
