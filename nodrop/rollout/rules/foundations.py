"""What a path stands on carries it, one function a rule: cluster, network, Namespace in the same program."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.infrastructure import Firewall
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import (
    FIREWALLS,
    GATEWAY_API,
    HTTP_LOAD_BALANCING,
    NEG_FINALIZER,
    NETWORK_POLICIES,
    PROXY_SUBNETS,
    VPC_NATIVE,
)
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.ERROR,
    source=GATEWAY_API,
    goes_wrong="No controller reads the Gateway, and no load balancer is created.",
    cure="Set gatewayApiConfig.channel to CHANNEL_STANDARD on the cluster.",
    given={"wiring.entry": "Gateway gke-l7-global-external-managed"},
    breaks={"wiring.infrastructure.gateway_api": False},
    keeps={"wiring.infrastructure.gateway_api": True},
    fact="cluster",
    asked_by_components=False,
)
def gateway_api_is_on(rollout: Rollout) -> Iterator[Diagnostic]:
    """A Gateway needs a cluster with the Gateway API enabled."""
    wiring = rollout.wiring
    if wiring is None or not wiring.entry.startswith("Gateway ") or wiring.infrastructure.gateway_api is not False:
        return
    yield Diagnostic(
        rule="gateway-api-is-on",
        severity=Severity.ERROR,
        input="wiring.infrastructure.gateway_api",
        value=False,
        seen="the cluster has no gatewayApiConfig, and is not an Autopilot cluster",
        why="the API server does not know the kind Gateway, and no controller creates a load balancer for one",
        source=GATEWAY_API,
        would_pass="gatewayApiConfig.channel = CHANNEL_STANDARD on the cluster",
    )


@version_rule(
    severity=Severity.ERROR,
    source=HTTP_LOAD_BALANCING,
    goes_wrong="No controller reads the Ingress or Gateway, and no load balancer is created.",
    cure="Leave the add-on on: no addonsConfig.httpLoadBalancing, or disabled = false in it.",
    breaks={"wiring.infrastructure.http_load_balancing": False},
    keeps={"wiring.infrastructure.http_load_balancing": True},
    fact="cluster",
    asked_by_components=False,
)
def load_balancing_is_on(rollout: Rollout) -> Iterator[Diagnostic]:
    """An Ingress or Gateway needs a cluster whose HTTP load balancing add-on is on."""
    wiring = rollout.wiring
    if wiring is None or wiring.infrastructure.http_load_balancing is not False:
        return
    yield Diagnostic(
        rule="load-balancing-is-on",
        severity=Severity.ERROR,
        input="wiring.infrastructure.http_load_balancing",
        value=False,
        seen="the cluster's addonsConfig.httpLoadBalancing.disabled is true",
        why="the add-on is the controller that makes load balancers and NEGs, and Gateways need it too",
        source=HTTP_LOAD_BALANCING,
        would_pass="addonsConfig.httpLoadBalancing.disabled = false on the cluster",
    )


@version_rule(
    severity=Severity.ERROR,
    source=VPC_NATIVE,
    goes_wrong="Load balancers cannot reach pods in a routes-based cluster: no NEG gets an endpoint.",
    cure="Create a VPC-native cluster beside this one and move the service to it; a cluster cannot be converted.",
    breaks={"wiring.infrastructure.vpc_native": False},
    keeps={"wiring.infrastructure.vpc_native": True},
    fact="cluster",
    asked_by_components=False,
)
def cluster_is_vpc_native(rollout: Rollout) -> Iterator[Diagnostic]:
    """Container-native load balancing needs a cluster whose pods have addresses from the network."""
    wiring = rollout.wiring
    if wiring is None or not wiring.container_native or wiring.infrastructure.vpc_native is not False:
        return
    yield Diagnostic(
        rule="cluster-is-vpc-native",
        severity=Severity.ERROR,
        input="wiring.infrastructure.vpc_native",
        value=False,
        seen="the cluster's networkingMode is ROUTES",
        why="pods have no addresses from the network, so no NEG can hold them",
        source=VPC_NATIVE,
        would_pass=(
            "networkingMode = VPC_NATIVE on another cluster, in a subnet with ranges for pods and Services; a legacy "
            'network has no subnets, and GKE answers "IP aliases cannot be used with a legacy network" there'
        ),
    )


@version_rule(
    severity=Severity.ERROR,
    source=PROXY_SUBNETS,
    goes_wrong="The load balancer is not created: its proxies have no addresses.",
    cure="Create a proxy-only subnet in the network and region of the cluster (`ranges.proxies` of `Network`).",
    given={"wiring.by_proxies": True},
    breaks={"wiring.infrastructure.proxy_subnet": False},
    keeps={"wiring.infrastructure.proxy_subnet": True},
    fact="cluster",
    asked_by_components=False,
)
def proxies_have_a_subnet(rollout: Rollout) -> Iterator[Diagnostic]:
    """An internal or regional load balancer needs a proxy-only subnet in its network and region."""
    wiring = rollout.wiring
    if wiring is None or not wiring.by_proxies or wiring.infrastructure.proxy_subnet is not False:
        return
    network = wiring.infrastructure.own_network or "of the program"
    yield Diagnostic(
        rule="proxies-have-a-subnet",
        severity=Severity.ERROR,
        input="wiring.infrastructure.proxy_subnet",
        value=False,
        seen=f"network {network} has no subnet of purpose REGIONAL_MANAGED_PROXY in the cluster's region",
        why="the load balancer's proxies take their addresses from it, and without it no load balancer is created",
        source=PROXY_SUBNETS,
        would_pass='a proxy-only subnet, such as ranges = {"proxies": "10.40.0.0/23"} of Network',
    )


@version_rule(
    severity=Severity.WARNING,
    source=NETWORK_POLICIES,
    goes_wrong="Clients that the NetworkPolicy should keep out reach the pods.",
    cure="Enable networkPolicy on the cluster, which recreates its nodes, or make one with Dataplane V2.",
    given={"wiring.peers": ("130.211.0.0/22", "35.191.0.0/16")},
    breaks={"wiring.infrastructure.network_policies": False},
    keeps={"wiring.infrastructure.network_policies": True},
    fact="cluster",
    asked_by_components=False,
)
def network_policies_are_enforced(rollout: Rollout) -> Iterator[Diagnostic]:
    """The cluster enforces the pods' NetworkPolicy."""
    wiring = rollout.wiring
    if wiring is None or wiring.peers is None or wiring.infrastructure.network_policies is not False:
        return
    yield Diagnostic(
        rule="network-policies-are-enforced",
        severity=Severity.WARNING,
        input="wiring.infrastructure.network_policies",
        value=False,
        seen="the cluster has neither datapathProvider ADVANCED_DATAPATH nor networkPolicy",
        why="nothing enforces the NetworkPolicy, and everything in the cluster can reach the pods",
        source=NETWORK_POLICIES,
        would_pass="networkPolicy.enabled = true on the cluster",
    )


