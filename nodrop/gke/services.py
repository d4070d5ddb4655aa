"""Annotations of a Service: what its ports are to a load balancer, and what NEG and Ingress controller answer.

Source of all: kubernetes/ingress-gce at acbcf5d6, pkg/negannotation/negannotation.go and pkg/annotations/service.go.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nodrop.gke.decoding import DecodingError, json_texts, members, texts

NEG = "cloud.google.com/neg"
"""Which ports have network endpoint groups; a `NegAnnotation`."""

NEG_STATUS = "cloud.google.com/neg-status"
"""Names and zones of the groups, written by the NEG controller; a `NegStatus`."""

BACKEND_CONFIG = "cloud.google.com/backend-config"
"""Which BackendConfig governs which port; a `BackendConfigs`."""

BETA_BACKEND_CONFIG = "beta.cloud.google.com/backend-config"
"""The same; counts where the other is absent."""

APP_PROTOCOLS = "cloud.google.com/app-protocols"
"""What each port speaks, by its name."""

ALPHA_APP_PROTOCOLS = "service.alpha.kubernetes.io/app-protocols"
"""The same; counts even where the other is there."""

TRANSPARENT_HEALTH_CHECK = "networking.gke.io/transparent-health-checker"
"""Whether the load balancer asks an agent on the node instead of the application."""

READINESS_GATE = "cloud.google.com/load-balancer-neg-ready"
"""Condition type of the load balancer's readiness gate. Source: kubernetes/ingress-gce pkg/neg/types/shared."""

PROTOCOLS = ("HTTP", "HTTPS", "HTTP2")
"""What a port of a Service may speak to an Ingress, and what a health check may."""

_NEG_SOURCE = "kubernetes/ingress-gce pkg/negannotation/negannotation.go, NEGAnnotation"
_BACKEND_CONFIG_SOURCE = "kubernetes/ingress-gce pkg/annotations/service.go, GetBackendConfigs"
_PROTOCOLS_SOURCE = "kubernetes/ingress-gce pkg/annotations/service.go, ApplicationProtocols"
_INT32 = re.compile(r"-?[0-9]{1,10}")


@dataclass(frozen=True, kw_only=True)
class NegAnnotation:
    """Value of `NEG`."""

    ingress: bool = False
    """Whether the ports that an Ingress names are backed by groups."""
    exposed_ports: Mapping[int, str] = field(default_factory=dict)
    """Ports with a standalone group; its name by port, empty where GKE chooses it."""
    zones: tuple[str, ...] = ()
    """Zones in which standalone groups are made before there are endpoints."""


def read_neg(text: str) -> NegAnnotation:
    """Raises DecodingError."""
    try:
        given = members(text)
        ingress, exposed, zones = given.get("ingress", False), given.get("exposed_ports", {}), given.get("zones", [])
        if not isinstance(ingress, bool) or not isinstance(exposed, dict) or not isinstance(zones, list):
            raise ValueError("a member of another type")
        return NegAnnotation(
            ingress=ingress,
            exposed_ports={_int32(port): _group_name(attributes) for port, attributes in exposed.items()},
            zones=tuple(texts(dict(enumerate(zones))).values()),
        )
    except ValueError:
        wanted = '{"ingress":true} or {"exposed_ports":{"80":{}}}, with zones, if any, a list of strings'
        raise DecodingError(wanted, _NEG_SOURCE) from None


def write_neg(annotation: NegAnnotation) -> str:
    """The annotation's text, without what counts anyway."""
    stated = {
        "ingress": annotation.ingress,
        "exposed_ports": {str(port): {"name": name} if name else {} for port, name in annotation.exposed_ports.items()},
        "zones": list(annotation.zones),
    }
    return _json({name: value for name, value in stated.items() if value})


WITH_NEG = '{"ingress": true}'
"""That an Ingress sends to groups of its own, whatever the cluster."""
NO_NEG = '{"ingress": false}'
"""That no port has a group, said aloud: without the annotation GKE may add one of its own."""


@dataclass(frozen=True, kw_only=True)
class NegStatus:
    """Value of `NEG_STATUS`."""

    groups: Mapping[str, str]
    """Name of the network endpoint group by number of the Service port."""
    zones: tuple[str, ...]


