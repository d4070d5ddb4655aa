"""What a program's cluster and node pools say of pods there: whether one takes them, zones, Spot, drains, versions.

A pool counts where its taints let the pods in and its labels are those that they select. Not here: pools of other
programs, and nodes that GKE makes by itself; the cluster's zones are taken for theirs, and GKE's limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nodrop.gke.nodes import ARCHITECTURE, PREEMPTIBLE, PROVISIONING, SPOT, ZONES_OF_A_REGION, zones_of
from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import UNKNOWN, Field, is_unknown_or_masked
from nodrop.rollout import Placement
from nodrop.rollout.facts import SPOT_WINDOW_SECONDS, UPGRADE_GRACE_SECONDS

_SYSTEM_PODS_SECONDS = 15
"""What a Spot node keeps for the system's pods by default. Source: Google, Spot VMs in GKE, graceful termination."""
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s")
"""Source: Google, GKE API, durations in JSON."""
_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.|$)")
_ARM = "arm64"
_ARM_SERIES = ("t2a", "c4a", "n4a")
"""Machine series with Arm processors. Source: Google, Arm workloads on GKE."""
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}
"""Of taints that keep pods away: GKE's names and Kubernetes' own."""


def on_nodes(
    placement: Placement, pod: Field, cluster: Mapping[str, Any], pools: Mapping[str, Mapping[str, Any]]
) -> Placement:
    """The placement of pods that may run on these pools of this cluster.

    Args:
        placement: what the objects say.
        pod: the pods' spec.
        cluster: its inputs.
        pools: inputs of each pool of the cluster by its URN.
    """
    reasons = _refusals(pod, pools)
    places = [pool for urn, pool in pools.items() if reasons[urn] is None]
    found = replace(
        placement,
        zones=placement.zones or _zones(cluster, places),
        drain_grace_seconds=_drain_seconds(places, "graceTerminationDuration"),
        drain_budget_seconds=_drain_seconds(places, "pdbTimeoutDuration"),
        kubernetes_version=min(_versions(places), default=placement.kubernetes_version),
        refused_by_pools=_refused_by_all(pod, cluster, pools),
    )
    return _with_spot(found, [_config(each) for each in places])