@version_rule(
    severity={
        Severity.ERROR: "a rule denies a port",
        Severity.WARNING: "a rule may deny it, or those that let load balancers in lack it, and GKE's own may have it",
    },
    source=FIREWALLS,
    goes_wrong="Every endpoint counts as unhealthy, unless it is only that GKE's own firewall rule has to let it in.",
    cure=(
        "Let the load balancer's ranges reach the ports of the pods and of their health check: the input "
        "`load_balancer_ports` of `Network` and `ExistingNetwork`, and the function of that name finds them."
    ),
    breaks={"wiring.infrastructure.firewall": Firewall(denied=("1-65535",))},
    warns={"wiring.infrastructure.firewall": Firewall(ports=("443",))},
    keeps={"wiring.infrastructure.firewall": Firewall(ports=("8000-8999",))},
    fact="firewall",
    asked_by_components=False,
)
def firewall_admits_the_ports(rollout: Rollout) -> Iterator[Diagnostic]:
    """The network's firewall lets the load balancer reach the ports that it sends requests and checks to."""
    wiring = rollout.wiring
    if wiring is None or wiring.infrastructure.firewall is None:
        return
    firewall = wiring.infrastructure.firewall
    asked = dict.fromkeys(port for port in (wiring.serving_port, rollout.health_check.port) if port is not None)
    denied = [str(port) for port in asked if firewall.denies(port)]
    shut = [str(port) for port in asked if str(port) not in denied and not firewall.lets_in(port)]
    if denied:
        yield Diagnostic(
            rule="firewall-admits-the-ports",
            severity=Severity.ERROR,
            input="wiring.infrastructure.firewall",
            value=f"denied: {', '.join(firewall.denied)}",
            seen=f"denies load balancers {', '.join(denied)}",
            why=(
                "the rule goes before that of GKE's own controller, of priority 1000, and of two rules of one priority "
                "the one that denies counts: every endpoint counts as unhealthy"
            ),
            source=FIREWALLS,
            would_pass="a priority of more than 1000, or a rule of a smaller one that lets load balancers in",
        )
    doubted = [str(port) for port in asked if str(port) not in denied and firewall.doubts(port)]
    if doubted:
        yield Diagnostic(
            rule="firewall-admits-the-ports",
            severity=Severity.WARNING,
            input="wiring.infrastructure.firewall",
            value=f"denied: {', '.join(firewall.doubted)}",
            seen=(
                f"denies load balancers {', '.join(doubted)} at some nodes or addresses, or may, as its inputs are not "
                "known yet"
            ),
            why="load balancers reach no pod there, and its endpoint counts as unhealthy",
            source=FIREWALLS,
            would_pass="a priority of more than 1000, or a rule of a smaller one that lets load balancers in",
        )
    if firewall.ports is not None and shut:
        yield Diagnostic(
            rule="firewall-admits-the-ports",
            severity=Severity.WARNING,
            input="wiring.infrastructure.firewall",
            value=firewall.ports,
            seen=f"lacks {', '.join(shut)}",
            why="where the firewall rule of GKE's own controller lacks them too, every endpoint counts as unhealthy",
            source=FIREWALLS,
            would_pass=(*firewall.ports, *shut),
        )


@version_rule(
    severity=Severity.WARNING,
    source=NEG_FINALIZER,
    goes_wrong="`pulumi destroy` tries to delete the network while it still has NEGs, and is refused.",
    cure="Let the program that owns the network own the Namespace too.",
    given={"wiring.infrastructure.own_network": "main"},
    breaks={"wiring.infrastructure.own_namespace": False},
    keeps={"wiring.infrastructure.own_namespace": True},
    fact="cluster",
    asked_by_components=False,
)
def namespace_goes_before_the_network(rollout: Rollout) -> Iterator[Diagnostic]:
    """A network can be deleted only after its NEGs; the deletion of a Namespace waits for its NEGs."""
    wiring = rollout.wiring
    if wiring is None or not wiring.container_native:
        return
    network = wiring.infrastructure.own_network
    if network is not None and not wiring.infrastructure.own_namespace:
        yield Diagnostic(
            rule="namespace-goes-before-the-network",
            severity=Severity.WARNING,
            input="wiring.infrastructure.own_namespace",
            value="no Namespace",
            seen=f"network {network} is in the same program, and the Namespace is not",
            why="nothing waits until GKE has deleted the NEGs, and they keep the network from being deleted",
            source=NEG_FINALIZER,
            would_pass="the Namespace in the program, made after the network",
        )
