"""Changes of what lets pods be: who may connect to them, who admits them, and as whom they call Google's APIs."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.registry import change_rule
from nodrop.rollout.rules.wiring import beyond_checks, covers, network_of
from nodrop.rollout.sources import FIREWALLS, NETWORK_POLICIES, POD_SECURITY, WORKLOAD_IDENTITY
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import PodSecurity, Wiring


@change_rule(
    severity={
        Severity.ERROR: "the load balancer is shut out",
        Severity.WARNING: "others are shut out",
    },
    source=NETWORK_POLICIES,
    goes_wrong="Clients that the NetworkPolicy does not name are cut off at once.",
    cure="Admit everything that connects today, then leave out what is idle.",
    breaks={"wiring.peers": ("10.0.0.0/8",)},
    warns={"wiring.peers": ("130.211.0.0/22", "35.191.0.0/16")},
    keeps={"wiring.peers": None},
)
def peers_stay_admitted(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """A new or changed NetworkPolicy shuts nobody out of the new pods, or of the old pods on their own ports."""
    if before.wiring is None or after.wiring is None:
        return
    was, old, by_proxies = before.wiring.peers, after.wiring.of_old_pods, after.wiring.by_proxies
    found = [*_of_old_pods(before.wiring, after.wiring), *_shut_out(was, after.wiring.peers, by_proxies=by_proxies)]
    if old is not None and not any(each.is_error for each in found):
        found += _shut_out(was, old.peers, by_proxies=by_proxies)
    yield from [each for each in found if each.is_error] or found[:1]


def _of_old_pods(before: Wiring, after: Wiring) -> Iterator[Diagnostic]:
    """The load balancer, where it reached the old pods on the ports that they have, and does not any more."""
    old, had = after.of_old_pods, before.admitted_ranges
    if old is None or old.ranges is None:
        return
    was = None if had is None else [found for text in had if (found := network_of(text))]
    ranges = [found for text in old.ranges if (found := network_of(text))]
    gone = [
        text
        for text in LOAD_BALANCER_RANGES
        if not covers(ranges, network_of(text)) and (was is None or covers(was, network_of(text)))
    ]
    if not gone and before.by_proxies and not beyond_checks(old.ranges) and (had is None or beyond_checks(had)):
        gone = ["the proxy-only subnet, from which the load balancer's requests come"]
    if gone:
        yield Diagnostic(
            rule="peers-stay-admitted",
            severity=Severity.ERROR,
            input="wiring.of_old_pods",
            value=old.ranges,
            seen=f"no longer admits to the old pods, which serve on port {old.port}: {', '.join(gone)}",
            why="the policy changes before the pods do, and the load balancer reaches no old pod any more",
            source=NETWORK_POLICIES,
            would_pass=(
                f"a policy that admits them to port {old.port} too, in two steps: 1. admit the old and the new port, "
                "by number or by a name that both versions of the pods have, and roll out; 2. then take the old one out"
            ),
        )


def _shut_out(was: tuple[str, ...] | None, peers: tuple[str, ...] | None, *, by_proxies: bool) -> Iterator[Diagnostic]:
    """Who could connect, and cannot any more."""
    if peers is None or "anyone" in peers:
        return
    gone = ["whoever reaches them"] if was is None else [each for each in was if each not in peers]
    if not gone:
        return
    ranges = [found for text in peers if (found := network_of(text))]
    shut_out = [text for text in LOAD_BALANCER_RANGES if not covers(ranges, network_of(text))]
    if not shut_out and by_proxies and not beyond_checks(peers):
        shut_out = ["the proxy-only subnet, from which the load balancer's requests come"]
    yield Diagnostic(
        rule="peers-stay-admitted",
        severity=Severity.ERROR if shut_out else Severity.WARNING,
        input="wiring.peers",
        value=peers,
        seen=f"no longer admits: {', '.join(shut_out or gone)}",
        why=(
            "the load balancer reaches no pod any more"
            if shut_out
            else "pods and machines that are not stated are cut off at once, callers inside the cluster too"
        ),
        source=NETWORK_POLICIES,
        would_pass=(
            "everything that connects today, in two steps: 1. state them (network_policy.proxy_only_range, "
            "ranges, pods) as "
            "the nodes' connections or network policy logging show them; 2. then leave out who is idle, with this rule "
            "waived"
        ),
    )


@change_rule(
    severity={
        Severity.ERROR: "a rule denies the port now",
        Severity.WARNING: "none lets it in any more, and GKE's own rule may",
    },
    source=FIREWALLS,
    goes_wrong="The load balancer reaches no old pod any more, unless GKE's own firewall rule still lets it in.",
    cure="Open both ports, roll out, then take the old one out of the firewall rule.",
    breaks={"wiring.denied_ports": (8080,)},
    warns={"wiring.shut_ports": (8080,)},
    keeps={"wiring.shut_ports": (), "wiring.denied_ports": ()},
)
def firewall_keeps_old_ports(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The network's firewall lets the load balancer reach the ports of the old pods until they are replaced."""
    if before.wiring is None or after.wiring is None:
        return
    denied, shut = (", ".join(map(str, ports)) for ports in (after.wiring.denied_ports, after.wiring.shut_ports))
    if denied:
        yield Diagnostic(
            rule="firewall-keeps-old-ports",
            severity=Severity.ERROR,
            input="wiring.denied_ports",
            value=denied,
            seen="no firewall rule denied them, and the old pods still serve on them",
            why=(
                "the rule changes before the pods do, and goes before the rule of GKE's own controller, of priority "
                "1000: the load balancer reaches no old pod any more"
            ),
            source=FIREWALLS,
            would_pass=(
                "a rule that denies them only with a priority of more than 1000, or only once another one of a smaller "
                "priority lets load balancers in"
            ),
        )
    if shut:
        yield Diagnostic(
            rule="firewall-keeps-old-ports",
            severity=Severity.WARNING,
            input="wiring.shut_ports",
            value=shut,
            seen="the firewall rule let them in, and the old pods still serve on them",
            why=(
                "the rule changes before the pods do: where the firewall rule of GKE's own controller lacks the port "
                "too, the load balancer reaches no old pod any more"
            ),
            source=FIREWALLS,
            would_pass=(
                f"a rule that has {shut} too, in two steps: 1. open the old and the new port (load_balancer_ports of "
                f"the Network), with the new one in the pods, and roll out; 2. then take {shut} out"
            ),
        )


