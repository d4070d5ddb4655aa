"""What a program's cluster and node pools say of pods there: zones, Spot, how a node's upgrade drains it, versions.

A pool counts where its taints let the pods in and its labels are those that they select. Not here: pools of other
programs, and nodes that GKE makes by itself; the cluster's zones are taken for theirs, and GKE's limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nodrop.gke.nodes import PROVISIONING, SPOT, ZONES_OF_A_REGION, zones_of
from nodrop.paths.fields import Field
from nodrop.rollout import Placement
from nodrop.rollout.facts import SPOT_WINDOW_SECONDS, UPGRADE_GRACE_SECONDS

_SYSTEM_PODS_SECONDS = 15
"""What a Spot node keeps for the system's pods by default. Source: Google, Spot VMs in GKE, graceful termination."""
_UNKNOWN = "[unknown]"
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s")
"""Source: Google, GKE API, durations in JSON."""
_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.|$)")
_KEEPS_AWAY = ("NO_SCHEDULE", "NO_EXECUTE")


def on_nodes(
    placement: Placement, pod: Field, cluster: Mapping[str, Any], pools: Sequence[Mapping[str, Any]]
) -> Placement:
    """The placement of pods that may run on these pools of this cluster, whose inputs they are; `pod` is their spec."""
    configs = [_config(each) for each in pools]
    places = [
        pool
        for pool, config in zip(pools, configs, strict=True)
        if _is_tolerated(config, pod) and _is_selected(config, pod, configs)
    ]
    found = replace(
        placement,
        zones=placement.zones or _zones(cluster, places),
        drain_grace_seconds=_drain_seconds(places, "graceTerminationDuration"),
        drain_budget_seconds=_drain_seconds(places, "pdbTimeoutDuration"),
        kubernetes_version=min(_versions(places), default=placement.kubernetes_version),
    )
    return _with_spot(found, [_config(each) for each in places])


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
    return all(isinstance(each, str) and each != _UNKNOWN for each in names)


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


def _is_tolerated(config: Mapping[str, Any], pod: Field) -> bool:
    return all(
        any(_tolerates(toleration, taint) for toleration in pod["tolerations"].entries())
        for taint in _mappings(config.get("taints"))
        if taint.get("effect") in _KEEPS_AWAY
    )


def _tolerates(toleration: Field, taint: Mapping[str, Any]) -> bool:
    """Source: kubernetes.io, Taints and Tolerations."""
    key, operator, value, effect = (toleration[name].value for name in ("key", "operator", "value", "effect"))
    if effect is not None and str(effect) != {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}[taint["effect"]]:
        return False
    if operator == "Exists":
        return key is None or key == taint.get("key")
    return key == taint.get("key") and (value or "") == (taint.get("value") or "")


def _is_selected(config: Mapping[str, Any], pod: Field, all_pools: list[Mapping[str, Any]]) -> bool:
    """Whether the pod's node selector lets it run there, as far as labels say that the pools state."""
    known = {key for each in all_pools for key in _labels(each)}
    asked = {key: value for key, value in pod["nodeSelector"].mapping().items() if key in known}
    own = _labels(config)
    return all(own.get(key) == value for key, value in asked.items())


def _labels(config: Mapping[str, Any]) -> dict[str, Any]:
    stated = config.get("labels")
    own = dict(stated) if isinstance(stated, Mapping) else {}
    spot = {SPOT: "true", PROVISIONING: "spot"} if _is_spot(config) else {PROVISIONING: "standard"}
    return {**spot, **own}
