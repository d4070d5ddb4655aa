"""Cloud resources that load balancers take by name, and where the objects name them: addresses and SslPolicies.

Pulumi makes up the name of one that states none, so only a deployment knows it. Source: Google, Compute Engine API,
addresses, sslPolicies; pulumi/pulumi-terraform-bridge pkg/tfbridge/names.go. Not here: what another one means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from nodrop.gke.ingresses import GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
from nodrop.paths.fields import UNKNOWN
from nodrop.preview.resources import Evaluation, Resource, type_of

_ADDRESSES = frozenset({"gcp:compute/address:Address", "gcp:compute/globalAddress:GlobalAddress"})
_SSL_POLICIES = frozenset({"gcp:compute/sSLPolicy:SSLPolicy", "gcp:compute/regionSslPolicy:RegionSslPolicy"})
TAKEN_BY_NAME = _ADDRESSES | _SSL_POLICIES
"""Types of what load balancers take by name."""

_Steps = tuple[str, ...]
_TAKERS: Mapping[str, tuple[frozenset[str], tuple[_Steps, ...]]] = {
    "Ingress": (
        _ADDRESSES,
        tuple(("metadata", "annotations", key) for key in (GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS)),
    ),
    "Gateway": (_ADDRESSES, (("spec", "addresses", "*", "value"),)),
    "FrontendConfig": (_SSL_POLICIES, (("spec", "sslPolicy"),)),
    "GCPGatewayPolicy": (_SSL_POLICIES, (("spec", "default", "sslPolicy"),)),
}
"""What the kinds of objects take, and in which fields they name it."""


def takes(kind: str) -> bool:
    """Whether objects of this kind name such a resource."""
    return kind in _TAKERS


def made_up_names(evaluation: Evaluation) -> dict[str, str]:
    """By URN, a name like the one that the provider makes up: `<logical name>-<7 hexadecimal digits>`."""
    return {
        each.urn: f"{each.name}-{hashlib.sha256(each.urn.encode()).hexdigest()[:7]}"
        for each in evaluation.resources
        if each.type in TAKEN_BY_NAME and each.read_id is None and not each.inputs.get("name")
    }


def with_names(resource: Resource, manifest: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """An object with such a name wherever it names a resource whose name is not known yet."""
    types, fields = _TAKERS.get(manifest["kind"], (frozenset(), ()))
    for steps in fields:
        urns = resource.property_dependencies.get(steps[0], ())
        urn = next((each for each in urns if each in names and type_of(each) in types), None)
        if urn is not None:
            name = names[urn]
            manifest = _edited(manifest, steps, lambda value, name=name: name if value == UNKNOWN else value)
    return manifest


def told_anew(manifest: dict[str, Any], anew: Mapping[str, str]) -> dict[str, Any]:
    """An object that says of each resource it names whether the update makes it anew; `anew` says how, by name."""
    for steps in _TAKERS.get(manifest["kind"], (frozenset(), ()))[1]:
        manifest = _edited(
            manifest,
            steps,
            lambda value: f"{value}, {anew[value]}" if isinstance(value, str) and value in anew else value,
        )
    return manifest


def _edited(value: Any, steps: _Steps, edit: Callable[[Any], Any]) -> Any:
    """A copy with one field edited, where it is there; `*` is every entry of a list."""
    if not steps:
        return edit(value)
    if steps[0] == "*":
        return [_edited(each, steps[1:], edit) for each in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    return value | {steps[0]: _edited(value[steps[0]], steps[1:], edit)}
