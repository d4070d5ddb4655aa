"""Kubernetes objects as pulumi-kubernetes compares and keeps them. Source: pulumi/pulumi-kubernetes at 94977969d,
provider/pkg/provider (provider.go, diff.go, util.go), provider/pkg/clients (Normalize).

Normalising knows Secrets' stringData, quantities of resources and, in inputs that have been applied already, zero
values that the API server drops; not every equivalence that Kubernetes' Go types know.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from harness.rest import Object
from harness.wire import Secret, plain, secret_like

CREATOR = "pulumi-kubernetes"
"""Field manager of creations; updates are applied under a name of the object's own, which takes its fields over."""
INPUTS, FIELD_MANAGER, API_VERSION = "__inputs", "__fieldManager", "__initialApiVersion"
SERVER_FIELDS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
REPLACED_BY: dict[tuple[str, str], tuple[str, ...]] = {  # diff.go, forceNew
    ("apps/v1", "Deployment"): ("spec.selector",),
    ("apps/v1", "DaemonSet"): ("spec.selector",),
    ("apps/v1", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch/v1", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("v1", "Service"): ("spec.clusterIP",),
    ("v1", "Secret"): ("type",),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
}
UNITS = {"": 1, "m": Decimal("0.001"), "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@dataclass(frozen=True)
class Wanted:
    """An object as the program wants it."""

    given: Object
    """Inputs with their secrets."""
    field_manager: str

    @property
    def manifest(self) -> Object:
        """What is sent to the API server."""
        return plain(self.given)

    def checkpoint(self, live: Object) -> Object:
        """What goes into the state: the live object, with the inputs and the field manager beside it."""
        kept = secret_like(live, self.given)
        if live.get("kind") == "Secret":
            kept = {key: Secret(value) if key in ("data", "stringData") else value for key, value in kept.items()}
        marks = {FIELD_MANAGER: self.field_manager, API_VERSION: live["apiVersion"]}
        return {**kept, INPUTS: secret_inputs(self.given, self.given), **marks}


def replaced_by(manifest: Mapping[str, Any], path: str) -> bool:
    """Whether a change of this property, such as spec.selector.matchLabels.app, replaces the object.

    ConfigMaps and Secrets are mutable to the provider only where it is told so, which is not here.
    """
    kind = (manifest["apiVersion"], manifest["kind"])
    paths = ["metadata.name", "metadata.namespace", *REPLACED_BY.get(kind, ())]
    if kind == ("v1", "Secret"):
        paths += ["type", "stringData", "data"]
    elif kind == ("v1", "ConfigMap"):
        paths += ["binaryData", "data"]
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in paths)


def normalised(manifest: Mapping[str, Any]) -> Object:
    """Equivalent manifests made the same."""
    found: Object = _without_nulls(dict(manifest))
    metadata = {key: value for key, value in found.get("metadata", {}).items() if key not in SERVER_FIELDS}
    found["metadata"] = metadata
    if found.get("kind") == "Secret" and "stringData" in found:
        texts = found.pop("stringData")
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in texts.items()}
        found["data"] = {**found.get("data", {}), **encoded}
    return _with_plain_quantities(found)


def without_dropped_zeros(new: Any, old: Any, live: Any) -> Any:
    """`new` without the zeros, empty strings and falses that are as in `old` and that the live object does not keep."""
    if isinstance(new, Mapping) and isinstance(old, Mapping) and isinstance(live, Mapping):
        return {
            key: without_dropped_zeros(value, old.get(key), live.get(key))
            for key, value in new.items()
            if value not in (0, "", False) or key in live or value != old.get(key)
        }
    if isinstance(new, list) and isinstance(old, list) and isinstance(live, list) and len(new) == len(old) == len(live):
        return [without_dropped_zeros(*each) for each in zip(new, old, live, strict=True)]
    return new


def live_inputs(live: Any, inputs: Any) -> Any:
    """What refresh takes for the inputs: the live object in their shape, with the zeros that the API server drops."""
    if isinstance(live, Mapping) and isinstance(inputs, Mapping):
        found = {key: live_inputs(live[key], value) for key, value in inputs.items() if key in live}
        return found | {key: value for key, value in inputs.items() if key not in live and value in (0, "", False)}
    if isinstance(live, list) and isinstance(inputs, list) and live and inputs:
        return [live_inputs(*both) for both in zip(live, inputs, strict=False)]
    return live


def identified(token: str, name: str, namespace: str) -> Object:
    """What is known of an object that is imported: its kind, from Pulumi's name for the type, and its place."""
    _, version, kind = token.split(":")
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version.removeprefix("core/"), "kind": kind, "metadata": metadata}


