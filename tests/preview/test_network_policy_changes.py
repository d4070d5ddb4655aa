"""NetworkPolicies that shut out old pods, which serve on the port that they have until they are replaced."""

import pytest

from nodrop.preview import compare, read_state
from tests.preview.shop import SHOP


def policy(*ports: object, peers: str = "RANGES", target: str = "web") -> str:
    entries = ", ".join(f'{{"port": {port!r}}}' for port in ports)
    return f"""
    RANGES = [{{"ipBlock": {{"cidr": each}}}} for each in ("130.211.0.0/22", "35.191.0.0/16")]
    PODS = [{{"podSelector": {{}}}}]
    k8s.networking.v1.NetworkPolicy("web", metadata=WEB, spec={{
        "podSelector": {{"matchLabels": {{"app": "{target}"}}}}, "policyTypes": ["Ingress"],
        "ingress": [{{"from": RANGES, "ports": [{{"port": 8080}}, {{"port": 9090}}, {{"port": "http"}}]}},
            {{"from": PODS, "ports": [{entries}]}}] if {peers != "RANGES"} else
            [{{"from": {peers}, "ports": [{entries}]}}]}})
"""


NEW_PODS = SHOP.replace("8080", "9090").replace("web:1", "web:2")


@pytest.fixture
def update(evaluated, export):
    def update(before: str, after: str):
        compared = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
        return [(each.rule, str(each.severity), each.input) for each in compared.diagnostics]

    return update


OLD_PODS = [("peers-stay-admitted", "error", "wiring.of_old_pods")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHOP + policy(8080), NEW_PODS + policy(9090)),
        (SHOP, NEW_PODS + policy(9090)),
        (
            SHOP + policy(8080),
            NEW_PODS.replace('LABELS = {"app": "web"}', 'LABELS = {"app": "web", "v": "2"}') + policy(9090),
        ),
    ],
)
def test_a_policy_that_admits_the_load_balancer_to_another_port_cuts_off_old_pods(update, before, after):
    assert update(before, after) == OLD_PODS


@pytest.mark.parametrize("before", [SHOP, SHOP + policy(8080)], ids=["open", "8080"])
def test_one_that_cuts_off_old_and_new_pods_is_told_of_both(update, before):
    assert update(before, SHOP + policy(9090)) == [*OLD_PODS, ("peers-stay-admitted", "error", "wiring.peers")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHOP + policy("http"), NEW_PODS + policy("http")),
        (SHOP + policy(8080), NEW_PODS + policy(8080, 9090)),
        (NEW_PODS + policy(8080, 9090), NEW_PODS + policy(9090)),
        (SHOP + policy(8081), SHOP + policy(8082)),  # it reached nothing before
    ],
)
def test_a_policy_that_admits_it_to_the_ports_of_old_and_new_pods_is_silent(update, before, after):
    assert update(before, after) == []


def test_others_that_may_connect_to_another_port_only_are_told_too(update):
    both, narrowed = SHOP + policy(8080, peers="PODS"), SHOP + policy(9090, peers="PODS")
    assert update(both, narrowed) == [("peers-stay-admitted", "warning", "wiring.peers")]
    assert update(both, NEW_PODS + policy(9090, peers="PODS")) == [("peers-stay-admitted", "warning", "wiring.peers")]