def read_neg_status(text: str) -> NegStatus:
    """Raises DecodingError."""
    try:
        given = members(text)
        zones = given.get("zones", [])
        if not isinstance(zones, list):
            raise ValueError("zones of another type")
        groups = texts(given.get("network_endpoint_groups"))
        return NegStatus(groups=groups, zones=tuple(texts(dict(enumerate(zones))).values()))
    except ValueError:
        wanted = '{"network_endpoint_groups":{"80":"k8s1-..."},"zones":["europe-west1-b"]}'
        raise DecodingError(wanted, _NEG_SOURCE.replace("NEGAnnotation", "ParseNegStatus")) from None


def write_neg_status(status: NegStatus) -> str:
    """The annotation's text."""
    stated = {"network_endpoint_groups": dict(status.groups), "zones": list(status.zones)}
    return _json({name: value for name, value in stated.items() if value})


@dataclass(frozen=True, kw_only=True)
class BackendConfigs:
    """Value of `BACKEND_CONFIG`: names of BackendConfigs of the Service's namespace."""

    default: str = ""
    """Of all other ports; empty: they have none."""
    ports: Mapping[str, str] = field(default_factory=dict)
    """By a port's name or number."""

    def of(self, port_name: str, port_number: int) -> str | None:
        """The name for one Service port; None where nothing governs it.

        Source: kubernetes/ingress-gce pkg/backendconfig/utils.go, BackendConfigName: a port that is listed with an
        empty name has none, whatever the default is.
        """
        for key in (port_name, str(port_number)):
            if key in self.ports:
                return self.ports[key] or None
        return self.default or None


def read_backend_configs(text: str) -> BackendConfigs:
    """Raises DecodingError, also where no BackendConfig is named."""
    try:
        given = members(text)
        default = given.get("default", "")
        if not isinstance(default, str):
            raise ValueError("a default of another type")
        found = BackendConfigs(default=default, ports=texts(given.get("ports")))
        if not found.default and not found.ports:
            raise ValueError("names none")
    except ValueError:
        wanted = '{"default":"web"} or {"ports":{"http":"web"}}; nothing else is looked at, and naming none is an error'
        raise DecodingError(wanted, _BACKEND_CONFIG_SOURCE) from None
    return found


def write_backend_configs(configs: BackendConfigs) -> str:
    """The annotation's text."""
    stated = {"default": configs.default, "ports": dict(configs.ports)}
    return _json({name: value for name, value in stated.items() if value})


def read_app_protocols(text: str) -> dict[str, str]:
    """One of `PROTOCOLS` by a port's name. Raises DecodingError, whichever port has another."""
    try:
        protocols = json_texts(text)
        if not set(protocols.values()) <= set(PROTOCOLS):
            raise ValueError("another protocol")
    except ValueError:
        raise DecodingError(f"{', '.join(PROTOCOLS)} for each port, in capitals", _PROTOCOLS_SOURCE) from None
    return protocols


def write_app_protocols(protocols: Mapping[str, str]) -> str:
    """The annotation's text."""
    return _json(dict(protocols))


def read_transparent_health_check(text: str) -> bool:
    """Whether it is asked for; what cannot be read counts as not. Source: setThcOptInOnSvc of the translator."""
    try:
        return members(text).get("enabled") is True
    except ValueError:
        return False


def write_transparent_health_check(enabled: bool) -> str:
    """The annotation's text."""
    return _json({"enabled": enabled})


def _int32(key: str) -> int:
    if not _INT32.fullmatch(key) or not -(2**31) <= int(key) < 2**31:
        raise ValueError("a key that is no number")
    return int(key)


def _group_name(attributes: object) -> str:
    if attributes is None:
        return ""
    if not isinstance(attributes, dict):
        raise ValueError("attributes of another type")
    name = next((each for key, each in attributes.items() if key.lower() == "name" and each is not None), "")
    if not isinstance(name, str):
        raise ValueError("a name of another type")
    return name


def _json(value: object) -> str:
    return json.dumps(value)
