"""How requests find the pods: NEG, selector, what lets traffic in. Silent where the wiring is unknown."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from nodrop.gke.decoding import DecodingError
from nodrop.gke.services import read_neg
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import GOOGLE_CHECKS, GOOGLE_GUIDE, NEG_ANNOTATION, REFLECTOR, SERVICES
from nodrop.rollout.timing import Rollout

Network = IPv4Network | IPv6Network


@version_rule(
    severity=Severity.ERROR,
    source=NEG_ANNOTATION,
    goes_wrong="The controller makes no NEG, so no readiness gate holds new pods back.",
    cure='Annotate the Service with cloud.google.com/neg: {"ingress": true}.',
    breaks={"wiring.neg_annotation": '{"ingress": "true"}'},
    keeps={"wiring.neg_annotation": '{"ingress": true}'},
    fact="Service",
)
def neg_annotation_is_valid(rollout: Rollout) -> Iterator[Diagnostic]:
    """The Service's annotation makes a NEG. Without one, GKE's default does."""
    wiring = rollout.wiring
    if wiring is None or not wiring.container_native or wiring.neg_annotation is None:
        return
    fault = _fault_of_neg_annotation(wiring.neg_annotation)
    if fault:
        yield Diagnostic(
            rule="neg-annotation-is-valid",
            severity=Severity.ERROR,
            input="wiring.neg_annotation",
            value=wiring.neg_annotation,
            seen=fault,
            why="the controller makes no NEG from it, so no readiness gate holds new pods back",
            source=NEG_ANNOTATION,
            would_pass='{"ingress": true}',
        )


def _fault_of_neg_annotation(text: str) -> str:
    """What is wrong with it; empty if nothing is."""
    try:
        stated = read_neg(text)
    except DecodingError as error:
        return f"the controller cannot decode it; it expects {error.wanted}"
    if not stated.ingress and not stated.exposed_ports:
        return "neither ingress: true nor exposed_ports"
    if stated.ingress and any(stated.exposed_ports.values()):
        return "ingress: true together with a name in exposed_ports"
    return ""


@version_rule(
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="The Service has no endpoint, and every request fails.",
    cure="Select labels of the pod template.",
    breaks={"wiring.selector": {"app": "api"}},
    keeps={"wiring.selector": {"app": "web"}},
    fact="Service",
)
def selector_matches_pods(rollout: Rollout) -> Iterator[Diagnostic]:
    """The Service selects the Deployment's pods."""
    wiring = rollout.wiring
    if wiring is None or (wiring.selector and selects(wiring.selector, wiring.pod_labels)):
        return
    yield Diagnostic(
        rule="selector-matches-pods",
        severity=Severity.ERROR,
        input="wiring.selector",
        value=labels_text(wiring.selector),
        seen=f"the pods' labels are {labels_text(wiring.pod_labels)}",
        why="the Service selects none of these pods; with an empty selector it selects no pods at all",
        source=SERVICES,
        would_pass="one or more of the pods' labels",
    )


@version_rule(
    severity=Severity.ERROR,
    source=REFLECTOR,
    goes_wrong="Pods created before their NEG get no readiness gate, or one that opens unchecked.",
    cure="Create Service and Ingress first, and let the Deployment depend on both.",
    breaks={"wiring.load_balancer_before_pods": False},
    keeps={"wiring.load_balancer_before_pods": True},
    fact="Ingress",
)
def load_balancer_before_pods(rollout: Rollout) -> Iterator[Diagnostic]:
    """Service and Ingress exist before the pods are created, since a NEG's gate is injected at admission."""
    wiring = rollout.wiring
    if wiring is not None and wiring.container_native and wiring.load_balancer_before_pods is False:
        yield Diagnostic(
            rule="load-balancer-before-pods",
            severity=Severity.ERROR,
            input="wiring.load_balancer_before_pods",
            value="pods first",
            seen="the Deployment waits for neither Service nor Ingress",
            why=(
                "pods created before them get no readiness gate, and a declared gate opens unchecked while there is "
                "no NEG"
            ),
            source=REFLECTOR,
            would_pass="a Deployment that depends on both",
        )


