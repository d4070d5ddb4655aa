"""What a path stands on carries it, one function a rule: cluster, network, Namespace in the same program."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.infrastructure import Firewall
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import FIREWALLS, GATEWAY_API, NEG_FINALIZER
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.ERROR,
    source=GATEWAY_API,
    goes_wrong="No controller reads the Gateway, and no load balancer is made.",
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
        seen="the cluster has no gatewayApiConfig, and is no Autopilot cluster",
        why="the API server knows no Gateway, and no controller makes a load balancer of one",
        source=GATEWAY_API,
        would_pass="gatewayApiConfig.channel = CHANNEL_STANDARD on the cluster",
    )


@version_rule(
    severity=Severity.WARNING,
    source=FIREWALLS,
    goes_wrong="Where GKE's own firewall rule lacks the port too, every endpoint counts as unhealthy.",
    cure="Let the load balancer's ranges reach the ports of the pods and of their health check.",
    breaks={"wiring.infrastructure.firewall": Firewall(ports=("443",))},
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
    asked = (wiring.serving_port, rollout.health_check.port)
    shut = tuple(dict.fromkeys(str(port) for port in asked if port is not None and not firewall.admits(port)))
    if shut:
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
    goes_wrong="`pulumi destroy` deletes the network while NEGs are still in it, and is refused.",
    cure="Let the program that has the network have the Namespace too.",
    given={"wiring.infrastructure.own_network": "main"},
    breaks={"wiring.infrastructure.own_namespace": False},
    keeps={"wiring.infrastructure.own_namespace": True},
    fact="cluster",
    asked_by_components=False,
)
def namespace_goes_before_the_network(rollout: Rollout) -> Iterator[Diagnostic]:
    """A network is deleted only once the NEGs in it are; the end of a Namespace waits for its NEGs."""
    wiring = rollout.wiring
    if wiring is None or not wiring.container_native:
        return
    network = wiring.infrastructure.own_network
    if network is not None and not wiring.infrastructure.own_namespace:
        yield Diagnostic(
            rule="namespace-goes-before-the-network",
            severity=Severity.WARNING,
            input="wiring.infrastructure.own_namespace",
            value=False,
            seen=f"network {network} is in the same program, and the Namespace is not",
            why="nothing waits until GKE has deleted the NEGs, and they keep the network from being deleted",
            source=NEG_FINALIZER,
            would_pass=True,
        )