def imported_inputs(live: Object, known: Object, *, custom: bool) -> Object:
    """What import takes for the inputs: of kinds that the provider knows all that the object has but its status."""
    if custom:
        return known
    found = {key: value for key, value in live.items() if key != "status"}
    metadata = {key: value for key, value in live["metadata"].items() if key not in SERVER_FIELDS}
    hidden = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")
    if "annotations" in metadata:
        metadata["annotations"] = {key: text for key, text in metadata["annotations"].items() if key not in hidden}
    return {**found, "metadata": metadata}


def pruned(live: Any, shape: Any) -> Any:
    """`live` without what `shape` does not have; what was added to the end of a list goes unnoticed."""
    if isinstance(live, Mapping) and isinstance(shape, Mapping):
        return {key: pruned(value, shape[key]) for key, value in live.items() if key in shape}
    if isinstance(live, list) and isinstance(shape, list) and live and shape:
        return [pruned(one, like) for one, like in zip(live, shape, strict=False)]
    return live


def secret_inputs(inputs: Object, given: Object) -> Object:
    """Inputs with the secrecy that they were given with; a Secret's data always."""
    marked = {key: secret_like(value, given.get(key)) for key, value in inputs.items()}
    if inputs.get("kind") == "Secret":
        for key in {"data", "stringData"} & marked.keys():
            marked[key] = Secret(plain(marked[key]))
    return marked


def parse_checkpoint(state: Object) -> tuple[Object, Object, str]:
    """Old inputs, live object and field manager."""
    own = plain(state)
    inputs, manager = own.pop(INPUTS, {}), own.pop(FIELD_MANAGER, CREATOR)
    own.pop(API_VERSION, None)
    return inputs, own, manager


def identity(live: Mapping[str, Any]) -> str:
    """NAMESPACE/NAME, or NAME where there is no namespace."""
    metadata = live["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]


def managed_by_applier(live: Object, field_manager: str) -> list[Object] | None:
    """managedFields in which the creator's fields are the applier's; None if there is nothing to change."""
    fields: list[Object] = live["metadata"].get("managedFields", [])
    created = [one for one in fields if (one["manager"], one["operation"]) == (CREATOR, "Update")]
    created = [one for one in created if not one.get("subresource")]
    if not created:
        return None
    others = [one for one in fields if one not in created]
    own = next((one for one in others if (one["manager"], one["operation"]) == (field_manager, "Apply")), None)
    taken = {**(own or created[0]), "manager": field_manager, "operation": "Apply"}
    for one in created:
        taken["fieldsV1"] = _merged(taken["fieldsV1"], one["fieldsV1"])
    return [*(one for one in others if one is not own), taken]


def owned_by_others_only(live: Object, path: str, field_manager: str) -> bool:
    """Whether somebody manages the property, and `field_manager` does not."""
    ours = theirs = False
    for one in live["metadata"].get("managedFields", []):
        tree: Any = one.get("fieldsV1", {})
        for name in path.split("."):
            tree = tree.get(f"f:{name}") if isinstance(tree, Mapping) else None
        if tree is not None:
            ours, theirs = ours or one["manager"] == field_manager, theirs or one["manager"] != field_manager
    return theirs and not ours


def ignoring(sent: Object, live: Object, path: str, others_own: bool) -> Object:
    """`sent` with the live value of a property, or without it where only others manage it."""
    head, _, rest = path.partition(".")
    if rest:
        inner = ignoring(sent.get(head) or {}, live.get(head) or {}, rest, others_own)
        return {**sent, head: inner}
    others = {key: value for key, value in sent.items() if key != head}
    return others if others_own or head not in live else {**others, head: live[head]}


def _merged(one: Any, other: Any) -> Any:
    return {key: _merged(one.get(key, {}), other.get(key, {})) for key in {**one, **other}}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _with_plain_quantities(value: Any, below: str = "") -> Any:
    if isinstance(value, Mapping):
        if below in ("requests", "limits", "hard", "capacity"):
            return {key: _quantity(item) for key, item in value.items()}
        return {key: _with_plain_quantities(item, key) for key, item in value.items()}
    return [_with_plain_quantities(item, below) for item in value] if isinstance(value, list) else value


def _quantity(written: Any) -> Any:
    """0.5 and 500m are the same."""
    text = str(written)
    number = text.rstrip("kMGim")
    try:
        return f"{(Decimal(number) * UNITS[text[len(number) :]]).normalize():f}"
    except (InvalidOperation, KeyError):
        return written