@version_rule(
    severity={
        Severity.ERROR: "behind instance groups, where requests go by kube-proxy",
        Severity.WARNING: "behind NEGs, which other clients of the Service bypass",
    },
    source=SERVICES,
    goes_wrong="Pods that are still starting, or already stopping, get requests through kube-proxy.",
    cure="Leave publishNotReadyAddresses out.",
    breaks={"wiring.publishes_not_ready_addresses": True, "wiring.container_native": False},
    warns={"wiring.publishes_not_ready_addresses": True},
    keeps={"wiring.publishes_not_ready_addresses": False},
    fact="Service",
)
def unready_pods_get_no_traffic(rollout: Rollout) -> Iterator[Diagnostic]:
    """The Service leaves out pods that are not ready. A NEG ignores this, but other clients of the Service do not."""
    wiring = rollout.wiring
    if wiring is not None and wiring.publishes_not_ready_addresses:
        yield Diagnostic(
            rule="unready-pods-get-no-traffic",
            severity=Severity.WARNING if wiring.container_native else Severity.ERROR,
            input="wiring.publishes_not_ready_addresses",
            value=wiring.publishes_not_ready_addresses,
            seen="publishNotReadyAddresses",
            why="pods that are still starting or already stopping count as ready for kube-proxy",
            source=SERVICES,
            would_pass=False,
        )


@version_rule(
    severity=Severity.ERROR,
    source=(GOOGLE_CHECKS, GOOGLE_GUIDE),
    goes_wrong="No health check passes, and every endpoint counts as unhealthy.",
    cure="Admit 130.211.0.0/22 and 35.191.0.0/16, and the proxy-only subnet where there is one.",
    breaks={"wiring.admitted_ranges": ("10.0.0.0/8",)},
    keeps={"wiring.admitted_ranges": ("130.211.0.0/22", "35.191.0.0/16")},
    fact="firewall",
    asked_by_components=False,
)
def load_balancer_is_admitted(rollout: Rollout) -> Iterator[Diagnostic]:
    """Health checks and requests reach the pods from every range that the load balancer sends from."""
    wiring = rollout.wiring
    if wiring is None or wiring.admitted_ranges is None:
        return
    needed: list[str] = list(LOAD_BALANCER_RANGES)
    if wiring.by_proxies and wiring.proxy_only_range is None and not beyond_checks(wiring.admitted_ranges):
        needed.append("the proxy-only subnet's range")
    if wiring.proxy_only_range is not None:
        if network_of(wiring.proxy_only_range) is None:
            yield Diagnostic(
                rule="load-balancer-is-admitted",
                severity=Severity.ERROR,
                input="wiring.proxy_only_range",
                value=wiring.proxy_only_range,
                seen="not a range",
                why="whether the load balancer's proxies are let in cannot be told",
                source=GOOGLE_GUIDE,
                would_pass="a range such as 10.129.0.0/23",
            )
        else:
            needed.append(wiring.proxy_only_range)
    admitted = {text: network for text in wiring.admitted_ranges if (network := network_of(text))}
    malformed = [text for text in wiring.admitted_ranges if text not in admitted]
    missing = [text for text in needed if not covers(admitted.values(), network_of(text))]
    if malformed or missing:
        yield Diagnostic(
            rule="load-balancer-is-admitted",
            severity=Severity.ERROR,
            input="wiring.admitted_ranges",
            value=wiring.admitted_ranges,
            seen="; ".join(
                f"{fault}: {', '.join(texts)}"
                for fault, texts in (("lacks", missing), ("not a range", malformed))
                if texts
            ),
            why="a blocked health check never passes, and every endpoint counts as unhealthy",
            source=GOOGLE_CHECKS,
            would_pass=(*admitted, *missing),
        )


def beyond_checks(texts: Iterable[str]) -> bool:
    """Whether one of the ranges holds more than those that health checks come from."""
    checks = [found for text in LOAD_BALANCER_RANGES if (found := network_of(text))]
    return any(not covers(checks, found) for text in texts if (found := network_of(text)))


def network_of(text: str) -> Network | None:
    """The range that a text such as 10.129.0.0/23 is; None if it is none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def covers(admitted: Iterable[Network], needed: Network | None) -> bool:
    """Whether every address of `needed` is in one of `admitted`; several together count."""
    if isinstance(needed, IPv4Network):
        fours = collapse_addresses(network for network in admitted if isinstance(network, IPv4Network))
        return any(needed.subnet_of(network) for network in fours)
    if isinstance(needed, IPv6Network):
        sixes = collapse_addresses(network for network in admitted if isinstance(network, IPv6Network))
        return any(needed.subnet_of(network) for network in sixes)
    return False


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector takes pods with such labels."""
    return selector.items() <= labels.items()


def labels_text(labels: Mapping[str, str]) -> str:
    """Such as `app=web,tier=front`."""
    return ",".join(f"{key}={value}" for key, value in labels.items()) or "none"
