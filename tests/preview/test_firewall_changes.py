"""The program's firewall rule changes before the pods: a port that it takes out is one that old pods still serve on."""

import pytest

from nodrop.preview import as_deployed, compare, read_state

PLATFORM = """
    import pulumi_gcp as gcp
    from gke_nodrop import AutopilotCluster, Network, WebService, load_balancer_ports

    web = {"image": "shop/web:1", "port": 8080, "rollout": {"keep_alive_timeout_seconds": 620}}
    net = Network("net", {"region": "europe-west1", "load_balancer_ports": load_balancer_ports(web)})
    cluster = AutopilotCluster("main", {"location": "europe-west1", "network": net.cluster_network})
    WebService("shop", web, pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[cluster]))
"""
OPEN, BOTH = "load_balancer_ports(web)", '[*load_balancer_ports(web), "8080"]'
OTHER_PORT = ('"port": 8080', '"port": 9090')


@pytest.fixture
def update(evaluated, export):
    def update(before: str, after: str):
        exported = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
        told = compare(evaluated(after), as_deployed(evaluated(before)))
        assert [each.rule for each in told.diagnostics] == [each.rule for each in exported.diagnostics]
        return [(each.rule, str(each.severity), each.value) for each in exported.diagnostics]

    return update


@pytest.mark.parametrize(
    ("before", "after", "ports"),
    [
        (PLATFORM, PLATFORM.replace(*OTHER_PORT), "8080"),
        (PLATFORM, PLATFORM.replace(OPEN, '["9000-9999"]'), "8080"),
        (
            PLATFORM.replace('"port": 8080', '"port": 8080, "health_check": {"port": 8081}'),
            PLATFORM.replace('"port": 8080', '"port": 8080, "health_check": {"port": 8082}'),
            "8081",
        ),
    ],
)
def test_a_port_of_old_pods_that_the_firewall_shuts_is_told(update, before, after, ports):
    assert ("firewall-keeps-old-ports", "warning", ports) in update(before, after)


def test_in_two_updates_another_port_is_silent(update):
    both = PLATFORM.replace(*OTHER_PORT).replace(OPEN, BOTH)
    assert update(PLATFORM, both) == []
    assert update(both, PLATFORM.replace(*OTHER_PORT)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PLATFORM.replace(OPEN, '["9000"]'), PLATFORM.replace(OPEN, '["9001"]')),  # it was shut before
        (PLATFORM.replace(OPEN, '["8000-8999"]'), PLATFORM),
        (PLATFORM, PLATFORM.replace("8080", "8080").replace("web:1", "web:2")),
    ],
)
def test_a_port_that_stays_open_or_was_shut_is_silent(update, before, after):
    assert update(before, after) == []