@change_rule(
    severity={
        Severity.ERROR: "the new version's pods are refused as well",
        Severity.WARNING: "only pods of the old version are",
    },
    source=POD_SECURITY,
    goes_wrong="An old pod that ends gets no pod in its place, and no rollout can be undone; it may also stall itself.",
    cure="Roll out pods that meet the standard, then set the Namespace's label.",
    breaks={
        "wiring.pod_security": PodSecurity(
            level="restricted",
            was="baseline",
            refused=("spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation",),
            new_pods_too=True,
        )
    },
    warns={
        "wiring.pod_security": PodSecurity(
            level="restricted",
            was=None,
            refused=("spec.template.spec.containers[0].securityContext.runAsNonRoot",),
            new_pods_too=False,
        )
    },
    keeps={"wiring.pod_security": None},
)
def old_pods_stay_admitted(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The Namespace's Pod Security Standard admits the pods that are there until they are replaced."""
    if before.wiring is None or after.wiring is None or after.wiring.pod_security is None:
        return
    standard = after.wiring.pod_security
    yield Diagnostic(
        rule="old-pods-stay-admitted",
        severity=Severity.ERROR if standard.new_pods_too else Severity.WARNING,
        input="wiring.pod_security",
        value=standard.level,
        seen=f"was {standard.was or 'not stated'}; of the old pods it refuses {', '.join(standard.refused)}",
        why=(
            "the Namespace changes before the pods do: from then on no old pod that ends is replaced, and none comes "
            "back when the rollout is undone"
            + ("; the new pods are refused too, and the rollout stalls" if standard.new_pods_too else "")
        ),
        source=POD_SECURITY,
        would_pass=(
            f"{standard.was or 'no label'}, in two steps: 1. roll out pods that meet {standard.level}, with the "
            "Namespace as it is; 2. then set the label"
        ),
    )


@change_rule(
    severity=Severity.WARNING,
    source=WORKLOAD_IDENTITY,
    goes_wrong="Old pods act as the new account at once, which may be refused until its binding takes effect.",
    cure="Bind the new account and give it the roles first, wait some minutes, then change it.",
    given={"wiring.google_identity": ("web", "web@example.iam.gserviceaccount.com")},
    breaks={"wiring.google_identity": ("web", "shop@example.iam.gserviceaccount.com")},
    keeps={"wiring.google_identity": ("shop", "shop@example.iam.gserviceaccount.com")},
)
def google_identity_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Old pods keep calling Google's APIs as the account that they were created for."""
    if before.wiring is None or after.wiring is None:
        return
    old, new = before.wiring.google_identity, after.wiring.google_identity
    if old and new and old[0] == new[0] and old[1] != new[1]:
        yield Diagnostic(
            rule="google-identity-stays",
            severity=Severity.WARNING,
            input="wiring.google_identity",
            value=new[1],
            seen=f"was {old[1]}",
            why=(
                "old pods act as the new account at once, and it may be refused for minutes until its "
                "binding has taken effect"
            ),
            source=WORKLOAD_IDENTITY,
            would_pass=(
                f"{old[1]}, in two steps: 1. bind {new[1]} to the same ServiceAccount, give it the roles that old pods "
                "need, and wait some minutes; 2. then change the account, with this rule waived"
            ),
        )
