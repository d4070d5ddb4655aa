"""The program's firewall rules change before the pods: what they take from load balancers, old pods still serve on."""

import pytest

from nodrop.preview import as_deployed, compare, judge_program, read_state

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


def denying(inputs="", entries='{"protocol": "all"}', name="deny"):
    """The platform with a firewall rule beside the component's own, whose priority is 1000."""
    kind = "allows" if name == "allow" else "denies"
    return f"""
    gcp.compute.Firewall("{name}", network=net.network_id, {kind}=[{entries}], {inputs})
"""


CUTS = [
    "",
    "priority=900",
    'source_ranges=["0.0.0.0/0"], priority=1000',
    'source_ranges=["35.191.7.0/24"]',
]
HARMLESS = [
    "priority=1001",
    "disabled=True",
    'source_ranges=["10.0.0.0/8", "fd20::/20"]',
    'source_tags=["bastion"]',
    'direction="EGRESS"',
]
OTHER_TRAFFIC = ['{"protocol": "udp"}', '{"protocol": "tcp", "ports": ["22", "9000-9999"]}']


def of_the_program(evaluated, text):
    [path] = judge_program(evaluated(text)).paths
    return [(str(each.severity), each.seen) for each in path.diagnostics if each.rule == "firewall-admits-the-ports"]


@pytest.mark.parametrize("inputs", CUTS)
def test_a_rule_that_denies_load_balancers_the_pods_is_an_error(update, evaluated, inputs):
    denied = PLATFORM + denying(inputs)
    assert ("firewall-keeps-old-ports", "error", "8080") in update(PLATFORM, denied)
    assert of_the_program(evaluated, denied) == [("error", "denies load balancers 8080")]
    assert update(denied, denied) == []


@pytest.mark.parametrize("rule", [*map(denying, HARMLESS), *(denying(entries=each) for each in OTHER_TRAFFIC)])
def test_a_rule_that_denies_load_balancers_nothing_is_silent(update, evaluated, rule):
    assert update(PLATFORM, PLATFORM + rule) == []
    assert of_the_program(evaluated, PLATFORM + rule) == []


def test_the_first_rule_by_priority_counts(update, evaluated):
    ports = '{"protocol": "tcp", "ports": ["8000-8080"]}'
    allowed = denying("priority=800", entries=ports, name="allow")
    both = PLATFORM + allowed + denying("priority=900")
    assert update(PLATFORM, both) == []
    assert of_the_program(evaluated, both) == []
    assert ("firewall-keeps-old-ports", "error", "8080") in update(both, both.replace("=800", "=900"))
    assert ("firewall-keeps-old-ports", "error", "8080") in update(both, both.replace("8000-8080", "8000-8079"))


def test_a_rule_that_comes_to_deny_is_an_error(update):
    for was in ("priority=2000", "disabled=True"):
        told = update(PLATFORM + denying(was), PLATFORM + denying("priority=900"))
        assert ("firewall-keeps-old-ports", "error", "8080") in told


def test_a_rule_that_is_disabled_no_longer_lets_the_port_in(update):
    rule = denying(entries='{"protocol": "tcp", "ports": ["8080"]}', name="allow", inputs="source_ranges=GOOGLE, STATE")
    given = PLATFORM.replace(OPEN, '["9000"]') + '    GOOGLE = ["130.211.0.0/22", "35.191.0.0/16"]' + rule
    told = update(given.replace(", STATE", ""), given.replace("STATE", "disabled=True"))
    assert told == [("firewall-keeps-old-ports", "warning", "8080")]


@pytest.mark.parametrize(
    "inputs", ['target_tags=["node"]', 'destination_ranges=["10.9.0.0/16"]', "source_ranges=[net.network.gateway_ipv4]"]
)
def test_a_rule_of_which_it_is_not_known_whom_it_denies_is_not_compared_and_a_warning(evaluated, inputs):
    doubted = PLATFORM + denying(inputs)
    for before in (PLATFORM, PLATFORM + denying("priority=2000"), doubted):
        change = compare(evaluated(doubted), as_deployed(evaluated(before)))
        told = [each.startswith("whether load balancers still reach port 8080 is not") for each in change.not_compared]
        assert told == ([] if before == doubted else [True])
    [(severity, seen)] = of_the_program(evaluated, doubted)
    assert (severity, seen.startswith("denies load balancers 8080 at some nodes")) == ("warning", True)


def test_a_rule_that_denies_some_nodes_other_ports_is_silent(update, evaluated):
    rule = denying('target_tags=["node"]', entries='{"protocol": "tcp", "ports": ["22"]}')
    assert update(PLATFORM, PLATFORM + rule) == []
    assert compare(evaluated(PLATFORM + rule), as_deployed(evaluated(PLATFORM))).not_compared == ()
    assert of_the_program(evaluated, PLATFORM + rule) == []


def test_a_rule_that_comes_after_that_of_gkes_own_controller_denies_nothing(evaluated):
    shut = PLATFORM.replace(OPEN, '["9000"]')
    assert of_the_program(evaluated, shut + denying("priority=1001")) == [("warning", "lacks 8080")]
    assert of_the_program(evaluated, shut + denying("priority=1000")) == [("error", "denies load balancers 8080")]
