"""Changes that drop requests while each version is right: two rollouts of the same objects, one function a rule.

Pulumi updates in dependency order, BackendConfig, Service, Ingress, then Deployment: in between, the new objects in
front meet the old pods. The remedy is to expand, then to contract; a finding spells out the steps. Where only people
can know that the first step is done, the last one is for a waiver.
"""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import change_rule
from nodrop.rollout.sources import (
    AUTOSCALER_REPLICAS,
    GOOGLE_GUIDE,
    GOOGLE_TIMEOUTS,
    MOVED_ROUTES,
)
from nodrop.rollout.timing import Rollout


@change_rule(
    severity=Severity.ERROR,
    source=GOOGLE_TIMEOUTS,
    goes_wrong="The backend changes before the pods do, and cuts off the longer requests of old pods.",
    cure="Roll out pods with shorter requests, then shorten the timeout.",
    breaks={"draining_timeout_seconds": 10, "longest_request_seconds": 10},
    keeps={"draining_timeout_seconds": 20, "longest_request_seconds": 10},
)
def requests_of_old_pods_fit(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer's timeouts still cover the requests of the pods that are about to be replaced."""
    longest = before.longest_request_seconds
    for key, old, new in (
        ("backend_timeout_seconds", before.backend_timeout_seconds, after.backend_timeout_seconds),
        ("draining_timeout_seconds", before.draining_timeout_seconds, after.draining_timeout_seconds),
    ):
        if new < old and new < longest:
            yield Diagnostic(
                rule="requests-of-old-pods-fit",
                severity=Severity.ERROR,
                input=f"rollout.{key}",
                value=new,
                seen=f"was {old}, and a request to the old pods may take {longest:g} s",
                why="the backend changes before the pods do, and cuts off their requests",
                source=GOOGLE_TIMEOUTS,
                would_pass=(
                    f"{old}, in two steps: 1. roll out pods with shorter requests, keeping rollout.{key} = {old}; "
                    f"2. then change it to {new}"
                ),
            )


@change_rule(
    severity={
        Severity.ERROR: "a route goes to a Service that has no NEG yet, or from one that loses its NEG",
        Severity.WARNING: "a route is dropped",
    },
    source=MOVED_ROUTES,
    goes_wrong=(
        "A Service that loses its last route loses its NEG, and one that gets its first has none yet: 502s follow."
    ),
    cure="Route both Services before, while and after the route moves.",
    breaks={"wiring.routes": {"www.example.com/*": "shop"}},
    warns={"wiring.routes": {}},
    keeps={"wiring.routes": {"www.example.com/*": "web", "shop.example.com/*": "shop"}},
)
def routes_keep_their_service(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """A route moves only between Services that have a NEG before and after, and is removed only on purpose."""
    if before.wiring is None or after.wiring is None:
        return
    had, has = set(before.wiring.routes.values()), set(after.wiring.routes.values())
    for route, old in before.wiring.routes.items():
        new = after.wiring.routes.get(route)
        if new == old or (new in had and old in has):
            continue
        dropped = new is None
        yield Diagnostic(
            rule="routes-keep-their-service",
            severity=Severity.WARNING if dropped else Severity.ERROR,
            input="wiring.routes",
            value=f"{route} -> {'nothing' if dropped else new}",
            seen=f"was {old}",
            why=(
                "requests for it find no backend"
                if dropped
                else "a Service that loses its last route loses its NEG, and one with its first route has none yet"
            ),
            source=MOVED_ROUTES,
            would_pass=(
                f"{route} -> {old}, "
                + (
                    "until no request uses it; then remove it, with this rule waived"
                    if dropped
                    else f"in three steps: 1. add another route to {new}, such as a host of its own, and wait until it "
                    f"answers; 2. then move {route}, and leave {old} another route; 3. then drop that one, with this "
                    "rule waived"
                )
            ),
        )


@change_rule(
    severity={
        Severity.ERROR: "the entry is another, or NEGs become instance groups or the reverse",
        Severity.WARNING: "one version leaves to GKE whether a Service with node ports has NEGs",
    },
    source=GOOGLE_GUIDE,
    goes_wrong="Another load balancer has another address, and the old one is deleted before clients have switched.",
    cure="Run both side by side, move the traffic (DNS), and remove the first when it is idle.",
    breaks={"wiring.entry": "Gateway gke-l7-global-external-managed"},
    warns={"wiring.container_native_is_assumed": True},
    keeps={"wiring.entry": "Ingress gce"},
)
def entry_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer is not replaced while it carries traffic."""
    if before.wiring is None or after.wiring is None:
        return
    native = {True: "network endpoint groups", False: "instance groups"}
    steps = "side by side: add a second entry, probe it, move the traffic (DNS) to it, and remove the first when idle"
    if before.wiring.entry != after.wiring.entry:
        yield Diagnostic(
            rule="entry-stays",
            severity=Severity.ERROR,
            input="wiring.entry",
            value=after.wiring.entry,
            seen=f"was {before.wiring.entry}",
            why="another load balancer has another address, and the old one is deleted before clients have switched",
            source=GOOGLE_GUIDE,
            would_pass=f"{before.wiring.entry} and {after.wiring.entry} {steps}",
        )
    if before.wiring.container_native != after.wiring.container_native:
        old, new = native[before.wiring.container_native], native[after.wiring.container_native]
        yield Diagnostic(
            rule="entry-stays",
            severity=Severity.ERROR,
            input="wiring.container_native",
            value=after.wiring.container_native,
            seen=f"the backends were {old}, and become {new}",
            why="the backends are replaced at once and without draining",
            source=GOOGLE_GUIDE,
            would_pass=f"{old} and, for a second Service, {new} {steps}",
        )
    elif before.wiring.container_native_is_assumed != after.wiring.container_native_is_assumed:
        was_left = before.wiring.container_native_is_assumed
        seen = "was left to GKE, and is decided now" if was_left else "was decided, and is left to GKE now"
        yield Diagnostic(
            rule="entry-stays",
            severity=Severity.WARNING,
            input="wiring.container_native",
            value=after.wiring.container_native,
            seen=f"whether the backends are network endpoint groups {seen}",
            why="where GKE had made instance groups, the backends are replaced at once and without draining",
            source=GOOGLE_GUIDE,
            would_pass="the annotation that the Service has in the cluster, as `kubectl get service` shows it",
        )


@change_rule(
    severity=Severity.ERROR,
    source=AUTOSCALER_REPLICAS,
    goes_wrong="The Deployment is scaled to 1, the API's default, until the autoscaler acts.",
    cure="Keep spec.replicas and ignore its changes, then add the autoscaler.",
    breaks={"wiring.autoscaled": True, "wiring.states_replicas": False},
    keeps={"wiring.autoscaled": True, "wiring.states_replicas": True},
)
def autoscaler_takes_over_replicas(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Handing the number of pods to an autoscaler does not first reset it to 1."""
    if before.wiring is None or after.wiring is None:
        return
    if after.wiring.autoscaled and before.wiring.states_replicas and not after.wiring.states_replicas:
        yield Diagnostic(
            rule="autoscaler-takes-over-replicas",
            severity=Severity.ERROR,
            input="wiring.states_replicas",
            value=after.wiring.states_replicas,
            seen="spec.replicas is removed from a Deployment that has an autoscaler",
            why="the API's default of 1 takes its place until the autoscaler acts",
            source=AUTOSCALER_REPLICAS,
            would_pass=(
                "True, in two steps: 1. keep spec.replicas, and make the program ignore its changes "
                "(ignore_changes: spec.replicas); 2. then add the autoscaler"
            ),
        )