def _refused_by_all(pod: Field, cluster: Mapping[str, Any], pools: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Why no pool takes the pods, a reason for each; empty where one may, or GKE may make nodes for them by itself.

    What a RuntimeClass lets pods tolerate, such as the taint of nodes with gVisor, is not in their spec.
    """
    selector = pod["nodeSelector"].mapping()
    open_questions = [pod[key].value for key in ("nodeName", "runtimeClassName")]
    if not pools or _may_get_other_nodes(cluster) or any(each is not None for each in open_questions):
        return ()
    if _is_open([selector, pod["tolerations"].value]):
        return ()
    own = {} if cluster.get("removeDefaultNodePool") is True else {"default-pool": cluster}
    reasons = _refusals(pod, {**pools, **own})
    told = [f"node pool {urn.rpartition('::')[2]}: {reason}" for urn, reason in reasons.items() if reason is not None]
    return tuple(told) if len(told) == len(reasons) else ()


def _may_get_other_nodes(cluster: Mapping[str, Any]) -> bool:
    """Whether a cluster has pools in its own inputs, or GKE makes some for pods that wait: node auto-provisioning.

    Source: Google, About node auto-provisioning; pulumi-gcp, Cluster, clusterAutoscaling.
    """
    provisioning = cluster.get("clusterAutoscaling") or {}
    if not isinstance(provisioning, Mapping) or provisioning.get("defaultComputeClassEnabled"):
        return True
    return bool(cluster.get("enableAutopilot") or cluster.get("nodePools") or provisioning.get("enabled"))


def _is_open(value: Any) -> bool:
    """Whether something in it is not known before the update."""
    if isinstance(value, Mapping):
        return any(map(_is_open, value.values()))
    return any(map(_is_open, value)) if isinstance(value, list) else is_unknown_or_masked(value)


def _refusals(pod: Field, pools: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Why each pool does not take the pods; None: it may."""
    configs = {urn: _config(pool) for urn, pool in pools.items()}
    return {urn: _refusal(config, pod, configs.values()) for urn, config in configs.items()}


def _refusal(config: Mapping[str, Any], pod: Field, all_pools: Iterable[Mapping[str, Any]]) -> str | None:
    if _is_open([config.get(key) for key in ("taints", "labels", "machineType", "taintConfig")]):
        return None
    taint = next(_untolerated(config, pod), None)
    if taint is not None:
        stated = taint in _mappings(config.get("taints"))
        by_gke = "" if stated else f", which GKE gives nodes of {config.get('machineType')}"
        told = f"{taint.get('key')}={taint.get('value') or ''}:{_EFFECTS[taint['effect']]}"
        return f"the pods do not tolerate {told}{by_gke}"
    label = next(_unmatched(config, pod, all_pools), None)
    return None if label is None else f"lacks the label {label} that the pods select"


def _zones(cluster: Mapping[str, Any], pools: Iterable[Mapping[str, Any]]) -> int | None:
    """How many zones the pools have nodes in; without a pool, the cluster. None: unknown."""
    location, stated = cluster.get("location"), cluster.get("nodeLocations") or []
    if not isinstance(location, str) or not isinstance(stated, list) or not _are_known([location, *stated]):
        return None
    everywhere, named, chosen_by_gke = zones_of(location, stated), set(), False
    for locations in [each.get("nodeLocations") or everywhere for each in pools] or [everywhere]:
        if isinstance(locations, str) or not _are_known(locations):
            return None
        named |= set(locations)
        chosen_by_gke |= not locations
    return max(len(named), ZONES_OF_A_REGION) if chosen_by_gke else len(named)


def _are_known(names: Iterable[Any]) -> bool:
    return all(isinstance(each, str) and each != UNKNOWN for each in names)


def _drain_seconds(pools: Iterable[Mapping[str, Any]], name: str) -> float:
    """The least that a pool's drain settings say, and GKE's hour of one that says nothing that can be read."""
    return min((_drained_within(each, name) for each in pools), default=UPGRADE_GRACE_SECONDS)


def _drained_within(pool: Mapping[str, Any], name: str) -> float:
    stated = [_DURATION.fullmatch(str(each.get(name))) for each in _mappings(pool.get("nodeDrainConfigs"))]
    return next((float(each[1]) for each in stated if each), UPGRADE_GRACE_SECONDS)


def _versions(pools: Iterable[Mapping[str, Any]]) -> Iterable[tuple[int, int]]:
    """Major and minor version of the nodes of each pool that states one."""
    for pool in pools:
        found = _VERSION.match(str(pool.get("version", "")))
        if found:
            yield int(found[1]), int(found[2])


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _with_spot(placement: Placement, places: Sequence[Mapping[str, Any]]) -> Placement:
    spot = [each for each in places if _is_spot(each)]
    if not spot:
        return placement
    windows = [_window_seconds(each) for each in spot]
    everywhere = len(spot) == len(places)
    return replace(
        placement,
        spot=placement.spot or everywhere,
        may_be_spot=placement.may_be_spot or not everywhere,
        spot_window_seconds=min(windows),
    )


def _config(pool: Mapping[str, Any]) -> Mapping[str, Any]:
    config = pool.get("nodeConfig")
    return config if isinstance(config, Mapping) else {}


def _is_spot(config: Mapping[str, Any]) -> bool:
    return config.get("spot") is True or config.get("preemptible") is True


def _window_seconds(config: Mapping[str, Any]) -> int:
    """What ordinary pods get of the node's time to shut down."""
    kubelet = config.get("kubeletConfig")
    stated = kubelet if isinstance(kubelet, Mapping) else {}
    whole, system = (
        stated.get(f"shutdownGracePeriod{which}Seconds", fallback)
        for which, fallback in (("", None), ("CriticalPods", _SYSTEM_PODS_SECONDS))
    )
    if not isinstance(whole, (int, float)) or not isinstance(system, (int, float)):
        return SPOT_WINDOW_SECONDS
    return max(0, int(whole - system))


def _untolerated(config: Mapping[str, Any], pod: Field) -> Iterator[Mapping[str, Any]]:
    tolerations, asked = pod["tolerations"].entries(), list(_resources(pod))
    for taint in (*_mappings(config.get("taints")), *_of_architecture(config)):
        effect, key = taint.get("effect"), taint.get("key")
        if effect not in tuple(_EFFECTS) or (effect == "NO_SCHEDULE" and (key in asked or _is_of_arm(taint, pod))):
            continue
        if not any(_tolerates(each, taint) for each in tolerations):
            yield taint


def _of_architecture(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The taint that GKE gives Arm nodes, unless their pool is told not to.

    Source: Google, Prepare an Arm workload for deployment to Standard clusters; GKE API, TaintConfig.
    """
    series, stated = str(config.get("machineType")).partition("-")[0], config.get("taintConfig")
    behavior = stated.get("architectureTaintBehavior") if isinstance(stated, Mapping) else None
    if series in _ARM_SERIES and behavior != "NONE":
        yield {"key": ARCHITECTURE, "value": _ARM, "effect": "NO_SCHEDULE"}


def _resources(pod: Field) -> Iterator[str]:
    """What the pods ask for; the API server lets them tolerate a taint of that name, such as `nvidia.com/gpu`.

    Source: kubernetes/kubernetes plugin/pkg/admission/extendedresourcetoleration, admission.go; Google, About GPUs in
    GKE.
    """
    for container in every_container_of(pod):
        for each in ("requests", "limits"):
            yield from container["resources"][each].mapping()


def _is_of_arm(taint: Mapping[str, Any], pod: Field) -> bool:
    """Whether it is the taint of Arm nodes, which GKE lets pods tolerate that select such nodes.

    Source: Google, Prepare an Arm workload for deployment to Standard clusters.
    """
    terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    expressions = [each for term in terms.entries() for each in term["matchExpressions"].entries()]
    selects = pod["nodeSelector"][ARCHITECTURE].value == _ARM or any(
        (each["key"].value, each["operator"].value) == (ARCHITECTURE, "In")
        and _ARM in [value.value for value in each["values"].entries()]
        for each in expressions
    )
    return selects and (taint.get("key"), taint.get("value")) == (ARCHITECTURE, _ARM)


def _tolerates(toleration: Field, taint: Mapping[str, Any]) -> bool:
    """Source: kubernetes.io, Taints and Tolerations."""
    key, operator, value, effect = (toleration[name].value for name in ("key", "operator", "value", "effect"))
    if effect and effect != _EFFECTS.get(taint["effect"]):
        return False
    if operator == "Exists":
        return not key or key == taint.get("key")
    return key == taint.get("key") and (value or "") == (taint.get("value") or "")


def _unmatched(config: Mapping[str, Any], pod: Field, all_pools: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Labels that the pod selects and that are not there, as far as pools state such ones or GKE alone sets them."""
    known, own = {SPOT, PREEMPTIBLE}.union(*map(_labels, all_pools)), _labels(config)
    for key, value in pod["nodeSelector"].mapping().items():
        if key in known and own.get(key) != value:
            yield f"{key}={value}"


def _labels(config: Mapping[str, Any]) -> dict[str, Any]:
    stated = config.get("labels")
    own = dict(stated) if isinstance(stated, Mapping) else {}
    if config.get("spot") is True:
        return {SPOT: "true", PROVISIONING: "spot", **own}
    if config.get("preemptible") is True:
        return {PREEMPTIBLE: "true", PROVISIONING: "preemptible", **own}
    return {PROVISIONING: "standard", **own}
