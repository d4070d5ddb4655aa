"""What a walk through the types cannot know of an input: what has to stand beside it."""

import re
from typing import Any

from tests.gke_nodrop.inputs.every_input import MINIMAL, Input

ACCESS = {
    "access.endpoint": {"access": {"authorized_networks": {"office": "203.0.113.0/24"}}},
    "access.authorized_networks.*": {"access": {"endpoint": "ip"}},
}
UPGRADES = {
    "upgrades.exclusions.*": {"upgrades": {"window": {"days": ["tuesday"], "start": "09:00", "hours": 12}}},
}
BACKEND = {
    "backend.session_affinity.cookie_ttl_seconds": {"backend": {"session_affinity": {"type": "GENERATED_COOKIE"}}},
    "backend.iap[.].*": {"backend": {"iap": {"client_id": "it", "client_secret": "pssst"}}},
}
GATEWAY = {
    "region": {"gateway_class": "gke-l7-regional-external-managed"},
    "subnetwork": {"gateway_class": "gke-l7-rilb", "region": "us-central1"},
    "allow_global_access": {"gateway_class": "gke-l7-rilb", "address": "shop"},
    "certificates.certificate_manager.*": {"gateway_class": "gke-l7-rilb", "address": "shop", "ssl_policy": "modern"},
    "redirect_to_https|ssl_policy": {"certificates": {"secrets": ["tls"]}},
}
INGRESS = {
    "region": {"scope": "regional-external"},
    "subnetwork": {"scope": "internal"},
    "redirect_to_https|redirect_code|ssl_policy": {"certificates": {"secrets": ["tls"]}},
}
METRIC = {"autoscaling": {"external_metrics": [{"value": "30"}]}}
PODS = {
    ".*mounts.*": {"volumes": [{"name": "cache", "empty_dir": {"size": "1Gi"}}]},
    "volumes\\[\\].name": {"volumes": [{"empty_dir": {"size": "1Gi"}}]},
    "autoscaling.external_metrics\\[\\][.](name|labels.*)": METRIC,
}
BESIDE: dict[str, dict[str, Any]] = {
    "AutopilotCluster": {**ACCESS, **UPGRADES},
    "ExistingNetwork": {"(?!subnetwork).*": {"subnetwork": "projects/p/regions/r/subnetworks/s"}},
    "Gateway": {
        **GATEWAY,
        "routes\\[\\][.](?!.*redirect).*": {"routes": MINIMAL["routes"]},
        ".*redirect.status_code": {"routes": [{"filters": {"redirect": {"host": "www.example.com"}}}]},
    },
    "Ingress": INGRESS,
    "NegService": {**BACKEND, "exposed_ports.*": {"for_ingress": False}},
    "NodePool": {
        "gpu.*": {"machine_type": "g2-standard-4"},
        "upgrades[.](batch|pool).*": {"upgrades": {"strategy": "blue-green"}},
        "upgrades[.]wait.*": {"upgrades": {"strategy": "autoscaled-blue-green"}},
    },
    "RollingDeployment": PODS,
    "StandardCluster": {**ACCESS, **UPGRADES, "zones\\[\\]": {"zones": ["us-central1-f", "us-central1-c"]}},
    "WebService": {
        **BACKEND,
        **PODS,
        "backend.iap.*": {"hosts": ["www.example.com"]},
        **{f"gateway[.]({key})": {"gateway": needed} for key, needed in GATEWAY.items()},
        **{f"ingress[.]({key})": {"ingress": needed} for key, needed in INGRESS.items()},
    },
}
"""What inputs need beside them to be right, by regular expressions for their patterns."""


def right(component: type, each: Input, value: Any) -> dict[str, Any]:
    """Args with a value that is right where what it needs stands beside it."""
    needed: dict[str, Any] = {}
    for pattern, more in BESIDE.get(component.__name__, {}).items():
        if re.fullmatch(pattern, each.pattern):
            needed = merged(needed, more)
    return merged(needed, each.put(value))


def merged(under: Any, over: Any) -> Any:
    """Both; where both say something, what is over holds."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **over, **{key: merged(under[key], over[key]) for key in under if key in over}}
    if isinstance(under, list) and isinstance(over, list) and under and over:
        return [merged(under[0], over[0]), *under[1:]]
    return over
