"""What the node pools of a program say of pods that run on them: whether their nodes may go at short notice, and when.

A pool counts where its taints let the pods in and its labels are those that they select. Not here: pools of other
programs, and nodes that GKE makes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nodrop.gke.nodes import PROVISIONING, SPOT
from nodrop.paths.fields import Field
from nodrop.rollout import Placement
from nodrop.rollout.facts import SPOT_WINDOW_SECONDS

_SYSTEM_PODS_SECONDS = 15
"""What a Spot node keeps for the system's pods by default. Source: Google, Spot VMs in GKE, graceful termination."""
_KEEPS_AWAY = ("NO_SCHEDULE", "NO_EXECUTE")


def on_pools(placement: Placement, pod: Field, pools: Iterable[Mapping[str, Any]]) -> Placement:
    """The placement of pods that may run on these pools, whose inputs they are; `pod` is their spec."""
    configs = [_config(each) for each in pools]
    places = [each for each in configs if _is_tolerated(each, pod) and _is_selected(each, pod, configs)]
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
    taints = config.get("taints")
    stated = [each for each in taints if isinstance(each, Mapping)] if isinstance(taints, list) else []
    return all(
        any(_tolerates(toleration, taint) for toleration in pod["tolerations"].entries())
        for taint in stated
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
