"""What the verdict of a path rests on besides the facts of its application: what its objects leave open."""

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from math import ceil

from nodrop.gke.nodes import ZONES_OF_A_REGION
from nodrop.judge.judgement import Assumption
from nodrop.judge.surroundings import Surroundings
from nodrop.judge.vertical_scaling import assumed_of_vertical_autoscalers
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.addresses import is_of_region
from nodrop.paths.containers import container_called, containers_of, init_containers_of, sidecars_of
from nodrop.paths.fields import whole
from nodrop.paths.front import named_certificates
from nodrop.paths.placement import is_spread_over_nodes
from nodrop.paths.rollout import stopping_early
from nodrop.rollout import Origin, Placement, Rollout
from nodrop.rollout.facts import GATE_FORCE_OPEN_SECONDS, LOAD_BALANCER_RANGES
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint


def assumed_of(
    path: ServingPath, rollout: Rollout, beside: Iterable[Manifest], open_pre_stops: Collection[str]
) -> Iterator[Assumption]:
    """Everything, in the order of a report.

    `beside` are the objects that concern the path, `open_pre_stops` containers of which nothing is assumed, as the path
    is not judged because of their preStop. Raises ReadingError.
    """
    yield from _of_zones(rollout)
    yield from _of_nodes(path, rollout)
    yield from _of_commands(path, open_pre_stops)
    yield from (_assumption(f"container {name}", "needed by no request") for name in stopping_early(path).unneeded)
    yield from _of_start(path, rollout)
    yield from assumed_of_vertical_autoscalers(path, beside)
    yield from _of_affinity(path)
    yield from _of_proxies(rollout)
    yield from _of_certificates(path)


def assumed_of_surroundings(surroundings: Surroundings) -> Iterator[Assumption]:
    """That what is not read with the path does nothing to it.

    Such as the objects of a Helm release, and those of a cluster that may be the same one.
    """
    if makers := surroundings.unread:
        yield _assumption(f"objects of {', '.join(str(each.object) for each in makers)}", "leave this path alone")
    for cluster, others in surroundings.doubted.items():
        yield _assumption(", ".join(others), f"not of the cluster of {cluster}")


def _of_zones(rollout: Rollout) -> Iterator[Assumption]:
    """That no zone gets empty, where neither the objects nor a program say the zones, and the usual number decides."""
    wiring, placement = rollout.wiring, rollout.placement or Placement()
    if wiring is None or not wiring.container_native or placement.zones is not None:
        return
    if any(every_zone_keeps_an_endpoint(replace(rollout, placement=replace(placement, zones=ZONES_OF_A_REGION)))):
        yield _assumption("zones", "one, or enough pods in each")


def _of_nodes(path: ServingPath, rollout: Rollout) -> Iterator[Assumption]:
    """That drains do not take all pods, where no budget keeps them from it.

    Several nodes may be drained together, and without a budget none waits for the successors of the last one's pods; a
    required spread only keeps one node from having all pods.
    Source: kubernetes/kubernetes#31487; kubernetes.io, Disruptions; Google, Node upgrade strategies; GKE API,
    UpgradeSettings.
    """
    budget = rollout.placement.disruption_budget if rollout.placement else None
    bounds = budget is not None and budget.allowed_disruptions < rollout.replicas
    if rollout.replicas > 1 and not bounds:
        apart = "" if is_spread_over_nodes(path) else "none has all pods, which a drain of it evicts together, and "
        yield _assumption("nodes", f"{apart}each is drained only once new pods replace those of the last")


def _of_commands(path: ServingPath, open_pre_stops: Collection[str]) -> Iterator[Assumption]:
    """Commands of preStops, of which it is not known whether their image has them."""
    unknown = {*open_pre_stops, *(path.pre_stops.holding_back_term if path.container in open_pre_stops else ())}
    for container in (container_called(path.pod, name) for name in path.pre_stops.containers):
        words = [str(word.value) for word in container["lifecycle"]["preStop"]["exec"]["command"].entries()]
        name = container["name"].text() or ""
        hook = path.pre_stops.of(name)
        if words and not hook.fails:
            is_assumed = hook.may_last_longer and name not in unknown
            ends = f", and ends after {hook.seconds} s" if is_assumed else ""
            yield _assumption("preStop", f"`{shlex.join(words)}` is in the image {container['image'].value}{ends}")


def _of_start(path: ServingPath, rollout: Rollout) -> Iterator[Assumption]:
    """What runs before the application starts, or before it is probed: old pods wait for it, up to a deadline.

    Then the Deployment reports failure, or the gate opens unchecked (`progress_deadline_covers_start_up`).
    """
    in_time = rollout.wiring is not None and rollout.wiring.container_native
    if in_time and (delays := list(_delays(path))):
        deadlines = [rollout.progress_deadline_seconds]
        if rollout.readiness_gate:
            deadlines.append(GATE_FORCE_OPEN_SECONDS - 1)
        left = ceil(min(deadlines) - rollout.seconds_to_available) - 1
        yield _assumption(", ".join(delays), f"done within {max(0, left)} s")


def _delays(path: ServingPath) -> Iterator[str]:
    """What the kubelet waits for before it starts the serving container, or probes it.

    Source: kubernetes.io, Init Containers, Sidecar Containers, Container Lifecycle Hooks.
    """
    pod = path.pod
    yield from (f"init container {each['name'].value}" for each in init_containers_of(pod))
    for each in sidecars_of(pod):
        if each["startupProbe"].value is not None and each["name"].value != path.container:
            yield f"start-up of {each['name'].value}"
    for each in containers_of(pod):
        if each["lifecycle"]["postStart"].value is not None:
            yield f"postStart of {each['name'].value}"


def _of_affinity(path: ServingPath) -> Iterator[Assumption]:
    """A client is kept with a pod, and the rules are about pods that leave.

    Source: Google, Compute Engine API, backendServices, sessionAffinity: while the backend remains healthy.
    """
    if path.session_affinity:
        yield _assumption(f"session affinity {path.session_affinity}", "sends clients of a pod that leaves to others")


def _of_proxies(rollout: Rollout) -> Iterator[Assumption]:
    """Where the load balancer's proxies have a subnet that no object states, and NetworkPolicies let a range in."""
    wiring = rollout.wiring
    if wiring and wiring.by_proxies and wiring.admitted_ranges and wiring.proxy_only_range is None:
        others = [text for text in wiring.admitted_ranges if text not in LOAD_BALANCER_RANGES]
        if others:
            yield _assumption("proxy-only subnet", f"within {', '.join(others)}")


def _of_certificates(path: ServingPath) -> Iterator[Assumption]:
    """That named certificates are of the load balancer's scope: no object says which, and of the other there is none.

    Source: kubernetes/ingress-gce pkg/loadbalancers/certificates.go, getPreSharedCertificates.
    """
    scope = "in the load balancer's region" if is_of_region(whole(path.entry)) else "global"
    if names := named_certificates(path.entry):
        yield _assumption(f"certificate {', '.join(names)}", scope)


def _assumption(name: str, value: str) -> Assumption:
    return Assumption(name=name, value=value, origin=Origin.DEFAULT)
