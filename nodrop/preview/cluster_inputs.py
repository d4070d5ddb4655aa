"""What the inputs of a GKE cluster say of what stands on them; None where they do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodrop.paths.fields import UNKNOWN


def gateway_api(cluster: Mapping[str, Any]) -> bool | None:
    """Whether the API is on; Autopilot has it. Source: Google, Deploying Gateways."""
    if cluster.get("enableAutopilot"):
        return True
    config = cluster.get("gatewayApiConfig")
    if config is None:
        return False
    channel = config.get("channel") if isinstance(config, dict) else config
    return None if channel == UNKNOWN else channel not in ("CHANNEL_DISABLED", "CHANNEL_UNSPECIFIED")


def http_load_balancing(cluster: Mapping[str, Any]) -> bool | None:
    """Whether the add-on is on whose controller makes load balancers; it is unless it is switched off.

    Source: Google, GKE API, AddonsConfig, httpLoadBalancing.
    """
    if cluster.get("enableAutopilot"):
        return True
    addons = cluster.get("addonsConfig")
    addon = addons.get("httpLoadBalancing") if isinstance(addons, dict) else addons
    disabled = addon.get("disabled") if isinstance(addon, dict) else addon
    return None if disabled == UNKNOWN else disabled is not True


def vpc_native(cluster: Mapping[str, Any]) -> bool | None:
    """Source: Google, VPC-native clusters, the default network mode; pulumi-gcp, Cluster, networkingMode."""
    mode = cluster.get("networkingMode", "VPC_NATIVE")
    return None if mode == UNKNOWN else mode != "ROUTES"


def enforces_policies(cluster: Mapping[str, Any]) -> bool | None:
    """Whether NetworkPolicies do anything. Source: Google, Network policies."""
    if cluster.get("enableAutopilot"):
        return True
    datapath, calico = cluster.get("datapathProvider"), cluster.get("networkPolicy")
    if UNKNOWN in (datapath, calico):
        return None
    return datapath == "ADVANCED_DATAPATH" or (isinstance(calico, dict) and calico.get("enabled") is True)


def kube_proxy(cluster: Mapping[str, Any]) -> bool | None:
    """Source: Google, GKE Dataplane V2, which Autopilot has and which Standard has where it is asked for."""
    if cluster.get("enableAutopilot"):
        return False
    datapath = cluster.get("datapathProvider")
    return None if datapath == UNKNOWN else datapath != "ADVANCED_DATAPATH"
